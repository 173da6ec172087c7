//! CreateTopics and DeleteTopics.

use model::{BrokerId, ErrorCode};

use super::{Controller, ids, refusal, topic};
use crate::{
    ConfigResource, CreatePartitions, CreateTopics, DeleteTopics, NewPartitions, NewTopic,
    PARTITIONS_PER_REQUEST_MAX, TopicSelector,
};

fn with_configs(topic: NewTopic, configs: &[(&str, &str)]) -> NewTopic {
    let configs =
        configs.iter().map(|(name, value)| ((*name).into(), Some((*value).into()))).collect();
    NewTopic { configs, ..topic }
}

#[test]
fn a_topic_gets_its_partitions_led_by_their_first_replica() {
    let mut controller = Controller::with_brokers(3);
    let created = controller.create(topic("orders", 6, 2)).unwrap();
    assert_eq!((created.partition_count, created.replication_factor), (6, 2));
    let image = controller.image.topic("orders").unwrap();
    assert_eq!(image.id, created.topic_id);
    for partition in &image.partitions {
        assert_eq!(partition.leader, partition.replicas.first().copied());
        assert_eq!(partition.isr, partition.replicas);
        assert_eq!((partition.leader_epoch.get(), partition.partition_epoch), (0, 0));
    }
    assert_eq!(controller.delta.created_topics.len(), 1);
    assert_eq!(controller.delta.changed_partitions.len(), 6);
}

#[test]
fn leaders_and_followers_spread_evenly() {
    let mut controller = Controller::with_brokers(3);
    controller.create(topic("orders", 12, 2)).unwrap();
    let partitions = &controller.image.topic("orders").unwrap().partitions;
    for id in ids(&[1, 2, 3]) {
        let leads = partitions.iter().filter(|it| it.replicas[0] == id).count();
        let follows = partitions.iter().filter(|it| it.replicas[1] == id).count();
        assert_eq!((leads, follows), (4, 4), "broker {id}");
    }
}

#[test]
fn defaults_stand_in_for_minus_one() {
    let mut controller = Controller::with_brokers(2);
    controller.defaults.partition_count = 4;
    controller.defaults.replication_factor = 2;
    let created = controller.create(topic("orders", -1, -1)).unwrap();
    assert_eq!((created.partition_count, created.replication_factor), (4, 2));
}

#[test]
fn names_are_checked() {
    let mut controller = Controller::with_brokers(1);
    for name in ["", ".", "a b", &"x".repeat(250)] {
        let code = refusal(controller.create(topic(name, 1, 1)), "");
        assert_eq!(code, ErrorCode::InvalidTopicException, "{name}");
    }
    let code = refusal(controller.create(topic("__cluster_metadata", 1, 1)), "kept");
    assert_eq!(code, ErrorCode::InvalidRequest);
    controller.create(topic("a.b", 1, 1)).unwrap();
    let code = refusal(controller.create(topic("a_b", 1, 1)), "collides with topic `a.b`");
    assert_eq!(code, ErrorCode::InvalidTopicException);
    let code = refusal(controller.create(topic("a.b", 1, 1)), "already exists");
    assert_eq!(code, ErrorCode::TopicAlreadyExists);
    controller.run(DeleteTopics { topics: vec![TopicSelector::Name("a.b".into())] });
    controller.create(topic("a_b", 1, 1)).unwrap();
}

#[test]
fn names_of_one_request_collide_with_each_other() {
    let mut controller = Controller::with_brokers(1);
    let topics = vec![topic("a.b", 1, 1), topic("a_b", 1, 1), topic("c", 1, 1), topic("c", 1, 1)];
    let mut results =
        controller.run(CreateTopics { topics, validate_only: false, is_needed_by_node: false });
    let duplicates = results.split_off(2);
    assert!(results[0].is_ok());
    let code = refusal(results.remove(1), "another topic of the request");
    assert_eq!(code, ErrorCode::InvalidTopicException);
    for duplicate in duplicates {
        assert_eq!(refusal(duplicate, "duplicate"), ErrorCode::InvalidRequest);
    }
}

