//! On which brokers the replicas of new partitions go.
//!
//! The first replicas of consecutive partitions walk over the brokers, so leadership spreads
//! evenly; the others follow at a shift that grows with each round, so that the load of a failed
//! broker spreads over all the rest. A broker that is fenced takes no first replica while an
//! active one is there.

use model::{BrokerId, ErrorCode, PartitionIndex};

use crate::error::ApiError;
use crate::image::MetadataImage;
use crate::topic::{DIRECTORY_UNASSIGNED, PartitionImage};

/// What to place.
pub(super) struct Placement {
    /// How many partitions.
    pub(super) partition_count: usize,
    /// How many replicas each gets; at least one.
    pub(super) replication_factor: usize,
    /// Random bytes: where the walk begins.
    pub(super) seed: [u8; 16],
}

impl Placement {
    /// The replicas of each partition, the preferred leader first.
    pub(super) fn replicas(&self, image: &MetadataImage) -> Result<Vec<Vec<BrokerId>>, ApiError> {
        let (active, fenced): (Vec<_>, Vec<_>) =
            image.brokers().map(|broker| broker.broker_id).partition(|&id| image.is_active(id));
        let registered = active.len() + fenced.len();
        let refuse = |reason: String| {
            let factor = self.replication_factor;
            let message = format!("a replication factor of {factor} is not possible: {reason}");
            Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message))
        };
        if registered < self.replication_factor {
            return refuse(format!(
                "only {registered} broker(s) are registered; ask for at most {registered}, or \
                 start more brokers"
            ));
        }
        if active.is_empty() {
            return refuse("every registered broker is fenced or shutting down".into());
        }
        let (start, shift) = self.seed.split_at(8);
        let random =
            |bytes: &[u8]| bytes.iter().fold(0usize, |n, b| n.wrapping_mul(31) + *b as usize);
        let (start, first_shift) = (random(start), random(shift));
        Ok((0..self.partition_count)
            .map(|partition| {
                let first = (start % active.len() + partition) % active.len();
                let (before, rest) = active.split_at(first);
                // The others in the order of the walk, so that a shift means the same to each.
                let others: Vec<_> =
                    rest[1..].iter().chain(&fenced).chain(before).copied().collect();
                let shift = first_shift % registered + partition / active.len();
                let followers = (0..self.replication_factor - 1)
                    .map(|follower| others[(shift + follower) % others.len()]);
                std::iter::once(active[first]).chain(followers).collect()
            })
            .collect())
    }
}

/// A partition with these replicas, led by the first that is active; `None` when none is.
pub(super) fn new_partition(
    image: &MetadataImage,
    replicas: Vec<BrokerId>,
) -> Option<PartitionImage> {
    let isr: Vec<_> = replicas.iter().copied().filter(|&id| image.is_active(id)).collect();
    let leader = *isr.first()?;
    // The broker names the folder once the replica is in it, so that a folder which is missing later
    // is known to be lost, and never taken for a new one.
    let directories = vec![DIRECTORY_UNASSIGNED; replicas.len()];
    Some(PartitionImage {
        replicas,
        directories,
        isr,
        removing_replicas: Vec::new(),
        adding_replicas: Vec::new(),
        eligible_leader_replicas: Vec::new(),
        last_known_elr: Vec::new(),
        leader: Some(leader),
        leader_epoch: 0.into(),
        partition_epoch: 0,
        leader_recovering: false,
    })
}

/// Checks replicas that a person chose.
pub(super) fn check_manual(
    image: &MetadataImage,
    partition: PartitionIndex,
    replicas: &[BrokerId],
    replication_factor: usize,
) -> Result<(), ApiError> {
    let refuse = |reason: String| {
        let message = format!("the replicas given for partition {partition} are refused: {reason}");
        Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message))
    };
    if replicas.is_empty() {
        return refuse("the list is empty".into());
    }
    for (position, id) in replicas.iter().enumerate() {
        if image.broker(*id).is_none() {
            return refuse(format!("broker {id} is not registered"));
        }
        if replicas[..position].contains(id) {
            return refuse(format!("broker {id} is named twice"));
        }
    }
    if replicas.len() != replication_factor {
        return refuse(format!(
            "{} replicas, but the other partitions have {replication_factor}",
            replicas.len()
        ));
    }
    if !replicas.iter().any(|&id| image.is_active(id)) {
        return refuse("every broker named is fenced or shutting down".into());
    }
    Ok(())
}
