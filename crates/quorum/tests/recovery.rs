//! A quorum of one over real folders: what was answered is there after every kind of end.

mod common;

use std::path::{Path, PathBuf};

use common::{bring_up, create, delete, identity, registration, start};
use metadata::{NewTopic, StartKind, invariants};
use model::{BrokerId, Timestamp, Uuid};
use quorum::{DiskError, Identity, Options, Quorum, QuorumError};

fn small() -> Options {
    Options { snapshot_entries: 10, segment_bytes: 2048, entries_kept: 3, ..Options::default() }
}

fn files_ending(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn an_empty_folder_becomes_a_cluster_of_one_in_its_first_term() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    assert_eq!(quorum.image().cluster_id().map(|id| &**id), Some("klamm-test"));
    let status = quorum.status(Timestamp::new(5));
    assert_eq!((status.leader, status.leader_epoch), (Some(BrokerId::new(1)), 1));
    assert_eq!(status.voters.len(), 1);
    assert_eq!(status.voters[0].log_end_offset, status.high_watermark);
    assert_eq!(status.voters[0].directory_id, identity().directory_id);
    quorum.shutdown().await;
}

#[tokio::test]
async fn what_was_answered_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    let created = quorum.submit(create("orders", 3)).await.unwrap().remove(0).unwrap();
    quorum.submit(create("gone", 1)).await.unwrap().remove(0).unwrap();
    quorum.submit(delete("gone")).await.unwrap().remove(0).unwrap();
    let before = quorum.image();
    let term = quorum.status(Timestamp::new(5)).leader_epoch;
    quorum.shutdown().await;

    let quorum = start(folder.path(), Options::default()).await;
    let status = quorum.status(Timestamp::new(6));
    assert_eq!((status.leader, status.leader_epoch), (Some(BrokerId::new(1)), term));
    assert_eq!(*quorum.image(), *before);
    assert_eq!(quorum.image().topic("orders").unwrap().id, created.topic_id);
    assert!(quorum.image().topic("gone").is_none());
    quorum.submit(create("later", 1)).await.unwrap().remove(0).unwrap();
    quorum.shutdown().await;
}

#[tokio::test]
async fn a_snapshot_and_the_log_behind_it_give_the_same_image_as_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), small()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    // Snapshots are written, and the log is cut at its front, while commands are answered: how many
    // commands that takes is the machine's affair.
    for number in 0.. {
        quorum.submit(create(&format!("topic-{number}"), 2)).await.unwrap().remove(0).unwrap();
        if number % 3 == 0 {
            quorum.submit(delete(&format!("topic-{number}"))).await.unwrap().remove(0).unwrap();
        }
        let first_segment = files_ending(folder.path(), ".log").remove(0);
        let is_cut = !first_segment.ends_with("00000000000000000000.log");
        if number > 60 && is_cut && files_ending(folder.path(), ".snapshot").len() == 1 {
            break;
        }
        assert!(number < 3000, "the log is not cut, or older snapshots are not removed");
    }
    let before = quorum.image();
    quorum.shutdown().await;

    let quorum = start(folder.path(), small()).await;
    assert_eq!(*quorum.image(), *before);
    invariants::check(&quorum.image()).unwrap();
    quorum.shutdown().await;
}

#[tokio::test]
async fn a_tail_torn_at_any_byte_is_cut_and_what_stands_before_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    quorum.submit(create("kept", 1)).await.unwrap().remove(0).unwrap();
    let log = files_ending(folder.path(), ".log").remove(0);
    let safe_length = std::fs::metadata(&log).unwrap().len();
    quorum.submit(create("torn", 1)).await.unwrap().remove(0).unwrap();
    quorum.shutdown().await;
    let whole = std::fs::read(&log).unwrap();

    for length in (safe_length..whole.len() as u64).step_by(7) {
        let mut torn = whole[..length as usize].to_vec();
        // The file may have grown before its contents were written.
        torn.resize(whole.len(), 0);
        for contents in [&whole[..length as usize], &torn] {
            std::fs::write(&log, contents).unwrap();
            let quorum = start(folder.path(), Options::default()).await;
            assert!(quorum.image().topic("kept").is_some(), "cut at {length}");
            assert!(quorum.image().topic("torn").is_none(), "cut at {length}");
            quorum.submit(create("after", 1)).await.unwrap().remove(0).unwrap();
            quorum.shutdown().await;
        }
    }
}