#[test]
fn two_billion_partitions_are_refused() {
    let mut controller = Controller::with_brokers(1);
    let code = refusal(controller.create(topic("huge", 2_000_000_000, 1)), "at most 10000");
    assert_eq!(code, ErrorCode::PolicyViolation);
    // The bound is on the request, whatever its topics are.
    let topics = (0..3).map(|n| topic(&format!("t{n}"), i32::MAX, 1)).collect();
    for result in
        controller.run(CreateTopics { topics, validate_only: false, is_needed_by_node: false })
    {
        assert_eq!(refusal(result, "at most"), ErrorCode::PolicyViolation);
    }
    controller.create(topic("most", PARTITIONS_PER_REQUEST_MAX as i32, 1)).unwrap();
}

#[test]
fn names_of_internal_topics_open_no_way_around_the_bounds_of_clients() {
    let mut controller = Controller::with_brokers(1);
    controller.defaults.partitions_max = 5;
    for name in ["__transaction_state", "__share_group_state", "__consumer_offsets"] {
        for (count, says) in [(i32::MAX, "at most 10000"), (6, "klamm.partitions.max=5")] {
            for validate_only in [true, false] {
                let topics = vec![topic(name, count, 1)];
                let command = CreateTopics { topics, validate_only, is_needed_by_node: false };
                let result = controller.run(command).remove(0);
                assert_eq!(refusal(result, says), ErrorCode::PolicyViolation, "{name}");
            }
        }
    }
    let topics = vec![topic("__consumer_offsets", i32::MAX, 1)];
    let command = CreateTopics { topics, validate_only: false, is_needed_by_node: true };
    let code = refusal(controller.run(command).remove(0), "at most 10000");
    assert_eq!(code, ErrorCode::PolicyViolation, "not even the node itself");
}

#[test]
fn counts_must_be_positive() {
    let mut controller = Controller::with_brokers(1);
    for count in [0, -2, i32::MIN] {
        let code = refusal(controller.create(topic("t", count, 1)), "1 or more");
        assert_eq!(code, ErrorCode::InvalidPartitions);
    }
    for factor in [0, -2, i16::MIN] {
        let code = refusal(controller.create(topic("t", 1, factor)), "1 or more");
        assert_eq!(code, ErrorCode::InvalidReplicationFactor);
    }
}

#[test]
fn a_replication_factor_above_the_brokers_there_are_says_how_many_there_are() {
    let mut controller = Controller::with_brokers(1);
    let code = refusal(controller.create(topic("t", 1, 3)), "only 1 broker(s) are registered");
    assert_eq!(code, ErrorCode::InvalidReplicationFactor);
    controller.fence(1);
    let code = refusal(controller.create(topic("t", 1, 1)), "fenced");
    assert_eq!(code, ErrorCode::InvalidReplicationFactor);
}

#[test]
fn replicas_by_hand_are_checked() {
    let mut controller = Controller::with_brokers(2);
    let by_hand = |assignments: &[(i32, &[i32])]| NewTopic {
        assignments: assignments.iter().map(|(index, it)| ((*index).into(), ids(it))).collect(),
        ..topic("t", -1, -1)
    };
    let mut refuse = |topic: NewTopic, says: &str| refusal(controller.create(topic), says);
    let invalid = ErrorCode::InvalidReplicaAssignment;
    assert_eq!(refuse(by_hand(&[(0, &[])]), "empty"), invalid);
    assert_eq!(refuse(by_hand(&[(0, &[9])]), "not registered"), invalid);
    assert_eq!(refuse(by_hand(&[(0, &[1, 1])]), "named twice"), invalid);
    assert_eq!(refuse(by_hand(&[(0, &[1]), (1, &[1, 2])]), "other partitions"), invalid);
    assert_eq!(refuse(by_hand(&[(0, &[1]), (2, &[1])]), "without gaps"), invalid);
    assert_eq!(refuse(by_hand(&[(0, &[1]), (0, &[2])]), "twice"), invalid);
    let both = NewTopic { partition_count: 1, ..by_hand(&[(0, &[1])]) };
    assert_eq!(refuse(both, "must be -1"), ErrorCode::InvalidRequest);
    controller.create(by_hand(&[(1, &[1, 2]), (0, &[2, 1])])).unwrap();
    assert_eq!(controller.partition("t").leader, Some(BrokerId::new(2)));
}

