//! What AlterConfigs accepts and refuses, key by key.

use super::*;

#[test]
fn a_topics_value_is_judged_by_type_range_and_what_is_built() {
    assert_eq!(validate_topic_config("retention.ms", "-1"), Ok(()));
    assert_eq!(validate_topic_config("cleanup.policy", "compact,delete"), Ok(()));
    assert_eq!(validate_topic_config("leader.replication.throttled.replicas", ""), Ok(()));
    for (name, value, part) in [
        ("retention.ms", "-2", "allowed: a whole number from -1"),
        ("retention.ms", "soon", "found \"soon\""),
        ("cleanup.policy", "shred", "a list of compact, delete"),
        ("compression.type", "zip", "uncompressed, zstd, lz4, snappy, gzip, producer"),
        ("remote.storage.enable", "true", "remote storage is not built yet"),
        ("retention.msec", "1", "nearest known key is retention.ms"),
        ("klamm.acks.all.durability", "sometimes", "any-failure, page-cache, synced"),
        ("compression.gzip.level", "0", "from 1 to 9, or -1"),
    ] {
        let message = validate_topic_config(name, value).unwrap_err().message();
        assert!(message.contains(part), "{name}={value}: {message}");
    }
}

#[test]
fn values_that_contradict_each_other_are_refused_together() {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let overrides =
        Values::from([pair("min.compaction.lag.ms", "9"), pair("max.compaction.lag.ms", "8")]);
    let message = validate_topic_configs(&overrides).unwrap_err().message();
    assert!(message.contains("must not exceed max.compaction.lag.ms, which is 8"), "{message}");
}

#[test]
fn a_broker_changes_at_run_time_only_what_may_change() {
    let check = validate_broker_config;
    assert_eq!(check("message.max.bytes", "1", BrokerTarget::All), Ok(()));
    assert_eq!(check("message.max.bytes", "1", BrokerTarget::One), Ok(()));
    let error = check("num.partitions", "3", BrokerTarget::One).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
    assert!(error.to_string().contains("set it in the node's file"));
    let error = check("sasl.kerberos.kinit.cmd", "/usr/bin/kinit", BrokerTarget::All).unwrap_err();
    assert!(error.to_string().contains("one broker at a time"));
    let error = check("message.max.bytes", "-1", BrokerTarget::All).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidConfig);
    let error = check("message.max.byte", "1", BrokerTarget::All).unwrap_err();
    assert!(error.to_string().contains("nearest known key is message.max.bytes"));
}

#[test]
fn lists_grow_and_shrink_from_their_value_or_default() {
    let policy = |current, operation, operand| {
        apply_operation(Scope::Topic, "cleanup.policy", current, operation, Some(operand)).unwrap()
    };
    let (append, subtract) = (AlterOperation::Append, AlterOperation::Subtract);
    assert_eq!(policy(None, append, "compact").as_deref(), Some("delete,compact"));
    assert_eq!(policy(Some("compact"), append, "compact").as_deref(), Some("compact"));
    assert_eq!(policy(Some("compact,delete"), subtract, "delete").as_deref(), Some("compact"));
    assert_eq!(policy(None, AlterOperation::Delete, ""), None);
    assert_eq!(policy(None, AlterOperation::Set, " delete ").as_deref(), Some("delete"));
}

#[test]
fn only_lists_grow_and_shrink() {
    let error =
        apply_operation(Scope::Topic, "retention.ms", None, AlterOperation::Append, Some("1"))
            .unwrap_err();
    assert!(error.to_string().contains("is not a list"));
    assert_eq!(AlterOperation::from_id(3), Some(AlterOperation::Subtract));
    assert_eq!(AlterOperation::from_id(4), None);
}
