//! OffsetFetch: what is committed, of one group.

use std::sync::Arc;

use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, Uuid};

use super::GroupShard;
use crate::offsets::CommittedOffset;
use crate::reply::{FetchedOffset, FetchedTopic, OffsetFetchReply, Reply};
use crate::request::{OffsetFetch, TopicPartitions};
use crate::writes::{Effects, Token};

/// Whose eyes an offset is read with.
#[derive(Clone, Copy)]
enum View {
    /// What is committed.
    Committed,
    /// With what is under way; the answer waits for it.
    Latest,
}

impl GroupShard {
    /// What is committed now, whatever is under way.
    pub fn fetch_offsets(&self, fetch: &OffsetFetch) -> OffsetFetchReply {
        self.read(fetch, View::Committed)
    }

    pub(super) fn fetch_offsets_stable(
        &mut self,
        token: Token,
        fetch: OffsetFetch,
        effects: &mut Effects,
    ) {
        if !fetch.require_stable {
            let reply = self.read(&fetch, View::Committed);
            effects.replies.push((token, Reply::OffsetFetch(reply)));
            return;
        }
        let reply = Reply::OffsetFetch(self.read(&fetch, View::Latest));
        if let Some(reply) = self.writes.attach_to_last(token, reply) {
            effects.replies.push((token, reply));
        }
    }

    fn read(&self, fetch: &OffsetFetch, view: View) -> OffsetFetchReply {
        let topics = match &fetch.topics {
            Some(topics) => {
                topics.iter().map(|topic| self.read_topic(&fetch.group, topic, view)).collect()
            }
            None => self.read_all(&fetch.group, view),
        };
        OffsetFetchReply { group: fetch.group.clone(), error: ErrorCode::None, topics }
    }

    fn read_topic(&self, group: &str, topic: &TopicPartitions, view: View) -> FetchedTopic {
        let read = |&partition: &PartitionIndex| {
            let found = match view {
                View::Committed => self.offsets.committed(group, &topic.name, partition),
                View::Latest => self.offsets.latest(group, &topic.name, partition),
            };
            fetched(partition, found.filter(|found| is_same_topic(found.topic_id, topic.id)))
        };
        let partitions = topic.partitions.iter().map(read).collect();
        FetchedTopic { name: topic.name.clone(), id: topic.id, partitions }
    }

    fn read_all(&self, group: &str, view: View) -> Vec<FetchedTopic> {
        let mut topics: Vec<FetchedTopic> = Vec::new();
        let mut push = |(topic, partition, found): (&Arc<str>, _, &CommittedOffset)| {
            if topics.last().is_none_or(|last| last.name != *topic) {
                let (name, id) = (topic.clone(), Uuid::ZERO);
                topics.push(FetchedTopic { name, id, partitions: Vec::new() });
            }
            if let Some(last) = topics.last_mut() {
                last.partitions.push(fetched(partition, Some(found)));
            }
        };
        match view {
            View::Committed => self.offsets.committed_of(group).for_each(&mut push),
            View::Latest => self.offsets.latest_of(group).for_each(&mut push),
        }
        topics
    }
}

/// An offset committed for a topic of another id belongs to a deleted topic of the same name.
fn is_same_topic(committed: Uuid, asked: Uuid) -> bool {
    committed.is_zero() || asked.is_zero() || committed == asked
}

fn fetched(partition: PartitionIndex, found: Option<&CommittedOffset>) -> FetchedOffset {
    FetchedOffset {
        partition,
        offset: found.map_or(Offset::NONE, |found| found.offset),
        leader_epoch: found.map_or(LeaderEpoch::NONE, |found| found.leader_epoch),
        metadata: found.map_or_else(|| "".into(), |found| found.metadata.clone()),
        error: ErrorCode::None,
    }
}