#[test]
fn configurations_are_checked_and_kept() {
    let mut controller = Controller::with_brokers(1);
    let unknown = with_configs(topic("t", 1, 1), &[("retention.mss", "1")]);
    assert_eq!(refusal(controller.create(unknown), "retention.ms"), ErrorCode::InvalidConfig);
    let wrong = with_configs(topic("t", 1, 1), &[("retention.ms", "soon")]);
    assert_eq!(refusal(controller.create(wrong), "whole number"), ErrorCode::InvalidConfig);
    let none = NewTopic { configs: vec![("retention.ms".into(), None)], ..topic("t", 1, 1) };
    assert_eq!(refusal(controller.create(none), "no value"), ErrorCode::InvalidConfig);
    controller.create(with_configs(topic("t", 1, 1), &[("retention.ms", "1000")])).unwrap();
    let value = controller.image.config_value(&ConfigResource::topic("t"), "retention.ms");
    assert_eq!(value.map(|value| &**value), Some("1000"));
}

#[test]
fn min_insync_replicas_that_can_never_be_met_is_refused_with_the_reason() {
    let mut controller = Controller::with_brokers(1);
    let asked = with_configs(topic("t", 1, 1), &[("min.insync.replicas", "2")]);
    let code = refusal(controller.create(asked), "min.insync.replicas is 2 (given for the topic)");
    assert_eq!(code, ErrorCode::InvalidConfig);
    controller.defaults.min_insync_replicas = 2;
    let code = refusal(controller.create(topic("t", 1, 1)), "the broker's configuration");
    assert_eq!(code, ErrorCode::InvalidConfig);
    let lowered = with_configs(topic("t", 1, 1), &[("min.insync.replicas", "1")]);
    controller.create(lowered).unwrap();
}

#[test]
fn internal_topics_never_fail_for_want_of_brokers() {
    let mut controller = Controller::with_brokers(1);
    controller.defaults.min_insync_replicas = 2;
    let created = controller.create(topic("__consumer_offsets", 50, 3)).unwrap();
    assert_eq!(created.replication_factor, 1);
    let resource = ConfigResource::topic("__consumer_offsets");
    let value = controller.image.config_value(&resource, "min.insync.replicas");
    assert_eq!(value.map(|value| &**value), Some("1"));
}

#[test]
fn validate_only_changes_nothing() {
    let mut controller = Controller::with_brokers(1);
    let before = controller.image.clone();
    let topics = vec![topic("t", 2, 1)];
    let result = controller
        .run(CreateTopics { topics, validate_only: true, is_needed_by_node: false })
        .remove(0);
    assert_eq!(result.unwrap().partition_count, 2);
    assert_eq!(controller.image, before);
}

#[test]
fn deleting_takes_partitions_and_configurations_along_and_the_id_is_not_used_again() {
    let mut controller = Controller::with_brokers(1);
    let spec = || with_configs(topic("t", 2, 1), &[("retention.ms", "1000")]);
    let first = controller.create(spec()).unwrap().topic_id;
    let topics = vec![TopicSelector::Id(first)];
    let deleted = controller.run(DeleteTopics { topics }).remove(0).unwrap();
    assert_eq!((&*deleted.name, deleted.topic_id), ("t", first));
    assert_eq!((controller.image.topic_count(), controller.image.partition_count()), (0, 0));
    assert_eq!(controller.image.configs().count(), 0);
    assert_eq!(controller.delta.deleted_topics.len(), 1);
    assert_ne!(controller.create(spec()).unwrap().topic_id, first);
}

