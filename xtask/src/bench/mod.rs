//! `cargo xtask bench [--rounds N] [--records N]`: Klamm beside Apache Kafka on this machine, in one run.
//!
//! The contenders take turns, each round with fresh folders, so that what else the machine does falls
//! on all of them. Figures are medians over the rounds. The result goes to docs/benchmarks.md with the
//! machine, the versions and the commands; nothing there is written by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use testkit::{ApacheKafka, KlammNode, KlammNodeOptions, Usage, usage_of};

use crate::command::{output, root};
use crate::interop::install::{self, Installed};
use crate::interop::target::{self, Broker};
use crate::report::{Outcome, Report};

mod document;
mod load;
mod machine;

use load::Throughput;

const ROUNDS_DEFAULT: u32 = 3;
/// Of 1 KiB each.
const RECORDS_DEFAULT: u64 = 1_000_000;
/// How long a broker is left alone before its idle memory is read.
const IDLE: Duration = Duration::from_secs(5);
/// The part of the records that warm a broker up, unmeasured: Java compiles while it runs.
const WARM_UP_SHARE: u64 = 2;
const START_TIME_MAX: Duration = Duration::from_secs(120);

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Contender {
    /// Klamm as it comes: on one node, acks=all waits for the disk.
    Klamm,
    /// Klamm with the promise that Kafka makes: acks=all waits for the page cache.
    KlammPageCache,
    /// Apache Kafka 4 as it comes.
    ApacheKafka,
}

const CONTENDERS: [Contender; 3] =
    [Contender::Klamm, Contender::KlammPageCache, Contender::ApacheKafka];

impl Contender {
    fn name(self) -> &'static str {
        match self {
            Self::Klamm => "Klamm",
            Self::KlammPageCache => "Klamm, page-cache",
            Self::ApacheKafka => "Apache Kafka",
        }
    }
}

/// What one contender showed in one round.
struct Round {
    contender: Contender,
    /// From the start of the process to the first answered request, on an empty folder.
    first_answer: Duration,
    /// The same, started again on a folder with data after a clean stop.
    first_answer_again: Duration,
    idle: Usage,
    after_load: Usage,
    /// For each load, in the order of `load::LOADS`.
    throughputs: Vec<Throughput>,
}

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let (mut rounds, mut records) = (ROUNDS_DEFAULT, RECORDS_DEFAULT);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => rounds = words.next().context("--rounds needs a number")?.parse()?,
            "--records" => records = words.next().context("--records needs a number")?.parse()?,
            unknown => bail!("unknown argument `{unknown}`; there are --rounds N and --records N"),
        }
    }
    if rounds == 0 {
        bail!("--rounds must be at least 1");
    }
    target::build_release()?;
    report.suite("bench", || {
        let kafka = install::java("kafka-4")?;
        let mut measured = Vec::new();
        for round in 1..=rounds {
            for contender in CONTENDERS {
                println!("    round {round}: {}", contender.name());
                measured.push(measure(contender, &kafka, records)?);
            }
        }
        let text = document::render(&measured, rounds, records, &machine::describe(&kafka)?);
        std::fs::write(root().join("docs/benchmarks.md"), text)?;
        Ok(Outcome::Passed("written to docs/benchmarks.md".to_string()))
    });
    Ok(())
}

fn measure(contender: Contender, kafka: &Installed, records: u64) -> Result<Round> {
    let (mut broker, first_answer) = start(contender, kafka)?;
    std::thread::sleep(IDLE);
    let idle = usage_of(broker.pid()?)?;
    for load in load::WARM_UP {
        load.run(kafka, &broker, (records / WARM_UP_SHARE).max(1))?;
    }
    let mut throughputs = Vec::new();
    for load in load::LOADS {
        throughputs.push(load.run(kafka, &broker, records)?);
    }
    let after_load = usage_of(broker.pid()?)?;
    let first_answer_again = restart(&mut broker)?;
    Ok(Round { contender, first_answer, first_answer_again, idle, after_load, throughputs })
}

/// Starts a contender on an empty folder. The process is started inside, after the folder is made.
fn start(contender: Contender, kafka: &Installed) -> Result<(Broker, Duration)> {
    let partitions = ("num.partitions".to_string(), "4".to_string());
    let mut broker = match contender {
        Contender::ApacheKafka => {
            Broker::ApacheKafka(ApacheKafka::prepare(&kafka.class_path(), &[partitions])?)
        }
        Contender::Klamm | Contender::KlammPageCache => {
            let mut properties = vec![partitions];
            if contender == Contender::KlammPageCache {
                let key = "klamm.acks.all.durability".to_string();
                properties.push((key, "page-cache".to_string()));
            }
            Broker::Klamm(KlammNode::prepare(KlammNodeOptions {
                properties,
                ..KlammNodeOptions::default()
            })?)
        }
    };
    let answered = start_and_ask(&mut broker)?;
    Ok((broker, answered))
}

fn restart(broker: &mut Broker) -> Result<Duration> {
    broker.stop()?;
    start_and_ask(broker)
}

/// Starts a stopped broker while another thread asks its port until it answers.
fn start_and_ask(broker: &mut Broker) -> Result<Duration> {
    let address = broker.bootstrap();
    let start = Instant::now();
    let asking = std::thread::spawn(move || -> Result<Duration> {
        while start.elapsed() < START_TIME_MAX {
            if ask_api_versions(&address).is_ok() {
                return Ok(start.elapsed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("{address} did not answer within {START_TIME_MAX:?}")
    });
    broker.start_again()?;
    asking.join().map_err(|_| anyhow::anyhow!("the asking thread failed"))?
}

/// One ApiVersions request, version 0, and the length of its answer.
fn ask_api_versions(address: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    // Length 10; key 18, version 0, correlation id 1, no client id.
    stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer)
}

/// The version that the binary under test tells.
fn klamm_version() -> Result<String> {
    let mut command = std::process::Command::new(testkit::klamm_binary()?);
    Ok(output(command.arg("--version"))?.trim().to_string())
}
