//! Partitions over disks in memory: where they are placed, what of an earlier run counts, and what
//! is tried again.

mod moving;

use std::path::Path;

use metadata::{
    AlterConfigs, AssignDirectories, ConfigAlteration, ConfigOperation, ConfigResource,
    CreateTopics, DeleteTopics, MetadataDelta, MetadataImage, NewTopic, RegisterBroker,
    ResourceAlteration, StartKind, TopicSelector, UnfenceBroker,
};
use model::BrokerId;
use quorum::{Options, Quorum};
use storage::fs::{Fault, FileSystem, Operation, SimulatedFileSystem};
use storage::{read_topic_id, write_topic_id};

use super::*;
use crate::metadata_applier::report_directories;

const THIS: BrokerId = BrokerId::new(1);
const OTHER_TOPIC: Uuid = Uuid::from_bytes([9; 16]);

fn folder_id(index: u8) -> Uuid {
    Uuid::from_random([index; 16])
}

/// A disk with two log folders, and the metadata of a cluster of one broker.
struct Bench {
    disk: Arc<SimulatedFileSystem>,
    quorum: Quorum,
    broker_epoch: i64,
}

impl Bench {
    async fn start() -> Self {
        let disk = Arc::new(SimulatedFileSystem::new());
        let options = Options { file_system: disk.clone(), ..Options::default() };
        let identity = quorum::Identity {
            node_id: THIS,
            directory_id: folder_id(7),
            cluster_id: "test-cluster".into(),
        };
        let quorum = Quorum::start("/metadata".as_ref(), identity, options).await.expect("starts");
        let register = RegisterBroker {
            broker_id: THIS,
            incarnation_id: folder_id(8),
            cluster_id: Some("test-cluster".into()),
            endpoints: Vec::new(),
            rack: None,
            directories: vec![folder_id(0), folder_id(1)],
            machine_id: Uuid::ZERO,
            start: StartKind::Fresh,
        };
        let registered = quorum.submit(register).await.expect("answers").expect("registers");
        let broker_epoch = registered.broker_epoch;
        let unfence = UnfenceBroker { broker_id: THIS, broker_epoch };
        quorum.submit(unfence).await.expect("answers").expect("unfences");
        Self { disk, quorum, broker_epoch }
    }

    /// Creates the topic `t` of one partition.
    async fn create_topic(&self) -> TopicId {
        let topic = NewTopic {
            name: "t".into(),
            partition_count: 1,
            replication_factor: 1,
            ..Default::default()
        };
        let command =
            CreateTopics { topics: vec![topic], validate_only: false, is_needed_by_node: false };
        let answers = self.quorum.submit(command).await.expect("answers");
        answers[0].as_ref().expect("creates").topic_id
    }

    /// Tells the controller that the partition lies in this folder.
    async fn assign(&self, topic_id: TopicId, folder: u8) {
        let command = AssignDirectories {
            broker_id: THIS,
            broker_epoch: self.broker_epoch,
            assignments: vec![(topic_id, PartitionIndex::new(0), folder_id(folder))],
        };
        self.quorum.submit(command).await.expect("answers").expect("assigns");
    }

    /// Puts a folder of the partition into a log folder.
    fn put(&self, folder: u8, topic_id: TopicId) {
        let path = format!("/data-{folder}/t-0");
        self.disk.create_directories(path.as_ref()).expect("creates");
        write_topic_id(&*self.disk, path.as_ref(), topic_id).expect("writes");
    }

    fn owner(&self, folder: u8) -> Option<TopicId> {
        let path = format!("/data-{folder}/t-0");
        read_topic_id(&*self.disk, path.as_ref()).expect("reads")
    }

    fn open(&self) -> Arc<Partitions> {
        self.open_folders(&[0, 1])
    }

    /// Opens some of the log folders, as where a disk is not mounted.
    fn open_folders(&self, folders: &[u8]) -> Arc<Partitions> {
        let folder = |index: u8| {
            let path = format!("/data-{index}").into();
            let directory = LogDirectory::open(self.disk.clone(), path).expect("opens");
            FolderParts { directory, id: folder_id(index), clean: false, holds_metadata: false }
        };
        let node = Arc::new(NodeConfig::default_loopback());
        let folders = folders.iter().map(|index| folder(*index)).collect();
        Partitions::new(node, folders, 0).expect("opens")
    }

    /// Applies what the metadata says beyond `before`.
    fn apply(&self, partitions: &Partitions, before: &MetadataImage) -> Arc<MetadataImage> {
        let image = self.quorum.image();
        partitions.apply(THIS, &image, &MetadataDelta::between(before, &image));
        image
    }
}

/// The index of the folder from which the partition is served.
fn served_from(partitions: &Partitions, topic_id: TopicId) -> Option<usize> {
    partitions.by_id(topic_id, PartitionIndex::new(0)).map(|partition| partition.disk())
}

#[tokio::test]
async fn folder_of_the_topic_is_served_and_one_of_another_topic_left_alone() {
    for home in [0, 1] {
        let bench = Bench::start().await;
        let topic_id = bench.create_topic().await;
        bench.put(home, topic_id);
        bench.put(1 - home, OTHER_TOPIC);
        let partitions = bench.open();
        bench.apply(&partitions, &MetadataImage::default());
        assert_eq!(served_from(&partitions, topic_id), Some(usize::from(home)));
        assert_eq!(bench.owner(1 - home), Some(OTHER_TOPIC));
    }
}

