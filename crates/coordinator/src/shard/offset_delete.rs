//! OffsetDelete (KIP-496), and the end of offsets whose topic is gone.

use std::sync::Arc;

use model::{ErrorCode, Uuid};
use protocol::EncodeError;

use super::GroupShard;
use crate::group::{Group, GroupState};
use crate::offsets::{CommittedOffset, OffsetKey};
use crate::record;
use crate::reply::{OffsetDeleteReply, Reply, TopicResult};
use crate::request::OffsetDelete;
use crate::timers::Now;
use crate::writes::{Effects, Record, Then, Token};

/// Tombstones, and what they remove.
#[derive(Default)]
pub(super) struct Removals {
    pub(super) records: Vec<Record>,
    pub(super) offsets: Vec<(OffsetKey, Option<CommittedOffset>)>,
}

impl Removals {
    pub(super) fn remove(&mut self, key: OffsetKey) -> Result<(), EncodeError> {
        self.records.push(record::offset_tombstone(&key)?);
        self.offsets.push((key, None));
        Ok(())
    }
}

impl GroupShard {
    pub(super) fn delete_offsets(
        &mut self,
        now: Now,
        token: Token,
        delete: OffsetDelete,
        effects: &mut Effects,
    ) {
        let reply = |error, topics| Reply::OffsetDelete(OffsetDeleteReply { error, topics });
        let (removals, topics) = match self.plan_delete(&delete) {
            Ok(plan) => plan,
            Err(error) => {
                effects.replies.push((token, reply(error, Vec::new())));
                return;
            }
        };
        let (_, mut step) = self.split(now, effects);
        let ticket = (!removals.records.is_empty())
            .then(|| step.append_offsets(removals.records, removals.offsets, Then::Nothing));
        step.reply_after(ticket, token, reply(ErrorCode::None, topics));
    }

    fn plan_delete(
        &self,
        delete: &OffsetDelete,
    ) -> Result<(Removals, Vec<TopicResult>), ErrorCode> {
        if delete.group.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let group = self.groups.get(&delete.group).ok_or(ErrorCode::GroupIdNotFound)?;
        validate(group)?;
        let mut removals = Removals::default();
        let mut topics = Vec::with_capacity(delete.topics.len());
        for topic in &delete.topics {
            let result = if group.is_subscribed(&topic.name) {
                ErrorCode::GroupSubscribedToTopic
            } else {
                ErrorCode::None
            };
            for &partition in topic.partitions.iter().filter(|_| result.is_none()) {
                if self.offsets.latest(&delete.group, &topic.name, partition).is_some() {
                    let (group, topic) = (delete.group.clone(), topic.name.clone());
                    removals
                        .remove(OffsetKey { group, topic, partition })
                        .map_err(|_| ErrorCode::UnknownServerError)?;
                }
            }
            let partitions = topic.partitions.iter().map(|&partition| (partition, result));
            topics.push(TopicResult {
                name: topic.name.clone(),
                id: topic.id,
                partitions: partitions.collect(),
            });
        }
        Ok((removals, topics))
    }

    /// Forgets the offsets of topics that were deleted.
    pub fn topics_deleted(&mut self, now: Now, topics: &[(Arc<str>, Uuid)], effects: &mut Effects) {
        let mut removals = Removals::default();
        for (name, id) in topics {
            for (key, committed_id) in self.offsets.latest_of_topic(name) {
                // A record that can be read can be written.
                if committed_id.is_zero() || committed_id == *id {
                    let _ = removals.remove(key);
                }
            }
        }
        if !removals.records.is_empty() {
            let (_, mut step) = self.split(now, effects);
            step.append_offsets(removals.records, removals.offsets, Then::Nothing);
        }
    }
}

/// Offsets of members at work stay, unless we know what they read.
fn validate(group: &Group) -> Result<(), ErrorCode> {
    match group.state() {
        GroupState::Dead => Err(ErrorCode::GroupIdNotFound),
        GroupState::Empty => Ok(()),
        _ if group.uses_consumer_protocol() => Ok(()),
        _ => Err(ErrorCode::NonEmptyGroup),
    }
}
