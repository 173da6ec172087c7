//! The broker that a suite talks to: Klamm, or Apache Kafka as the oracle.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{ApacheKafka, KlammNode, KlammNodeOptions, RecordedFrame};

use super::install;
use crate::command::{cargo, run};

/// Lines of the broker's output that explain a failed suite.
const OUTPUT_LINES_MAX: usize = 25;

/// What to start for each suite.
pub(crate) enum Target {
    /// The binary of this repository.
    Klamm,
    /// The same, behind a recorder.
    Recorded,
    /// Apache Kafka with these jars.
    ApacheKafka { class_path: String },
}

impl Target {
    /// Apache Kafka, installed from Maven Central.
    pub(crate) fn apache_kafka() -> Result<Self> {
        let installed =
            install::java("kafka-4").context("Apache Kafka cannot be installed here")?;
        Ok(Self::ApacheKafka { class_path: installed.class_path() })
    }

    /// Starts a fresh broker and waits until it is ready.
    pub(crate) fn start(&self) -> Result<Broker> {
        match self {
            Self::Klamm => Ok(Broker::Klamm(KlammNode::start()?)),
            Self::Recorded => {
                let options = KlammNodeOptions { record: true, ..KlammNodeOptions::default() };
                Ok(Broker::Klamm(KlammNode::start_with(options)?))
            }
            Self::ApacheKafka { class_path } => {
                Ok(Broker::ApacheKafka(ApacheKafka::start(class_path)?))
            }
        }
    }
}

/// Builds the binary that the suites start.
pub(crate) fn build_release() -> Result<()> {
    if std::env::var_os("KLAMM_BINARY").is_some() {
        return Ok(());
    }
    run(&mut cargo(&["build", "--release", "--package", "klamm"]))
}

/// A running broker.
pub(crate) enum Broker {
    /// The node under test.
    Klamm(KlammNode),
    /// The oracle.
    ApacheKafka(ApacheKafka),
}

impl Broker {
    /// Where clients connect.
    pub(crate) fn bootstrap(&self) -> String {
        match self {
            Self::Klamm(node) => node.bootstrap(),
            Self::ApacheKafka(node) => node.bootstrap(),
        }
    }

    /// What passed between clients and the node, when it is recorded.
    pub(crate) fn frames(&self) -> Vec<RecordedFrame> {
        match self {
            Self::Klamm(node) => node.frames(),
            Self::ApacheKafka(_) => Vec::new(),
        }
    }

    /// The folder with its partitions.
    pub(crate) fn data(&self) -> PathBuf {
        match self {
            Self::Klamm(node) => node.data(),
            Self::ApacheKafka(node) => node.folder().join("data"),
        }
    }

    /// The process id of the running broker.
    pub(crate) fn pid(&self) -> Result<u32> {
        match self {
            Self::Klamm(node) => node.pid(),
            Self::ApacheKafka(node) => node.pid(),
        }
    }

    /// Stops it as an operator does.
    pub(crate) fn stop(&mut self) -> Result<()> {
        match self {
            Self::Klamm(node) => {
                let status = node.stop()?;
                if !status.success() {
                    bail!("the node ended with {status} on SIGTERM");
                }
            }
            // Java ends with 143 on SIGTERM.
            Self::ApacheKafka(node) => drop(node.stop()?),
        }
        Ok(())
    }

    /// Starts a stopped broker on its folder and port; gives the time until it was ready.
    pub(crate) fn start_again(&mut self) -> Result<Duration> {
        match self {
            Self::Klamm(node) => node.start_again(),
            Self::ApacheKafka(node) => node.start_again(),
        }
    }

    /// Stops it as an operator does, and starts it on the same folder and port.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.start_again().map(|_| ())
    }

    /// Kills it as a crash does, starts it on the same folder and port, and gives the time until it
    /// was ready.
    pub(crate) fn crash_and_restart(&mut self) -> Result<Duration> {
        match self {
            Self::Klamm(node) => {
                node.kill()?;
                node.start_again()
            }
            Self::ApacheKafka(node) => {
                node.kill()?;
                node.start_again()
            }
        }
    }

    /// Kills it, kills it once more while it recovers, and starts it.
    pub(crate) fn crash_twice_and_restart(&mut self, after: Duration) -> Result<Duration> {
        let Self::Klamm(node) = self else { return self.crash_and_restart() };
        node.kill()?;
        node.crash_while_starting(after)?;
        node.start_again()
    }

    /// Adds the end of the broker's output to the error of a suite.
    pub(crate) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let Self::Klamm(node) = self else { return error };
        let output = node.output().unwrap_or_default();
        let lines: Vec<&str> = output.lines().collect();
        let from = lines.len().saturating_sub(OUTPUT_LINES_MAX);
        let end = lines.get(from..).unwrap_or_default().join("\n    | ");
        anyhow::anyhow!("{error:#}\n  the node's last lines:\n    | {end}")
    }

    /// Stops it and checks that it ended cleanly and that nothing in it panicked.
    pub(crate) fn finish(self) -> Result<()> {
        let Self::Klamm(mut node) = self else { return Ok(()) };
        let status = node.stop()?;
        if !status.success() {
            bail!("the node ended with {status} on SIGTERM");
        }
        if let Some(line) = node.output()?.lines().find(|line| line.contains("panicked at")) {
            bail!("the node panicked: {line}");
        }
        Ok(())
    }
}
