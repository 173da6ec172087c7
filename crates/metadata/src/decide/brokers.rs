//! A broker's life: it registers (fenced), is unfenced, may be fenced, stops under control, leaves.
//!
//! What an unclean or lossy start costs is decided with the registration, in the same batch of
//! records, so before the broker can be unfenced.

use std::sync::Arc;

use model::{BrokerId, ErrorCode, Uuid};
use protocol::data::{
    BrokerRegistrationChangeRecord, FenceBrokerRecord, UnfenceBrokerRecord, UnregisterBrokerRecord,
};

use super::leadership::{Departure, broker_departed, broker_returned, directories_lost, unchanged};
use super::update_features::missing_metadata_version;
use crate::broker::{BrokerRegistration, StartKind};
use crate::command::{
    AssignDirectories, ControlledShutdown, FailDirectories, FenceBroker, RegisterBroker,
    RegisteredBroker, UnfenceBroker, UnregisterBroker,
};
use crate::delta::MetadataDelta;
use crate::error::ApiError;
use crate::image::MetadataImage;
use crate::record::{BrokerMachineRecord, MetadataRecord};
use crate::replay::registration_record;

/// The registration to which a request with this epoch belongs.
pub(super) fn current_broker(
    image: &MetadataImage,
    id: BrokerId,
    epoch: i64,
) -> Result<&Arc<BrokerRegistration>, ApiError> {
    match image.broker(id) {
        None => Err(ApiError::new(
            ErrorCode::BrokerIdNotRegistered,
            format!("broker {id} is not registered"),
        )),
        Some(broker) if broker.broker_epoch != epoch => Err(ApiError::new(
            ErrorCode::StaleBrokerEpoch,
            format!("broker {id} has registered anew, with epoch {}", broker.broker_epoch),
        )),
        Some(broker) => Ok(broker),
    }
}

pub(super) fn register(
    image: &MetadataImage,
    command: &RegisterBroker,
    records: &mut Vec<MetadataRecord>,
) -> Result<RegisteredBroker, ApiError> {
    check_registration(image, command)?;
    let id = command.broker_id;
    let previous = image.broker(id);
    if let Some(same) = previous.filter(|it| it.incarnation_id == command.incarnation_id) {
        return Ok(RegisteredBroker { broker_epoch: same.broker_epoch });
    }
    let registration = BrokerRegistration {
        broker_id: id,
        broker_epoch: image.next_broker_epoch,
        incarnation_id: command.incarnation_id,
        endpoints: command.endpoints.as_slice().into(),
        rack: command.rack.clone(),
        directories: command.directories.as_slice().into(),
        fenced: true,
        in_controlled_shutdown: false,
        machine_id: command.machine_id,
    };
    let broker_epoch = registration.broker_epoch;
    records.extend(missing_metadata_version(image));
    records.push(registration_record(&registration).into());
    records.push(MetadataRecord::BrokerMachine(BrokerMachineRecord {
        broker_id: id,
        machine_id: command.machine_id,
    }));
    let mut after = image.clone();
    for departure in departures(command.start, previous) {
        step(&mut after, records, |after, out| broker_departed(after, id, *departure, out));
    }
    step(&mut after, records, |after, out| {
        directories_lost(after, id, &command.directories, out);
    });
    Ok(RegisteredBroker { broker_epoch })
}

/// What the way in which the last run ended asks for. A mark of a clean stop that belongs to
/// another run than the last one comes from a folder that was put back: nothing is known of it.
fn departures(
    start: StartKind,
    previous: Option<&Arc<BrokerRegistration>>,
) -> &'static [Departure] {
    match (start, previous) {
        (_, None) => &[],
        (StartKind::Clean { previous_broker_epoch }, Some(previous))
            if previous_broker_epoch == previous.broker_epoch =>
        {
            &[]
        }
        (StartKind::Unclean, Some(_)) => &[Departure::Unclean],
        (StartKind::Clean { .. } | StartKind::Lossy | StartKind::Fresh, Some(_)) => {
            &[Departure::Lossy]
        }
    }
}

/// Decides one more thing about the registration, on the image after what is decided so far.
fn step(
    after: &mut MetadataImage,
    records: &mut Vec<MetadataRecord>,
    decide: impl FnOnce(&MetadataImage, &mut Vec<MetadataRecord>),
) {
    let mut decided = Vec::new();
    decide(after, &mut decided);
    let replayed = after.replay_all(&decided, &mut MetadataDelta::default());
    debug_assert_eq!(replayed, Ok(()), "a decision fits the image it was made on");
    records.append(&mut decided);
}

