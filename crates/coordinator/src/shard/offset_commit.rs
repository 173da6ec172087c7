//! OffsetCommit: from members of a generation, and from consumers that assign themselves.

use std::sync::Arc;

use model::ErrorCode;
use protocol::EncodeError;

use super::GroupShard;
use crate::group::{Group, GroupState};
use crate::offsets::{CommittedOffset, OffsetKey};
use crate::record;
use crate::reply::{Reply, TopicResult};
use crate::request::{CommitPartition, CommitTopic, OffsetCommit};
use crate::timers::Now;
use crate::writes::{Effects, Record, Then, Token};

/// The request's way to say "as long as the broker keeps offsets".
const DEFAULT_RETENTION_MS: i64 = -1;

/// What a commit comes to: records, what they set, and an answer per partition.
#[derive(Default)]
struct Plan {
    records: Vec<Record>,
    offsets: Vec<(OffsetKey, Option<CommittedOffset>)>,
    topics: Vec<TopicResult>,
}

impl GroupShard {
    pub(super) fn commit_offsets(
        &mut self,
        now: Now,
        token: Token,
        commit: OffsetCommit,
        effects: &mut Effects,
    ) {
        if let Err(error) = self.accept_commit(now, &commit, effects) {
            effects.replies.push((token, Reply::OffsetCommit(refused(commit.topics, error))));
            return;
        }
        let is_new_group = !self.groups.contains_key(&commit.group);
        let plan = match self.plan_commit(now, &commit) {
            Ok(plan) => plan,
            Err(_) => {
                let topics = refused(commit.topics, ErrorCode::InvalidRequest);
                effects.replies.push((token, Reply::OffsetCommit(topics)));
                return;
            }
        };
        let reply = Reply::OffsetCommit(plan.topics);
        if plan.records.is_empty() {
            effects.replies.push((token, reply));
            return;
        }
        if is_new_group {
            let group = Group::new(commit.group.clone(), now.wall);
            self.groups.insert(commit.group.clone(), group);
        }
        let then =
            if is_new_group { Then::KeepNewGroup(commit.group.clone()) } else { Then::Nothing };
        let (_, mut step) = self.split(now, effects);
        let ticket = step.append_offsets(plan.records, plan.offsets, then);
        step.reply_after(Some(ticket), token, reply);
    }

    /// Whether whoever commits may. A commit counts as a heartbeat.
    fn accept_commit(
        &mut self,
        now: Now,
        commit: &OffsetCommit,
        effects: &mut Effects,
    ) -> Result<(), ErrorCode> {
        let groups_max = self.config.groups_max;
        let (groups, mut step) = self.split(now, effects);
        let Some(group) = groups.get(&commit.group) else {
            return match commit.generation {
                ..0 if groups.len() >= groups_max => Err(ErrorCode::PolicyViolation),
                ..0 => Ok(()),
                0.. if commit.knows_group_id_not_found => Err(ErrorCode::GroupIdNotFound),
                0.. => Err(ErrorCode::IllegalGeneration),
            };
        };
        validate(group, commit)?;
        if matches!(group.state(), GroupState::Stable | GroupState::PreparingRebalance)
            && let Some(member) = group.member(&commit.member)
        {
            step.restart_session(group, member);
        }
        Ok(())
    }

    fn plan_commit(&self, now: Now, commit: &OffsetCommit) -> Result<Plan, EncodeError> {
        let retention = commit.retention_ms.filter(|&ms| ms != DEFAULT_RETENTION_MS);
        let mut plan = Plan::default();
        for topic in &commit.topics {
            let mut results = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                if self.is_metadata_too_large(partition) {
                    results.push((partition.partition, ErrorCode::OffsetMetadataTooLarge));
                    continue;
                }
                let key = OffsetKey {
                    group: commit.group.clone(),
                    topic: topic.name.clone(),
                    partition: partition.partition,
                };
                let value = CommittedOffset {
                    offset: partition.offset,
                    leader_epoch: partition.leader_epoch,
                    metadata: partition.metadata.clone().unwrap_or_else(|| Arc::from("")),
                    committed_at: now.wall,
                    expires_at: retention.map(|ms| now.wall.plus_ms(ms)),
                    topic_id: topic.id,
                };
                plan.records.push(record::offset(&key, &value)?);
                plan.offsets.push((key, Some(value)));
                results.push((partition.partition, ErrorCode::None));
            }
            let (name, id) = (topic.name.clone(), topic.id);
            plan.topics.push(TopicResult { name, id, partitions: results });
        }
        Ok(plan)
    }

    /// Kafka counts UTF-16 code units.
    fn is_metadata_too_large(&self, partition: &CommitPartition) -> bool {
        let limit = usize::try_from(self.config.offset_metadata_max_bytes).unwrap_or(0);
        partition
            .metadata
            .as_deref()
            .is_some_and(|text| text.len() > limit && text.encode_utf16().count() > limit)
    }
}

fn validate(group: &Group, commit: &OffsetCommit) -> Result<(), ErrorCode> {
    if commit.generation < 0 && group.is_empty() {
        return Ok(());
    }
    if commit.generation < 0 && commit.member.is_empty() && commit.instance.is_none() {
        // A consumer that assigns itself must not disturb a group that has members.
        return Err(ErrorCode::UnknownMemberId);
    }
    group.validate_member(&commit.member, commit.instance.as_deref())?;
    if commit.generation != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    if group.state() == GroupState::CompletingRebalance {
        return Err(ErrorCode::RebalanceInProgress);
    }
    Ok(())
}

fn refused(topics: Vec<CommitTopic>, error: ErrorCode) -> Vec<TopicResult> {
    topics
        .into_iter()
        .map(|topic| TopicResult {
            name: topic.name,
            id: topic.id,
            partitions: topic.partitions.iter().map(|one| (one.partition, error)).collect(),
        })
        .collect()
}
