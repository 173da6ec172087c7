//! `cargo xtask chaos [--kills N] [--seed N] [--against-kafka]`: kill -9 in the middle of producing.
//!
//! A plain and an idempotent producer write at full speed while the broker is killed at random
//! moments, while serving and while recovering, and started again on its folder. After each round the
//! history checker (`tests/chaos/check.py`) compares what was acknowledged with what is there: none
//! lost, none altered, no gap, order kept, none duplicated for the idempotent producer.

use std::io::Write;
use std::path::Path;
use std::process::{ChildStdin, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::ServerProcess;

use crate::command::{command, root, transcript};
use crate::interop::install::{self, Installed};
use crate::interop::target::{self, Broker, Target};
use crate::report::{Outcome, Report};

/// The full form kills at least a hundred times.
const KILLS_DEFAULT: u32 = 100;
/// The short form, in `cargo xtask test`.
const KILLS_SHORT: u32 = 8;
/// Kills between two checks of the history; a round has topics of its own.
const KILLS_PER_ROUND: u32 = 10;
/// The longest time that a broker serves before it is killed.
const SERVE_MS_MAX: u64 = 800;
/// Every so many kills hit a broker that is still starting.
const KILL_WHILE_STARTING_EVERY: u64 = 5;
/// The longest time after its start at which a starting broker is killed.
const STARTING_MS_MAX: u64 = 60;
/// Partitions of each topic.
const PARTITIONS: u32 = 4;
/// A load must have a record acknowledged within this time of the broker's ready line.
const PROGRESS_TIME_MAX: Duration = Duration::from_secs(60);
/// Reading and checking one round, on a slow machine.
const CHECK_TIME_MAX: Duration = Duration::from_secs(600);

const MODES: [&str; 2] = ["plain", "idempotent"];

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let mut target = Target::Klamm;
    let mut kills = KILLS_DEFAULT;
    let mut seed = u64::from(std::process::id());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--against-kafka" => target = Target::apache_kafka()?,
            "--kills" => kills = words.next().context("--kills needs a number")?.parse()?,
            "--seed" => seed = words.next().context("--seed needs a number")?.parse()?,
            unknown => bail!("unknown argument `{unknown}`; there are --kills N and --seed N"),
        }
    }
    if matches!(target, Target::Klamm) {
        target::build_release()?;
    }
    suite(&target, kills, seed, report);
    Ok(())
}

/// The form that `cargo xtask test` runs.
pub(crate) fn run_short(report: &mut Report) {
    suite(&Target::Klamm, KILLS_SHORT, u64::from(std::process::id()), report);
}

fn suite(target: &Target, kills: u32, seed: u64, report: &mut Report) {
    report.suite(&format!("chaos, {kills} kills"), || {
        let client = install::python("confluent-kafka")?;
        println!("    seed {seed}");
        let mut broker = target.start()?;
        let mut run =
            Run { client, random: Random(seed), starts: Vec::new(), kills_while_starting: 0 };
        let detail = run.all_rounds(&mut broker, kills).map_err(|error| broker.explain(error))?;
        broker.finish()?;
        Ok(Outcome::Passed(detail))
    });
}

/// SplitMix64: the moments of the kills follow from the seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

struct Run {
    client: Installed,
    random: Random,
    starts: Vec<Duration>,
    kills_while_starting: u32,
}

/// What the rounds of one mode added up to.
#[derive(Default)]
struct Totals {
    held: u64,
    acked: u64,
    repeated: u64,
}

