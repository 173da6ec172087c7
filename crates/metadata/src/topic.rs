//! A topic and its partitions as the controller knows them.

use std::sync::Arc;

use model::{BrokerId, LeaderEpoch, PartitionIndex, TopicId, Uuid};
use protocol::data::{PartitionChangeRecord, PartitionRecord};

/// `leader` of a change record that leaves the leader alone (Kafka's `NO_LEADER_CHANGE`).
pub(crate) const LEADER_UNCHANGED: BrokerId = BrokerId::new(-2);

/// The replica lies in a folder that the broker has yet to choose (Kafka's `DirectoryId`).
pub(crate) const DIRECTORY_UNASSIGNED: Uuid =
    Uuid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
/// Of the 128-bit ids, the first hundred are reserved by Kafka for states such as "unassigned".
const DIRECTORY_RESERVED_MAX: u128 = 100;

/// One topic. Partitions are numbered from 0 without gaps, so the index is the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicImage {
    /// The id, which a later topic of the same name does not share.
    pub id: TopicId,
    /// The name.
    pub name: Arc<str>,
    /// The partitions by their number.
    pub partitions: Vec<PartitionImage>,
}

impl TopicImage {
    /// The partition of this number.
    pub fn partition(&self, index: PartitionIndex) -> Option<&PartitionImage> {
        usize::try_from(index.get()).ok().and_then(|index| self.partitions.get(index))
    }

    /// The partitions with their numbers.
    pub fn indexed(&self) -> impl Iterator<Item = (PartitionIndex, &PartitionImage)> {
        (0..).map(PartitionIndex::new).zip(&self.partitions)
    }

    /// The replication factor of the first partition, which all share unless reassigned by hand.
    pub fn replication_factor(&self) -> usize {
        self.partitions.first().map_or(0, |partition| partition.replicas.len())
    }
}

/// One partition. Invariants: `isr ⊆ replicas`, the leader is in the ISR or there is none, and
/// both epochs only grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionImage {
    /// The brokers that hold a copy, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// The folder of each replica, in the order of `replicas`.
    pub directories: Vec<Uuid>,
    /// The replicas that hold every committed record.
    pub isr: Vec<BrokerId>,
    /// Replicas on their way out of a reassignment.
    pub removing_replicas: Vec<BrokerId>,
    /// Replicas on their way in.
    pub adding_replicas: Vec<BrokerId>,
    /// Replicas out of the ISR that still hold every committed record (KIP-966).
    pub eligible_leader_replicas: Vec<BrokerId>,
    /// The last eligible ones that were lost, for a choice by hand (KIP-966).
    pub last_known_elr: Vec<BrokerId>,
    /// Who appends; `None` while nobody may.
    pub leader: Option<BrokerId>,
    /// Grows whenever the leader changes or starts anew.
    pub leader_epoch: LeaderEpoch,
    /// Grows with every change of the partition.
    pub partition_epoch: i32,
    /// The leader was elected uncleanly and has yet to recover (Kafka's `RECOVERING`).
    pub leader_recovering: bool,
}

impl PartitionImage {
    /// The folder in which this broker keeps its replica; `None` when it has none or none is chosen.
    pub fn directory_of(&self, broker: BrokerId) -> Option<Uuid> {
        let position = self.replicas.iter().position(|&replica| replica == broker)?;
        self.directories.get(position).copied().filter(|directory| !is_reserved(*directory))
    }

    pub(crate) fn from_record(record: &PartitionRecord) -> Self {
        let mut directories = record.directories.clone();
        directories.resize(record.replicas.len(), DIRECTORY_UNASSIGNED);
        Self {
            replicas: record.replicas.clone(),
            directories,
            isr: record.isr.clone(),
            removing_replicas: record.removing_replicas.clone(),
            adding_replicas: record.adding_replicas.clone(),
            eligible_leader_replicas: record.eligible_leader_replicas.clone().unwrap_or_default(),
            last_known_elr: record.last_known_elr.clone().unwrap_or_default(),
            leader: some_broker(record.leader),
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            leader_recovering: record.leader_recovery_state == 1,
        }
    }

    pub(crate) fn to_record(
        &self,
        topic_id: TopicId,
        partition: PartitionIndex,
    ) -> PartitionRecord {
        let non_empty = |ids: &Vec<BrokerId>| (!ids.is_empty()).then(|| ids.clone());
        PartitionRecord {
            partition_id: partition,
            topic_id,
            replicas: self.replicas.clone(),
            isr: self.isr.clone(),
            removing_replicas: self.removing_replicas.clone(),
            adding_replicas: self.adding_replicas.clone(),
            leader: self.leader.unwrap_or(BrokerId::NONE),
            leader_recovery_state: i8::from(self.leader_recovering),
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            directories: self.directories.clone(),
            eligible_leader_replicas: non_empty(&self.eligible_leader_replicas),
            last_known_elr: non_empty(&self.last_known_elr),
        }
    }

    /// Applies a change as Kafka does: naming a leader, even the same one, starts a new epoch.
    pub(crate) fn apply(&mut self, change: &PartitionChangeRecord) {
        fn replace<T: Clone>(current: &mut Vec<T>, new: &Option<Vec<T>>) {
            if let Some(new) = new {
                current.clone_from(new);
            }
        }
        replace(&mut self.isr, &change.isr);
        replace(&mut self.replicas, &change.replicas);
        replace(&mut self.directories, &change.directories);
        replace(&mut self.removing_replicas, &change.removing_replicas);
        replace(&mut self.adding_replicas, &change.adding_replicas);
        replace(&mut self.eligible_leader_replicas, &change.eligible_leader_replicas);
        replace(&mut self.last_known_elr, &change.last_known_elr);
        self.directories.resize(self.replicas.len(), DIRECTORY_UNASSIGNED);
        if change.leader != LEADER_UNCHANGED {
            self.leader = some_broker(change.leader);
            self.leader_epoch = self.leader_epoch.next();
        }
        if change.leader_recovery_state >= 0 {
            self.leader_recovering = change.leader_recovery_state == 1;
        }
        self.partition_epoch += 1;
    }
}

/// Whether the id stands for a state, not for a folder.
pub(crate) fn is_reserved(directory: Uuid) -> bool {
    u128::from_be_bytes(*directory.as_bytes()) <= DIRECTORY_RESERVED_MAX
}

fn some_broker(id: BrokerId) -> Option<BrokerId> {
    (id.get() >= 0).then_some(id)
}
