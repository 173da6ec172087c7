//! ElectLeaders: a partition gets its preferred leader back, or any eligible one where it has none.
//!
//! An election that loses records is not offered: as long as one in-sync replica is left it leads
//! already, and without one there is nobody on a single node.

use model::{ErrorCode, PartitionIndex};

use super::leadership::{eligible_leader, unchanged};
use crate::command::{ElectLeaders, ElectedLeaders, Election};
use crate::error::ApiError;
use crate::image::MetadataImage;
use crate::record::MetadataRecord;

pub(super) fn decide(
    image: &MetadataImage,
    command: &ElectLeaders,
    records: &mut Vec<MetadataRecord>,
) -> Vec<ElectedLeaders> {
    if let Some(asked) = &command.partitions {
        return asked
            .iter()
            .map(|(topic, partitions)| ElectedLeaders {
                topic: topic.clone(),
                partitions: partitions
                    .iter()
                    .map(|&index| (index, elect(image, topic, index, command.election, records)))
                    .collect(),
            })
            .collect();
    }
    image
        .topics()
        .map(|topic| {
            let indexes = topic.indexed().map(|(index, _)| index);
            let outcomes = indexes
                .map(|index| (index, elect(image, &topic.name, index, command.election, records)));
            // When all are asked for, those that need nothing are not named.
            let needed = outcomes.filter(|(_, outcome)| match outcome {
                Ok(()) => true,
                Err(error) => error.code != ErrorCode::ElectionNotNeeded,
            });
            ElectedLeaders { topic: topic.name.clone(), partitions: needed.collect() }
        })
        .collect()
}

fn elect(
    image: &MetadataImage,
    name: &str,
    index: PartitionIndex,
    election: Election,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let unknown = |what: String| ApiError::new(ErrorCode::UnknownTopicOrPartition, what);
    let topic = image.topic(name).ok_or_else(|| unknown(format!("No such topic as {name}")))?;
    let partition = topic
        .partition(index)
        .ok_or_else(|| unknown(format!("No such partition as {name}-{index}")))?;
    let preferred = partition.replicas.first().copied();
    let (is_done, unavailable) = match election {
        Election::Preferred => {
            (partition.leader == preferred, ErrorCode::PreferredLeaderNotAvailable)
        }
        Election::Unclean => (partition.leader.is_some(), ErrorCode::EligibleLeadersNotAvailable),
    };
    let refuse = |code: ErrorCode| Err(ApiError::new(code, code.message()));
    if is_done {
        return refuse(ErrorCode::ElectionNotNeeded);
    }
    let elected = eligible_leader(image, partition)
        .filter(|elected| election == Election::Unclean || Some(*elected) == preferred);
    let Some(elected) = elected else { return refuse(unavailable) };
    let mut change = unchanged(topic.id, index);
    change.leader = elected;
    records.push(change.into());
    Ok(())
}
