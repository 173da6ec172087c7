//! One real Apache Kafka as a process, with KRaft or with a ZooKeeper of its own: the oracle of the suites, the neighbour in
//! the benchmarks. It needs Java and a class path, which `cargo xtask` fetches from Maven Central.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::ports::free_port;
use crate::process::ServerProcess;

const READY_LINE: &str = "Kafka Server started";
/// The same, of a broker of the ZooKeeper era.
const READY_LINE_OF_OLD: [&str; 2] = ["[KafkaServer id=", "] started"];
const ZOOKEEPER_READY_LINE: &str = "binding to port";
const READY_TIME_MAX: Duration = Duration::from_secs(120);

/// Any 16 bytes in Kafka's base64; each node is a cluster of its own.
const CLUSTER_ID: &str = "S2xhbW1PcmFjbGVDbHVzdA";

/// An Apache Kafka node, running or stopped. Dropping it ends the process and removes its folder.
#[derive(Debug)]
pub struct ApacheKafka {
    process: Option<ServerProcess>,
    /// Whether a ZooKeeper belongs to it, and its process while it runs.
    zookeeper: Option<Option<ServerProcess>>,
    class_path: String,
    port: u16,
    folder: tempfile::TempDir,
    start_time: Duration,
}

impl ApacheKafka {
    /// Formats a folder and starts a node with the jars of `class_path`.
    pub fn start(class_path: &str) -> Result<Self> {
        Self::start_with(class_path, &[])
    }

    /// As [`start`](Self::start), with further lines of `server.properties`.
    pub fn start_with(class_path: &str, properties: &[(String, String)]) -> Result<Self> {
        let mut node = Self::prepare(class_path, properties)?;
        node.start_again()?;
        Ok(node)
    }

    /// Formats the folder of a node that is not started yet.
    pub fn prepare(class_path: &str, properties: &[(String, String)]) -> Result<Self> {
        let node = Self::prepare_unformatted(class_path, properties)?;
        node.format()?;
        Ok(node)
    }

    /// Prepares a node whose data somebody else puts into `data` of its folder.
    pub fn prepare_unformatted(class_path: &str, properties: &[(String, String)]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("apache-kafka-").tempdir()?;
        let port = free_port()?;
        let text = server_properties(folder.path(), port, free_port()?, properties);
        std::fs::write(folder.path().join("server.properties"), text)?;
        let class_path = class_path.to_string();
        Ok(Self {
            process: None,
            zookeeper: None,
            class_path,
            port,
            folder,
            start_time: Duration::ZERO,
        })
    }

    /// Has the node start with these lines of `server.properties` and no others, at its own address
    /// where they name Kafka's usual ports.
    pub fn configure(&self, lines: &str) -> Result<()> {
        let controller = format!("127.0.0.1:{}", free_port()?);
        let text = lines
            .replace("://:9092", &format!("://{}", self.bootstrap()))
            .replace("://:9093", &format!("://{controller}"))
            .replace("localhost:9093", &controller);
        std::fs::write(self.properties(), text)?;
        Ok(())
    }

    /// Prepares a node of the ZooKeeper era, with a ZooKeeper of its own.
    pub fn prepare_with_zookeeper(
        class_path: &str,
        properties: &[(String, String)],
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("apache-kafka-").tempdir()?;
        let (port, zookeeper_port) = (free_port()?, free_port()?);
        let text = old_server_properties(folder.path(), port, zookeeper_port, properties);
        std::fs::write(folder.path().join("server.properties"), text)?;
        let text = format!(
            "dataDir={}\nclientPortAddress=127.0.0.1\nclientPort={zookeeper_port}\n\
             admin.enableServer=false\n",
            folder.path().join("zookeeper").display()
        );
        std::fs::write(folder.path().join("zookeeper.properties"), text)?;
        Ok(Self {
            process: None,
            zookeeper: Some(None),
            class_path: class_path.to_string(),
            port,
            folder,
            start_time: Duration::ZERO,
        })
    }

