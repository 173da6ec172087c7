//! `-daemon`: the node goes on in the background, after it said that it is ready.
//!
//! What it prints goes to a file that nothing bounds, so it prints no more than a greeting or the
//! reason why it does not start; its log goes to `server.log`, which is bounded.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::logging;

/// Tells the child that it is the daemon.
const MARK: &str = "KLAMM_DAEMON";
/// How long the parent waits for the line that says "ready" before it leaves the daemon alone.
const READY_WAIT_MAX: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);
/// What a ready node prints first on a line of its own.
pub(crate) const READY: &str = "Klamm is ready";

/// Whether this process is the daemon.
pub(crate) fn is_daemon() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Leaves the terminal's session, if this process is the daemon.
pub(crate) fn leave_terminal() {
    if is_daemon() {
        // Fails only for a process that leads a group already, and then there is nothing to leave.
        let _ = rustix::process::setsid();
    }
}

/// Starts `klamm server-start ARGUMENTS` in the background, and waits until it is ready or failed.
pub(crate) fn start(arguments: &[OsString]) -> ExitCode {
    match try_start(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cannot start in the background: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_start(arguments: &[OsString]) -> io::Result<ExitCode> {
    let folder = logging::directory().unwrap_or_else(|| PathBuf::from("logs"));
    fs::create_dir_all(&folder).map_err(|error| explain(&folder, &error))?;
    let output_path = folder.join("kafkaServer.out");
    // Another node of this folder may be writing to it.
    let output = OpenOptions::new().create(true).append(true).open(&output_path);
    let output = output.map_err(|error| explain(&folder, &error))?;
    let printed = Printed { path: output_path, from: output.metadata()?.len() };
    let mut child = Command::new(std::env::current_exe()?)
        .arg("server-start")
        .args(arguments)
        .env(MARK, "1")
        .env("LOG_DIR", &folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()?;
    let deadline = Instant::now() + READY_WAIT_MAX;
    while Instant::now() < deadline {
        let ended = child.try_wait()?.is_some();
        let text = printed.text()?;
        if let Some(line) = text.lines().find(|line| line.starts_with(READY)) {
            println!("{line}");
            println!(
                "It runs in the background as process {}; its output is in {}, its log in {}.",
                child.id(),
                printed.path.display(),
                folder.join("server.log").display()
            );
            return Ok(ExitCode::SUCCESS);
        }
        if ended {
            eprint!("{text}");
            eprintln!(
                "The node did not start; the reason is above and in {}.",
                printed.path.display()
            );
            return Ok(ExitCode::FAILURE);
        }
        std::thread::sleep(POLL);
    }
    println!("The node is still starting; its log is in {}.", folder.join("server.log").display());
    Ok(ExitCode::SUCCESS)
}

fn explain(folder: &Path, error: &io::Error) -> io::Error {
    let hint = "set LOG_DIR to a folder that this user may write to";
    io::Error::new(error.kind(), format!("{}: {error}; {hint}", folder.display()))
}

/// What the daemon prints into a file that may have been there before.
struct Printed {
    path: PathBuf,
    from: u64,
}

impl Printed {
    fn text(&self) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
