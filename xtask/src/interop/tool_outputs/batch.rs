//! Kafka's tools in one Java machine, by `tests/interop/java/ToolBatch.java`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::command::{command, root};
use crate::interop::install::Installed;

/// A tool that waits for something in vain.
const ROW_TIME_MAX: Duration = Duration::from_secs(120);

/// The Java machine; it ends when this is dropped.
pub(super) struct Batch {
    process: Child,
    input: ChildStdin,
    outcomes: Receiver<Result<Outcome>>,
}

impl Batch {
    /// Starts it; what goes wrong in it, beside the tools, goes to a log in `folder`.
    pub(super) fn start(client: &Installed, folder: &Path) -> Result<Self> {
        let mut java = command("java");
        java.args(["-Xmx512m", "-Djava.security.manager=allow"]);
        java.arg("--add-opens=java.base/java.lang=ALL-UNNAMED");
        java.arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
        java.arg(root().join("tests/interop/java/ToolBatch.java")).arg(client.class_path());
        java.stdin(Stdio::piped()).stdout(Stdio::piped());
        java.stderr(File::create(folder.join("batch.log"))?);
        let mut process = java.spawn().context("cannot start java")?;
        let input = process.stdin.take().context("no standard input")?;
        let output = process.stdout.take().context("no standard output")?;
        let (send, outcomes) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while send.send(read(&mut output)).is_ok() {}
        });
        Ok(Self { process, input, outcomes })
    }

    /// Runs a tool.
    pub(super) fn run(&mut self, class: &str, words: &[String], input: &str) -> Result<Outcome> {
        let mut line = format!("{}\t{}", escaped(class), escaped(input));
        for word in words {
            line.push('\t');
            line.push_str(&escaped(word));
        }
        line.push('\n');
        self.input.write_all(line.as_bytes())?;
        self.input.flush()?;
        match self.outcomes.recv_timeout(ROW_TIME_MAX) {
            Ok(outcome) => outcome,
            Err(_) => bail!("{class} did not end in {} s", ROW_TIME_MAX.as_secs()),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn read(output: &mut BufReader<ChildStdout>) -> Result<Outcome> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    let numbers: Vec<usize> =
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [code, output_bytes, error_bytes] = numbers[..] else {
        bail!("the Java machine answers `{}`", line.trim_end());
    };
    let mut text = |length| -> Result<String> {
        let mut bytes = vec![0; length];
        output.read_exact(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok(Outcome {
        code: i32::try_from(code)?,
        output: text(output_bytes)?,
        errors: text(error_bytes)?,
    })
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
}
