//! Every client writes a topic with every codec that it knows, and every client reads them all: key, value,
//! timestamp and headers are the same as far as both clients' versions have them.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::install::{self, Installed};
use super::records::{Abilities, check_read};
use super::target::Broker;
use super::terminal;
use crate::command::{command, root, transcript};
use crate::report::Missing;

/// A client reads some fifty topics, each with a consumer of its own; this is for a machine under load.
const CLIENT_TIME_MAX: Duration = Duration::from_secs(400);

/// The codecs before Kafka 2.1.
const OLD: &[&str] = &["none", "gzip", "snappy", "lz4"];

/// With Kafka 2.1's, which older clients can neither write nor be served.
const ALL: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];

/// kafkajs brings gzip; snappy is a package of its own, and no package for LZ4 reads what all others write.
const JAVASCRIPT: &[&str] = &["none", "gzip", "snappy"];

/// How a client is installed and started.
enum Program {
    /// `record_client.py`: the requirements, the library, and the version of Kafka that it believes to speak to.
    Python(&'static str, &'static str, &'static str),
    /// `record_client.js`.
    Node,
    /// `RecordClient.java` with the jars of that file.
    Java(&'static str),
    /// Our own console tools.
    Console,
    /// kcat, which gives all records of a run the same headers and so only reads here.
    Kcat,
}

struct Client {
    name: &'static str,
    program: Program,
    abilities: Abilities,
    codecs: &'static [&'static str],
}

/// Clients of Kafka 0.8 and 0.9.
const BARE: Abilities = Abilities { timestamps: false, headers: false };
/// Clients of Kafka 0.10.
const TIMED: Abilities = Abilities { timestamps: true, headers: false };
/// Our console's producer, which has no way to say a timestamp.
const HEADED: Abilities = Abilities { timestamps: false, headers: true };
/// Clients since Kafka 0.11.
const FULL: Abilities = Abilities { timestamps: true, headers: true };

const fn client(
    name: &'static str,
    program: Program,
    abilities: Abilities,
    codecs: &'static [&'static str],
) -> Client {
    Client { name, program, abilities, codecs }
}

const CLIENTS: &[Client] = &[
    client("python-0.8.2", Program::Python("old-versions", "kafka-python", "0.8.2"), BARE, OLD),
    client("python-0.9", Program::Python("old-versions", "kafka-python", "0.9"), BARE, OLD),
    client("python-0.10.0", Program::Python("old-versions", "kafka-python", "0.10.0"), TIMED, OLD),
    client("python-0.11", Program::Python("old-versions", "kafka-python", "0.11"), FULL, OLD),
    client("python-2.0.1", Program::Python("old-versions", "kafka-python", ""), FULL, OLD),
    client("python-3", Program::Python("kafka-python", "kafka-python", ""), FULL, ALL),
    client("aiokafka", Program::Python("aiokafka", "aiokafka", ""), FULL, ALL),
    client("librdkafka", Program::Python("confluent-kafka", "confluent", ""), FULL, ALL),
    client("kafkajs", Program::Node, FULL, JAVASCRIPT),
    client("java-0.9", Program::Java("clients-0.9"), BARE, OLD),
    client("java-0.10", Program::Java("clients-0.10"), TIMED, OLD),
    client("java-1.0", Program::Java("clients-1.0"), FULL, OLD),
    client("java-2.0", Program::Java("clients-2.0"), FULL, OLD),
    client("java-2.8", Program::Java("clients-2.8"), FULL, ALL),
    client("java-4", Program::Java("clients-4"), FULL, ALL),
    client("klamm", Program::Console, HEADED, ALL),
    client("kcat", Program::Kcat, FULL, ALL),
];

impl Client {
    fn install(&self) -> Result<Installed> {
        match self.program {
            Program::Python(requirements, ..) => install::python(requirements),
            Program::Node => install::kafkajs(),
            Program::Java(jars) => install::java(jars),
            Program::Console => Ok(Installed { folder: root() }),
            Program::Kcat => install::kcat(),
        }
    }

    fn writes(&self) -> bool {
        !matches!(self.program, Program::Kcat)
    }

