//! `meta.properties`: to which cluster and node a folder belongs, as Kafka keeps it.
//!
//! Version 0 (of the ZooKeeper era) has `broker.id` and `cluster.id`; version 1 has `node.id`,
//! `cluster.id` and `directory.id`. A folder keeps its version, so that the Kafka that it comes from
//! can still open it, and keys that we do not know stay.

use std::collections::BTreeMap;

use model::{BrokerId, Uuid};

/// The form of the file, which tells to which era the folder belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MetaVersion {
    /// Version 0, of brokers that keep their metadata in ZooKeeper.
    ZooKeeper,
    /// Version 1.
    #[default]
    KRaft,
}

/// The identity of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaProperties {
    /// The form of the file.
    pub version: MetaVersion,
    /// The cluster; old folders may have none.
    pub cluster_id: Option<String>,
    /// The node.
    pub node_id: Option<BrokerId>,
    /// The folder itself (KIP-858).
    pub directory_id: Option<Uuid>,
    /// Keys that we do not know.
    pub other: BTreeMap<String, String>,
}

impl MetaProperties {
    /// Reads the contents of the file, or says what is wrong with them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        for line in text.lines().map(str::trim_start) {
            if line.is_empty() || line.starts_with(['#', '!']) {
                continue;
            }
            let (key, value) = line
                .split_once(['=', ':'])
                .ok_or_else(|| format!("has the line `{line}`, which is no `key=value`"))?;
            // Kafka escapes `:`, `=` and the like with a backslash; no value of ours has one.
            let value = value.replace('\\', "");
            values.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        let version = values.remove("version").ok_or("has no `version`")?;
        let version = match version.as_str() {
            "0" => MetaVersion::ZooKeeper,
            "1" => MetaVersion::KRaft,
            _ => return Err(format!("has version {version}, only 0 and 1 are known")),
        };
        let number = |key: &str, text: String| {
            let number = text.parse::<i32>().ok().filter(|number| *number >= 0);
            number
                .map(BrokerId::new)
                .ok_or_else(|| format!("has `{key}={text}`, which is no node id"))
        };
        let old_id =
            values.remove("broker.id").map(|text| number("broker.id", text)).transpose()?;
        let new_id = values.remove("node.id").map(|text| number("node.id", text)).transpose()?;
        let directory_id = values
            .remove("directory.id")
            .map(|text| text.parse().map_err(|error| format!("has a bad directory.id: {error}")))
            .transpose()?;
        Ok(Self {
            version,
            cluster_id: values.remove("cluster.id"),
            node_id: new_id.or(old_id),
            directory_id,
            other: values,
        })
    }

    /// The contents of the file. `written` is a line for people, such as the date.
    pub fn to_text(&self, written: &str) -> String {
        let mut lines = vec!["#".to_owned(), format!("#{written}")];
        lines.extend(self.other.iter().map(|(key, value)| format!("{key}={value}")));
        lines.extend(self.cluster_id.iter().map(|id| format!("cluster.id={id}")));
        lines.extend(self.directory_id.iter().map(|id| format!("directory.id={id}")));
        let (key, version) = match self.version {
            MetaVersion::ZooKeeper => ("broker.id", 0),
            MetaVersion::KRaft => ("node.id", 1),
        };
        lines.extend(self.node_id.iter().map(|id| format!("{key}={id}")));
        lines.push(format!("version={version}"));
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_both_eras_are_read() {
        let old = MetaProperties::parse(
            "#\n#Mon Nov 16 10:00:00 UTC 2020\ncluster.id=abc\nversion=0\nbroker.id=3\n",
        )
        .unwrap();
        assert_eq!((old.node_id, old.cluster_id.as_deref()), (Some(BrokerId::new(3)), Some("abc")));
        assert_eq!((old.version, old.directory_id), (MetaVersion::ZooKeeper, None));
        assert!(old.to_text("now").ends_with("cluster.id=abc\nbroker.id=3\nversion=0\n"));
        let text = "#\n#Sat Nov 21 14:00:00 UTC 2026\nx.y=z\ncluster.id=abc\n\
                    directory.id=AAAAAAAAAAAAAAAAAAAAAQ\nnode.id=1\nversion=1\n";
        let new = MetaProperties::parse(text).unwrap();
        assert_eq!(new.node_id, Some(BrokerId::new(1)));
        assert_eq!(new.directory_id, Some(Uuid::METADATA_TOPIC));
        assert_eq!(new.to_text("Sat Nov 21 14:00:00 UTC 2026"), text);
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        let found = MetaProperties::parse("version=1\nunknown=\\\\ a\\:b\n").unwrap();
        assert_eq!(found.other.get("unknown").map(String::as_str), Some("a:b"));
        assert_eq!(MetaProperties::parse(&found.to_text("now")), Ok(found));
    }

    #[test]
    fn damage_is_told() {
        for text in ["", "version=2\n", "version=1\nnode.id=x\n", "version=1\nnonsense\n"] {
            assert!(MetaProperties::parse(text).is_err(), "{text:?}");
        }
    }
}
