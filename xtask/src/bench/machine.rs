//! The machine and the versions, as the figures need them beside them.

use std::path::Path;

use anyhow::{Context, Result};

use super::klamm_version;
use crate::command::{command, output};
use crate::interop::install::Installed;

/// Lines of the document, each a list item.
pub(super) fn describe(kafka: &Installed) -> Result<Vec<String>> {
    let cpus = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = value_of(&cpus, "model name").unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism()?;
    let memory = std::fs::read_to_string("/proc/meminfo")?;
    let kibibytes: u64 = value_of(&memory, "MemTotal")
        .and_then(|text| text.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .context("no MemTotal in /proc/meminfo")?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let load = load.split_whitespace().nth(2).unwrap_or("unknown").to_string();
    let java = command("java").arg("-version").output()?;
    let java = String::from_utf8_lossy(&java.stderr).lines().next().unwrap_or_default().to_string();
    Ok(vec![
        format!("load average of the last 15 minutes, the benchmark's own part included: {load}"),
        format!("{model}, {cores} cores, {} MiB of memory", kibibytes / 1024),
        format!("Linux {}, folders on {}", kernel.trim(), file_system()?),
        format!("{} at {}", klamm_version()?, revision()?),
        format!(
            "Apache Kafka {} (KRaft, one node, heap 1 GiB as its script sets it), {java}",
            kafka_version(kafka)?
        ),
    ])
}

/// The commit that the binary was built from, as far as xtask can know it.
fn revision() -> Result<String> {
    if std::env::var_os("KLAMM_BINARY").is_some() {
        return Ok("a commit that the binary does not tell".to_string());
    }
    let revision = output(command("git").args(["rev-parse", "--short", "HEAD"]))?;
    Ok(revision.trim().to_string())
}

fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim())
}

fn file_system() -> Result<String> {
    let folder = std::env::temp_dir();
    let printed = output(command("df").args(["--output=fstype"]).arg(&folder))?;
    Ok(printed.lines().last().unwrap_or("unknown").trim().to_string())
}

fn kafka_version(kafka: &Installed) -> Result<String> {
    let jars = kafka.folder.join("jars");
    for entry in std::fs::read_dir(&jars)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let version =
            name.strip_prefix("kafka-clients-").and_then(|rest| rest.strip_suffix(".jar"));
        if let Some(version) = version {
            return Ok(version.to_string());
        }
    }
    anyhow::bail!("no kafka-clients in {}", Path::new(&jars).display())
}
