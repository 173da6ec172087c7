//! Exported folders on a simulated disk: what `adoption` reads back is what was exported, what is
//! missing is refused by name, and the node's own folders stay as they are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adoption::{Export, ExportError};
use metadata::{ConfigResource, MetadataDelta, MetadataImage, MetadataRecord};
use model::{
    BrokerId, LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicId, TopicPartition, Uuid,
};
use protocol::data::{
    ConfigRecord, FeatureLevelRecord, PartitionRecord, ProducerIdsRecord, TopicRecord,
};
use storage::fs::{FileSystem, OpenMode, SimulatedFileSystem, read_file, write_all_at};
use storage::{Checkpoint, LogDirectory, OffsetCheckpoint};

const THIS: BrokerId = BrokerId::new(1);
const TOPIC: TopicId = Uuid::from_bytes([1; 16]);
const DIRECTORY: Uuid = Uuid::from_bytes([7; 16]);
const TARGET: &str = "/export/data";
const NOW: Timestamp = Timestamp::new(1_700_000_000_000);

struct Bench {
    disk: SimulatedFileSystem,
    records: Vec<MetadataRecord>,
}

impl Bench {
    /// A node with the topic `t` of two partitions, one in each of its two folders.
    fn new() -> Self {
        let partition = |index| PartitionRecord {
            partition_id: PartitionIndex::new(index),
            topic_id: TOPIC,
            replicas: vec![THIS],
            isr: vec![THIS],
            leader: THIS,
            leader_epoch: LeaderEpoch::new(4),
            partition_epoch: 6,
            directories: vec![Uuid::from_bytes([9; 16])],
            ..PartitionRecord::default()
        };
        let config = |name: &str, value: &str| ConfigRecord {
            resource_type: 2,
            resource_name: "t".into(),
            name: name.into(),
            value: Some(value.into()),
        };
        let feature =
            |name: &str, level| FeatureLevelRecord { name: name.into(), feature_level: level };
        let producer_ids =
            ProducerIdsRecord { broker_id: THIS, broker_epoch: 3, next_producer_id: 5000.into() };
        let records = vec![
            feature("metadata.version", 30).into(),
            TopicRecord { name: "t".into(), topic_id: TOPIC }.into(),
            partition(0).into(),
            partition(1).into(),
            config("retention.ms", "1234").into(),
            config("klamm.own", "x").into(),
            producer_ids.into(),
        ];
        let bench = Self { disk: SimulatedFileSystem::new(), records };
        for (folder, index) in [("/first", 0), ("/second", 1)] {
            let path = format!("{folder}/t-{index}");
            bench.file(format!("{path}/00000000000000000000.log"), &[index as u8; 3000]);
            bench.file(format!("{path}/klamm.recovery-limit"), b"ours");
            let id = format!("version: 0\ntopic_id: {TOPIC}\n");
            bench.file(format!("{path}/partition.metadata"), id.as_bytes());
            let at = TopicPartition::new("t", PartitionIndex::new(index));
            let offsets = OffsetCheckpoint::from([(at, Offset::new(i64::from(index) + 10))]);
            bench.folder(folder).write_checkpoint(Checkpoint::RecoveryPoint, &offsets).unwrap();
        }
        bench
    }

    fn file(&self, path: impl Into<PathBuf>, contents: &[u8]) {
        let path = path.into();
        self.disk.create_directories(path.parent().unwrap()).unwrap();
        let file = self.disk.open(&path, OpenMode::Create).unwrap();
        write_all_at(&*file, 0, contents).unwrap();
    }

    fn folder(&self, path: &str) -> LogDirectory {
        LogDirectory::open(Arc::new(self.disk.clone()), PathBuf::from(path)).unwrap()
    }

    fn plan(&self) -> Result<Export, ExportError> {
        let mut image = MetadataImage::default();
        image.replay_all(&self.records, &mut MetadataDelta::default()).unwrap();
        let folders = [self.folder("/first"), self.folder("/second")];
        Export::plan(&folders.each_ref(), &image, THIS, "cluster")
    }

    fn export(&self) -> Result<(), ExportError> {
        let mut last = None;
        self.plan()?.write(Path::new(TARGET), DIRECTORY, NOW, "now", &mut |progress| {
            last =
                Some((progress.done, progress.partitions, progress.bytes == progress.bytes_done));
        })?;
        assert_eq!(last, Some((2, 2, true)));
        Ok(())
    }