    /// Starts a stopped node on the same folder and port; gives the time until it was ready.
    pub fn start_again(&mut self) -> Result<Duration> {
        if self.process.is_some() {
            bail!("the node is running; stop or kill it first");
        }
        // The heap of Kafka's own start script, and its collector.
        let mut command = self.java(&["-Xmx1g", "-Xms1g", "-XX:+UseG1GC"]);
        command.arg("kafka.Kafka").arg(self.properties());
        self.start_zookeeper()?;
        let start = Instant::now();
        let mut process = ServerProcess::start(command, &self.folder.path().join("output.log"))?;
        let is_ready = |line: &str| {
            line.contains(READY_LINE) || READY_LINE_OF_OLD.iter().all(|part| line.contains(part))
        };
        process.wait_for_line(is_ready, READY_TIME_MAX)?;
        self.start_time = start.elapsed();
        self.process = Some(process);
        Ok(self.start_time)
    }

    /// Where clients connect, as `127.0.0.1:PORT`.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The folder with configuration, data and log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the running node.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.process.as_ref().context("the node is not running")?.pid())
    }

    /// From the start of the process to its ready line, the last time.
    pub fn start_time(&self) -> Duration {
        self.start_time
    }

    /// Stops it with SIGTERM and waits for its end.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        let status = self.process.take().context("the node is not running")?.stop();
        if let Some(zookeeper) = self.zookeeper.as_mut().and_then(Option::take) {
            zookeeper.stop()?;
        }
        status
    }

    /// Kills it with SIGKILL. Its ZooKeeper goes on, so that it forgets the broker in time.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("the node is not running")?.kill()
    }

    fn start_zookeeper(&mut self) -> Result<()> {
        if !matches!(self.zookeeper, Some(None)) {
            return Ok(());
        }
        let mut command = self.java(&["-Xmx256m", "-Dzookeeper.jmx.log4j.disable=true"]);
        command.arg("org.apache.zookeeper.server.quorum.QuorumPeerMain");
        command.arg(self.folder.path().join("zookeeper.properties"));
        let log = self.folder.path().join("zookeeper.log");
        let mut process = ServerProcess::start(command, &log)?;
        process.wait_for_line(|line| line.contains(ZOOKEEPER_READY_LINE), READY_TIME_MAX)?;
        self.zookeeper = Some(Some(process));
        Ok(())
    }

    fn properties(&self) -> PathBuf {
        self.folder.path().join("server.properties")
    }

    fn java(&self, options: &[&str]) -> Command {
        let mut command = Command::new("java");
        command.current_dir(self.folder.path()).args(options).args(["-cp", &self.class_path]);
        command
    }

    fn format(&self) -> Result<()> {
        let mut command = self.java(&["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]);
        command.args(["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c"]);
        let output = command.arg(self.properties()).output().context("cannot start java")?;
        if !output.status.success() {
            bail!("cannot format: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

fn server_properties(
    folder: &Path,
    port: u16,
    controller_port: u16,
    more: &[(String, String)],
) -> String {
    let mut lines = vec![
        "process.roles=broker,controller".to_string(),
        "node.id=1".to_string(),
        format!("controller.quorum.voters=1@127.0.0.1:{controller_port}"),
        format!("listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"),
        format!("advertised.listeners=PLAINTEXT://127.0.0.1:{port}"),
        "inter.broker.listener.name=PLAINTEXT".to_string(),
        "controller.listener.names=CONTROLLER".to_string(),
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT".to_string(),
        "share.coordinator.state.topic.replication.factor=1".to_string(),
        "share.coordinator.state.topic.min.isr=1".to_string(),
    ];
    lines.extend(common_properties(folder));
    lines.extend(more.iter().map(|(key, value)| format!("{key}={value}")));
    lines.join("\n") + "\n"
}

fn old_server_properties(
    folder: &Path,
    port: u16,
    zookeeper_port: u16,
    more: &[(String, String)],
) -> String {
    let mut lines = vec![
        "broker.id=1".to_string(),
        format!("zookeeper.connect=127.0.0.1:{zookeeper_port}"),
        format!("listeners=PLAINTEXT://127.0.0.1:{port}"),
    ];
    lines.extend(common_properties(folder));
    lines.extend(more.iter().map(|(key, value)| format!("{key}={value}")));
    lines.join("\n") + "\n"
}

fn common_properties(folder: &Path) -> [String; 5] {
    [
        format!("log.dirs={}", folder.join("data").display()),
        "offsets.topic.replication.factor=1".to_string(),
        "transaction.state.log.replication.factor=1".to_string(),
        "transaction.state.log.min.isr=1".to_string(),
        "group.initial.rebalance.delay.ms=0".to_string(),
    ]
}