impl Run {
    fn all_rounds(&mut self, broker: &mut Broker, kills: u32) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let mut totals = [Totals::default(), Totals::default()];
        let (mut killed, mut round) = (0, 0);
        while killed < kills {
            let now = KILLS_PER_ROUND.min(kills - killed);
            self.round(broker, round, now, folder.path(), &mut totals)
                .with_context(|| format!("in round {round}, after {killed} kills"))?;
            killed += now;
            round += 1;
            // Starts must not get slower while the logs grow.
            let acked = totals[0].acked + totals[1].acked;
            let mut starts = self.starts[self.starts.len() - now as usize..].to_vec();
            starts.sort_unstable();
            let start = starts.get(starts.len() / 2).copied().unwrap_or_default().as_millis();
            println!("    {killed} kills, {acked} records acknowledged, median start {start} ms");
        }
        Ok(self.summary(kills, &totals))
    }

    fn round(
        &mut self,
        broker: &mut Broker,
        round: u32,
        kills: u32,
        folder: &Path,
        totals: &mut [Totals; 2],
    ) -> Result<()> {
        let mut loads = Vec::new();
        for mode in MODES {
            let topic = format!("{mode}-{round}");
            let history = folder.join(&topic);
            self.create_topic(broker, &topic)?;
            loads.push(Load::start(&self.client, broker, &topic, mode, &history)?);
        }
        for _ in 0..kills {
            for load in &mut loads {
                load.wait_for_progress()?;
            }
            std::thread::sleep(Duration::from_millis(self.random.below(SERVE_MS_MAX)));
            if self.random.below(KILL_WHILE_STARTING_EVERY) == 0 {
                let after = Duration::from_millis(self.random.below(STARTING_MS_MAX));
                self.starts.push(broker.crash_twice_and_restart(after)?);
                self.kills_while_starting += 1;
            } else {
                self.starts.push(broker.crash_and_restart()?);
            }
        }
        for (load, totals) in loads.into_iter().zip(totals) {
            load.wait_and_check(&self.client, broker, totals)?;
        }
        Ok(())
    }

    fn create_topic(&self, broker: &Broker, topic: &str) -> Result<()> {
        let mut python = command(self.client.python());
        python.arg(root().join("tests/chaos/create_topic.py"));
        python.args([&broker.bootstrap(), topic, &PARTITIONS.to_string()]);
        transcript(python, "", PROGRESS_TIME_MAX).map(|_| ())
    }

    fn summary(&mut self, kills: u32, totals: &[Totals; 2]) -> String {
        self.starts.sort_unstable();
        let at = |share: usize| {
            let index = (self.starts.len() * share / 100).min(self.starts.len().saturating_sub(1));
            self.starts.get(index).copied().unwrap_or_default().as_millis()
        };
        let [plain, idempotent] = totals;
        format!(
            "{kills} kills while producing and {} while starting; plain {} acknowledged, {} held \
             ({} repeated by retries); idempotent {} acknowledged, {} held, none twice; start after \
             a kill p50 {} ms, p99 {} ms, max {} ms",
            self.kills_while_starting,
            plain.acked,
            plain.held,
            plain.repeated,
            idempotent.acked,
            idempotent.held,
            at(50),
            at(99),
            at(100),
        )
    }
}

/// A producer in a process of its own.
struct Load {
    process: ServerProcess,
    input: ChildStdin,
    arguments: [String; 5],
    acked: u64,
}

impl Load {
    fn start(
        client: &Installed,
        broker: &Broker,
        topic: &str,
        mode: &str,
        history: &Path,
    ) -> Result<Self> {
        let arguments = [
            broker.bootstrap(),
            topic.to_string(),
            PARTITIONS.to_string(),
            mode.to_string(),
            history.display().to_string(),
        ];
        let mut python = command(client.python());
        python.arg(root().join("tests/chaos/load.py")).args(&arguments);
        let log = history.with_extension("log");
        let mut process = ServerProcess::start_with_input(python, &log, Stdio::piped())?;
        let input = process.take_input().context("the load has no input")?;
        Ok(Self { process, input, arguments, acked: 0 })
    }

    /// Waits until a record is acknowledged that was not when this was called.
    fn wait_for_progress(&mut self) -> Result<()> {
        for line in self.process.take_lines() {
            self.acked = acked(&line).unwrap_or(self.acked);
        }
        let before = self.acked;
        let line = self
            .process
            .wait_for_line(
                |line| line.starts_with("failed") || acked(line).is_some_and(|now| now > before),
                PROGRESS_TIME_MAX,
            )
            .with_context(|| format!("no progress of the load on {}", self.arguments[1]))?;
        self.acked = acked(&line).with_context(|| line.clone())?;
        Ok(())
    }

    /// Ends the load and checks its history against the broker.
    fn wait_and_check(
        mut self,
        client: &Installed,
        broker: &Broker,
        totals: &mut Totals,
    ) -> Result<()> {
        writeln!(self.input, "stop")?;
        let topic = self.arguments[1].clone();
        let log = self.process.log().to_path_buf();
        let status = self.process.wait_for_end(CHECK_TIME_MAX)?;
        if !status.success() {
            let words = std::fs::read_to_string(log)?;
            bail!("the load on {topic} failed: {}", words.lines().last().unwrap_or_default());
        }
        let mut python = command(client.python());
        python.arg(root().join("tests/chaos/check.py")).args(&self.arguments);
        let printed = transcript(python, "", CHECK_TIME_MAX)
            .with_context(|| format!("{topic} at {} violates its history", broker.bootstrap()))?;
        let numbers: Vec<u64> =
            printed.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [held, acked, repeated] = numbers[..] else { bail!("check.py printed {printed}") };
        totals.held += held;
        totals.acked += acked;
        totals.repeated += repeated;
        Ok(())
    }
}

/// The number in `acked N`.
fn acked(line: &str) -> Option<u64> {
    line.strip_prefix("acked ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_moments_again() {
        let moments = |seed| {
            let mut random = Random(seed);
            (0..20).map(|_| random.below(1200)).collect::<Vec<_>>()
        };
        assert_eq!(moments(7), moments(7));
        assert_ne!(moments(7), moments(8));
        assert!(moments(7).iter().all(|moment| *moment < 1200));
    }
}
