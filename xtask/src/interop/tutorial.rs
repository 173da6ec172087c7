//! The common tutorial: a script sends numbers as JSON to `numtest`, another reads them in the group
//! `my-group` and stores each in a document database.
//!
//! Every number must be stored once and in order, although the reader is stopped and started, the
//! broker is restarted under a running reader, and killed between two readers.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use testkit::{ServerProcess, free_port};

use super::install::Installed;
use super::target::Broker;
use crate::command::{command, root, transcript};

const TIME_MAX: Duration = Duration::from_secs(120);

pub(super) fn run(client: &Installed, broker: &mut Broker) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let (_database, uri) = start_database(client, folder.path())?;
    let bootstrap = broker.bootstrap();
    let send = |first: u32, end: u32| {
        let mut sender = script(client, "tutorial_send.py", &bootstrap);
        sender.args([first.to_string(), end.to_string()]);
        transcript(sender, "", TIME_MAX)
    };
    let read = |count: u32, log: &str| {
        let mut reader = script(client, "tutorial_read.py", &bootstrap);
        reader.args([&uri, &count.to_string()]);
        ServerProcess::start(reader, &folder.path().join(log))
    };

    send(0, 100)?;
    ended(read(40, "first.log")?)?;
    // The second reader goes on where the first stopped, and stays while the broker restarts.
    let mut reader = read(110, "second.log")?;
    reader.wait_for_line(|line| line == "stored 99", TIME_MAX)?;
    broker.restart()?;
    send(100, 150)?;
    ended(reader)?;
    broker.crash_and_restart()?;
    send(150, 200)?;
    ended(read(50, "third.log")?)?;

    let expected: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
    // A reader prints a number once it is stored.
    let mut order = Vec::new();
    for log in ["first.log", "second.log", "third.log"] {
        let printed = std::fs::read_to_string(folder.path().join(log))?;
        let numbers = printed.lines().filter_map(|line| line.strip_prefix("stored "));
        order.extend(numbers.map(str::to_string));
    }
    if order != expected {
        bail!("stored in this order, and not each once: {}", order.join(" "));
    }
    let stored = transcript(script(client, "tutorial_stored.py", &uri), "", TIME_MAX)?;
    if stored.split_whitespace().ne(expected.iter().map(String::as_str)) {
        bail!("the database holds {stored}, not each number once");
    }
    Ok("200 numbers stored once and in order; reader and broker restarted, broker killed"
        .to_string())
}

fn script(client: &Installed, name: &str, argument: &str) -> Command {
    let mut python = command(client.python());
    python.arg(root().join("tests/interop/python").join(name)).arg(argument);
    python
}

fn ended(reader: ServerProcess) -> Result<()> {
    let log = reader.log().to_path_buf();
    let status = reader.wait_for_end(TIME_MAX)?;
    if !status.success() {
        bail!("the reader ended with {status}:\n{}", std::fs::read_to_string(log)?);
    }
    Ok(())
}

/// A database in a folder, on a loopback port; gone when the first value is dropped.
fn start_database(client: &Installed, folder: &Path) -> Result<(ServerProcess, String)> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let data = folder.join("database");
    std::fs::create_dir_all(&data)?;
    let mut command = command(client.folder.join("ferretdb"));
    command.arg(&data).arg(&address);
    let mut process = ServerProcess::start(command, &folder.join("database.log"))?;
    process.wait_for_line(|line| line.contains("database is ready"), TIME_MAX)?;
    Ok((process, format!("mongodb://{address}/")))
}