#[tokio::test]
async fn damage_before_the_tail_names_the_file_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    quorum.shutdown().await;
    let log = files_ending(folder.path(), ".log").remove(0);
    let mut contents = std::fs::read(&log).unwrap();
    contents[20] ^= 1;
    std::fs::write(&log, contents).unwrap();
    let error = Quorum::start(folder.path(), identity(), Options::default()).await.unwrap_err();
    assert!(matches!(error, QuorumError::Disk(DiskError::Damaged { .. })), "{error}");
    let text = error.to_string();
    assert!(text.contains(&*log.to_string_lossy()) && text.contains("backup"), "{text}");
}

#[tokio::test]
async fn a_changed_byte_in_any_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), small()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    for number in 0..20 {
        quorum.submit(create(&format!("topic-{number}"), 1)).await.unwrap().remove(0).unwrap();
    }
    let log = files_ending(folder.path(), ".log").pop().unwrap();
    let before_last_entry = std::fs::metadata(&log).unwrap().len();
    quorum.submit(create("last", 1)).await.unwrap().remove(0).unwrap();
    quorum.shutdown().await;

    let mut files = files_ending(folder.path(), ".snapshot");
    files.extend([folder.path().join("vote"), log.clone()]);
    assert_eq!(files.len(), 3);
    for file in files {
        let whole = std::fs::read(&file).unwrap();
        // The last entry of the log cannot be told from one that a crash tore.
        let end = if file == log { before_last_entry as usize } else { whole.len() };
        for position in (0..end).step_by(5) {
            let mut changed = whole.clone();
            changed[position] ^= 0x10;
            std::fs::write(&file, changed).unwrap();
            let result = Quorum::start(folder.path(), identity(), small()).await;
            let error = result.expect_err(&format!("{} at {position}", file.display()));
            assert!(matches!(error, QuorumError::Disk(DiskError::Damaged { .. })), "{error}");
        }
        std::fs::write(&file, whole).unwrap();
    }
    std::fs::remove_file(folder.path().join("vote")).unwrap();
    let error = Quorum::start(folder.path(), identity(), small()).await.unwrap_err().to_string();
    assert!(error.contains("vote"), "{error}");
}

#[tokio::test]
async fn a_folder_of_another_node_or_cluster_is_refused_with_both_ids() {
    let folder = tempfile::tempdir().unwrap();
    start(folder.path(), Options::default()).await.shutdown().await;
    let others = [
        Identity { node_id: BrokerId::new(2), ..identity() },
        Identity { cluster_id: "another".into(), ..identity() },
        Identity { directory_id: Uuid::from_random([9; 16]), ..identity() },
    ];
    for other in others {
        let error =
            Quorum::start(folder.path(), other, Options::default()).await.unwrap_err().to_string();
        assert!(error.contains("belongs to node 1"), "{error}");
        assert!(error.contains(&*folder.path().to_string_lossy()), "{error}");
    }
}

#[tokio::test]
async fn a_stream_of_changes_begins_with_everything_and_leads_to_the_newest_image() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    quorum.submit(create("first", 2)).await.unwrap().remove(0).unwrap();
    let mut changes = quorum.changes();
    let everything = changes.next().await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&everything.image, &quorum.image()));
    assert_eq!(everything.delta.created_topics.len(), 1);
    assert_eq!(everything.delta.changed_partitions.len(), 2);

    quorum.submit(create("second", 1)).await.unwrap().remove(0).unwrap();
    let change = changes.next().await.unwrap();
    assert_eq!(
        change.delta.created_topics.values().map(|name| &**name).collect::<Vec<_>>(),
        ["second"]
    );
    assert_eq!(*change.image, *quorum.image());

    // A slow reader gets what it missed as one change.
    quorum.submit(create("third", 1)).await.unwrap().remove(0).unwrap();
    quorum.submit(delete("second")).await.unwrap().remove(0).unwrap();
    quorum.submit(delete("third")).await.unwrap().remove(0).unwrap();
    let change = changes.next().await.unwrap();
    assert!(change.delta.created_topics.is_empty(), "{:?}", change.delta);
    assert_eq!(change.delta.deleted_topics.len(), 1);
    quorum.shutdown().await;
    assert!(changes.next().await.is_none());
}

