//! What the command line means.

use std::ffi::OsString;

use super::*;
use crate::options::Asked;

fn options(line: &str) -> Options {
    let words = line.split_whitespace().map(OsString::from).collect();
    match COMMAND_LINE.parse(words) {
        Ok(Asked::Run(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn short_flags_mean_the_same_as_long_ones() {
    for (short, long) in [
        ("--topic t", "--entity-type topics --entity-name t"),
        ("--broker 1", "--entity-type brokers --entity-name 1"),
        ("--broker-defaults", "--entity-type brokers --entity-default"),
        ("--broker-logger 1", "--entity-type broker-loggers --entity-name 1"),
        ("--group g", "--entity-type groups --entity-name g"),
        ("--client-metrics m", "--entity-type client-metrics --entity-name m"),
    ] {
        assert_eq!(
            entity::of(&options(short)).unwrap(),
            entity::of(&options(long)).unwrap(),
            "{short}"
        );
    }
}

#[test]
fn entity_that_makes_no_sense_is_refused() {
    for (line, message) in [
        ("--describe", "At least one entity type must be specified"),
        (
            "--topic t --entity-type topics",
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        ),
        (
            "--broker x",
            "The entity name for brokers must be a valid integer broker id, but it is: x",
        ),
        ("--user u", "quotas and SCRAM credentials (users, clients, ips) are not there yet"),
        (
            "--entity-type clients",
            "quotas and SCRAM credentials (users, clients, ips) are not there yet",
        ),
        (
            "--entity-type topic",
            "Invalid entity type topic, the entity type must be one of topics, brokers, broker-loggers, groups, client-metrics",
        ),
    ] {
        assert_eq!(entity::of(&options(line)).unwrap_err().to_string(), message, "{line}");
    }
}

#[test]
fn added_configurations_may_group_commas_in_brackets() {
    let pairs = parse_added("a=1, b = [x,y] ,c=").unwrap();
    let expected = [("a", "1"), ("b", "x,y"), ("c", "")];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(parse_added("a").unwrap_err().to_string().starts_with("Invalid entity config"));
}

#[test]
fn alterations_delete_first_and_check_names() {
    let found =
        alterations(&options("--delete-config a,b --delete-config c --add-config d=1")).unwrap();
    let found: Vec<_> = found.iter().map(|a| (a.name.as_str(), a.operation)).collect();
    let (delete, set) = (AlterOperation::Delete, AlterOperation::Set);
    assert_eq!(found, [("a", delete), ("b", delete), ("c", delete), ("d", set)]);
    assert!(alterations(&options("--add-config a!=1")).is_err());
}

#[test]
fn alter_needs_something_to_alter_and_describe_takes_nothing() {
    assert!(
        check(&options("--alter --topic t"))
            .unwrap_err()
            .to_string()
            .starts_with("At least one of")
    );
    assert!(check(&options("--describe --topic t --add-config a=1")).is_err());
    let of = |line: &str| altered(&entity::of(&options(line)).unwrap());
    assert!(of("--entity-type topics").is_err());
    assert!(of("--entity-type topics --entity-default").is_err());
    assert_eq!(of("--broker-defaults").unwrap().name, "");
}
