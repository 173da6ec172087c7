//! CreatePartitions.

use model::ErrorCode;

use super::{Controller, ids, refusal, topic};
use crate::{ApiError, CreatePartitions, NewPartitions};

fn grow(
    controller: &mut Controller,
    name: &str,
    count: i32,
    by_hand: Option<&[&[i32]]>,
) -> Result<(), ApiError> {
    let assignments = by_hand.map(|it| it.iter().map(|replicas| ids(replicas)).collect());
    let topics = vec![NewPartitions { topic: name.into(), count, assignments }];
    controller.run(CreatePartitions { topics, validate_only: false }).remove(0)
}

#[test]
fn a_topic_grows_with_its_replication_factor() {
    let mut controller = Controller::with_brokers(3);
    controller.create(topic("t", 1, 2)).unwrap();
    grow(&mut controller, "t", 4, None).unwrap();
    let image = controller.image.topic("t").unwrap();
    assert_eq!(image.partitions.len(), 4);
    assert!(image.partitions.iter().all(|partition| partition.replicas.len() == 2));
    assert_eq!(controller.delta.changed_partitions.len(), 3);
    assert_eq!(controller.image.partition_count(), 4);
}

#[test]
fn a_topic_never_shrinks() {
    let mut controller = Controller::with_brokers(1);
    controller.create(topic("t", 3, 1)).unwrap();
    let says = "already has 3";
    let code = refusal(grow(&mut controller, "t", 3, None), says);
    assert_eq!(code, ErrorCode::InvalidPartitions);
    for count in [2, 0, -1, i32::MIN] {
        let code = refusal(grow(&mut controller, "t", count, None), "would not be an increase");
        assert_eq!(code, ErrorCode::InvalidPartitions);
    }
    let code = refusal(grow(&mut controller, "u", 3, None), "no topic `u`");
    assert_eq!(code, ErrorCode::UnknownTopicOrPartition);
    let code = refusal(grow(&mut controller, "t", 2_000_000_000, None), "at most");
    assert_eq!(code, ErrorCode::PolicyViolation);
}

#[test]
fn replicas_by_hand_must_fit() {
    let mut controller = Controller::with_brokers(2);
    controller.create(topic("t", 1, 1)).unwrap();
    let code = refusal(grow(&mut controller, "t", 3, Some(&[&[1]])), "given for 1");
    assert_eq!(code, ErrorCode::InvalidReplicaAssignment);
    let code = refusal(grow(&mut controller, "t", 2, Some(&[&[1, 2]])), "other partitions have 1");
    assert_eq!(code, ErrorCode::InvalidReplicaAssignment);
    grow(&mut controller, "t", 3, Some(&[&[2], &[1]])).unwrap();
    assert_eq!(controller.image.topic("t").unwrap().partitions[1].replicas, ids(&[2]));
}

#[test]
fn validate_only_and_topics_named_twice_change_nothing() {
    let mut controller = Controller::with_brokers(1);
    controller.create(topic("t", 1, 1)).unwrap();
    let more = || NewPartitions { topic: "t".into(), count: 2, assignments: None };
    let valid = controller.run(CreatePartitions { topics: vec![more()], validate_only: true });
    assert_eq!(valid, [Ok(())]);
    let topics = vec![more(), more()];
    for twice in controller.run(CreatePartitions { topics, validate_only: false }) {
        assert_eq!(refusal(twice, "more than once"), ErrorCode::InvalidRequest);
    }
    assert_eq!(controller.image.partition_count(), 1);
}
