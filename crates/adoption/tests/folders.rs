//! Folders of both eras on a simulated disk: what is taken over, what is refused, and that reading
//! changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adoption::{Adoption, AdoptionError, Era};
use bytes::{BufMut, Bytes, BytesMut};
use metadata::{ConfigResource, MetadataDelta, MetadataImage};
use model::{BrokerId, LeaderEpoch, Offset, PartitionIndex, Timestamp, TopicId, Uuid};
use protocol::Message;
use protocol::data::{
    AccessControlEntryRecord, ConfigRecord, LeaderChangeMessage, PartitionChangeRecord,
    PartitionRecord, ProducerIdsRecord, RemoveAccessControlEntryRecord, RemoveTopicRecord,
    TopicRecord, UserScramCredentialRecord, VotersRecord, ZkMigrationStateRecord,
    leader_change_message, voters_record,
};
use records::{BatchBuilder, Compression};
use storage::fs::{FileSystem, OpenMode, SimulatedFileSystem, read_file, write_all_at};
use storage::{LogDirectory, MetaProperties, MetaVersion};

const THIS: BrokerId = BrokerId::new(1);
const DATA: &str = "/data";
const METADATA: &str = "/data/__cluster_metadata-0";
const DIRECTORY: Uuid = Uuid::from_bytes([9; 16]);
const TOPIC: TopicId = Uuid::from_bytes([1; 16]);
const OTHER_TOPIC: TopicId = Uuid::from_bytes([2; 16]);

struct Bench {
    disk: SimulatedFileSystem,
    version: MetaVersion,
}

impl Bench {
    fn new(version: MetaVersion) -> Self {
        let disk = SimulatedFileSystem::new();
        disk.create_directories(Path::new(DATA)).unwrap();
        Self { disk, version }
    }

    fn file(&self, path: impl Into<PathBuf>, contents: &[u8]) {
        let path = path.into();
        self.disk.create_directories(path.parent().unwrap()).unwrap();
        let file = self.disk.open(&path, OpenMode::Create).unwrap();
        file.set_length(0).unwrap();
        write_all_at(&*file, 0, contents).unwrap();
    }

    fn log(&self, contents: &[u8]) {
        self.file(format!("{METADATA}/00000000000000000000.log"), contents);
    }

    fn partition(&self, name: &str, topic_id: Option<TopicId>, epoch: i32) {
        let folder = format!("{DATA}/{name}");
        self.file(format!("{folder}/00000000000000000000.log"), b"");
        if let Some(id) = topic_id {
            let text = format!("version: 0\ntopic_id: {id}\n");
            self.file(format!("{folder}/partition.metadata"), text.as_bytes());
        }
        let text = format!("0\n1\n{epoch} 0\n");
        self.file(format!("{folder}/leader-epoch-checkpoint"), text.as_bytes());
    }

    fn read(&self) -> Result<Option<Adoption>, AdoptionError> {
        let disk = Arc::new(self.disk.clone());
        let directory = LogDirectory::open(disk, PathBuf::from(DATA)).unwrap();
        let properties = self.properties();
        let before = self.contents();
        let outcome = adoption::read(&[(&directory, Some(&properties))], THIS);
        assert_eq!(self.contents(), before, "reading has changed something");
        outcome
    }

    fn properties(&self) -> MetaProperties {
        MetaProperties {
            version: self.version,
            cluster_id: Some("c".to_owned()),
            node_id: Some(THIS),
            directory_id: Some(DIRECTORY),
            other: Default::default(),
        }
    }

    /// With a second folder beside the first, which has no `meta.properties`.
    fn read_with_another(&self, path: &str) -> Result<Option<Adoption>, AdoptionError> {
        let open = |path: &str| {
            LogDirectory::open(Arc::new(self.disk.clone()), PathBuf::from(path)).unwrap()
        };
        let (directory, other) = (open(DATA), open(path));
        adoption::read(&[(&directory, Some(&self.properties())), (&other, None)], THIS)
    }

    fn refusal(&self) -> String {
        self.read().unwrap_err().to_string()
    }

    fn image(&self) -> (MetadataImage, Adoption) {
        let adoption = self.read().unwrap().expect("something to take over");
        let records = adoption.records(&[DIRECTORY], || OTHER_TOPIC);
        let mut image = MetadataImage::default();
        image.replay_all(&records, &mut MetadataDelta::default()).unwrap();
        metadata::invariants::check(&image).unwrap();
        (image, adoption)
    }