#[test]
fn deletions_that_make_no_sense_are_refused() {
    let mut controller = Controller::with_brokers(1);
    let id = controller.create(topic("t", 1, 1)).unwrap().topic_id;
    let name = |name: &str| TopicSelector::Name(name.into());
    let mut delete = |topics: Vec<TopicSelector>| controller.run(DeleteTopics { topics });
    let unknown = delete(vec![name("u")]).remove(0);
    assert_eq!(refusal(unknown, "no topic `u`"), ErrorCode::UnknownTopicOrPartition);
    let unknown = delete(vec![TopicSelector::Id(super::directory(1))]).remove(0);
    assert_eq!(refusal(unknown, "no topic of id"), ErrorCode::UnknownTopicId);
    for twice in delete(vec![name("t"), name("t")]) {
        assert_eq!(refusal(twice, "more than once"), ErrorCode::InvalidRequest);
    }
    let both = delete(vec![name("t"), TopicSelector::Id(id)]).remove(1);
    assert_eq!(refusal(both, "both by its name"), ErrorCode::InvalidRequest);
}

#[test]
fn deletion_can_be_disabled() {
    let mut controller = Controller::with_brokers(1);
    controller.defaults.delete_topic_enable = false;
    controller.create(topic("t", 1, 1)).unwrap();
    let topics = vec![TopicSelector::Name("t".into())];
    let result = controller.run(DeleteTopics { topics }).remove(0);
    assert_eq!(refusal(result, "delete.topic.enable=true"), ErrorCode::TopicDeletionDisabled);
    assert!(controller.image.topic("t").is_some());
}

#[test]
fn a_request_with_absurdly_many_topics_is_answered_in_linear_time() {
    let mut controller = Controller::with_brokers(1);
    let topics: Vec<_> =
        (0..200_000).map(|n| TopicSelector::Name(format!("t{}", n / 2).into())).collect();
    let results = controller.run(DeleteTopics { topics });
    assert!(results.iter().all(Result::is_err));
    let topics = (0..200_000).map(|n| topic(&format!("t{n}"), 0, 1)).collect();
    let results =
        controller.run(CreateTopics { topics, validate_only: false, is_needed_by_node: false });
    assert!(results.iter().all(Result::is_err));
}

#[test]
fn clients_make_no_more_partitions_than_the_cluster_may_hold() {
    let mut controller = Controller::with_brokers(1);
    controller.defaults.partitions_max = 5;
    controller.create(topic("a", 4, 1)).unwrap();
    let code = refusal(controller.create(topic("b", 2, 1)), "klamm.partitions.max=5");
    assert_eq!(code, ErrorCode::PolicyViolation);
    controller.create(topic("b", 1, 1)).unwrap();
    // What the node itself needs is never refused.
    let topics = vec![topic("__consumer_offsets", 50, 1)];
    let command = CreateTopics { topics, validate_only: false, is_needed_by_node: true };
    controller.run(command).remove(0).unwrap();
}

#[test]
fn a_topic_that_exists_is_told_so_at_the_bound_and_takes_no_room_from_others() {
    let mut controller = Controller::with_brokers(1);
    controller.defaults.partitions_max = 10;
    controller.create(topic("large", 8, 1)).unwrap();
    let topics = ["large", "b", "c", "d"].map(|name| {
        let count = if name == "large" { 8 } else { 1 };
        topic(name, count, 1)
    });
    let command =
        CreateTopics { topics: topics.into(), validate_only: false, is_needed_by_node: false };
    let mut results = controller.run(command);
    let code = refusal(results.remove(3), "1 more partitions beside the 10 there are");
    assert_eq!(code, ErrorCode::PolicyViolation);
    assert!(results[1].is_ok() && results[2].is_ok());
    assert_eq!(refusal(results.remove(0), "exists"), ErrorCode::TopicAlreadyExists);
    // The cluster is full.
    let code = refusal(controller.create(topic("large", 8, 1)), "exists");
    assert_eq!(code, ErrorCode::TopicAlreadyExists);
    let grow = |name: &str, count| NewPartitions { topic: name.into(), count, assignments: None };
    let topics = vec![grow("nowhere", 9), grow("large", 8), grow("b", 2)];
    let mut results = controller.run(CreatePartitions { topics, validate_only: false });
    let code = refusal(results.remove(2), "klamm.partitions.max=10");
    assert_eq!(code, ErrorCode::PolicyViolation);
    assert_eq!(refusal(results.remove(1), "already has 8"), ErrorCode::InvalidPartitions);
    assert_eq!(refusal(results.remove(0), "no topic"), ErrorCode::UnknownTopicOrPartition);
}
