//! Who leads and who is in sync after a broker comes, goes, or comes back having lost something.
//! Each rule turns one partition into at most one change record.

use model::{BrokerId, PartitionIndex, TopicId, Uuid};
use protocol::data::PartitionChangeRecord;

use crate::image::MetadataImage;
use crate::record::MetadataRecord;
use crate::topic::{LEADER_UNCHANGED, PartitionImage, is_reserved};

/// What happened to a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Departure {
    /// It is not heard of, or stops: it neither leads nor counts as in sync where another does.
    /// A sole member stays, since nobody else has what is committed.
    Fenced,
    /// It started again and may have lost what was not synced: besides, it is eligible nowhere
    /// where another is. A sole member stays, since all that was committed on it was synced.
    Lossy,
    /// It registered anew while the cluster believed it to be up: what it leads, it leads in a new
    /// epoch, or an (epoch, offset) pair could be used twice.
    Unclean,
}

/// Adds the changes that a broker's departure asks for.
pub(super) fn broker_departed(
    image: &MetadataImage,
    broker: BrokerId,
    departure: Departure,
    records: &mut Vec<MetadataRecord>,
) {
    for_each_partition(image, |topic_id, index, partition| {
        let mut change = unchanged(topic_id, index);
        if departure != Departure::Unclean {
            leave_isr(broker, partition, &mut change);
            if departure == Departure::Lossy {
                leave_eligible(broker, partition, &mut change);
            }
        }
        if partition.leader == Some(broker) {
            let isr = change.isr.as_ref().unwrap_or(&partition.isr);
            change.leader = match departure {
                Departure::Unclean => broker,
                Departure::Lossy if isr.contains(&broker) => broker,
                Departure::Fenced | Departure::Lossy => {
                    elect(image, partition, isr, |id| id != broker && image.is_active(id))
                }
            };
        }
        push_if_changed(change, records);
    });
}

/// Adds the changes by which a broker takes over partitions that nobody leads. `directories` are
/// the log folders it has online.
pub(super) fn broker_returned(
    image: &MetadataImage,
    broker: BrokerId,
    directories: &[Uuid],
    records: &mut Vec<MetadataRecord>,
) {
    for_each_partition(image, |topic_id, index, partition| {
        if partition.leader.is_some() || !partition.isr.contains(&broker) {
            return;
        }
        if !has_online_replica(partition, broker, directories) {
            return;
        }
        let mut change = unchanged(topic_id, index);
        change.leader = broker;
        push_if_changed(change, records);
    });
}

/// Adds the changes for replicas whose folder did not come back with the broker: such a replica is
/// in no ISR where another member exists, and leads nothing.
pub(super) fn directories_lost(
    image: &MetadataImage,
    broker: BrokerId,
    directories: &[Uuid],
    records: &mut Vec<MetadataRecord>,
) {
    for_each_partition(image, |topic_id, index, partition| {
        if has_online_replica(partition, broker, directories) {
            return;
        }
        let mut change = unchanged(topic_id, index);
        leave_isr(broker, partition, &mut change);
        leave_eligible(broker, partition, &mut change);
        if partition.leader == Some(broker) {
            let isr = change.isr.as_ref().unwrap_or(&partition.isr);
            change.leader = elect(image, partition, isr, |id| id != broker && image.is_active(id));
        }
        push_if_changed(change, records);
    });
}

/// The first replica in the order of preference that is in sync and up.
pub(super) fn eligible_leader(
    image: &MetadataImage,
    partition: &PartitionImage,
) -> Option<BrokerId> {
    let elected = elect(image, partition, &partition.isr, |id| image.is_active(id));
    Some(elected).filter(|elected| *elected != BrokerId::NONE)
}

/// A change that changes nothing yet.
pub(super) fn unchanged(topic_id: TopicId, partition: PartitionIndex) -> PartitionChangeRecord {
    PartitionChangeRecord {
        partition_id: partition,
        topic_id,
        leader: LEADER_UNCHANGED,
        leader_recovery_state: -1,
        ..PartitionChangeRecord::default()
    }
}

/// The first replica in the order of preference that is in sync and may lead, or none.
fn elect(
    image: &MetadataImage,
    partition: &PartitionImage,
    isr: &[BrokerId],
    may_lead: impl Fn(BrokerId) -> bool,
) -> BrokerId {
    let online = |id: BrokerId| {
        image.broker(id).is_some_and(|it| has_online_replica(partition, id, &it.directories))
    };
    partition
        .replicas
        .iter()
        .copied()
        .find(|&id| isr.contains(&id) && may_lead(id) && online(id))
        .unwrap_or(BrokerId::NONE)
}

/// Whether the replica's folder is there, or is yet to be chosen; true for who holds no replica.
fn has_online_replica(partition: &PartitionImage, broker: BrokerId, directories: &[Uuid]) -> bool {
    partition
        .directory_of(broker)
        .is_none_or(|directory| is_reserved(directory) || directories.contains(&directory))
}

fn leave_isr(broker: BrokerId, partition: &PartitionImage, change: &mut PartitionChangeRecord) {
    if partition.isr.len() > 1 && partition.isr.contains(&broker) {
        change.isr = Some(without(&partition.isr, broker));
    }
}

fn leave_eligible(
    broker: BrokerId,
    partition: &PartitionImage,
    change: &mut PartitionChangeRecord,
) {
    let eligible = &partition.eligible_leader_replicas;
    let another_remains = !partition.isr.is_empty() || eligible.len() > 1;
    if eligible.contains(&broker) && another_remains {
        change.eligible_leader_replicas = Some(without(eligible, broker));
    }
}

fn without(ids: &[BrokerId], broker: BrokerId) -> Vec<BrokerId> {
    ids.iter().copied().filter(|&id| id != broker).collect()
}

fn push_if_changed(change: PartitionChangeRecord, records: &mut Vec<MetadataRecord>) {
    if change != unchanged(change.topic_id, change.partition_id) {
        records.push(change.into());
    }
}

fn for_each_partition(
    image: &MetadataImage,
    mut visit: impl FnMut(TopicId, PartitionIndex, &PartitionImage),
) {
    for topic in image.topics() {
        for (index, partition) in topic.indexed() {
            visit(topic.id, index, partition);
        }
    }
}
