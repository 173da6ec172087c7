//! The clockwork: what runs at intervals, each on a thread that may wait for the disk.

use std::sync::Arc;
use std::time::Duration;

use metadata::FailDirectories;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

use crate::cleaner;
use crate::groups::Groups;
use crate::metadata_applier::report_directories;
use crate::{Broker, Partitions};

/// How often is tried again what a full disk, for one, has kept from being done.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How often is looked whether the machine's clock has jumped.
const CLOCK_INTERVAL_MS: u64 = 10_000;

/// Starts every background task; each ends when `stop` becomes true.
pub(crate) fn start(broker: &Arc<Broker>, stop: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let every = |interval: fn(&Broker) -> u64, work: fn(&Arc<Partitions>)| {
        tokio::spawn(repeat(Arc::clone(broker), stop.clone(), interval, work))
    };
    vec![
        tokio::spawn(sync_what_lingers(Arc::clone(broker), stop.clone())),
        every(checkpoint_interval, |partitions| partitions.checkpoint()),
        tokio::spawn(retry_what_is_pending(Arc::clone(broker), stop.clone())),
        every(
            |broker| broker.settings().log_retention_check_interval_ms,
            |partitions| partitions.retain(),
        ),
        tokio::spawn(remove_deleted_files(Arc::clone(broker), stop.clone())),
        tokio::spawn(give_up_failed_folders(Arc::clone(broker), stop.clone())),
        tokio::spawn(move_partitions(Arc::clone(broker), stop.clone())),
        every(|_| CLOCK_INTERVAL_MS, watch_clock),
        tokio::spawn(cleaner::run(Arc::clone(broker), stop.clone())),
        Groups::start(broker, stop),
    ]
}

/// What nobody waits for is synced within `klamm.sync.interval.ms`, or within the shortest `flush.ms`
/// of any topic where that is shorter.
fn sync_interval(broker: &Broker) -> u64 {
    broker.settings().sync_interval_ms.min(broker.partitions().shortest_flush_ms())
}

/// Sleeps while nothing waits for a background sync, whatever the interval is.
async fn sync_what_lingers(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    let lingers = broker.partitions().lingers();
    loop {
        let due = async {
            lingers.notified().await;
            tokio::time::sleep(Duration::from_millis(sync_interval(&broker).max(1))).await;
        };
        tokio::select! {
            () = due => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let partitions = Arc::clone(broker.partitions());
        if let Err(error) = tokio::task::spawn_blocking(move || partitions.sync_all()).await {
            warn!(%error, "a background sync failed");
        }
    }
}

/// Sleeps while there is nothing to be tried again.
async fn retry_what_is_pending(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        let due = async {
            broker.partitions().until_pending().await;
            tokio::time::sleep(RETRY_INTERVAL).await;
        };
        tokio::select! {
            () = due => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let partitions = Arc::clone(broker.partitions());
        if let Err(error) = tokio::task::spawn_blocking(move || partitions.retry_pending()).await {
            warn!(%error, "what was pending could not be tried again");
        }
        report_directories(broker.quorum(), broker.partitions(), broker.identity()).await;
    }
}

/// Sleeps while no partition is to be moved to another folder.
async fn move_partitions(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = broker.partitions().until_move() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let partitions = Arc::clone(broker.partitions());
        let mut moving = tokio::task::spawn_blocking(move || partitions.work_off_moves());
        let ended = tokio::select! {
            moved = &mut moving => Some(moved),
            _ = stop.wait_for(|stop| *stop) => None,
        };
        let moved = match ended {
            Some(moved) => moved,
            None => {
                broker.partitions().stop_moves();
                moving.await
            }
        };
        if let Err(error) = moved {
            warn!(%error, "partitions were not moved");
        }
    }
}

/// Sleeps while no folder fails.
async fn give_up_failed_folders(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = broker.partitions().until_folder_fails() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let partitions = Arc::clone(broker.partitions());
        let closed = tokio::task::spawn_blocking(move || partitions.close_failed_folders()).await;
        let Ok(directories) = closed else { continue };
        if broker.partitions().is_lost() {
            continue;
        }
        let identity = broker.identity();
        let command = FailDirectories {
            broker_id: identity.broker_id,
            broker_epoch: identity.broker_epoch,
            directories,
        };
        match broker.quorum().submit(command).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%error, "the failed folders were not given up"),
            Err(error) => warn!(%error, "the failed folders were not given up"),
        }
    }
}

/// All checkpoints are written together, at the shortest of their intervals.
fn checkpoint_interval(broker: &Broker) -> u64 {
    let settings = broker.settings();
    settings
        .replica_high_watermark_checkpoint_interval_ms
        .min(settings.log_flush_offset_checkpoint_interval_ms)
        .min(settings.log_flush_start_offset_checkpoint_interval_ms)
}

async fn repeat(
    broker: Arc<Broker>,
    mut stop: watch::Receiver<bool>,
    interval: fn(&Broker) -> u64,
    work: fn(&Arc<Partitions>),
) {
    loop {
        let pause = Duration::from_millis(interval(&broker).max(1));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let partitions = Arc::clone(broker.partitions());
        if let Err(error) = tokio::task::spawn_blocking(move || work(&partitions)).await {
            warn!(%error, "a background task failed");
        }
    }
}

/// Removes the files of deleted segments once readers had time to finish.
async fn remove_deleted_files(broker: Arc<Broker>, mut stop: watch::Receiver<bool>) {
    loop {
        let partitions = Arc::clone(broker.partitions());
        tokio::select! {
            () = partitions.until_files_may_go() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let removed = tokio::task::spawn_blocking(move || partitions.remove_files_that_may_go());
        if let Err(error) = removed.await {
            warn!(%error, "files of deleted segments are still there");
        }
    }
}

fn watch_clock(partitions: &Arc<Partitions>) {
    partitions.clock().look();
    partitions.clock().write();
}
