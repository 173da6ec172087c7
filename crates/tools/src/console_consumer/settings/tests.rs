//! What the command line comes to.

use std::ffi::OsString;

use super::*;
use crate::options::Asked;

fn settings(line: &str) -> Result<Settings, String> {
    let line = format!("--bootstrap-server h:1 {line}");
    let words = line.split_whitespace().map(OsString::from).collect();
    match COMMAND_LINE.parse(words) {
        Ok(Asked::Run(options)) => Settings::new(&options, 4711).map_err(|error| error.to_string()),
        other => panic!("{line}: {other:?}"),
    }
}

fn property(line: &str, name: &str) -> Option<String> {
    get(&settings(line).unwrap().properties, name).map(str::to_owned)
}

#[test]
fn old_and_new_spellings_mean_the_same() {
    for line in [
        "--topic t --consumer-property fetch.min.bytes=9 --property print.key=true",
        "--topic t --command-property fetch.min.bytes=9 --formatter-property print.key=true",
    ] {
        assert_eq!(property(line, "fetch.min.bytes").as_deref(), Some("9"), "{line}");
        assert!(format!("{:?}", settings(line).unwrap().formatter).contains("key: true"), "{line}");
    }
    for line in ["--include a.*", "--whitelist a.*"] {
        assert!(matches!(settings(line).unwrap().source, Source::Matching(_)), "{line}");
    }
}

#[test]
fn group_of_its_own_has_a_number_and_commits_nothing() {
    assert_eq!(property("--topic t", "group.id").unwrap(), "console-consumer-4711");
    assert_eq!(property("--topic t", "enable.auto.commit").unwrap(), "false");
    assert_eq!(property("--topic t --group g", "group.id").unwrap(), "g");
    assert_eq!(property("--topic t --group g", "enable.auto.commit"), None);
    assert_eq!(property("--topic t --consumer-property group.id=g", "group.id").unwrap(), "g");
}

#[test]
fn beginning_is_where_it_was_asked_for() {
    assert_eq!(property("--topic t", "auto.offset.reset").unwrap(), "latest");
    assert_eq!(property("--topic t --from-beginning", "auto.offset.reset").unwrap(), "earliest");
    for (line, start) in [
        ("", Start::Latest),
        ("--from-beginning", Start::Earliest),
        ("--offset earliest", Start::Earliest),
        ("--offset LATEST", Start::Latest),
        ("--offset 12", Start::At(Offset::new(12))),
    ] {
        match settings(&format!("--topic t --partition 2 {line}")).unwrap().source {
            Source::Partition(partition, found) => {
                assert_eq!((partition.partition.get(), found), (2, start), "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn what_does_not_go_together_is_refused_in_kafkas_words() {
    for (line, message) in [
        ("", "Exactly one of the following arguments is required: [topic], [include]"),
        (
            "--topic t --include u",
            "Exactly one of the following arguments is required: [topic], [include]",
        ),
        ("--topic t --offset 1", "The partition is required when offset is specified."),
        ("--include t --partition 1", "The topic is required when partition is specified."),
        (
            "--topic t --partition 1 --from-beginning --offset 1",
            "Options from-beginning and offset cannot be specified together.",
        ),
        (
            "--topic t --partition 1 --group g",
            "Options group and partition cannot be specified together.",
        ),
    ] {
        assert_eq!(settings(line).unwrap_err(), message, "{line}");
    }
    for line in [
        "--topic t --partition 1 --offset -1",
        "--topic t --partition 1 --offset x",
        "--topic t --group g --consumer-property group.id=h",
        "--topic t --from-beginning --consumer-property auto.offset.reset=latest",
    ] {
        assert!(settings(line).is_err(), "{line}");
    }
}
