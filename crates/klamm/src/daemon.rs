//! `-daemon`: the node goes on in the background, after it said that it is ready.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
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

/// Leaves the terminal's session, if this process is the daemon.
pub(crate) fn leave_terminal() {
    if std::env::var_os(MARK).is_some() {
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
    fs::create_dir_all(&folder)?;
    let output_path = folder.join("kafkaServer.out");
    let output = File::create(&output_path)?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("server-start")
        .args(arguments)
        .env(MARK, "1")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()?;
    let deadline = Instant::now() + READY_WAIT_MAX;
    while Instant::now() < deadline {
        if let Some(line) = ready_line(&output_path)? {
            println!("{line}");
            println!(
                "It runs in the background as process {}; its output is in {}.",
                child.id(),
                output_path.display()
            );
            return Ok(ExitCode::SUCCESS);
        }
        if child.try_wait()?.is_some() {
            eprint!("{}", fs::read_to_string(&output_path)?);
            eprintln!(
                "The node did not start; the reason is above and in {}.",
                output_path.display()
            );
            return Ok(ExitCode::FAILURE);
        }
        std::thread::sleep(POLL);
    }
    println!("The node is still starting; its output is in {}.", output_path.display());
    Ok(ExitCode::SUCCESS)
}

fn ready_line(path: &PathBuf) -> io::Result<Option<String>> {
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        if line.starts_with(READY) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}
