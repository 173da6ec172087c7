//! What the tests of a quorum share.
#![allow(dead_code)] // Each test binary uses its part.

use std::path::Path;
use std::sync::Arc;

use metadata::{
    CreateTopics, DeleteTopics, Endpoint, NewTopic, RegisterBroker, StartKind, TopicSelector,
    UnfenceBroker,
};
use model::{BrokerId, Uuid};
use quorum::{Identity, Options, Quorum};

pub(crate) fn identity() -> Identity {
    Identity {
        node_id: BrokerId::new(1),
        directory_id: Uuid::from_random([7; 16]),
        cluster_id: "klamm-test".into(),
    }
}

pub(crate) async fn start(folder: &Path, options: Options) -> Quorum {
    Quorum::start(folder, identity(), options).await.expect("quorum starts")
}

pub(crate) fn registration(start: StartKind, incarnation: u8) -> RegisterBroker {
    RegisterBroker {
        broker_id: BrokerId::new(1),
        incarnation_id: Uuid::from_random([incarnation; 16]),
        cluster_id: Some("klamm-test".into()),
        endpoints: vec![Endpoint {
            name: "PLAINTEXT".into(),
            host: "localhost".into(),
            port: 9092,
            security_protocol: 0,
        }],
        rack: None,
        directories: vec![identity().directory_id],
        machine_id: Uuid::ZERO,
        start,
    }
}

/// Registers and unfences the only broker.
pub(crate) async fn bring_up(quorum: &Quorum, start: StartKind, incarnation: u8) -> i64 {
    let registered = quorum.submit(registration(start, incarnation)).await.unwrap().unwrap();
    let unfence =
        UnfenceBroker { broker_id: BrokerId::new(1), broker_epoch: registered.broker_epoch };
    quorum.submit(unfence).await.unwrap().unwrap();
    registered.broker_epoch
}

pub(crate) fn create(name: &str, partition_count: i32) -> CreateTopics {
    let topic = NewTopic {
        name: name.into(),
        partition_count,
        replication_factor: 1,
        ..NewTopic::default()
    };
    CreateTopics { topics: vec![topic], validate_only: false, is_needed_by_node: false }
}

pub(crate) fn delete(name: &str) -> DeleteTopics {
    DeleteTopics { topics: vec![TopicSelector::Name(Arc::from(name))] }
}
