//! AlterConfigs and IncrementalAlterConfigs.

use model::{BrokerId, ErrorCode};

use super::{Controller, refusal, topic};
use crate::{
    AlterConfigs, ApiError, ConfigAlteration, ConfigOperation, ConfigResource, ResourceAlteration,
    ResourceType,
};

fn alter(
    controller: &mut Controller,
    resource: ConfigResource,
    alteration: ConfigAlteration,
) -> Result<(), ApiError> {
    let resources = vec![ResourceAlteration { resource, alteration }];
    controller.run(AlterConfigs { resources, validate_only: false }).remove(0)
}

fn set(name: &str, value: &str) -> ConfigAlteration {
    incremental(name, ConfigOperation::Set(Some(value.into())))
}

fn incremental(name: &str, operation: ConfigOperation) -> ConfigAlteration {
    ConfigAlteration::Incremental(vec![(name.into(), operation)])
}

fn replace(values: &[(&str, &str)]) -> ConfigAlteration {
    let values =
        values.iter().map(|(name, value)| ((*name).into(), Some((*value).into()))).collect();
    ConfigAlteration::Replace(values)
}

fn value(controller: &Controller, resource: &ConfigResource, name: &str) -> Option<String> {
    controller.image.config_value(resource, name).map(|value| value.to_string())
}

fn with_topic() -> (Controller, ConfigResource) {
    let mut controller = Controller::with_brokers(1);
    controller.create(topic("t", 1, 1)).unwrap();
    (controller, ConfigResource::topic("t"))
}

#[test]
fn incremental_changes_leave_the_others_alone_and_replacing_does_not() {
    let (mut controller, t) = with_topic();
    alter(&mut controller, t.clone(), set("retention.ms", "1000")).unwrap();
    alter(&mut controller, t.clone(), set("segment.ms", "5000")).unwrap();
    assert_eq!(controller.delta.changed_configs.len(), 1);
    assert_eq!(value(&controller, &t, "retention.ms").as_deref(), Some("1000"));
    alter(&mut controller, t.clone(), incremental("retention.ms", ConfigOperation::Delete))
        .unwrap();
    assert_eq!(value(&controller, &t, "retention.ms"), None);
    alter(&mut controller, t.clone(), replace(&[("retention.bytes", "7")])).unwrap();
    assert_eq!(value(&controller, &t, "segment.ms"), None);
    assert_eq!(value(&controller, &t, "retention.bytes").as_deref(), Some("7"));
    alter(&mut controller, t.clone(), replace(&[])).unwrap();
    assert_eq!(controller.image.config(&t), None);
}

#[test]
fn only_lists_can_be_appended_to() {
    let (mut controller, t) = with_topic();
    let append = |value: &str| ConfigOperation::Append(Some(value.into()));
    let code = refusal(
        alter(&mut controller, t.clone(), incremental("retention.ms", append("1"))),
        "not a list",
    );
    assert_eq!(code, ErrorCode::InvalidConfig);
    let append_delete = incremental("cleanup.policy", append("delete"));
    alter(&mut controller, t.clone(), append_delete).unwrap();
    assert_eq!(value(&controller, &t, "cleanup.policy").as_deref(), Some("delete"));
}

#[test]
fn a_resource_changes_as_a_whole_or_not_at_all() {
    let (mut controller, t) = with_topic();
    let half_wrong = replace(&[("retention.ms", "1000"), ("segment.ms", "never")]);
    let code = refusal(alter(&mut controller, t.clone(), half_wrong), "segment.ms");
    assert_eq!(code, ErrorCode::InvalidConfig);
    assert_eq!(controller.image.config(&t), None);
    let unknown = alter(&mut controller, t.clone(), set("no.such.key", "1"));
    assert_eq!(refusal(unknown, "no.such.key"), ErrorCode::InvalidConfig);
    let long = "x".repeat(40_000);
    let long =
        alter(&mut controller, t.clone(), set("follower.replication.throttled.replicas", &long));
    assert_eq!(refusal(long, "at most 32767"), ErrorCode::InvalidConfig);
    let twice = replace(&[("retention.ms", "1"), ("retention.ms", "2")]);
    let twice = alter(&mut controller, t.clone(), twice);
    assert_eq!(refusal(twice, "more than once"), ErrorCode::InvalidRequest);
    let none = alter(&mut controller, t, incremental("retention.ms", ConfigOperation::Set(None)));
    assert_eq!(refusal(none, "no value"), ErrorCode::InvalidRequest);
}

