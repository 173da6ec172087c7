//! kcat: metadata, produce with keys and headers, consume by offset, by time and in a group.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::install::Installed;
use super::target::Broker;
use crate::command::{command, transcript};

const TIME_MAX: Duration = Duration::from_secs(60);
const LINES: usize = 500;

struct Kcat<'a> {
    client: &'a Installed,
    bootstrap: String,
}

impl Kcat<'_> {
    fn run(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut kcat = command_of(self.client)?;
        kcat.args(["-b", &self.bootstrap]).args(arguments);
        transcript(kcat, input, TIME_MAX)
    }
}

/// The installed kcat.
pub(super) fn command_of(client: &Installed) -> Result<Command> {
    let root = client.folder.join("root/usr");
    let mut kcat = command(root.join("bin/kcat"));
    // Debian keeps libraries in a folder named after the architecture.
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root.join("lib"))? {
        folders.push(entry?.path().display().to_string());
    }
    kcat.env("LD_LIBRARY_PATH", folders.join(":"));
    Ok(kcat)
}

pub(super) fn run(client: &Installed, broker: &mut Broker) -> Result<String> {
    let kcat = Kcat { client, bootstrap: broker.bootstrap() };
    let lines: Vec<String> =
        (0..LINES).map(|number| format!("key{number}:value{number}")).collect();
    let input = lines.join("\n") + "\n";
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("kcat-{codec}");
        let produce = ["-P", "-t", &topic, "-K", ":", "-z", codec, "-H", "client=kcat"];
        let options = ["-X", "enable.idempotence=true", "-X", "allow.auto.create.topics=true"];
        kcat.run(&[&produce[..], &options[..]].concat(), &input)?;
        let read = kcat.run(
            &["-C", "-t", &topic, "-o", "beginning", "-e", "-q", "-f", "%o %k:%s %h\\n"],
            "",
        )?;
        let expected: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(offset, line)| format!("{offset} {line} client=kcat"))
            .collect();
        same(&expected, &read, codec)?;
    }
    let tail = kcat.run(&["-C", "-t", "kcat-none", "-o", "-10", "-e", "-q", "-K", ":"], "")?;
    same(&lines[LINES - 10..], &tail, "the last ten")?;
    let timed = kcat.run(&["-C", "-t", "kcat-none", "-o", "s@0", "-e", "-q", "-K", ":"], "")?;
    same(&lines, &timed, "from a time on")?;
    let options = ["-X", "auto.offset.reset=earliest", "-K", ":", "-q", "-c", "500"];
    let grouped = kcat.run(&[&["-G", "kcat-group"], &options[..], &["kcat-none"]].concat(), "")?;
    same(&lines, &grouped, "in a group")?;
    let metadata = kcat.run(&["-L"], "")?;
    if !metadata.contains("topic \"kcat-zstd\" with 1 partitions") {
        bail!("kcat -L does not list the topics:\n{metadata}");
    }
    Ok("five codecs, by offset, by time, in a group".to_string())
}

fn same(expected: &[String], read: &str, what: &str) -> Result<()> {
    // kcat reports group assignments on standard error, with a percent sign in front.
    let lines: Vec<&str> = read.lines().filter(|line| !line.starts_with('%')).collect();
    if lines != expected {
        bail!("{what}: expected {} lines, read {}:\n{read}", expected.len(), lines.len());
    }
    println!("  ok: {what}");
    Ok(())
}
