//! Brings what the quorum decides to the partitions of this node, in order, and shows an image to
//! clients only once the partitions have caught up with it.

use std::sync::Arc;

use metadata::{AssignDirectories, MetadataImage};
use quorum::{MetadataChange, Quorum};
use storage::StorageError;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

use crate::{Identity, Partitions};

/// The task that applies, and the image that the partitions have caught up with.
pub type Applying = (JoinHandle<()>, watch::Receiver<Arc<MetadataImage>>);

/// Opens the partitions that the metadata gives this broker, and goes on applying what changes.
/// Returns when everything there is now is open.
pub async fn apply_metadata(
    quorum: Arc<Quorum>,
    partitions: Arc<Partitions>,
    identity: &Identity,
    boot_id: Option<String>,
) -> Result<Applying, StorageError> {
    let identity = identity.clone();
    let mut changes = quorum.changes();
    let (sender, applied) = watch::channel(quorum.image());
    if let Some(first) = changes.next().await {
        let image = apply(&partitions, &identity, first).await;
        partitions.warn_of_strays(&image);
        partitions.warn_of_missing_folders(identity.broker_id, &image);
        partitions.begin_run(boot_id.as_deref())?;
        report_directories(&quorum, &partitions, &identity).await;
        sender.send_replace(image);
    }
    let task = tokio::spawn(async move {
        while let Some(change) = changes.next().await {
            let image = apply(&partitions, &identity, change).await;
            // Before anybody can produce to a partition, its folder is known: one that is missing
            // after that is lost, and never comes back empty.
            report_directories(&quorum, &partitions, &identity).await;
            sender.send_replace(image);
        }
    });
    Ok((task, applied))
}

async fn apply(
    partitions: &Arc<Partitions>,
    identity: &Identity,
    change: MetadataChange,
) -> Arc<MetadataImage> {
    let image = Arc::clone(&change.image);
    let partitions = Arc::clone(partitions);
    let this = identity.broker_id;
    let work = move || partitions.apply(this, &change.image, &change.delta);
    if let Err(error) = tokio::task::spawn_blocking(work).await {
        warn!(%error, "a change of the metadata was not applied");
    }
    image
}

/// Tells the controller in which folder new partitions were put, so that a folder that is missing
/// one day is not taken for an empty one.
pub(crate) async fn report_directories(
    quorum: &Quorum,
    partitions: &Partitions,
    identity: &Identity,
) {
    let assignments = partitions.take_unreported_directories();
    if assignments.is_empty() {
        return;
    }
    let command = AssignDirectories {
        broker_id: identity.broker_id,
        broker_epoch: identity.broker_epoch,
        assignments: assignments.clone(),
    };
    let refusal = match quorum.submit(command).await {
        Ok(Ok(())) => return,
        Ok(Err(refusal)) => refusal.to_string(),
        Err(error) => error.to_string(),
    };
    warn!(error = refusal, "the folders of new partitions are not reported; it is tried again");
    partitions.report_again(assignments);
}