#[test]
fn resources_must_exist_and_be_named_once() {
    let (mut controller, t) = with_topic();
    let mut refuse = |resource: ConfigResource, key: &str, says: &str| {
        refusal(alter(&mut controller, resource, set(key, "1000")), says)
    };
    let unknown = ErrorCode::UnknownTopicOrPartition;
    assert_eq!(refuse(ConfigResource::topic("u"), "retention.ms", "no topic `u`"), unknown);
    let invalid = ErrorCode::InvalidRequest;
    assert_eq!(refuse(ConfigResource::topic(""), "retention.ms", "must be named"), invalid);
    let broker = |name: &str| ConfigResource::new(ResourceType::Broker, name);
    let unregistered = ErrorCode::BrokerIdNotRegistered;
    assert_eq!(refuse(broker("7"), "log.retention.ms", "not registered"), unregistered);
    assert_eq!(refuse(broker("x"), "log.retention.ms", "not a broker"), invalid);
    let group = ConfigResource::new(ResourceType::Group, "");
    assert_eq!(refuse(group, "consumer.session.timeout.ms", "must be named"), invalid);

    let once = || ResourceAlteration { resource: t.clone(), alteration: set("retention.ms", "1") };
    let resources = vec![once(), once()];
    for twice in controller.run(AlterConfigs { resources, validate_only: false }) {
        assert_eq!(refusal(twice, "at most once"), invalid);
    }
}

#[test]
fn brokers_take_dynamic_configurations_one_by_one_and_all_together() {
    let (mut controller, _) = with_topic();
    let one = ConfigResource::broker(BrokerId::new(1));
    let all = ConfigResource::broker_default();
    for resource in [&one, &all] {
        alter(&mut controller, resource.clone(), set("log.retention.ms", "60000")).unwrap();
        assert_eq!(value(&controller, resource, "log.retention.ms").as_deref(), Some("60000"));
    }
    // Setting it again reaches the broker, which may have to read what the value names.
    alter(&mut controller, one.clone(), set("log.retention.ms", "60000")).unwrap();
    assert!(controller.delta.changed_configs.contains(&one));
    let fixed = alter(&mut controller, one, set("num.partitions", "3"));
    assert_eq!(refusal(fixed, "start it again"), ErrorCode::InvalidRequest);
}

#[test]
fn validate_only_changes_nothing() {
    let (mut controller, t) = with_topic();
    let alteration = set("retention.ms", "1000");
    let resources = vec![ResourceAlteration { resource: t.clone(), alteration }];
    assert_eq!(controller.run(AlterConfigs { resources, validate_only: true }), [Ok(())]);
    assert_eq!(controller.image.config(&t), None);
}

#[test]
fn min_insync_replicas_that_can_never_be_met_is_refused_on_a_topic_that_exists() {
    let (mut controller, t) = with_topic();
    for alteration in [set("min.insync.replicas", "2"), replace(&[("min.insync.replicas", "2")])] {
        let result = alter(&mut controller, t.clone(), alteration);
        let says = "min.insync.replicas is 2 (given for the topic)";
        assert_eq!(refusal(result, says), ErrorCode::InvalidConfig);
    }
    alter(&mut controller, t.clone(), set("min.insync.replicas", "1")).unwrap();
    // Of brokers, it is the default of topics that may have more replicas.
    let brokers = ConfigResource::broker_default();
    alter(&mut controller, brokers, set("min.insync.replicas", "2")).unwrap();
}

#[test]
fn what_is_wrong_with_a_request_is_said_before_its_topic_is_missed() {
    let (mut controller, _) = with_topic();
    let ghost = || ConfigResource::topic("ghost");
    let mut refused =
        |resource, alteration| alter(&mut controller, resource, alteration).unwrap_err().code;
    let missing = ErrorCode::UnknownTopicOrPartition;
    assert_eq!(refused(ghost(), set("retention.ms", "1000")), missing);
    assert_eq!(refused(ghost(), set("retention.ms", "long")), ErrorCode::InvalidConfig);
    assert_eq!(refused(ghost(), set("no.such", "1")), ErrorCode::InvalidConfig);
    // Operations that cannot be are found before a name that cannot be, and null before either.
    let append = |value: Option<&str>| {
        incremental("retention.ms", ConfigOperation::Append(value.map(Into::into)))
    };
    assert_eq!(refused(ConfigResource::topic(""), append(Some("1"))), ErrorCode::InvalidConfig);
    assert_eq!(refused(ConfigResource::topic(""), append(None)), ErrorCode::InvalidRequest);
    assert_eq!(
        refused(ConfigResource::topic(""), set("retention.ms", "1")),
        ErrorCode::InvalidRequest
    );
}