    fn refusal(&self) -> String {
        self.export().unwrap_err().to_string()
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        read_file(&self.disk, Path::new(path)).unwrap()
    }
}

#[test]
fn what_is_exported_is_read_back_as_a_folder_of_kafka() {
    let bench = Bench::new();
    bench.export().unwrap();
    let directory = bench.folder(TARGET);
    let properties = directory.meta_properties().unwrap().unwrap();
    assert_eq!(properties.directory_id, Some(DIRECTORY));
    assert_eq!(properties.cluster_id.as_deref(), Some("cluster"));
    let found = adoption::read(&[(&directory, Some(&properties))], THIS).unwrap().unwrap();
    let topic = &found.source.topics["t"];
    assert_eq!(topic.id, Some(TOPIC));
    assert_eq!(topic.partitions.len(), 2);
    for partition in topic.partitions.values() {
        assert_eq!(partition.replicas, [THIS]);
        assert_eq!(partition.leader_epoch, LeaderEpoch::new(4));
        assert_eq!(partition.directories, [DIRECTORY]);
    }
    let configs = &found.source.configs[&ConfigResource::topic("t")];
    assert_eq!(configs.iter().collect::<Vec<_>>(), [(&"retention.ms".into(), &"1234".into())]);
    assert_eq!(found.source.next_producer_id, 5000);
    assert_eq!(found.source.features["metadata.version"], 25);
}

#[test]
fn partitions_of_all_folders_are_copied_without_what_is_ours_alone() {
    let bench = Bench::new();
    bench.export().unwrap();
    for index in 0..2u8 {
        let folder = format!("{TARGET}/t-{index}");
        let log = bench.read(&format!("{folder}/00000000000000000000.log"));
        assert_eq!(log, Some(vec![index; 3000]));
        assert_eq!(bench.read(&format!("{folder}/klamm.recovery-limit")), None);
    }
    let offsets = bench.folder(TARGET).read_checkpoint(Checkpoint::RecoveryPoint).unwrap();
    assert_eq!(offsets.values().copied().collect::<Vec<_>>(), [Offset::new(10), Offset::new(11)]);
}

#[test]
fn features_beside_the_level_keep_it_and_lose_what_makes_a_first_start_a_crash() {
    let mut bench = Bench::new();
    for (name, level) in [("group.version", 1), ("eligible.leader.replicas.version", 1)] {
        let record = FeatureLevelRecord { name: name.into(), feature_level: level };
        bench.records.push(record.into());
    }
    bench.export().unwrap();
    let directory = bench.folder(TARGET);
    let properties = directory.meta_properties().unwrap().unwrap();
    let found = adoption::read(&[(&directory, Some(&properties))], THIS).unwrap().unwrap();
    let features: Vec<_> = found.source.features.into_iter().collect();
    assert_eq!(features, [("group.version".to_owned(), 1), ("metadata.version".to_owned(), 30)]);
}

#[test]
fn a_missing_partition_and_one_of_another_topic_are_refused_by_name() {
    let bench = Bench::new();
    let id = format!("version: 0\ntopic_id: {}\n", Uuid::from_bytes([2; 16]));
    bench.file("/first/t-0/partition.metadata", id.as_bytes());
    bench.disk.rename(Path::new("/second/t-1"), Path::new("/second/aside")).unwrap();
    let refusal = bench.refusal();
    assert!(refusal.contains("/first/t-0"), "{refusal}");
    assert!(refusal.contains("t-1 is missing"), "{refusal}");
    assert!(!bench.disk.exists(Path::new(TARGET)).unwrap());
}

#[test]
fn a_volume_without_room_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    let free = |bytes: u64| bench.disk.set_capacity(Some(bench.disk.used_bytes() + bytes));
    free(6000);
    let refusal = bench.refusal();
    assert!(refusal.contains("are free there: make room"), "{refusal}");
    assert!(!bench.disk.exists(Path::new(TARGET)).unwrap());
    free(1_000_000);
    bench.export().unwrap();
}

#[test]
fn a_folder_that_holds_something_is_not_written_into() {
    let bench = Bench::new();
    bench.file(format!("{TARGET}/mine.txt"), b"precious");
    let refusal = bench.refusal();
    assert!(refusal.contains("mine.txt"), "{refusal}");
    assert_eq!(bench.disk.list(Path::new(TARGET)).unwrap().len(), 1);
}
