//! The rules that every image obeys, each by its name: debug assertions and property tests check the
//! same functions.

use model::{BrokerId, PartitionIndex};

#[cfg(debug_assertions)]
use crate::delta::MetadataDelta;
use crate::image::MetadataImage;
use crate::topic::{PartitionImage, TopicImage};

/// A rule that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule} does not hold for {subject}: {found}")]
pub struct Violation {
    /// The rule's name: the function that checks it.
    pub rule: &'static str,
    /// What it does not hold for.
    pub subject: String,
    /// What was found instead.
    pub found: String,
}

/// Checks every rule on every part of the image.
pub fn check(image: &MetadataImage) -> Result<(), Violation> {
    for topic in image.topics() {
        check_topic(image, topic)?;
    }
    broker_epochs_are_below_the_counter(image)
}

/// Checks that nothing went back between two images of one log.
pub fn check_step(before: &MetadataImage, after: &MetadataImage) -> Result<(), Violation> {
    for topic in after.topics() {
        let Some(earlier) = before.topic_by_id(topic.id) else { continue };
        for ((index, old), (_, new)) in earlier.indexed().zip(topic.indexed()) {
            epochs_never_regress(topic, index, old, new)?;
        }
        if topic.partitions.len() < earlier.partitions.len() {
            return Err(Violation {
                rule: "partitions_never_disappear",
                subject: topic.name.to_string(),
                found: format!("{} after {}", topic.partitions.len(), earlier.partitions.len()),
            });
        }
    }
    counters_never_regress(before, after)
}

/// Checks what the delta touched; cheap enough for every applied batch of a debug build.
#[cfg(debug_assertions)]
pub(crate) fn assert_changed(image: &MetadataImage, delta: &MetadataDelta) {
    let mut topics: Vec<_> = delta.changed_partitions.iter().map(|(id, _)| *id).collect();
    topics.dedup();
    for topic in topics.into_iter().filter_map(|id| image.topic_by_id(id)) {
        if let Err(violation) = check_topic(image, topic) {
            panic!("{violation}");
        }
    }
}

fn check_topic(image: &MetadataImage, topic: &TopicImage) -> Result<(), Violation> {
    ids_and_names_agree(image, topic)?;
    for (index, partition) in topic.indexed() {
        isr_is_within_replicas(topic, index, partition)?;
        isr_is_never_empty(topic, index, partition)?;
        leader_is_in_isr(topic, index, partition)?;
        eligible_replicas_are_outside_isr(topic, index, partition)?;
        each_replica_has_a_directory(topic, index, partition)?;
    }
    Ok(())
}

fn ids_and_names_agree(image: &MetadataImage, topic: &TopicImage) -> Result<(), Violation> {
    let name = image.topic_name(topic.id);
    hold(name == Some(&topic.name), "ids_and_names_agree", || {
        (topic.name.to_string(), format!("id {} leads to {name:?}", topic.id))
    })
}

fn isr_is_within_replicas(
    topic: &TopicImage,
    index: PartitionIndex,
    partition: &PartitionImage,
) -> Result<(), Violation> {
    let within = partition.isr.iter().all(|id| partition.replicas.contains(id))
        && is_distinct(&partition.isr)
        && is_distinct(&partition.replicas);
    hold(within, "isr_is_within_replicas", || describe(topic, index, partition))
}

fn isr_is_never_empty(
    topic: &TopicImage,
    index: PartitionIndex,
    partition: &PartitionImage,
) -> Result<(), Violation> {
    let kept = !partition.isr.is_empty() || !partition.eligible_leader_replicas.is_empty();
    hold(kept, "isr_is_never_empty", || describe(topic, index, partition))
}

fn leader_is_in_isr(
    topic: &TopicImage,
    index: PartitionIndex,
    partition: &PartitionImage,
) -> Result<(), Violation> {
    let holds = partition.leader.is_none_or(|leader| partition.isr.contains(&leader));
    hold(holds, "leader_is_in_isr", || describe(topic, index, partition))
}

fn eligible_replicas_are_outside_isr(
    topic: &TopicImage,
    index: PartitionIndex,
    partition: &PartitionImage,
) -> Result<(), Violation> {
    let outside = partition
        .eligible_leader_replicas
        .iter()
        .all(|id| partition.replicas.contains(id) && !partition.isr.contains(id));
    hold(outside, "eligible_replicas_are_outside_isr", || describe(topic, index, partition))
}

fn each_replica_has_a_directory(
    topic: &TopicImage,
    index: PartitionIndex,
    partition: &PartitionImage,
) -> Result<(), Violation> {
    let holds = partition.directories.len() == partition.replicas.len();
    hold(holds, "each_replica_has_a_directory", || describe(topic, index, partition))
}

fn epochs_never_regress(
    topic: &TopicImage,
    index: PartitionIndex,
    old: &PartitionImage,
    new: &PartitionImage,
) -> Result<(), Violation> {
    let leader_changed = old.leader != new.leader;
    let grown = new.partition_epoch >= old.partition_epoch
        && new.leader_epoch >= old.leader_epoch
        && (!leader_changed || new.leader_epoch > old.leader_epoch)
        && (old == new || new.partition_epoch > old.partition_epoch);
    hold(grown, "epochs_never_regress", || {
        let (subject, found) = describe(topic, index, new);
        (subject, format!("{found} after {old:?}"))
    })
}

fn counters_never_regress(before: &MetadataImage, after: &MetadataImage) -> Result<(), Violation> {
    let grown = after.next_broker_epoch >= before.next_broker_epoch
        && after.next_producer_id >= before.next_producer_id;
    hold(grown, "counters_never_regress", || {
        let show = |image: &MetadataImage| {
            format!("broker {} producer {}", image.next_broker_epoch, image.next_producer_id)
        };
        ("the counters".into(), format!("{} after {}", show(after), show(before)))
    })
}

fn broker_epochs_are_below_the_counter(image: &MetadataImage) -> Result<(), Violation> {
    for broker in image.brokers() {
        hold(
            broker.broker_epoch < image.next_broker_epoch,
            "broker_epochs_are_below_the_counter",
            || (format!("broker {}", broker.broker_id), broker.broker_epoch.to_string()),
        )?;
    }
    Ok(())
}

fn is_distinct(ids: &[BrokerId]) -> bool {
    ids.iter().enumerate().all(|(position, id)| !ids[..position].contains(id))
}

fn hold(
    holds: bool,
    rule: &'static str,
    describe: impl FnOnce() -> (String, String),
) -> Result<(), Violation> {
    if holds {
        return Ok(());
    }
    let (subject, found) = describe();
    Err(Violation { rule, subject, found })
}

fn describe(
    topic: &TopicImage,
    index: PartitionIndex,
    partition: &PartitionImage,
) -> (String, String) {
    (format!("{}-{index}", topic.name), format!("{partition:?}"))
}
