//! Properties of every history: the invariants hold at each step (the fixture checks them), and an
//! image survives its way through a snapshot's bytes.

use std::sync::Arc;

use bytes::BytesMut;
use model::BrokerId;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Controller, registration, topic};
use crate::{
    AlterConfigs, Command, ConfigAlteration, ConfigOperation, ConfigResource, ControlledShutdown,
    CreatePartitions, CreateTopics, DeleteTopics, FenceBroker, MetadataDelta, MetadataImage,
    MetadataRecord, NewPartitions, ResourceAlteration, StartKind, TopicSelector, UnfenceBroker,
    UnregisterBroker, invariants,
};

/// A step of a history, over few brokers and names so that they meet.
#[derive(Debug, Clone)]
enum Step {
    Register(i32, u8),
    Unfence(i32),
    Fence(i32),
    ShutDown(i32),
    Unregister(i32),
    Create(u8, i32, i16),
    Delete(u8),
    Grow(u8, i32),
    Configure(u8, u32),
}

fn step() -> impl Strategy<Value = Step> {
    let broker = 1..4i32;
    prop_oneof![
        (broker.clone(), 0..4u8).prop_map(|(id, start)| Step::Register(id, start)),
        broker.clone().prop_map(Step::Unfence),
        broker.clone().prop_map(Step::Fence),
        broker.clone().prop_map(Step::ShutDown),
        broker.prop_map(Step::Unregister),
        (0..6u8, 1..5i32, 1..4i16).prop_map(|(name, n, factor)| Step::Create(name, n, factor)),
        (0..6u8).prop_map(Step::Delete),
        (0..6u8, 1..8i32).prop_map(|(name, count)| Step::Grow(name, count)),
        (0..6u8, any::<u32>()).prop_map(|(name, value)| Step::Configure(name, value)),
    ]
}

fn command(controller: &Controller, draw: u64, step: &Step) -> Command {
    let name = |number: u8| Arc::<str>::from(format!("topic.{number}"));
    let epoch = |id| controller.image.broker(BrokerId::new(id)).map_or(-1, |it| it.broker_epoch);
    let with_epoch = |id: i32| (BrokerId::new(id), epoch(id));
    match *step {
        Step::Register(id, start) => {
            let start = match start {
                0 => StartKind::Fresh,
                1 => StartKind::Clean { previous_broker_epoch: epoch(id) },
                2 => StartKind::Unclean,
                _ => StartKind::Lossy,
            };
            registration(id, draw, start).into()
        }
        Step::Unfence(id) => {
            let (broker_id, broker_epoch) = with_epoch(id);
            UnfenceBroker { broker_id, broker_epoch }.into()
        }
        Step::Fence(id) => {
            let (broker_id, broker_epoch) = with_epoch(id);
            FenceBroker { broker_id, broker_epoch }.into()
        }
        Step::ShutDown(id) => {
            let (broker_id, broker_epoch) = with_epoch(id);
            ControlledShutdown { broker_id, broker_epoch }.into()
        }
        Step::Unregister(id) => UnregisterBroker { broker_id: BrokerId::new(id) }.into(),
        Step::Create(number, count, factor) => {
            let topics = vec![topic(&name(number), count, factor)];
            CreateTopics { topics, validate_only: false, is_needed_by_node: false }.into()
        }
        Step::Delete(number) => {
            DeleteTopics { topics: vec![TopicSelector::Name(name(number))] }.into()
        }
        Step::Grow(number, count) => {
            let topics = vec![NewPartitions { topic: name(number), count, assignments: None }];
            CreatePartitions { topics, validate_only: false }.into()
        }
        Step::Configure(number, value) => {
            let value = ConfigOperation::Set(Some(value.to_string().into()));
            let resources = vec![ResourceAlteration {
                resource: ConfigResource::topic(name(number)),
                alteration: ConfigAlteration::Incremental(vec![("retention.ms".into(), value)]),
            }];
            AlterConfigs { resources, validate_only: false }.into()
        }
    }
}

/// The image, through records and bytes and back.
fn through_bytes(image: &MetadataImage) -> MetadataImage {
    let mut bytes = BytesMut::new();
    let records: Vec<_> = image.records().collect();
    MetadataRecord::encode_all(&records, &mut bytes).unwrap();
    let decoded = MetadataRecord::decode_all(bytes.freeze()).unwrap();
    assert_eq!(decoded, records);
    let mut rebuilt = MetadataImage::default();
    rebuilt.replay_all(&decoded, &mut MetadataDelta::default()).unwrap();
    rebuilt
}

proptest! {
    #[test]
    fn every_history_keeps_the_invariants_and_survives_a_snapshot(steps in vec(step(), 1..60)) {
        let mut controller = Controller::with_brokers(2);
        let start = controller.image.clone();
        let mut whole = MetadataDelta::default();
        for (draw, step) in steps.iter().enumerate() {
            let command = command(&controller, 1000 + draw as u64, step);
            controller.run_command(&command);
            whole.merge(controller.delta.clone());
        }
        invariants::check(&controller.image).unwrap();
        prop_assert_eq!(&through_bytes(&controller.image), &controller.image);
        // A reader that missed all steps but one gets a delta that covers what changed.
        let between = MetadataDelta::between(&start, &controller.image);
        prop_assert_eq!(&whole.created_topics, &between.created_topics);
        prop_assert_eq!(&whole.deleted_topics, &between.deleted_topics);
        prop_assert!(whole.changed_partitions.is_superset(&between.changed_partitions));
        prop_assert!(whole.changed_brokers.is_superset(&between.changed_brokers));
        prop_assert!(whole.changed_configs.is_superset(&between.changed_configs));
    }

    #[test]
    fn bytes_that_are_no_records_are_refused_and_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = MetadataRecord::decode_all(bytes.clone().into());
        let _ = MetadataRecord::decode(bytes.into());
    }
}

#[test]
fn an_image_of_ten_thousand_topics_is_cheap_to_hold_and_to_change() {
    let mut controller = Controller::with_brokers(1);
    let many = |from: u32| {
        let topics = (from..from + 1000).map(|n| topic(&format!("t{n}"), 1, 1)).collect();
        CreateTopics { topics, validate_only: false, is_needed_by_node: false }
    };
    for thousand in 0..10 {
        assert!(controller.run(many(thousand * 1000)).iter().all(Result::is_ok));
    }
    let held = controller.image.clone();
    assert_eq!(held.topic_count(), 10_000);
    controller.create(topic("one-more", 1, 1)).unwrap();
    assert_eq!((held.topic_count(), controller.image.topic_count()), (10_000, 10_001));
    // What did not change is shared, not copied.
    let (before, after) = (held.topic("t5").unwrap(), controller.image.topic("t5").unwrap());
    assert!(Arc::ptr_eq(before, after));
    assert_eq!(controller.image.topics_from("t99").count(), 111);
}

#[test]
fn kafkas_records_are_framed_as_kafka_frames_them() {
    let record = MetadataRecord::from(protocol::data::TopicRecord {
        name: "t".into(),
        topic_id: model::Uuid::from_bytes([1; 16]),
    });
    let mut bytes = BytesMut::new();
    record.encode(&mut bytes).unwrap();
    // Frame version 1, key 2, version 0; compact string "t"; the id; no tagged fields.
    let mut expected = vec![1, 2, 0, 2, b't'];
    expected.extend([1; 16]);
    expected.push(0);
    assert_eq!(bytes, expected);
}
