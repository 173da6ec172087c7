//! A folder of its own for each test, and the binary run in it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use testkit::ServerProcess;

use crate::wire::Wire;

/// Longer than any start or stop takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// A refusal is immediate; this leaves room for a busy machine, and none for waiting on anything.
pub(crate) const REFUSAL_TIME_MAX: Duration = Duration::from_secs(5);
const READY: &str = "Klamm is ready";

/// A temporary folder in which nodes are started.
pub(crate) struct Rig {
    folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// One in this folder.
    pub(crate) fn below(folder: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("klamm-test-").tempdir_in(folder).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        let mut text = text.to_owned();
        // A test that does not ask for monitoring takes no port for it.
        if name.ends_with(".properties") && !text.contains("klamm.http.listeners") {
            text.push_str("\nklamm.http.listeners=\n");
        }
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary, in this folder, with its log files in `logs`.
    pub(crate) fn klamm<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_klamm"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("LOG_DIR", self.path("logs")).env_remove("KLAMM_LOG");
        command
    }

    /// Starts a node on a free port, with its data in `data` and these properties besides.
    pub(crate) fn start(&self, properties: &str) -> Running {
        let text = format!(
            "listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\n{properties}\n",
            self.path("data").display()
        );
        self.write("server.properties", &text);
        self.start_file("server.properties")
    }

    /// Starts a node with a file of this folder.
    pub(crate) fn start_file(&self, file: &str) -> Running {
        self.ready(self.klamm(["server-start", file]))
    }

    /// Waits until the command's node is ready.
    pub(crate) fn ready(&self, command: Command) -> Running {
        let log = self.path("output.log");
        let _ = std::fs::remove_file(&log);
        let mut process = ServerProcess::start(command, &log).unwrap();
        let line = process.wait_for_line(|line| line.starts_with(READY), PATIENCE).unwrap();
        Running { process, line, log }
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, command: Command) -> Ended {
        let log = self.path("ended.log");
        let _ = std::fs::remove_file(&log);
        let started = Instant::now();
        let process = ServerProcess::start(command, &log).unwrap();
        let status = process.wait_for_end(PATIENCE).unwrap();
        let took = started.elapsed();
        let output = std::fs::read_to_string(&log).unwrap_or_default();
        Ended { status, output, took }
    }

    /// Runs `klamm server-start FILE`, which is to be refused at once; what it said.
    pub(crate) fn refused(&self, file: &str) -> String {
        let ended = self.run(self.klamm(["server-start", file]));
        assert!(!ended.status.success(), "it should be refused, but said:\n{}", ended.output);
        assert!(!ended.output.contains(READY), "{}", ended.output);
        assert!(!ended.output.contains("panicked"), "{}", ended.output);
        assert!(ended.took < REFUSAL_TIME_MAX, "refused after {:?}: {}", ended.took, ended.output);
        ended.output
    }
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    pub(crate) took: Duration,
}

/// A node that is ready.
pub(crate) struct Running {
    process: ServerProcess,
    line: String,
    log: PathBuf,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Everything that it printed so far.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Waits for a line that it prints after it was ready.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        self.process.wait_for_line(|line| line.contains(text), PATIENCE).unwrap()
    }

    /// The doors that the ready line names, in its order.
    pub(crate) fn doors(&self) -> Vec<(String, SocketAddr)> {
        let inside = self.line.split_once('(').unwrap().1.split_once(')').unwrap().0;
        let doors = inside.split(", ").map(|door| {
            let (name, address) = door.split_once(' ').unwrap();
            (name.to_owned(), address.parse().unwrap())
        });
        doors.collect()
    }

    /// The first door.
    pub(crate) fn address(&self) -> SocketAddr {
        self.doors()[0].1
    }

    /// A new connection to the first door.
    pub(crate) fn connect(&self) -> Wire {
        Wire::to(self.address())
    }

    /// The most memory that was resident so far, in bytes.
    pub(crate) fn memory_max(&self) -> u64 {
        testkit::usage_of(self.pid()).unwrap().resident_bytes_max
    }

    /// SIGTERM, and its end.
    pub(crate) fn stop(self) -> ExitStatus {
        self.process.stop().unwrap()
    }

    /// Its end, which something else brings about.
    pub(crate) fn wait(self) -> ExitStatus {
        self.process.wait_for_end(PATIENCE).unwrap()
    }

    /// SIGKILL.
    pub(crate) fn kill(self) {
        self.process.kill().unwrap();
    }
}

/// Waits for the end of a process that is nobody's child any more.
pub(crate) fn wait_until_gone(pid: u32) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    let pid = Pid::from_raw(pid as i32).unwrap();
    // An error means that it is gone already.
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    let limit = Timespec { tv_sec: PATIENCE.as_secs() as i64, tv_nsec: 0 };
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&limit)).unwrap();
    assert_eq!(ended, 1, "process {pid:?} goes on");
}

/// Says what this machine does not let a test do, past the harness, which shows failures only.
pub(crate) fn skipped(what: &str) {
    use std::io::Write;
    // Whoever runs the tests may have closed it.
    let _ = writeln!(std::io::stderr(), "skipped {what}");
}

/// A small file system in memory, unmounted when dropped.
pub(crate) struct Mounted {
    path: PathBuf,
}

impl Mounted {
    /// Mounts it on a folder; `None` where this machine does not let us, which is said by name.
    pub(crate) fn memory(test: &str, path: &Path, options: &str) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(path).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self { path: path.to_owned() }),
            _ => {
                skipped(&format!("{test}: this machine does not let it mount a file system"));
                None
            }
        }
    }

    /// Mounts it again with other options, such as `ro` or another size.
    pub(crate) fn again(&self, options: &str) {
        let options = format!("remount,{options}");
        let mount = Command::new("mount").args(["-o", &options]).arg(&self.path).status().unwrap();
        assert!(mount.success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a test that failed may still have a process on it.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
