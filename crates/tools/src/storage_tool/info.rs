//! `kafka-storage info`.

use std::collections::BTreeMap;
use std::path::Path;

use config::{NodeConfig, Properties};

use super::folders;
use crate::failure::Failure;
use crate::output::print;

/// The keys of `meta.properties` that are shown.
const KEYS: &[&str] = &["broker.id", "cluster.id", "directory.id", "node.id", "version"];

pub(super) fn run(config: &NodeConfig) -> Result<(), Failure> {
    let of_zookeeper_era = config.zookeeper.is_some();
    let (text, sound) = describe(&folders(config), of_zookeeper_era);
    print(&text)?;
    if sound { Ok(()) } else { Err(Failure::Told) }
}

/// What is printed, and whether nothing is wrong.
fn describe(folders: &[String], of_zookeeper_era: bool) -> (String, bool) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let mut first: Option<BTreeMap<String, String>> = None;
    for folder in folders {
        let path = Path::new(folder);
        if !path.is_dir() {
            let what = if path.exists() { "is not a directory" } else { "does not exist" };
            problems.push(format!("{folder} {what}"));
            continue;
        }
        found.push(folder.clone());
        let file = path.join("meta.properties");
        let Ok(bytes) = std::fs::read(&file) else {
            problems.push(format!("{folder} is not formatted."));
            continue;
        };
        match (identity(&bytes), &first) {
            (Err(problem), _) => {
                problems.push(format!("Error loading {}: {problem}", file.display()));
            }
            (Ok(identity), None) => first = Some(identity),
            (Ok(identity), Some(first)) => {
                let differs = |key| identity.get(key) != first.get(key);
                if differs("cluster.id") {
                    problems.push("Mismatched cluster IDs between storage directories.".into());
                } else if differs("node.id") || differs("broker.id") {
                    problems.push("Mismatched node IDs between storage directories.".into());
                }
            }
        }
    }
    let version = first.as_ref().and_then(|first| first.get("version")).map(String::as_str);
    // A folder of either era opens here; what Kafka would say about it is said only where it matters.
    if version == Some("0") && !of_zookeeper_era {
        problems.push(
            "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories \
             are formatted for legacy mode."
                .into(),
        );
    }
    let mut text = listed("log directory", "log directories", &found);
    if let Some(first) = &first {
        let pairs: Vec<String> =
            first.iter().map(|(key, value)| format!("{key}={value}")).collect();
        text.push_str(&format!("Found metadata: {{{}}}\n\n", pairs.join(", ")));
    }
    text.push_str(&listed("problem", "problems", &problems));
    (text, problems.is_empty())
}

/// A list under its heading; nothing for none.
fn listed(one: &str, many: &str, lines: &[String]) -> String {
    let heading = match lines.len() {
        0 => return String::new(),
        1 => one,
        _ => many,
    };
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("Found {heading}:\n{lines}\n")
}

/// The keys of a folder's `meta.properties`.
fn identity(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let properties = Properties::parse_bytes(bytes);
    let entries = properties.entries().iter();
    let known: BTreeMap<String, String> = entries
        .filter(|entry| KEYS.contains(&entry.key.as_str()))
        .map(|entry| (entry.key.clone(), entry.value.clone()))
        .collect();
    match known.get("version").map(String::as_str) {
        Some("0" | "1") => Ok(known),
        Some(other) => Err(format!("Unknown meta.properties version number {other}")),
        None => Err("version is missing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_do_not_belong_together_are_told() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::create_dir(&path).unwrap();
            if !text.is_empty() {
                std::fs::write(path.join("meta.properties"), text).unwrap();
            }
            path.display().to_string()
        };
        let one = folder("1", "version=1\ncluster.id=a\nnode.id=1\n");
        let other = folder("2", "version=1\ncluster.id=b\nnode.id=1\n");
        let empty = folder("3", "");
        let (text, sound) = describe(std::slice::from_ref(&one), false);
        let expected = format!(
            "Found log directory:\n  {one}\n\nFound metadata: {{cluster.id=a, node.id=1, version=1}}\n\n"
        );
        assert_eq!((text, sound), (expected, true));
        let (text, sound) = describe(&[one, other, empty], false);
        assert!(!sound);
        assert!(text.contains("Found problems:\n  Mismatched cluster IDs"), "{text}");
        assert!(text.contains("3 is not formatted.\n"), "{text}");
    }
}