#[tokio::test]
async fn of_two_copies_the_assigned_one_is_served() {
    for home in [0, 1] {
        let bench = Bench::start().await;
        let topic_id = bench.create_topic().await;
        bench.assign(topic_id, home).await;
        bench.put(0, topic_id);
        bench.put(1, topic_id);
        let partitions = bench.open();
        bench.apply(&partitions, &MetadataImage::default());
        assert_eq!(served_from(&partitions, topic_id), Some(usize::from(home)));
    }
}

#[tokio::test]
async fn partition_that_was_somewhere_is_not_begun_anew_over_another_topic() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    bench.assign(topic_id, 1).await;
    bench.put(1, OTHER_TOPIC);
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    assert_eq!(served_from(&partitions, topic_id), None);
    assert_eq!((bench.owner(0), bench.owner(1)), (None, Some(OTHER_TOPIC)));
}

fn checkpointed(partitions: &Partitions) -> bool {
    let named = TopicPartition::new("t", PartitionIndex::new(0));
    let of = |folder: &LogFolder| folder.directory.read_checkpoint(Checkpoint::Replication);
    partitions.folders.iter().any(|folder| of(folder).expect("reads").contains_key(&named))
}

#[tokio::test]
async fn checkpoints_forget_a_deleted_partition_before_its_name_is_used_again() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    let partitions = bench.open();
    let image = bench.apply(&partitions, &MetadataImage::default());
    partitions.folders.iter().for_each(|folder| folder.changed.store(true, Ordering::Relaxed));
    partitions.checkpoint();
    assert!(checkpointed(&partitions));
    let topics = vec![TopicSelector::Id(topic_id)];
    bench.quorum.submit(DeleteTopics { topics }).await.expect("answers");
    bench.apply(&partitions, &image);
    assert!(!checkpointed(&partitions));
}

#[tokio::test]
async fn checkpoints_of_a_folder_that_is_gone_are_forgotten_at_the_start() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    let partitions = bench.open();
    let stale = [(TopicPartition::new("t", PartitionIndex::new(0)), Offset::new(500))].into();
    let directory = &partitions.folders[0].directory;
    directory.write_checkpoint(Checkpoint::Replication, &stale).expect("writes");
    drop(partitions);
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    assert!(served_from(&partitions, topic_id).is_some());
    assert!(!checkpointed(&partitions));
}

#[tokio::test]
async fn partition_that_could_not_be_created_is_opened_later() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    let partitions = bench.open();
    bench.disk.inject(Fault {
        operation: Operation::Create,
        path_contains: "t-0".to_owned(),
        skip: 0,
        count: 2,
        error: std::io::ErrorKind::Other,
    });
    bench.apply(&partitions, &MetadataImage::default());
    assert_eq!(served_from(&partitions, topic_id), None);
    partitions.until_pending().await;
    partitions.retry_pending();
    partitions.until_pending().await;
    assert_eq!(served_from(&partitions, topic_id), None);
    partitions.retry_pending();
    assert!(served_from(&partitions, topic_id).is_some());
    assert_eq!(partitions.take_unreported_directories().len(), 1);
}

#[tokio::test]
async fn log_that_was_never_recovered_gets_no_mark_of_a_clean_stop() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    bench.put(0, topic_id);
    let partitions = bench.open();
    bench.disk.inject(Fault {
        operation: Operation::Create,
        path_contains: "t-0".to_owned(),
        skip: 0,
        count: 1,
        error: std::io::ErrorKind::Other,
    });
    bench.apply(&partitions, &MetadataImage::default());
    partitions.close(1);
    let marked = |folder: u8| {
        let path = format!("/data-{folder}/.kafka_cleanshutdown");
        bench.disk.exists(Path::new(&path)).expect("looks")
    };
    assert_eq!((marked(0), marked(1)), (false, true));
    // Nobody opens anything in a node that is closed.
    partitions.retry_pending();
    assert_eq!(served_from(&partitions, topic_id), None);
}

#[tokio::test]
async fn threads_that_were_set_while_a_node_ran_count_when_it_opens_logs_again() {
    let bench = Bench::start().await;
    let set = ConfigOperation::Set(Some("7".into()));
    let key = "num.recovery.threads.per.data.dir".into();
    let alteration = ConfigAlteration::Incremental(vec![(key, set)]);
    let resource = ConfigResource::broker_default();
    let resources = vec![ResourceAlteration { resource, alteration }];
    let command = AlterConfigs { resources, validate_only: false };
    assert!(bench.quorum.submit(command).await.expect("answers").iter().all(Result::is_ok));
    let partitions = bench.open();
    assert_eq!(partitions.recovery_threads(), 2);
    // The first that a start applies is all there is, and settings come before partitions.
    bench.apply(&partitions, &MetadataImage::default());
    assert_eq!(partitions.recovery_threads(), 7);
}

#[tokio::test]
async fn folder_that_could_not_be_reported_is_reported_again() {
    let bench = Bench::start().await;
    let topic_id = bench.create_topic().await;
    let partitions = bench.open();
    bench.apply(&partitions, &MetadataImage::default());
    let mut identity = crate::Identity {
        cluster_id: "test-cluster".into(),
        broker_id: THIS,
        broker_epoch: bench.broker_epoch + 1,
    };
    report_directories(&bench.quorum, &partitions, &identity).await;
    let directory = || {
        let image = bench.quorum.image();
        let partition = image.partition(topic_id, PartitionIndex::new(0));
        partition.expect("is known").1.directory_of(THIS)
    };
    assert_eq!(directory(), None);
    partitions.until_pending().await;
    identity.broker_epoch = bench.broker_epoch;
    report_directories(&bench.quorum, &partitions, &identity).await;
    assert!(directory().is_some());
    assert!(partitions.take_unreported_directories().is_empty());
}