    /// Every file with what it holds.
    fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::from(DATA)];
        while let Some(folder) = folders.pop() {
            for entry in self.disk.list(&folder).unwrap() {
                let path = folder.join(&entry.name);
                match entry.is_directory {
                    true => folders.push(path),
                    false => {
                        let contents = read_file(&self.disk, &path).unwrap().unwrap();
                        found.push((path, contents));
                    }
                }
            }
        }
        found
    }
}

/// A record of Kafka in its frame.
fn framed(key: u8, version: i16, message: &impl Message) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_slice(&[1, key, version as u8]);
    bytes.extend_from_slice(&message.to_bytes(version).unwrap());
    bytes.freeze()
}

/// One batch with these record values.
fn batch(offset: i64, values: &[Bytes]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::new(offset), Compression::None);
    for value in values {
        builder.append(Timestamp::new(1), None, Some(value), []).unwrap();
    }
    builder.finish().unwrap()
}

fn control(offset: i64, kind: u8) -> Bytes {
    control_with(offset, kind, &[0, 0])
}

/// The record with which a term of the metadata quorum begins.
fn leader_change(offset: i64, voters: &[i32]) -> Bytes {
    let voter = |id: &i32| leader_change_message::Voter {
        voter_id: BrokerId::new(*id),
        ..Default::default()
    };
    let message = LeaderChangeMessage {
        leader_id: THIS,
        voters: voters.iter().map(voter).collect(),
        ..Default::default()
    };
    control_with(offset, 2, &message.to_bytes(0).unwrap())
}

fn voters(offset: i64, voters: &[i32]) -> Bytes {
    let voter =
        |id: &i32| voters_record::Voter { voter_id: BrokerId::new(*id), ..Default::default() };
    let message = VotersRecord { voters: voters.iter().map(voter).collect(), ..Default::default() };
    control_with(offset, 6, &message.to_bytes(0).unwrap())
}

fn control_with(offset: i64, kind: u8, value: &[u8]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::new(offset), Compression::None);
    builder.control();
    builder.append(Timestamp::new(1), Some(&[0, 0, 0, kind]), Some(value), []).unwrap();
    builder.finish().unwrap()
}

fn topic(name: &str, id: TopicId) -> Bytes {
    framed(2, 0, &TopicRecord { name: name.into(), topic_id: id })
}

fn partition(id: TopicId, index: i32, replicas: &[i32]) -> Bytes {
    let brokers = || replicas.iter().copied().map(BrokerId::new).collect();
    let record = PartitionRecord {
        partition_id: PartitionIndex::new(index),
        topic_id: id,
        replicas: brokers(),
        isr: brokers(),
        leader: THIS,
        leader_epoch: LeaderEpoch::new(4),
        partition_epoch: 7,
        directories: vec![DIRECTORY; replicas.len()],
        ..Default::default()
    };
    framed(3, 1, &record)
}

fn config(topic: &str, name: &str, value: Option<&str>) -> Bytes {
    let record = ConfigRecord {
        resource_type: 2,
        resource_name: topic.into(),
        name: name.into(),
        value: value.map(Into::into),
    };
    framed(4, 0, &record)
}

#[test]
fn snapshot_and_the_log_after_it_bring_topics_ids_and_configurations() {
    let bench = Bench::new(MetaVersion::KRaft);
    let snapshot = [
        control(0, 3),
        batch(1, &[topic("kept", TOPIC), partition(TOPIC, 1, &[1]), partition(TOPIC, 0, &[1])]),
        batch(4, &[topic("gone", OTHER_TOPIC), config("gone", "retention.ms", Some("1"))]),
        control(6, 4),
    ];
    bench
        .file(format!("{METADATA}/00000000000000000002-0000000001.checkpoint"), &snapshot.concat());
    bench.file(format!("{METADATA}/00000000000000000001-0000000001.checkpoint"), b"damaged, older");
    let change = PartitionChangeRecord {
        partition_id: PartitionIndex::new(1),
        topic_id: TOPIC,
        leader: THIS,
        ..Default::default()
    };
    let producer_ids = ProducerIdsRecord { next_producer_id: 3000.into(), ..Default::default() };
    let mut log = Vec::from(batch(0, &[Bytes::from_static(&[1, 20, 0, 0]), topic("kept", TOPIC)]));
    log.extend_from_slice(&leader_change(2, &[1]));
    let news = [
        config("kept", "retention.ms", Some("-1")),
        config("kept", "segment.bytes", Some("1048576")),
        config("kept", "segment.bytes", None),
        framed(9, 0, &RemoveTopicRecord { topic_id: OTHER_TOPIC }),
        framed(5, 0, &change),
        framed(15, 0, &producer_ids),
    ];
    log.extend_from_slice(&batch(3, &news));
    let whole = log.len();
    log.extend_from_slice(&batch(9, &[topic("torn", OTHER_TOPIC)]));
    bench.partition("kept-0", Some(TOPIC), 4);
    bench.partition("kept-1", Some(TOPIC), 9);
    for length in whole..log.len() {
        bench.log(&log[..length]);
        let (image, adoption) = bench.image();
        assert_eq!(adoption.source.era, Era::KRaft);
        assert_eq!(image.topics().map(|topic| &*topic.name).collect::<Vec<_>>(), ["kept"]);
        let topic = image.topic("kept").unwrap();
        assert_eq!(topic.id, TOPIC);
        let epochs: Vec<_> = topic.partitions.iter().map(|it| it.leader_epoch.get()).collect();
        assert_eq!(epochs, [5, 10], "beyond what metadata and log have seen");
        let configs = image.config(&ConfigResource::topic("kept")).unwrap();
        assert_eq!(
            configs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(),
            ["retention.ms=-1"]
        );
        assert_eq!(image.config(&ConfigResource::topic("gone")), None);
        assert_eq!(image.next_producer_id(), 3000);
    }
}

