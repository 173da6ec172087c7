//! Rules of the controller, one test each, and properties that hold for every history of commands.

mod brokers;
mod configs;
mod features;
mod partitions;
mod properties;
mod topics;

use model::{BrokerId, ErrorCode, Timestamp, Uuid};

use crate::{
    Command, ControllerDefaults, CreateTopics, CreatedTopic, DecisionContext, Endpoint,
    MetadataDelta, MetadataImage, NewTopic, PartitionImage, RegisterBroker, Request, StartKind,
    UnfenceBroker, decide, invariants,
};

/// A controller whose every decision commits at once, with each invariant checked on the way.
pub(super) struct Controller {
    pub(super) image: MetadataImage,
    pub(super) defaults: ControllerDefaults,
    pub(super) delta: MetadataDelta,
    draws: u64,
}

impl Controller {
    /// A formed cluster without brokers.
    pub(super) fn new() -> Self {
        let mut controller = Self {
            image: MetadataImage::default(),
            defaults: ControllerDefaults::default(),
            delta: MetadataDelta::default(),
            draws: 0,
        };
        controller.run(crate::FormatCluster { cluster_id: "cluster".into(), records: Vec::new() });
        controller
    }

    /// A cluster with brokers 1 to `count`, all of them up.
    pub(super) fn with_brokers(count: i32) -> Self {
        let mut controller = Self::new();
        for id in 1..=count {
            controller.start_broker(id, StartKind::Fresh);
        }
        controller
    }

    pub(super) fn run<R: Request>(&mut self, request: R) -> R::Answer {
        let response = self.run_command(&request.into());
        R::answer(response).expect("the answer belongs to the command")
    }

    pub(super) fn run_command(&mut self, command: &Command) -> crate::Response {
        let draws = &mut self.draws;
        let mut random = || {
            *draws += 1;
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&draws.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            bytes[8..].copy_from_slice(&draws.to_be_bytes());
            bytes
        };
        let mut context = DecisionContext {
            defaults: &self.defaults,
            now: Timestamp::new(0),
            random: &mut random,
        };
        let decision = decide(&self.image, command, &mut context);
        let before = self.image.clone();
        self.delta = MetadataDelta::default();
        self.image.replay_all(&decision.records, &mut self.delta).expect("decisions apply");
        invariants::check(&self.image).expect("invariants hold");
        invariants::check_step(&before, &self.image).expect("nothing goes back");
        assert_eq!(self.delta, noted_as_between(&self.delta, &before, &self.image));
        decision.response
    }

    pub(super) fn register(&mut self, id: i32, start: StartKind) -> i64 {
        self.run(registration(id, self.draws, start)).expect("broker registers").broker_epoch
    }

    pub(super) fn unfence(&mut self, id: i32) {
        let (broker_id, broker_epoch) = (BrokerId::new(id), self.epoch(id));
        self.run(UnfenceBroker { broker_id, broker_epoch }).expect("broker is unfenced");
    }

    pub(super) fn start_broker(&mut self, id: i32, start: StartKind) -> i64 {
        self.draws += 1;
        let epoch = self.register(id, start);
        self.unfence(id);
        epoch
    }

    pub(super) fn fence(&mut self, id: i32) {
        let (broker_id, broker_epoch) = (BrokerId::new(id), self.epoch(id));
        self.run(crate::FenceBroker { broker_id, broker_epoch }).expect("broker is fenced");
    }

    pub(super) fn epoch(&self, id: i32) -> i64 {
        self.image.broker(BrokerId::new(id)).expect("broker is registered").broker_epoch
    }

    pub(super) fn create(&mut self, topic: NewTopic) -> Result<CreatedTopic, crate::ApiError> {
        self.run(CreateTopics {
            topics: vec![topic],
            validate_only: false,
            is_needed_by_node: false,
        })
        .remove(0)
    }

    pub(super) fn create_assigned(&mut self, name: &str, replicas: &[i32]) {
        let replicas = replicas.iter().copied().map(BrokerId::new).collect();
        let topic = NewTopic { assignments: vec![(0.into(), replicas)], ..topic(name, -1, -1) };
        self.create(topic).expect("topic is created");
    }

    pub(super) fn partition(&self, name: &str) -> PartitionImage {
        self.image.topic(name).expect("topic exists").partitions[0].clone()
    }
}

/// A delta may note a part that was set to what it was; beyond that it is the true difference.
fn noted_as_between(
    noted: &MetadataDelta,
    before: &MetadataImage,
    after: &MetadataImage,
) -> MetadataDelta {
    let mut between = MetadataDelta::between(before, after);
    between.changed_configs.extend(noted.changed_configs.iter().cloned());
    between.changed_brokers.extend(noted.changed_brokers.iter().copied());
    between
}

pub(super) fn directory(id: i32) -> Uuid {
    let mut bytes = [0xd0; 16];
    bytes[..4].copy_from_slice(&id.to_be_bytes());
    Uuid::from_bytes(bytes)
}

pub(super) fn registration(id: i32, draw: u64, start: StartKind) -> RegisterBroker {
    let mut incarnation = [id as u8; 16];
    incarnation[..8].copy_from_slice(&draw.to_be_bytes());
    RegisterBroker {
        broker_id: BrokerId::new(id),
        incarnation_id: Uuid::from_random(incarnation),
        cluster_id: Some("cluster".into()),
        endpoints: vec![Endpoint {
            name: "PLAINTEXT".into(),
            host: "localhost".into(),
            port: 9092,
            security_protocol: 0,
        }],
        rack: None,
        directories: vec![directory(id)],
        machine_id: Uuid::ZERO,
        start,
    }
}

pub(super) fn topic(name: &str, partition_count: i32, replication_factor: i16) -> NewTopic {
    NewTopic { name: name.into(), partition_count, replication_factor, ..NewTopic::default() }
}

pub(super) fn ids(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId::new).collect()
}

/// The code of a refusal whose message says this.
#[track_caller]
pub(super) fn refusal<T: std::fmt::Debug>(
    result: Result<T, crate::ApiError>,
    says: &str,
) -> ErrorCode {
    let error = result.expect_err("it is refused");
    assert!(error.message.contains(says), "`{}` does not say `{says}`", error.message);
    error.code
}
