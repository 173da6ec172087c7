//! One Klamm node as a process, on a free port and in a folder of its own.
//!
//! The node is started as a user starts it, `klamm server-start FILE`, and is ready when it has
//! printed the line that begins with `Klamm is ready`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::binary::klamm_binary;
use crate::ports::free_port;
use crate::process::ServerProcess;
use crate::recorder::{RecordedFrame, Recorder};

/// The beginning of the line by which a node says that every listener accepts.
const READY_LINE: &str = "Klamm is ready";

/// Longer than any recovery of a test takes on a slow machine.
const READY_TIME_MAX: Duration = Duration::from_secs(90);

/// How a node is configured beyond the defaults of the harness.
#[derive(Debug, Default, Clone)]
pub struct KlammNodeOptions {
    /// The folder for configuration, data and log; a temporary one when it is `None`.
    pub folder: Option<PathBuf>,
    /// Further lines of `server.properties`.
    pub properties: Vec<(String, String)>,
    /// Puts a recorder between the clients and the node.
    pub record: bool,
    /// Further arguments of `server-start`, behind the file.
    pub arguments: Vec<String>,
}

/// A node, running or stopped. Dropping it ends the process and removes a temporary folder.
#[derive(Debug)]
pub struct KlammNode {
    // Declared before the folder, so that the process ends before its folder goes.
    process: Option<ServerProcess>,
    folder: PathBuf,
    port: u16,
    recorder: Option<Recorder>,
    arguments: Vec<String>,
    binary: PathBuf,
    start_time: Duration,
    _temporary: Option<tempfile::TempDir>,
}

impl KlammNode {
    /// Starts a node with the defaults and waits until it is ready.
    pub fn start() -> Result<Self> {
        Self::start_with(KlammNodeOptions::default())
    }

    /// Starts a node and waits until it is ready.
    pub fn start_with(options: KlammNodeOptions) -> Result<Self> {
        let mut node = Self::prepare(options)?;
        node.start_again()?;
        Ok(node)
    }

    /// Makes the folder and the configuration of a node that is not started yet.
    pub fn prepare(mut options: KlammNodeOptions) -> Result<Self> {
        let temporary = match options.folder {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("klamm-node-").tempdir()?),
        };
        let folder = match (&options.folder, &temporary) {
            (Some(folder), _) => folder.clone(),
            (None, Some(temporary)) => temporary.path().to_path_buf(),
            (None, None) => bail!("a node needs a folder"),
        };
        std::fs::create_dir_all(&folder)?;
        let port = free_port()?;
        let recorder = options.record.then(|| Recorder::start(port)).transpose()?;
        if let Some(recorder) = &recorder {
            let address = format!("PLAINTEXT://127.0.0.1:{}", recorder.port());
            options.properties.push(("advertised.listeners".to_owned(), address));
        }
        std::fs::write(folder.join("server.properties"), properties(&folder, port, &options))?;
        Ok(Self {
            process: None,
            folder,
            port,
            recorder,
            arguments: options.arguments,
            binary: klamm_binary()?,
            start_time: Duration::ZERO,
            _temporary: temporary,
        })
    }

    /// Starts a stopped or killed node on the same folder and port; gives the time until it was ready.
    pub fn start_again(&mut self) -> Result<Duration> {
        if self.process.is_some() {
            bail!("the node is running; stop or kill it first");
        }
        let start = Instant::now();
        let mut process = self.spawn()?;
        process
            .wait_for_line(|line| line.starts_with(READY_LINE), READY_TIME_MAX)
            .with_context(|| format!("{} did not become ready", self.binary.display()))?;
        self.start_time = start.elapsed();
        self.process = Some(process);
        Ok(self.start_time)
    }

    /// Starts a stopped node and kills it after a while, ready or not: a crash during recovery.
    pub fn crash_while_starting(&mut self, after: Duration) -> Result<()> {
        if self.process.is_some() {
            bail!("the node is running; stop or kill it first");
        }
        let process = self.spawn()?;
        std::thread::sleep(after);
        process.kill()
    }

    fn spawn(&self) -> Result<ServerProcess> {
        let mut command = Command::new(&self.binary);
        command.arg("server-start").arg(self.folder.join("server.properties"));
        command.args(&self.arguments);
        command.current_dir(&self.folder).env("LOG_DIR", self.folder.join("logs"));
        ServerProcess::start(command, &self.folder.join("output.log"))
    }

    /// Where clients connect, as `127.0.0.1:PORT`.
    pub fn bootstrap(&self) -> String {
        let port = self.recorder.as_ref().map_or(self.port, Recorder::port);
        format!("127.0.0.1:{port}")
    }

    /// What passed between clients and the node, when it is recorded.
    pub fn frames(&self) -> Vec<RecordedFrame> {
        self.recorder.as_ref().map(Recorder::frames).unwrap_or_default()
    }

    /// The folder with `server.properties`, `data`, `logs` and `output.log`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder with the partitions.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The process id of the running node.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.process.as_ref().context("the node is not running")?.pid())
    }

    /// From the start of the process to its ready line, the last time.
    pub fn start_time(&self) -> Duration {
        self.start_time
    }

    /// Everything that the node printed so far, over all its starts.
    pub fn output(&self) -> Result<String> {
        let log = self.folder.join("output.log");
        std::fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))
    }

    /// Stops it with SIGTERM and waits for its end.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        self.process.take().context("the node is not running")?.stop()
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("the node is not running")?.kill()
    }
}

fn properties(folder: &Path, port: u16, options: &KlammNodeOptions) -> String {
    let mut text = format!(
        "listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs={}\nklamm.http.listeners=\n",
        folder.join("data").display()
    );
    for (key, value) in &options.properties {
        text.push_str(&format!("{key}={value}\n"));
    }
    text
}