fn check_registration(image: &MetadataImage, command: &RegisterBroker) -> Result<(), ApiError> {
    if let (Some(ours), Some(theirs)) = (image.cluster_id(), &command.cluster_id)
        && ours != theirs
    {
        return Err(ApiError::new(
            ErrorCode::InconsistentClusterId,
            format!(
                "the folders of broker {} belong to cluster {theirs}, this is cluster {ours}",
                command.broker_id
            ),
        ));
    }
    if command.broker_id.get() < 0 {
        return Err(ApiError::new(
            ErrorCode::InvalidRegistration,
            format!("{} is not a broker id: it must not be negative", command.broker_id),
        ));
    }
    for other in image.brokers().filter(|other| other.broker_id != command.broker_id) {
        if other.directories.iter().any(|directory| command.directories.contains(directory)) {
            return Err(ApiError::new(
                ErrorCode::InvalidRegistration,
                format!(
                    "a log folder of broker {} is registered by broker {}: was it copied?",
                    command.broker_id, other.broker_id
                ),
            ));
        }
    }
    Ok(())
}

pub(super) fn unfence(
    image: &MetadataImage,
    command: &UnfenceBroker,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let broker = current_broker(image, command.broker_id, command.broker_epoch)?;
    if broker.fenced {
        records
            .push(UnfenceBrokerRecord { id: broker.broker_id, epoch: broker.broker_epoch }.into());
        broker_returned(image, broker.broker_id, &broker.directories, records);
    }
    Ok(())
}

pub(super) fn fence(
    image: &MetadataImage,
    command: &FenceBroker,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let broker = current_broker(image, command.broker_id, command.broker_epoch)?;
    if !broker.fenced {
        records.push(FenceBrokerRecord { id: broker.broker_id, epoch: broker.broker_epoch }.into());
        broker_departed(image, broker.broker_id, Departure::Fenced, records);
    }
    Ok(())
}

/// Partitions whose only ISR member stops keep it as their leader: nobody else could serve them,
/// and its clean stop loses nothing.
pub(super) fn controlled_shutdown(
    image: &MetadataImage,
    command: &ControlledShutdown,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let broker = current_broker(image, command.broker_id, command.broker_epoch)?;
    if broker.in_controlled_shutdown {
        return Ok(());
    }
    records.push(
        BrokerRegistrationChangeRecord {
            broker_id: broker.broker_id,
            broker_epoch: broker.broker_epoch,
            in_controlled_shutdown: 1,
            ..BrokerRegistrationChangeRecord::default()
        }
        .into(),
    );
    let mut moved = Vec::new();
    broker_departed(image, broker.broker_id, Departure::Fenced, &mut moved);
    records.extend(moved.into_iter().filter(|record| match record {
        MetadataRecord::PartitionChange(change) => change.isr.is_some(),
        _ => true,
    }));
    Ok(())
}

pub(super) fn unregister(
    image: &MetadataImage,
    command: &UnregisterBroker,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let id = command.broker_id;
    let Some(broker) = image.broker(id) else {
        return Err(ApiError::new(
            ErrorCode::BrokerIdNotRegistered,
            format!("broker {id} is not registered"),
        ));
    };
    broker_departed(image, id, Departure::Fenced, records);
    records
        .push(UnregisterBrokerRecord { broker_id: id, broker_epoch: broker.broker_epoch }.into());
    Ok(())
}

pub(super) fn assign_directories(
    image: &MetadataImage,
    command: &AssignDirectories,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let broker = current_broker(image, command.broker_id, command.broker_epoch)?;
    for &(topic_id, index, directory) in &command.assignments {
        // It has failed meanwhile; what lies in the others is noted all the same.
        if !broker.directories.contains(&directory) {
            continue;
        }
        // A topic may have been deleted meanwhile: nothing to note then.
        let Some((_, partition)) = image.partition(topic_id, index) else { continue };
        let replica = partition.replicas.iter().position(|&id| id == broker.broker_id);
        let Some(replica) = replica else { continue };
        if partition.directories.get(replica) == Some(&directory) {
            continue;
        }
        let mut directories = partition.directories.clone();
        directories[replica] = directory;
        let mut change = unchanged(topic_id, index);
        change.directories = Some(directories);
        // What was found in a folder that works ends the wait for one that does not.
        if partition.leader.is_none()
            && partition.isr.contains(&broker.broker_id)
            && broker.is_active()
        {
            change.leader = broker.broker_id;
        }
        records.push(change.into());
    }
    Ok(())
}

/// A registration without any folder cannot be written down: with the last folder the broker goes.
pub(super) fn fail_directories(
    image: &MetadataImage,
    command: &FailDirectories,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let broker = current_broker(image, command.broker_id, command.broker_epoch)?;
    let is_left = |id: &&Uuid| !command.directories.contains(id);
    let left: Vec<Uuid> = broker.directories.iter().filter(is_left).copied().collect();
    if left.len() == broker.directories.len() {
        return Ok(());
    }
    if left.is_empty() {
        return Err(ApiError::new(
            ErrorCode::InvalidRequest,
            format!("broker {} has no log folder left", broker.broker_id),
        ));
    }
    records.push(
        BrokerRegistrationChangeRecord {
            broker_id: broker.broker_id,
            broker_epoch: broker.broker_epoch,
            log_dirs: left.clone(),
            ..BrokerRegistrationChangeRecord::default()
        }
        .into(),
    );
    directories_lost(image, broker.broker_id, &left, records);
    Ok(())
}
