//! OffsetForLeaderEpoch (key 23), v0-v4.
//! Where the log of a given leader epoch ends, so that consumers and followers find divergence.
//! - v1: the epoch that was found   - v2: the client's own epoch (KIP-320)   - v3: replica id
//! - v4: flexible
//!
//! Gaps: none.

use std::sync::Arc;

use model::{LeaderEpoch, Offset};
use protocol::Str;
use protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    // Whoever works on a log may hold it for as long as the disk takes.
    let node = Arc::clone(&broker);
    let work = move || {
        let topics = request.topics.into_iter();
        topics.map(|topic| answer_topic(&node, topic)).collect()
    };
    let topics = broker.wait_for_disk(work).await.unwrap_or_default();
    OffsetForLeaderEpochResponse { topics, ..Default::default() }
}

fn answer_topic(broker: &Broker, topic: OffsetForLeaderTopic) -> OffsetForLeaderTopicResult {
    let wanted = topic.partitions.iter();
    OffsetForLeaderTopicResult {
        partitions: wanted.map(|wanted| answer(broker, &topic.topic, wanted)).collect(),
        topic: topic.topic,
    }
}

fn answer(broker: &Broker, topic: &Str, wanted: &OffsetForLeaderPartition) -> EpochEndOffset {
    let found = broker.partition_by_name(topic, wanted.partition).and_then(|partition| {
        partition.check_epoch(wanted.current_leader_epoch)?;
        Ok(partition.end_offset_for_epoch(wanted.leader_epoch))
    });
    let mut answer = EpochEndOffset {
        partition: wanted.partition,
        leader_epoch: LeaderEpoch::NONE,
        end_offset: Offset::NONE,
        ..Default::default()
    };
    match found {
        Ok(Some((leader_epoch, end_offset))) => {
            answer.leader_epoch = leader_epoch;
            answer.end_offset = end_offset;
        }
        Ok(None) => {}
        Err(error) => answer.error_code = error.code(),
    }
    answer
}
