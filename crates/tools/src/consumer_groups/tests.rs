//! What the command line means, and what is printed.

use std::collections::BTreeMap;
use std::ffi::OsString;

use model::{Offset, PartitionIndex, TopicPartition};

use super::plan::{export, import};
use super::tables::{self, MemberRow, OffsetRow, StateRow};
use super::*;
use crate::options::Asked;

fn options(line: &str) -> Options {
    let words = line.split_whitespace().map(OsString::from).collect();
    match COMMAND_LINE.parse(words) {
        Ok(Asked::Run(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

fn partition(topic: &str, index: i32) -> TopicPartition {
    TopicPartition::new(topic, PartitionIndex::new(index))
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (line, message) in [
        ("--describe", "Option [describe] takes one of these options: [group], [all-groups]"),
        (
            "--describe --group g --members --state",
            "Option [describe] takes at most one of these options: [members], [offsets], [state]",
        ),
        ("--list --members", "--members goes with --describe only"),
        ("--list --group g", "Option \"[group]\" can't be used with option \"[list]\""),
        (
            "--describe --group g --state stable",
            "Option [describe] does not take a value for [state]",
        ),
        (
            "--delete-offsets --group g",
            "Option [delete-offsets] takes the following options: [group], [topic]",
        ),
        (
            "--reset-offsets --group g --topic t --to-offset 1 --to-latest --dry-run",
            "Option \"[to-offset]\" can't be used with option \"[to-latest]\"",
        ),
        (
            "--reset-offsets --group g --to-latest --dry-run",
            "One of the reset scopes should be defined: --all-topics, --topic.",
        ),
        (
            "--reset-offsets --group g --to-latest --topic t --dry-run --execute",
            "Option [reset-offsets] only accepts one of [execute] and [dry-run]",
        ),
    ] {
        let line = format!("--bootstrap-server h:1 {line}");
        assert_eq!(check(&options(&line)).unwrap_err().to_string(), message, "{line}");
    }
    assert_eq!(
        check(&options("--list")).unwrap_err().to_string(),
        "Missing required argument \"[bootstrap-server]\""
    );
}

#[test]
fn every_scenario_of_reset_is_accepted() {
    for scenario in [
        "--to-offset 5",
        "--shift-by -5",
        "--to-datetime 2026-01-01T00:00:00.000",
        "--by-duration PT5M",
        "--to-earliest",
        "--to-latest",
        "--to-current",
        "--from-file plan.csv",
    ] {
        let line = format!(
            "--bootstrap-server h:1 --reset-offsets --group g --topic t:0,1 --dry-run {scenario}"
        );
        assert_eq!(check(&options(&line)).unwrap(), "reset-offsets", "{scenario}");
    }
}

#[test]
fn states_are_read_in_any_case_and_unknown_ones_named() {
    assert_eq!(names(Some("stable, EMPTY"), STATES, "state").unwrap(), ["Stable", "Empty"]);
    assert!(names(None, STATES, "state").unwrap().is_empty());
    assert!(
        names(Some("x"), STATES, "state").unwrap_err().to_string().starts_with("Invalid state")
    );
}

#[test]
fn list_shows_ids_alone_or_padded_columns() {
    let groups = [GroupListing {
        group_id: "g1".into(),
        protocol_type: String::new(),
        state: "Empty".into(),
        group_type: "classic".into(),
    }];
    assert_eq!(list_text(&groups, false, false), "g1\n");
    assert_eq!(
        list_text(&groups, false, true),
        "GROUP                     STATE               \ng1                        Empty               \n"
    );
    assert!(list_text(&groups, true, true).contains("Classic              Empty"));
}

#[test]
fn offsets_read_as_in_kafka() {
    let row = |index, offset, consumer| OffsetRow {
        group: "g1".into(),
        partition: partition("a", index),
        leader_epoch: Some(0),
        offset,
        log_end_offset: Some(Offset::new(2)),
        consumer,
    };
    let rows = [
        row(
            1,
            Some(Offset::new(0)),
            Some(["console-consumer-1".into(), "/10.0.0.1".into(), "c".into()]),
        ),
        row(0, None, None),
    ];
    assert_eq!(
        tables::offsets(&rows, false),
        "\nGROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID        HOST            CLIENT-ID\
         \ng1              a               1          0               2               2               console-consumer-1 /10.0.0.1       c\
         \ng1              a               0          -               2               -               -                  -               -\n"
    );
    assert!(tables::offsets(&rows, true).contains("PARTITION  LEADER-EPOCH    CURRENT-OFFSET"));
}

#[test]
fn members_read_as_in_kafka_and_group_without_any_has_a_header() {
    let row = |instance: &str, assignment: Vec<TopicPartition>| MemberRow {
        subscription: Vec::new(),
        group: "g1".into(),
        consumer_id: "m".into(),
        instance_id: instance.into(),
        host: "/h".into(),
        client_id: "c".into(),
        assignment,
        current_epoch: None,
        target_epoch: None,
        target_assignment: Vec::new(),
        upgraded: None,
    };
    assert_eq!(
        tables::members(&[], true),
        "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   \n"
    );
    assert_eq!(
        tables::members(&[row("", vec![])], false),
        "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n\
         g1              m               /h              c               0               \n"
    );
    let text = tables::members(
        &[row("static-1", vec![partition("b", 1), partition("a", 2), partition("a", 0)])],
        true,
    );
    assert!(text.contains("GROUP-INSTANCE-ID"), "{text}");
    assert!(
        text.contains("3               -               a:0,2;b:1            -               -   "),
        "{text}"
    );
}

#[test]
fn state_reads_as_in_kafka() {
    let row = StateRow {
        group: "g1".into(),
        coordinator: "127.0.0.1:19192  (1)".into(),
        assignor: String::new(),
        state: "Empty".into(),
        group_epoch: None,
        target_epoch: None,
        members: 0,
    };
    assert_eq!(
        tables::state(&row, false),
        "\nGROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS\
         \ng1              127.0.0.1:19192  (1)      -                    Empty                0\n"
    );
    assert!(
        tables::state(&row, true).contains("GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS")
    );
}

#[test]
fn new_offsets_and_deletions_read_as_in_kafka() {
    let plans =
        BTreeMap::from([("g1".to_owned(), BTreeMap::from([(partition("a", 0), Offset::new(1))]))]);
    assert_eq!(
        tables::new_offsets(&plans),
        "\nGROUP           TOPIC           PARTITION  NEW-OFFSET\
         \ng1              a               0          1\n"
    );
    let results =
        BTreeMap::from([(partition("a", 0), None), (partition("b", -1), Some("no".to_owned()))]);
    assert_eq!(
        tables::deleted(&results),
        "\nTOPIC           PARTITION  STATUS         \
         \na               0          Successful     \
         \nb               -          Error: no      \n"
    );
}

#[test]
fn what_is_exported_can_be_imported() {
    let offsets =
        BTreeMap::from([(partition("a", 0), Offset::new(1)), (partition("a", 1), Offset::new(2))]);
    let plans = BTreeMap::from([("g,\"1\"".to_owned(), offsets)]);
    assert_eq!(export(&plans, false), "a,0,1\na,1,2\n");
    assert_eq!(export(&plans, true), "\"g,\"\"1\"\"\",a,0,1\n\"g,\"\"1\"\"\",a,1,2\n");
    assert_eq!(import(&export(&plans, false), Some("g,\"1\"")).unwrap(), plans);
    assert_eq!(import(&export(&plans, true), None).unwrap(), plans);
    assert_eq!(import(&export(&plans, true), Some("other")).unwrap(), plans);
}

#[test]
fn line_that_is_no_plan_is_named() {
    for text in ["a,0", "a,x,1", "a,0,1,2,3", "\"a,0,1"] {
        let error = import(text, Some("g")).unwrap_err().to_string();
        assert!(error.starts_with("line 1 of the file"), "{text}: {error}");
    }
    assert!(import("a,0,1", None).unwrap_err().to_string().contains("expected group,topic"));
}
