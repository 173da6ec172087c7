//! Committed offsets by group, topic and partition. A write is visible to writers at once and to
//! readers when its append is committed; when the append fails, it never was.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::{LeaderEpoch, Offset, PartitionIndex, Timestamp, Uuid};

use crate::writes::Ticket;

/// An offset as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to read.
    pub offset: Offset,
    /// The epoch of the last record read.
    pub leader_epoch: LeaderEpoch,
    /// The client's own words.
    pub metadata: Arc<str>,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// When it expires, if the client said so (versions 2 to 4 of the request).
    pub expires_at: Option<Timestamp>,
    /// The topic's id, zero if it was not known.
    pub topic_id: Uuid,
}

/// Which offset: group, topic, partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OffsetKey {
    pub(crate) group: Arc<str>,
    pub(crate) topic: Arc<str>,
    pub(crate) partition: PartitionIndex,
}

/// What readers see, and what is being written, oldest first. Never both nothing.
#[derive(Debug, Default)]
struct Slot {
    committed: Option<CommittedOffset>,
    pending: Vec<(Ticket, Option<CommittedOffset>)>,
}

impl Slot {
    fn latest(&self) -> Option<&CommittedOffset> {
        match self.pending.last() {
            Some((_, latest)) => latest.as_ref(),
            None => self.committed.as_ref(),
        }
    }
}

type Partitions = BTreeMap<PartitionIndex, Slot>;
type Topics = BTreeMap<Arc<str>, Partitions>;

/// All offsets of a shard.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    groups: HashMap<Arc<str>, Topics>,
}

impl Offsets {
    /// What readers see.
    pub(crate) fn committed(
        &self,
        group: &str,
        topic: &str,
        partition: PartitionIndex,
    ) -> Option<&CommittedOffset> {
        self.groups.get(group)?.get(topic)?.get(&partition)?.committed.as_ref()
    }

    /// What readers will see when all that is under way is committed.
    pub(crate) fn latest(
        &self,
        group: &str,
        topic: &str,
        partition: PartitionIndex,
    ) -> Option<&CommittedOffset> {
        self.groups.get(group)?.get(topic)?.get(&partition)?.latest()
    }

    /// All that readers see of a group, in order.
    pub(crate) fn committed_of(
        &self,
        group: &str,
    ) -> impl Iterator<Item = (&Arc<str>, PartitionIndex, &CommittedOffset)> {
        self.slots(group).filter_map(|(topic, partition, slot)| {
            slot.committed.as_ref().map(|committed| (topic, partition, committed))
        })
    }

    /// How many offsets of a group readers see, or will see.
    pub(crate) fn count_of(&self, group: &str) -> usize {
        self.groups.get(group).map_or(0, |topics| topics.values().map(BTreeMap::len).sum())
    }

    /// All of a group, as readers will see it.
    pub(crate) fn latest_of(
        &self,
        group: &str,
    ) -> impl Iterator<Item = (&Arc<str>, PartitionIndex, &CommittedOffset)> {
        self.slots(group).filter_map(|(topic, partition, slot)| {
            slot.latest().map(|latest| (topic, partition, latest))
        })
    }

    /// All offsets of one topic in any group, as readers will see them.
    pub(crate) fn latest_of_topic(&self, topic: &str) -> Vec<(OffsetKey, Uuid)> {
        let mut found = Vec::new();
        for (group, topics) in &self.groups {
            let Some((topic, partitions)) = topics.get_key_value(topic) else { continue };
            for (&partition, slot) in partitions {
                if let Some(latest) = slot.latest() {
                    let (group, topic) = (group.clone(), topic.clone());
                    found.push((OffsetKey { group, topic, partition }, latest.topic_id));
                }
            }
        }
        found.sort_by(|(a, _), (b, _)| (&a.group, a.partition).cmp(&(&b.group, b.partition)));
        found
    }

    /// Whether anything is kept or being written for the group.
    pub(crate) fn has_any(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    fn slots(&self, group: &str) -> impl Iterator<Item = (&Arc<str>, PartitionIndex, &Slot)> {
        let topics = self.groups.get(group).into_iter().flatten();
        topics.flat_map(|(topic, partitions)| {
            partitions.iter().map(move |(&partition, slot)| (topic, partition, slot))
        })
    }

    /// Records what an append under way will set (or remove).
    pub(crate) fn write(
        &mut self,
        key: &OffsetKey,
        ticket: Ticket,
        value: Option<CommittedOffset>,
    ) {
        self.slot(key).pending.push((ticket, value));
    }

    /// The append is committed: readers see it. `writes` are settled oldest first.
    pub(crate) fn commit(&mut self, key: &OffsetKey, ticket: Ticket) {
        let slot = self.slot(key);
        while let Some((oldest, _)) = slot.pending.first() {
            if *oldest > ticket {
                break;
            }
            slot.committed = slot.pending.remove(0).1;
        }
        self.drop_if_empty(key);
    }

    /// The append failed: it never was.
    pub(crate) fn abort(&mut self, key: &OffsetKey, ticket: Ticket) {
        self.slot(key).pending.retain(|(pending, _)| *pending != ticket);
        self.drop_if_empty(key);
    }

    /// Sets (or removes) an offset that is in the log.
    pub(crate) fn replay(&mut self, key: &OffsetKey, value: Option<CommittedOffset>) {
        self.slot(key).committed = value;
        self.drop_if_empty(key);
    }

    fn slot(&mut self, key: &OffsetKey) -> &mut Slot {
        self.groups
            .entry(key.group.clone())
            .or_default()
            .entry(key.topic.clone())
            .or_default()
            .entry(key.partition)
            .or_default()
    }

    fn drop_if_empty(&mut self, key: &OffsetKey) {
        let Some(topics) = self.groups.get_mut(&key.group) else { return };
        let Some(partitions) = topics.get_mut(&key.topic) else { return };
        if partitions
            .get(&key.partition)
            .is_some_and(|slot| slot.committed.is_none() && slot.pending.is_empty())
        {
            partitions.remove(&key.partition);
        }
        if partitions.is_empty() {
            topics.remove(&key.topic);
        }
        if topics.is_empty() {
            self.groups.remove(&key.group);
        }
    }
}