#[test]
fn damage_and_what_a_newer_kafka_wrote_are_refused() {
    let bench = Bench::new(MetaVersion::KRaft);
    let first = batch(0, &[topic("a", TOPIC)]);
    let mut log = [first.clone(), batch(1, &[topic("b", OTHER_TOPIC)])].concat();
    log[first.len() - 1] ^= 1;
    bench.log(&log);
    assert!(bench.refusal().contains("damaged"), "{}", bench.refusal());
    bench.log(&[first.clone(), batch(7, &[topic("b", OTHER_TOPIC)])].concat());
    assert!(bench.refusal().contains("offset 7 follows 1"), "{}", bench.refusal());
    bench.log(&[first.clone(), batch(1, &[Bytes::from_static(&[1, 99, 0])])].concat());
    assert!(bench.refusal().contains("key 99"), "{}", bench.refusal());
    bench.log(&[first, batch(1, &[partition(OTHER_TOPIC, 0, &[1])])].concat());
    assert!(bench.refusal().contains("no topic of id"), "{}", bench.refusal());
}

#[test]
fn a_flipped_bit_is_never_taken_for_the_end_of_the_log() {
    let bench = Bench::new(MetaVersion::KRaft);
    let id = |byte: i64| Uuid::from_bytes([byte as u8; 16]);
    let name = |number: i64| format!("t{number}");
    let batches: Vec<_> =
        (0..4).map(|offset| batch(offset, &[topic(&name(offset), id(offset + 1))])).collect();
    let log = batches.concat();
    let last = log.len() - batches[3].len();
    for position in 0..last {
        for bit in [0x01, 0x80] {
            let mut damaged = log.clone();
            damaged[position] ^= bit;
            bench.log(&damaged);
            // The term of a batch is under no sum, and nothing is taken from it.
            if let Ok(Some(adoption)) = bench.read() {
                assert_eq!(adoption.source.topics.len(), 4, "bit {bit:#x} of byte {position}");
            }
        }
    }
    // A claimed length beyond the file, and more behind it than is searched at once.
    let large = batch(1, &[Bytes::from(vec![2; 1_500_000])]);
    let mut damaged = [batches[0].clone(), large.clone(), batches[2].clone()].concat();
    damaged[batches[0].len() + 8] ^= 0x40;
    bench.log(&damaged);
    assert!(bench.refusal().contains("damaged"), "{}", bench.refusal());
    damaged.truncate(batches[0].len() + large.len());
    bench.log(&damaged);
    assert_eq!(bench.read().unwrap().unwrap().source.topics.len(), 1);
}

#[test]
fn a_log_that_is_cut_off_after_a_clean_stop_is_damaged() {
    let bench = Bench::new(MetaVersion::KRaft);
    let log = [batch(0, &[topic("a", TOPIC)]), batch(1, &[topic("b", OTHER_TOPIC)])].concat();
    bench.log(&log[..log.len() - 1]);
    assert_eq!(bench.read().unwrap().unwrap().source.topics.len(), 1);
    bench.file(format!("{DATA}/.kafka_cleanshutdown"), b"");
    assert!(bench.refusal().contains("cut off"), "{}", bench.refusal());
    bench.log(&log);
    assert_eq!(bench.read().unwrap().unwrap().source.topics.len(), 2);
}

