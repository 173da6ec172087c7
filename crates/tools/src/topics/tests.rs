//! What the command line means, and what is printed.

use std::collections::BTreeSet;
use std::ffi::OsString;

use model::{PartitionIndex, TopicId};

use super::view::{PartitionView, TopicView, Wanted};
use super::*;
use crate::options::Asked;

fn options(line: &str) -> Options {
    let words = line.split_whitespace().map(OsString::from).collect();
    match COMMAND_LINE.parse(words) {
        Ok(Asked::Run(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

fn refusal(line: &str) -> String {
    check(&options(line)).unwrap_err().to_string()
}

#[test]
fn partition_means_partitions_although_another_flag_shares_the_prefix() {
    let options =
        options("--create --bootstrap-server h:1 --topic t --partition 3 --replication-factor 1");
    assert_eq!(check(&options).unwrap(), "create");
    assert_eq!(options.number::<i32>("partitions").unwrap(), Some(3));
}

#[test]
fn what_does_not_go_together_is_refused_in_kafkas_words() {
    for (line, message) in [
        (
            "--bootstrap-server h:1",
            "Command must include exactly one action: --list, --describe, --create, --alter, --delete",
        ),
        ("--list", "Missing required argument \"[bootstrap-server]\""),
        ("--create --bootstrap-server h:1", "Missing required argument \"[topic]\""),
        ("--alter --topic t --bootstrap-server h:1", "Missing required argument \"[partitions]\""),
        (
            "--list --partitions 1 --bootstrap-server h:1",
            "Option \"[partitions]\" can't be used with option \"[list]\"",
        ),
        (
            "--create --topic t --replica-assignment 1:2 --partitions 1 --bootstrap-server h:1",
            "Option \"[replica-assignment]\" can't be used with option \"[partitions]\"",
        ),
        (
            "--describe --under-min-isr-partitions --topics-with-overrides --bootstrap-server h:1",
            "Option \"[under-min-isr-partitions]\" can't be used with option \"[topics-with-overrides]\"",
        ),
    ] {
        assert_eq!(refusal(line), message, "{line}");
    }
}

#[test]
fn replica_assignment_is_checked_before_anything_is_asked() {
    let brokers = |text: &str| assignments(&options(&format!("--replica-assignment {text}")));
    let id = BrokerId::new;
    assert_eq!(brokers("1:2,2:3").unwrap(), [[id(1), id(2)], [id(2), id(3)]]);
    assert!(brokers("1:1").unwrap_err().to_string().contains("duplicate entries: 1"));
    assert!(brokers("1:2,3").unwrap_err().to_string().contains("Partition 1 has different"));
    assert!(brokers("a").is_err());
}

#[test]
fn replication_factor_has_kafkas_bounds() {
    for factor in ["0", "-1", "40000"] {
        let options = options(&format!("--replication-factor {factor}"));
        assert_eq!(
            replication_factor(&options).unwrap_err().to_string(),
            "The replication factor must be between 1 and 32767 inclusive"
        );
    }
}

fn topic(isr: &[i32], leader: Option<i32>) -> TopicView {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId::new).collect::<Vec<_>>();
    TopicView {
        name: "a".into(),
        id: TopicId::from_bytes([1; 16]),
        partitions: vec![PartitionView {
            index: PartitionIndex::new(0),
            leader: leader.map(BrokerId::new),
            replicas: ids(&[1, 2]),
            isr: ids(isr),
            eligible: Some((ids(&[]), ids(&[2]))),
            reassignment: None,
        }],
        configs: vec![("retention.ms".into(), "1000".into()), ("segment.bytes".into(), "9".into())],
        min_insync_replicas: 2,
    }
}

#[test]
fn description_reads_as_in_kafka() {
    assert_eq!(
        topic(&[1, 2], Some(1)).describe(&Wanted::default()),
        "Topic: a\tTopicId: AQEBAQEBAQEBAQEBAQEBAQ\tPartitionCount: 1\tReplicationFactor: 2\t\
         Configs: retention.ms=1000,segment.bytes=9\n\
         \tTopic: a\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tElr: \tLastKnownElr: 2\n"
    );
}

#[test]
fn node_without_ids_and_eligible_leaders_is_described_too() {
    let mut topic = topic(&[1], None);
    topic.id = TopicId::from_bytes([0; 16]);
    topic.configs.clear();
    topic.partitions[0].eligible = None;
    topic.partitions[0].reassignment = Some((vec![BrokerId::new(2)], vec![]));
    assert_eq!(
        topic.describe(&Wanted::default()),
        "Topic: a\tPartitionCount: 1\tReplicationFactor: 1\tConfigs: \n\
         \tTopic: a\tPartition: 0\tLeader: none\tReplicas: 1,2\tIsr: 1\tAdding Replicas: 2\t\
         Removing Replicas: \tElr: N/A\tLastKnownElr: N/A\n"
    );
}

#[test]
fn reports_show_only_the_partitions_that_they_are_about() {
    let live = || BTreeSet::from([BrokerId::new(1), BrokerId::new(2)]);
    let wanted = |name: &str| Wanted {
        under_replicated: name == "under-replicated",
        unavailable: name == "unavailable",
        under_min_isr: name == "under-min-isr",
        at_min_isr: name == "at-min-isr",
        only_overridden_topics: false,
        live_brokers: live(),
    };
    for (isr, leader, shown) in [
        (&[1, 2][..], Some(1), &["at-min-isr"][..]),
        (&[1][..], Some(1), &["under-replicated", "under-min-isr"][..]),
        (&[1][..], None, &["under-replicated", "unavailable", "under-min-isr"][..]),
        (&[1, 2][..], Some(7), &["unavailable", "at-min-isr"][..]),
    ] {
        for report in ["under-replicated", "unavailable", "under-min-isr", "at-min-isr"] {
            let text = topic(isr, leader).describe(&wanted(report));
            assert_eq!(!text.is_empty(), shown.contains(&report), "{report} {isr:?} {leader:?}");
            assert!(!text.contains("PartitionCount"));
        }
    }
}

#[test]
fn topics_with_overrides_have_no_partition_lines() {
    let wanted = Wanted { only_overridden_topics: true, ..Wanted::default() };
    let mut topic = topic(&[1, 2], Some(1));
    assert_eq!(topic.describe(&wanted).lines().count(), 1);
    topic.configs.clear();
    assert_eq!(topic.describe(&wanted), "");
}
