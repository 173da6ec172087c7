//! DescribeQuorum (key 55), v0-v2.
//! Who leads and votes in the metadata quorum, and how far each has come (KIP-595).
//! - v1: times of the last fetch (KIP-836)   - v2: directory ids, endpoints, messages (KIP-853)
//!
//! The quorum is asked for as partition 0 of Kafka's metadata topic, under whose name it goes.
//! Gaps: none.

use std::sync::Arc;

use model::{BrokerId, ErrorCode, LeaderEpoch, Offset, PartitionIndex, Uuid};
use protocol::Str;
use protocol::messages::describe_quorum_response::{
    Listener, Node, PartitionData, ReplicaState, TopicData,
};
use protocol::messages::{DescribeQuorumRequest, DescribeQuorumResponse};
use quorum::{QuorumStatus, VoterStatus};

use crate::Broker;
use crate::clock;
use crate::dispatch::RequestContext;

const METADATA_TOPIC: &str = "__cluster_metadata";
/// The first version with directory ids, endpoints and messages.
const DIRECTORIES_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    let status = broker.quorum().status(clock::now());
    let topics: Vec<_> = request
        .topics
        .into_iter()
        .map(|topic| TopicData {
            partitions: topic
                .partitions
                .iter()
                .map(|asked| {
                    let known = topic.topic_name == METADATA_TOPIC;
                    partition(&status, known, asked.partition_index, context.version)
                })
                .collect(),
            topic_name: topic.topic_name,
        })
        .collect();
    let is_answered =
        |topic: &TopicData| topic.partitions.iter().any(|partition| partition.error_code == 0);
    let is_asked = context.version >= DIRECTORIES_SINCE && topics.iter().any(is_answered);
    let nodes = if is_asked { nodes(&broker, &status) } else { Vec::new() };
    // Kafka's answer has an empty text here, not null.
    let error_message = Some(Str::EMPTY);
    DescribeQuorumResponse { topics, nodes, error_message, ..Default::default() }
}

fn partition(
    status: &QuorumStatus,
    known_topic: bool,
    partition_index: PartitionIndex,
    version: i16,
) -> PartitionData {
    let refused = |error: ErrorCode, message: &'static str| PartitionData {
        partition_index,
        error_code: error.code(),
        error_message: Some(Str::from_static(message)),
        leader_id: BrokerId::NONE,
        leader_epoch: LeaderEpoch::NONE,
        high_watermark: Offset::NONE,
        ..Default::default()
    };
    if !known_topic || partition_index.get() != 0 {
        let message = "the quorum is asked for as partition 0 of __cluster_metadata";
        return refused(ErrorCode::UnknownTopicOrPartition, message);
    }
    let Some(leader_id) = status.leader else {
        return refused(ErrorCode::LeaderNotAvailable, "the quorum has no leader now");
    };
    let states = |all: &[VoterStatus]| all.iter().map(|it| state(it, version)).collect();
    PartitionData {
        partition_index,
        leader_id,
        leader_epoch: LeaderEpoch::new(status.leader_epoch),
        high_watermark: Offset::new(status.high_watermark),
        current_voters: states(&status.voters),
        observers: states(&status.observers),
        ..Default::default()
    }
}

fn state(voter: &VoterStatus, version: i16) -> ReplicaState {
    let with_directory = version >= DIRECTORIES_SINCE;
    ReplicaState {
        replica_id: voter.node_id,
        replica_directory_id: if with_directory { voter.directory_id } else { Uuid::ZERO },
        log_end_offset: Offset::new(voter.log_end_offset),
        last_fetch_timestamp: voter.last_fetch_timestamp.get(),
        last_caught_up_timestamp: voter.last_caught_up_timestamp.get(),
    }
}

fn nodes(broker: &Broker, status: &QuorumStatus) -> Vec<Node> {
    let image = broker.image();
    let listeners = |id: BrokerId| {
        let endpoints = image.broker(id).map(|broker| &*broker.endpoints).unwrap_or_default();
        endpoints
            .iter()
            .map(|endpoint| Listener {
                name: Str::from(&*endpoint.name),
                host: Str::from(&*endpoint.host),
                port: endpoint.port,
            })
            .collect()
    };
    let voters = status.voters.iter();
    voters.map(|it| Node { node_id: it.node_id, listeners: listeners(it.node_id) }).collect()
}