#[test]
fn metadata_of_other_controllers_is_refused() {
    let bench = Bench::new(MetaVersion::KRaft);
    let records = batch(1, &[topic("a", TOPIC)]);
    bench.log(&[leader_change(0, &[1, 2, 3]), records.clone()].concat());
    assert!(bench.refusal().contains("controllers of id 1, 2, 3"), "{}", bench.refusal());
    bench.log(&[leader_change(0, &[9]), records.clone()].concat());
    assert!(bench.refusal().contains("controllers of id 9"), "{}", bench.refusal());
    let log = [leader_change(0, &[1, 2]), records, voters(2, &[1])].concat();
    bench.log(&log);
    bench.read().unwrap();
    let snapshot = [control(0, 3), voters(1, &[1, 2, 3]), control(2, 4)].concat();
    bench.file(format!("{METADATA}/00000000000000000003-0000000001.checkpoint"), &snapshot);
    assert!(bench.refusal().contains("controllers of id 1, 2, 3"), "{}", bench.refusal());
    bench.log(&[log, Vec::from(voters(3, &[1]))].concat());
    bench.read().unwrap();
    bench.log(&control_with(0, 6, &[0]));
    assert!(bench.refusal().contains("damaged"), "{}", bench.refusal());
}

#[test]
fn a_migration_from_zookeeper_that_is_not_finished_is_refused() {
    let bench = Bench::new(MetaVersion::KRaft);
    let state = |state| framed(21, 0, &ZkMigrationStateRecord { zk_migration_state: state });
    for under_way in [1, 2] {
        bench.log(&batch(0, &[state(under_way), topic("a", TOPIC)]));
        assert!(bench.refusal().contains("finish the migration"), "{}", bench.refusal());
    }
    bench.log(&batch(0, &[state(1), topic("a", TOPIC), state(3)]));
    bench.read().unwrap();
}

#[test]
fn transactions_of_metadata_count_when_they_end() {
    let bench = Bench::new(MetaVersion::KRaft);
    let begin = Bytes::from_static(&[1, 23, 0, 0]);
    let end = Bytes::from_static(&[1, 24, 0, 0]);
    let abort = Bytes::from_static(&[1, 25, 0, 0]);
    let id = |byte| Uuid::from_bytes([byte; 16]);
    let records = [
        vec![begin.clone(), topic("committed", id(1)), end],
        vec![begin.clone(), topic("aborted", id(2)), abort],
        vec![begin, topic("open", id(3))],
    ];
    bench.log(&batch(0, &records.concat()));
    let (image, _) = bench.image();
    assert_eq!(image.topics().map(|topic| &*topic.name).collect::<Vec<_>>(), ["committed"]);
}

