//! `kafka-delete-records`: deletes the records of partitions before given offsets.

use std::collections::{BTreeMap, BTreeSet};

use client::Admin;
use model::{Offset, PartitionIndex, TopicPartition};
use serde::Deserialize;

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;
use crate::progress::Progress;
use crate::{java, partition_list};

/// The command line of `kafka-delete-records`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-delete-records",
    about: "Deletes the records of partitions before given offsets.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::value(
            "offset-json-file",
            "FILE",
            "REQUIRED: the first offset to keep of each partition, -1 for none, as \
             {\"partitions\":[{\"topic\":\"foo\",\"partition\":1,\"offset\":1}],\"version\":1}.",
        ),
    ],
};

/// A partition in the file.
#[derive(Debug, Deserialize)]
struct Before {
    topic: String,
    partition: i32,
    offset: i64,
}

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    options.require(&["bootstrap-server", "offset-json-file"])?;
    let config = connect::admin_config(options)?;
    let before = distinct(partition_list::read(options.required("offset-json-file")?)?)?;
    connect::block_on(async {
        let admin = Admin::new(&config)?;
        print("Executing records delete operation\n")?;
        let mut progress = Progress::of(before.len() as u64, "partitions");
        let mut lines = String::new();
        // One by one, so that the progress is true.
        for (partition, offset) in before {
            let one = BTreeMap::from([(partition, offset)]);
            for (partition, result) in admin.delete_records(&one).await? {
                lines.push_str(&match result {
                    Ok(low) => format!("partition: {partition}\tlow_watermark: {low}\n"),
                    Err(error) if error.is_network() => return Err(error.into()),
                    Err(error) => {
                        format!("partition: {partition}\terror: {}\n", java::exception(&error))
                    }
                });
            }
            progress.advance(1);
        }
        progress.end();
        print(&format!("Records delete operation completed:\n{lines}"))
    })
}

/// The offsets by partition; none may be named twice.
fn distinct(list: Vec<Before>) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let mut before = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for one in list {
        let partition = TopicPartition::new(one.topic, PartitionIndex::new(one.partition));
        if before.insert(partition.clone(), Offset::new(one.offset)).is_some() {
            twice.insert(partition.to_string());
        }
    }
    if twice.is_empty() {
        return Ok(before);
    }
    let names = twice.into_iter().collect::<Vec<_>>().join(",");
    Err(Failure::Refused(format!("Offset json file contains duplicate topic partitions: {names}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_named_twice_is_refused() {
        let one = |offset| Before { topic: "t".into(), partition: 0, offset };
        assert_eq!(distinct(vec![one(3)]).unwrap().len(), 1);
        let refused = distinct(vec![one(3), one(4)]).unwrap_err().to_string();
        assert!(refused.ends_with("duplicate topic partitions: t-0"), "{refused}");
    }
}