    /// Runs the client's program on a list of commands.
    fn run(&self, installed: &Installed, broker: &Broker, commands: &str) -> Result<String> {
        let bootstrap = broker.bootstrap();
        let Some(program) = self.command(installed, &bootstrap) else {
            return self.run_one_by_one(installed, &bootstrap, commands);
        };
        let printed = transcript(program, commands, CLIENT_TIME_MAX).with_context(|| self.name)?;
        if !printed.lines().any(|line| line == "all checks held") {
            bail!("{} did not come to its end:\n{printed}", self.name);
        }
        Ok(printed)
    }

    /// The same for a client that is started for each topic.
    fn run_one_by_one(
        &self,
        installed: &Installed,
        bootstrap: &str,
        commands: &str,
    ) -> Result<String> {
        let mut printed = String::new();
        for line in commands.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            printed += &match (&self.program, &words[..]) {
                (Program::Console, ["write", topic, codec]) => {
                    terminal::klamm_writes(bootstrap, topic, codec).map(|()| String::new())?
                }
                (Program::Console, ["read", topic]) => terminal::klamm_reads(bootstrap, topic)?,
                (_, ["read", topic]) => terminal::kcat_reads(installed, bootstrap, topic)?,
                _ => bail!("{} cannot {line}", self.name),
            };
        }
        Ok(printed)
    }

    /// The program that takes a list of commands, if the client has one.
    fn command(&self, installed: &Installed, bootstrap: &str) -> Option<Command> {
        let command = match self.program {
            Program::Python(_, library, version) => {
                let mut python = command(installed.python());
                python.arg(root().join("tests/interop/python/record_client.py"));
                python.args([bootstrap, library]);
                python.args(Some(version).filter(|version| !version.is_empty()));
                python
            }
            Program::Node => {
                let mut node = command("node");
                node.env("NODE_PATH", installed.folder.join("node_modules"));
                node.env("KAFKAJS_NO_PARTITIONER_WARNING", "1");
                node.arg(root().join("tests/interop/node/record_client.js")).arg(bootstrap);
                node
            }
            Program::Java(_) => {
                let mut java = installed.java("RecordClient");
                java.arg(bootstrap);
                java
            }
            Program::Console | Program::Kcat => return None,
        };
        Some(command)
    }
}

/// A topic, by whom it was written, and how.
struct Topic {
    name: String,
    writer: Abilities,
    codec: &'static str,
}

pub(super) fn run(_: &Installed, broker: &mut Broker) -> Result<String> {
    let mut here = Vec::new();
    let mut missing = Vec::new();
    for client in CLIENTS {
        match client.install() {
            Ok(installed) => here.push((client, installed)),
            Err(error) if error.is::<Missing>() => missing.push(client.name),
            Err(error) => return Err(error.context(client.name)),
        }
    }
    let mut topics = Vec::new();
    for (client, installed) in here.iter().filter(|(client, _)| client.writes()) {
        let mut commands = String::new();
        for codec in client.codecs {
            let name = format!("{}-{codec}", client.name);
            commands.push_str(&format!("write {name} {codec}\n"));
            topics.push(Topic { name, writer: client.abilities, codec });
        }
        client.run(installed, broker, &commands)?;
    }
    let mut checks = 0;
    for (client, installed) in &here {
        let readable: Vec<&Topic> =
            topics.iter().filter(|topic| client.codecs.contains(&topic.codec)).collect();
        let commands: String =
            readable.iter().map(|topic| format!("read {}\n", topic.name)).collect();
        let printed = client.run(installed, broker, &commands)?;
        for topic in &readable {
            check_read(&printed, &topic.name, topic.writer)
                .with_context(|| format!("{} reads something else", client.name))?;
        }
        println!("  ok: {} reads {} topics", client.name, readable.len());
        checks += readable.len();
    }
    let missing = match missing.is_empty() {
        true => String::new(),
        false => format!(", without {}", missing.join(", ")),
    };
    Ok(format!("{} clients, {} topics, {checks} readings{missing}", here.len(), topics.len()))
}