#[test]
fn security_of_the_source_keeps_its_doors_shut_until_it_is_removed() {
    let bench = Bench::new(MetaVersion::KRaft);
    let acl = AccessControlEntryRecord {
        id: TOPIC,
        principal: "User:alice".into(),
        resource_name: "t".into(),
        ..Default::default()
    };
    let scram =
        UserScramCredentialRecord { name: "bob".into(), mechanism: 1, ..Default::default() };
    let mut log = Vec::from(batch(0, &[framed(18, 0, &acl), framed(11, 0, &scram)]));
    bench.log(&log);
    let refusal = bench.refusal();
    for part in
        ["1 ACLs", "User:alice on t", "user bob", "nothing in it was changed", "kafka-acls.sh"]
    {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    log.extend_from_slice(&batch(
        2,
        &[framed(19, 0, &RemoveAccessControlEntryRecord { id: TOPIC })],
    ));
    bench.log(&log);
    assert!(!bench.refusal().contains("ACLs"), "{}", bench.refusal());
}

#[test]
fn folders_of_a_larger_cluster_or_of_another_topic_are_refused() {
    let bench = Bench::new(MetaVersion::KRaft);
    bench.log(&batch(0, &[topic("a", TOPIC), partition(TOPIC, 0, &[1, 2])]));
    assert!(bench.refusal().contains("replicas on broker 1, 2"), "{}", bench.refusal());
    bench.log(&batch(0, &[topic("a", TOPIC), partition(TOPIC, 0, &[1])]));
    bench.partition("a-0", Some(OTHER_TOPIC), 0);
    assert!(bench.refusal().contains("belongs to the topic of id"), "{}", bench.refusal());
}

#[test]
fn partition_that_had_a_folder_is_never_begun_anew() {
    let bench = Bench::new(MetaVersion::KRaft);
    let records = [topic("a", TOPIC), partition(TOPIC, 0, &[1]), partition(TOPIC, 1, &[1])];
    bench.log(&batch(0, &records));
    bench.file(format!("{DATA}/recovery-point-offset-checkpoint"), b"0\n1\na 0 5\n");
    let (image, adoption) = bench.image();
    let directories: Vec<_> =
        image.topic("a").unwrap().partitions.iter().map(|it| it.directories[0]).collect();
    assert_eq!(directories[0], DIRECTORY, "lost");
    assert_ne!(directories[1], DIRECTORY, "new");
    let report = adoption.report();
    assert!(
        report.contains("a-0 is missing") && report.contains("a-1 was never begun"),
        "{report}"
    );
}

#[test]
fn a_disk_that_is_not_mounted_is_not_taken_over_as_empty() {
    let bench = Bench::new(MetaVersion::KRaft);
    bench.log(&batch(0, &[topic("a", TOPIC), partition(TOPIC, 0, &[1])]));
    let refusal = bench.read_with_another("/second").unwrap_err().to_string();
    for part in ["/second has no meta.properties", "mount it", "add it afterwards"] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    let bench = Bench::new(MetaVersion::ZooKeeper);
    bench.partition("a-0", Some(TOPIC), 3);
    let refusal = bench.read_with_another("/second").unwrap_err().to_string();
    assert!(refusal.contains("/second has no meta.properties"), "{refusal}");
    // What was only formatted has lost nothing, and what has partitions is mounted.
    let bench = Bench::new(MetaVersion::KRaft);
    assert!(bench.read_with_another("/second").unwrap().is_none());
    let bench = Bench::new(MetaVersion::ZooKeeper);
    bench.file("/second/a-0/00000000000000000000.log", b"");
    bench.read_with_another("/second").unwrap();
}

#[test]
fn partition_in_a_folder_that_is_not_named_is_missing_and_waits_for_it() {
    let elsewhere = Uuid::from_bytes([8; 16]);
    let lost = Uuid::from_bytes(2u128.to_be_bytes());
    for (named, expected) in [(elsewhere, elsewhere), (lost, DIRECTORY)] {
        let bench = Bench::new(MetaVersion::KRaft);
        let change = PartitionChangeRecord {
            partition_id: PartitionIndex::new(0),
            topic_id: TOPIC,
            leader: BrokerId::new(-2),
            directories: Some(vec![named]),
            ..Default::default()
        };
        let records = [topic("a", TOPIC), partition(TOPIC, 0, &[1]), framed(5, 1, &change)];
        bench.log(&batch(0, &records));
        let (image, adoption) = bench.image();
        assert_eq!(image.topic("a").unwrap().partitions[0].directories, [expected]);
        assert!(adoption.report().contains("a-0 is missing"), "{}", adoption.report());
    }
}

#[test]
fn zookeeper_era_brings_what_the_folders_tell_and_deletes_nothing() {
    let bench = Bench::new(MetaVersion::ZooKeeper);
    bench.partition("with-id-0", Some(TOPIC), 3);
    bench.partition("with-id-2", Some(TOPIC), 5);
    bench.partition("__consumer_offsets-0", None, 1);
    let (image, adoption) = bench.image();
    assert_eq!(adoption.source.era, Era::ZooKeeper);
    let topic = image.topic("with-id").unwrap();
    assert_eq!((topic.id, topic.partitions.len()), (TOPIC, 3));
    assert_eq!(topic.partitions[2].leader_epoch, LeaderEpoch::new(6));
    assert_eq!(image.topic("__consumer_offsets").unwrap().id, OTHER_TOPIC);
    let value =
        |topic: &str, name| image.config_value(&ConfigResource::topic(topic), name).cloned();
    assert_eq!(value("with-id", "retention.ms").as_deref(), Some("-1"));
    assert_eq!(value("__consumer_offsets", "cleanup.policy").as_deref(), Some("compact"));
    let report = adoption.report();
    assert!(report.contains("with-id-1 is missing"), "{report}");
    bench.partition("with-id-1", Some(OTHER_TOPIC), 0);
    assert!(bench.refusal().contains("different topic ids"), "{}", bench.refusal());
}

#[test]
fn a_name_that_claims_millions_of_partitions_is_not_believed() {
    let bench = Bench::new(MetaVersion::ZooKeeper);
    bench.partition("t-40000802", None, 0);
    assert!(bench.refusal().contains("t-40000802"), "{}", bench.refusal());
}

#[test]
fn folders_that_are_nobodys_or_lack_their_metadata_are_told_apart() {
    let bench = Bench::new(MetaVersion::KRaft);
    assert!(bench.read().unwrap().is_none());
    bench.partition("a-0", Some(TOPIC), 0);
    assert!(bench.refusal().contains("metadata.log.dir"), "{}", bench.refusal());
}