#[tokio::test]
async fn commands_that_arrive_together_share_entries() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    let before = quorum.status(Timestamp::new(0)).high_watermark;
    let quorum = std::sync::Arc::new(quorum);
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let quorum = quorum.clone();
            tokio::spawn(async move {
                // Half of them want the same name: exactly one may have it.
                let name = if number % 2 == 0 { "same".into() } else { format!("own-{number}") };
                quorum.submit(create(&name, 1)).await.unwrap().remove(0).is_ok()
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += usize::from(task.await.unwrap());
    }
    assert_eq!(done, 101);
    assert_eq!(quorum.image().topic_count(), 101);
    let entries = quorum.status(Timestamp::new(0)).high_watermark - before;
    assert!(entries < 50, "{entries} entries for 200 commands");
    quorum.shutdown().await;
}

#[tokio::test]
async fn an_unclean_start_leads_in_a_new_epoch_and_a_clean_one_in_the_old() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), Options::default()).await;
    let first = bring_up(&quorum, StartKind::Fresh, 1).await;
    quorum.submit(create("orders", 1)).await.unwrap().remove(0).unwrap();
    let epoch =
        |quorum: &Quorum| quorum.image().topic("orders").unwrap().partitions[0].leader_epoch.get();
    assert_eq!(epoch(&quorum), 0);
    let clean = StartKind::Clean { previous_broker_epoch: first };
    let second = bring_up(&quorum, clean, 2).await;
    assert!(second > first);
    assert_eq!(epoch(&quorum), 0);
    // The new epoch is there before the broker is unfenced.
    quorum.submit(registration(StartKind::Unclean, 3)).await.unwrap().unwrap();
    assert_eq!(epoch(&quorum), 1);
    assert!(quorum.image().broker(BrokerId::new(1)).unwrap().fenced);
    quorum.shutdown().await;
}

#[tokio::test]
async fn ten_thousand_topics_come_back_from_a_snapshot() {
    const PER_COMMAND: usize = 500;
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), small()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    let names: Vec<_> = (0..10_000).map(|number| format!("topic-{number}")).collect();
    for names in names.chunks(PER_COMMAND) {
        let mut command = create("", 1);
        let pattern = command.topics.remove(0);
        command.topics.extend(
            names.iter().map(|name| NewTopic { name: name.as_str().into(), ..pattern.clone() }),
        );
        assert!(quorum.submit(command).await.unwrap().iter().all(Result::is_ok));
    }
    let before = quorum.image();
    quorum.shutdown().await;
    assert_eq!(files_ending(folder.path(), ".snapshot").len(), 1);
    let quorum = start(folder.path(), small()).await;
    assert_eq!(quorum.image().topic_count(), 10_000);
    assert_eq!(*quorum.image(), *before);
    quorum.shutdown().await;
}

#[tokio::test]
async fn a_stopped_node_is_read_without_a_quorum_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let quorum = start(folder.path(), small()).await;
    bring_up(&quorum, StartKind::Fresh, 1).await;
    // The log is cut in the background, some time after a snapshot.
    for number in 0..1000 {
        quorum.submit(create(&format!("topic-{number}"), 2)).await.unwrap().remove(0).unwrap();
        if number > 25 && folder.path().join("purged").exists() {
            break;
        }
    }
    let image = quorum.image();
    quorum.shutdown().await;
    let contents = || {
        let files = files_ending(folder.path(), "");
        files.into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect::<Vec<_>>()
    };
    let before = contents();
    let file_system = Options::default().file_system;
    let read = quorum::read_image(file_system.clone(), folder.path()).unwrap();
    assert_eq!(read, *image);
    assert!(before == contents(), "reading has changed something");

    // Without its snapshot the log does not reach back far enough.
    let snapshots = files_ending(folder.path(), ".snapshot");
    assert!(!snapshots.is_empty());
    for snapshot in snapshots {
        std::fs::remove_file(snapshot).unwrap();
    }
    let error = quorum::read_image(file_system, folder.path()).unwrap_err();
    assert!(error.to_string().contains("neither in the log nor in a snapshot"), "{error}");
}
