//! A server as a child process, with its output kept.
//!
//! Invariant: the process is gone when the value is dropped.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Lines of output that an error message repeats.
const LINES_IN_ERROR_MAX: usize = 30;

/// How long a server may take to stop after SIGTERM.
const STOP_TIME_MAX: Duration = Duration::from_secs(60);

/// A running server. Its standard output and error go to one log file, and line by line to whoever
/// waits for a line.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    lines: Receiver<String>,
    seen: VecDeque<String>,
    log: PathBuf,
}

impl ServerProcess {
    /// Starts `command` without input; its output is appended to the file `log`.
    pub fn start(command: Command, log: &Path) -> Result<Self> {
        Self::start_with_input(command, log, Stdio::null())
    }

    /// Starts `command` with an input; its output is appended to the file `log`.
    pub fn start_with_input(mut command: Command, log: &Path, input: Stdio) -> Result<Self> {
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            forward(output, log, sender.clone())?;
        }
        if let Some(errors) = child.stderr.take() {
            forward(errors, log, sender)?;
        }
        Ok(Self { child, lines, seen: VecDeque::new(), log: log.to_path_buf() })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The file with everything that it printed.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its standard input, when it was started with a pipe; closing that is the end of its input.
    pub fn take_input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The lines that it has printed since the last that was waited for or taken.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Waits for a line that `wanted` accepts and gives it back. An error repeats the last lines.
    pub fn wait_for_line(
        &mut self,
        wanted: impl Fn(&str) -> bool,
        time_max: Duration,
    ) -> Result<String> {
        let deadline = Instant::now() + time_max;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    let found = wanted(&line);
                    if self.seen.len() == LINES_IN_ERROR_MAX {
                        self.seen.pop_front();
                    }
                    self.seen.push_back(line.clone());
                    if found {
                        return Ok(line);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!(
                        "the awaited line did not come within {time_max:?}:\n{}",
                        self.last_lines()
                    )
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait()?;
                    bail!("it ended with {status} instead:\n{}", self.last_lines())
                }
            }
        }
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    pub fn stop(self) -> Result<ExitStatus> {
        signal(&self.child, rustix::process::Signal::TERM)?;
        self.wait_for_end(STOP_TIME_MAX).context("it was asked to stop (SIGTERM)")
    }

    /// Waits for its own end; one that takes longer than `time_max` is killed, which is an error.
    pub fn wait_for_end(mut self, time_max: Duration) -> Result<ExitStatus> {
        // Both pipes close when the process ends, and with them the channel.
        let ended = self.wait_for_line(|_| false, time_max);
        match self.child.try_wait()? {
            Some(status) => Ok(status),
            None => match ended {
                Err(error) => Err(error.context("it did not end")),
                Ok(_) => Ok(self.child.wait()?),
            },
        }
    }

    /// Ends it at once (SIGKILL), as a crash would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// The exit status, when it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    fn last_lines(&self) -> String {
        self.seen.iter().map(|line| format!("    | {line}")).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Both fail only when the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, signal: rustix::process::Signal) -> Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    let pid = pid.context("the process id is out of range")?;
    rustix::process::kill_process(pid, signal).context("cannot send the signal")
}

/// Copies a pipe to the log file, and each line to the channel.
fn forward(pipe: impl Read + Send + 'static, log: &Path, sender: Sender<String>) -> Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot open {}", log.display()))?;
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let text = String::from_utf8_lossy(&line).into_owned();
            // The log is for a person; a full disk must not stop the test from reading on.
            let _ = writeln!(file, "{text}");
            // Nobody may be waiting any more.
            let _ = sender.send(text);
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> (tempfile::TempDir, Result<ServerProcess>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let process = ServerProcess::start(command, &folder.path().join("log"));
        (folder, process)
    }

    #[test]
    fn an_awaited_line_is_found_and_the_process_stops_on_sigterm() {
        let (_folder, process) = shell("echo one; echo two; exec tail -f /dev/null");
        let mut process = process.expect("sh starts");
        let line = process.wait_for_line(|line| line.starts_with("tw"), Duration::from_secs(20));
        assert_eq!(line.expect("the line comes"), "two");
        assert!(!process.stop().expect("it stops").success());
    }

    #[test]
    fn a_process_that_ends_instead_is_an_error_with_its_last_words() {
        let (_folder, process) = shell("echo the port is taken >&2; exit 3");
        let mut process = process.expect("sh starts");
        let error =
            process.wait_for_line(|_| false, Duration::from_secs(20)).expect_err("it ended");
        assert!(error.to_string().contains("the port is taken"), "{error}");
        assert!(error.to_string().contains('3'), "{error}");
    }

    #[test]
    fn a_dropped_process_is_gone() {
        let (_folder, process) = shell("echo up; exec tail -f /dev/null");
        let mut process = process.expect("sh starts");
        process.wait_for_line(|line| line == "up", Duration::from_secs(20)).expect("it starts");
        let folder = format!("/proc/{}", process.pid());
        drop(process);
        assert!(!Path::new(&folder).exists());
    }
}
