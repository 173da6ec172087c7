//! `seeds FOLDER`: writes valid inputs for every target into `FOLDER/TARGET`, from which the engine
//! starts. Nothing of it is kept in the repository.

mod conversations;
mod old;
mod zookeeper;

// The coverage counters in everything that is linked need the engine.
extern crate libfuzzer_sys as _;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use klamm_fuzz::{files_of, write_folder, write_pairs};
use model::{
    BrokerId, LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Timestamp,
    Uuid,
};
use protocol::{ApiKey, Message};
use protocol_codegen::sample::{self, Random};
use protocol_codegen::schema;
use records::{BatchBuilder, Batches, Compression, Producer};
use storage::fs::{FileSystem, SimulatedFileSystem};
use storage::{AppendOrigin, LeaderAppend, Log, LogConfig, LogDirectory, OpenFiles, OpenState};

const NOW: Timestamp = Timestamp::new(1_700_000_000_000);

fn main() -> io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: seeds FOLDER");
        std::process::exit(2);
    };
    let seeds = Seeds { folder };
    messages(&seeds)?;
    batches(&seeds)?;
    log_folder(&seeds)?;
    metadata_log(&seeds)?;
    kafka_folder(&seeds)?;
    zookeeper::seeds(&seeds)?;
    old::messages(&seeds)?;
    decompression(&seeds)?;
    group_records(&seeds)?;
    http_requests(&seeds)?;
    tail(&seeds)?;
    conversations::seeds(&seeds)?;
    client_metrics(&seeds)?;
    properties(&seeds)
}

struct Seeds {
    folder: PathBuf,
}

impl Seeds {
    fn put(&self, target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)
    }
}

/// Every message in every version, by itself and, where it is a request, in a frame.
fn messages(seeds: &Seeds) -> io::Result<()> {
    let schemas = protocol_codegen::schemas().map_err(io::Error::other)?;
    let all: Vec<schema::Message> = schemas.into_iter().flat_map(|s| s.messages).collect();
    for (index, name) in names().into_iter().enumerate() {
        let Some(message) = all.iter().find(|message| message.name == name) else { continue };
        for version in message.versions.clone() {
            let body = sample::bytes(message, version, &mut Random::new(version as u64));
            let mut bytes = vec![index as u8, version as u8];
            bytes.extend(&body);
            seeds.put("messages", &format!("{name}-{version}"), &bytes)?;
            if let Some(frame) = frame(name, version, &body) {
                seeds.put("requests", &format!("{name}-{version}"), &frame)?;
            }
        }
    }
    Ok(())
}

/// The names of all messages in the order of the target.
fn names() -> Vec<&'static str> {
    macro_rules! apis {
        ($(($api:ident, $request:ident, $response:ident))*) => {
            vec![$(protocol::messages::$request::NAME, protocol::messages::$response::NAME,)*]
        };
    }
    macro_rules! data {
        ($($name:ident)*) => { [$(protocol::data::$name::NAME,)*] };
    }
    let mut names = protocol::for_each_api!(apis);
    names.extend(protocol::for_each_data!(data));
    names
}

/// The body of a request behind its header, with two bytes of length as the target takes it.
fn frame(name: &str, version: i16, body: &[u8]) -> Option<Vec<u8>> {
    let api = (0..).map_while(ApiKey::from_code).find(|key| format!("{key:?}Request") == name)?;
    let header = protocol::data::RequestHeader {
        request_api_key: api.code(),
        request_api_version: version,
        correlation_id: 7,
        client_id: Some("seed".into()),
    };
    let mut frame = header.to_bytes(api.request_header_version(version)).ok()?.to_vec();
    frame.extend(body);
    let mut bytes = (frame.len() as u16).to_be_bytes().to_vec();
    bytes.extend(frame);
    Some(bytes)
}

fn batch(compression: Compression, sequence: i32, records: usize) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, compression);
    builder.producer(Producer {
        id: ProducerId::new(7),
        epoch: ProducerEpoch::new(0),
        base_sequence: Sequence::new(sequence),
    });
    for number in 0..records {
        let (key, value) = (format!("key-{number}"), format!("value-{number}"));
        let header = [("header", Some(&b"x"[..]))];
        builder
            .append(NOW, Some(key.as_bytes()), Some(value.as_bytes()), header)
            .expect("a small record");
    }
    builder.finish().expect("a small batch")
}

const CODECS: [Compression; 5] = [
    Compression::None,
    Compression::Gzip,
    Compression::Snappy,
    Compression::Lz4,
    Compression::Zstd,
];

fn batches(seeds: &Seeds) -> io::Result<()> {
    for codec in CODECS {
        let mut bytes = vec![0];
        bytes.extend(batch(codec, 0, 3));
        seeds.put("batches", &format!("{codec:?}"), &bytes)?;
    }
    Ok(())
}

fn decompression(seeds: &Seeds) -> io::Result<()> {
    let text = b"what is said twice is said twice is said twice; and 0123456789".repeat(20);
    for (number, codec) in CODECS.into_iter().enumerate() {
        let mut bytes = vec![number as u8];
        codec.compress(&text, None, &mut bytes).map_err(io::Error::other)?;
        seeds.put("decompression", &format!("{codec}"), &bytes)?;
    }
    Ok(())
}

/// Offsets of both forms of keys, a group with a member, and tombstones.
fn group_records(seeds: &Seeds) -> io::Result<()> {
    use protocol::data::group_metadata_value::MemberMetadata;
    use protocol::data::{
        GroupMetadataKey, GroupMetadataValue, LegacyOffsetCommitKey, OffsetCommitKey,
        OffsetCommitValue,
    };
    use protocol::record::{encode_key, encode_value};
    let (group, topic, partition) = ("g".into(), "t".into(), PartitionIndex::new(0));
    let key = encode_key(&OffsetCommitKey { group, topic, partition });
    let (group, topic) = ("old".into(), "t".into());
    let legacy = encode_key(&LegacyOffsetCommitKey { group, topic, partition });
    let group = encode_key(&GroupMetadataKey { group: "g".into() });
    let offset = OffsetCommitValue {
        offset: Offset::new(5),
        commit_timestamp: NOW.get(),
        expire_timestamp: NOW.get() + 1000,
        ..OffsetCommitValue::default()
    };
    let member = MemberMetadata {
        member_id: "m".into(),
        session_timeout: 10_000,
        subscription: Bytes::from_static(b"\0\x01\0\0\0\x01\0\x01t\xff\xff\xff\xff"),
        assignment: Bytes::from_static(b"\0\x01\0\0\0\0\xff\xff\xff\xff"),
        ..MemberMetadata::default()
    };
    let members = GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: 3,
        protocol: Some("range".into()),
        leader: Some("m".into()),
        members: vec![member],
        ..GroupMetadataValue::default()
    };
    let plain = |bytes: Result<Bytes, protocol::EncodeError>| {
        bytes.map(|bytes| bytes.to_vec()).map_err(io::Error::other)
    };
    let (key, legacy, group) = (plain(key)?, plain(legacy)?, plain(group)?);
    for version in 0..=4 {
        let mut pairs = vec![
            (key.clone(), plain(encode_value(&offset, version))?),
            (legacy.clone(), plain(encode_value(&offset, version))?),
            (group.clone(), plain(encode_value(&members, version.min(3)))?),
        ];
        if version == 4 {
            pairs.extend([(key.clone(), vec![255]), (group.clone(), vec![255])]);
        }
        seeds.put("group_records", &format!("version-{version}"), &write_pairs(&pairs))?;
        let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
        for (key, value) in &pairs {
            let value = (value.as_slice() != [255]).then_some(value.as_slice());
            builder.append(NOW, Some(key), value, []).map_err(io::Error::other)?;
        }
        let log = builder.finish().map_err(io::Error::other)?.to_vec();
        let files = [("00000000000000000000.log".to_owned(), log)];
        let bytes = [vec![32], write_folder(&files)].concat();
        seeds.put("dump_log", &format!("offsets-{version}"), &bytes)?;
    }
    Ok(())
}

/// Values of many kinds, each with a key and a header.
fn tail(seeds: &Seeds) -> io::Result<()> {
    let values = [
        r#"{"a":{"b":1},"c":[1.50,2e3,true,null,"x\\u0041\\n"],"":{}}"#,
        "[[],{},[[[1]]],123456789012345678901]",
        "a line\nand another\u{1b}[2J\u{202e}",
        "\"a text\"",
    ];
    for (number, value) in values.into_iter().enumerate() {
        let pair = |key: &str, value: &str| (key.as_bytes().to_vec(), value.as_bytes().to_vec());
        let pairs = [pair("k", value), pair("h", "header")];
        let bytes = [vec![number as u8 * 16], write_pairs(&pairs)].concat();
        seeds.put("tail", &format!("value-{number}"), &bytes)?;
    }
    Ok(())
}

fn http_requests(seeds: &Seeds) -> io::Result<()> {
    for (name, request) in [
        ("get", "\x05GET /metrics?name=x HTTP/1.1\r\nHost: localhost:9021\r\nAccept: */*\r\n\r\n"),
        ("head", "\x01HEAD /health HTTP/1.0\r\n\r\n"),
        ("post", "\x40POST /ready HTTP/1.1\nhost: x\n\nbody"),
    ] {
        seeds.put("http_requests", name, request.as_bytes())?;
    }
    Ok(())
}

/// The folders of a log with several segments, and of the directory around it.
fn log_folder(seeds: &Seeds) -> io::Result<()> {
    let disk = SimulatedFileSystem::new();
    disk.create_directories(Path::new("/data"))?;
    let directory = LogDirectory::open(Arc::new(disk.clone()), PathBuf::from("/data"))
        .map_err(io::Error::other)?;
    let config =
        LogConfig { segment_bytes: 600, index_interval_bytes: 100, ..LogConfig::default() };
    let state = OpenState {
        recovery_point: Offset::ZERO,
        log_start_offset: Offset::ZERO,
        cleaned_to: Offset::ZERO,
        clean: false,
        now: NOW,
        jitter_seed: 0,
    };
    let (mut log, _) = Log::open(
        Arc::new(disk.clone()),
        OpenFiles::new(8),
        PathBuf::from("/data/t-0"),
        Arc::new(config),
        state,
    )
    .map_err(io::Error::other)?;
    log.begin_epoch(LeaderEpoch::new(1)).map_err(io::Error::other)?;
    let append =
        LeaderAppend { leader_epoch: LeaderEpoch::new(1), now: NOW, origin: AppendOrigin::Client };
    for sequence in 0..16 {
        let bytes = batch(CODECS[sequence as usize % CODECS.len()], sequence, 1);
        let headers: Vec<_> = Batches::new(&bytes).flatten().map(|(header, _)| header).collect();
        log.append_as_leader(&bytes, &headers, append).map_err(io::Error::other)?;
    }
    log.sync().map_err(io::Error::other)?;
    log.close().map_err(io::Error::other)?;
    storage::write_topic_id(&disk, Path::new("/data/t-0"), Uuid::from_random([3; 16]))
        .map_err(io::Error::other)?;
    let mut files = files_of(&disk, Path::new("/data/t-0"));
    for choice in [0, 2, 80] {
        let bytes = [vec![choice], write_folder(&files)].concat();
        seeds.put("log_folder", &format!("written-{choice}"), &bytes)?;
    }
    files.push(("00000000000000000000.txnindex".into(), vec![0; 34 * 2]));
    for choice in [0, 2 + 8, 4 + 32, 16 + 64, 128] {
        let bytes = [vec![choice], write_folder(&files)].concat();
        seeds.put("dump_log", &format!("written-{choice}"), &bytes)?;
    }
    let topic = ["recovery-point-offset-checkpoint", "replication-offset-checkpoint"];
    let mut files: Vec<_> =
        topic.iter().map(|name| ((*name).to_owned(), b"0\n2\nt 0 5\nu 1 7\n".to_vec())).collect();
    let meta = "version=1\ncluster.id=abc\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\n";
    files.push(("meta.properties".into(), meta.into()));
    files.push((".kafka_cleanshutdown".into(), br#"{"version":0,"brokerEpoch":5}"#.to_vec()));
    files.push(("klamm.properties".into(), b"boot.id=boot\n".to_vec()));
    files.push((
        "t-0/partition.metadata".into(),
        b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n".to_vec(),
    ));
    directory.end_run(7).map_err(io::Error::other)?;
    seeds.put("log_directory", "written", &write_folder(&files))
}

/// The folder of a metadata log with a topic in it.
fn metadata_log(seeds: &Seeds) -> io::Result<()> {
    let folder = Path::new("/data/klamm-metadata");
    let disk = SimulatedFileSystem::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for snapshot_entries in [2, 1000] {
        runtime.block_on(async {
            let identity = quorum::Identity {
                node_id: BrokerId::new(1),
                directory_id: Uuid::from_random([7; 16]),
                cluster_id: "klamm-test".into(),
            };
            let options = quorum::Options {
                file_system: Arc::new(disk.clone()),
                snapshot_entries,
                ..quorum::Options::default()
            };
            let quorum =
                quorum::Quorum::start(folder, identity, options).await.map_err(io::Error::other)?;
            for number in 0..4 {
                let topic = metadata::NewTopic {
                    name: format!("t-{number}").into(),
                    partition_count: 1,
                    replication_factor: 1,
                    ..metadata::NewTopic::default()
                };
                let create = metadata::CreateTopics {
                    topics: vec![topic],
                    validate_only: false,
                    is_needed_by_node: false,
                };
                let _ = quorum.submit(create).await.map_err(io::Error::other)?;
            }
            quorum.shutdown().await;
            io::Result::Ok(())
        })?;
        let mut bytes = vec![0];
        bytes.extend(write_folder(&files_of(&disk, folder)));
        seeds.put("metadata_log", &format!("written-{snapshot_entries}"), &bytes)?;
    }
    Ok(())
}

/// The folders of a Kafka: with a metadata log of its own, and one whose metadata is elsewhere.
fn kafka_folder(seeds: &Seeds) -> io::Result<()> {
    use protocol::data::{ConfigRecord, FeatureLevelRecord, PartitionRecord, TopicRecord};
    use protocol::record::encode_metadata;
    let topic_id = Uuid::from_bytes([1; 16]);
    let partition = PartitionRecord {
        topic_id,
        replicas: vec![BrokerId::new(1)],
        isr: vec![BrokerId::new(1)],
        leader: BrokerId::new(1),
        ..PartitionRecord::default()
    };
    let config = ConfigRecord {
        resource_type: 2,
        resource_name: "t".into(),
        name: "retention.ms".into(),
        value: Some("5".into()),
    };
    let feature = FeatureLevelRecord { name: "metadata.version".into(), feature_level: 20 };
    let values = [
        encode_metadata(&feature, 0),
        encode_metadata(&TopicRecord { name: "t".into(), topic_id }, 0),
        encode_metadata(&partition, 1),
        encode_metadata(&config, 0),
    ];
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    for value in values {
        let value = value.map_err(io::Error::other)?;
        builder.append(NOW, None, Some(&value), []).map_err(io::Error::other)?;
    }
    let log = builder.finish().map_err(io::Error::other)?.to_vec();
    let metadata = "__cluster_metadata-0";
    let id = format!("version: 0\ntopic_id: {topic_id}\n");
    let partition: Vec<(String, Vec<u8>)> = vec![
        ("t-0/00000000000000000000.log".into(), batch(Compression::None, 0, 2).to_vec()),
        ("t-0/partition.metadata".into(), id.into()),
        ("t-0/leader-epoch-checkpoint".into(), b"0\n1\n1 0\n".to_vec()),
    ];
    let mut kraft = partition.clone();
    kraft.push((format!("{metadata}/00000000000000000000.log"), log.clone()));
    kraft.push((format!("{metadata}/00000000000000000004-0000000001.checkpoint"), log));
    let bytes = [vec![0], write_folder(&kraft)].concat();
    seeds.put("kafka_folder", "kraft", &bytes)?;
    let bytes = [vec![2], write_folder(&partition)].concat();
    seeds.put("kafka_folder", "zookeeper", &bytes)
}

/// A counter with a label, wrapped as OTLP wraps it.
fn client_metrics(seeds: &Seeds) -> io::Result<()> {
    fn field(number: u8, contents: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, contents.len() as u8], contents].concat()
    }
    let value = field(2, &field(1, b"v"));
    let attribute = [field(1, b"label"), value].concat();
    let point = [field(7, &attribute), vec![0x19; 1], vec![7; 8]].concat();
    let sum = field(1, &point);
    for kind in [5, 7] {
        let metric = [field(1, b"name"), field(kind, &sum)].concat();
        let scope = field(2, &metric);
        let resource = [field(1, &field(1, &attribute)), field(2, &scope)].concat();
        seeds.put("client_metrics", &format!("kind-{kind}"), &field(1, &resource))?;
    }
    Ok(())
}

fn properties(seeds: &Seeds) -> io::Result<()> {
    let text = "process.roles=broker,controller\nnode.id=1\n\
        controller.quorum.voters=1@localhost:9093\nlisteners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n\
        log.dirs=/a,/b\nlog.retention.hours=168\nnum.partitions = 3\n# a comment\nkey\\u0041=b\\\n  c\n";
    seeds.put("properties", "kraft", text.as_bytes())?;
    let text = "broker.id=0\nzookeeper.connect=localhost:2181/chroot\nlog.dirs=/tmp/kafka-logs\n\
        log.cleanup.policy=compact,delete\nmin.insync.replicas=2\n";
    seeds.put("properties", "zookeeper", text.as_bytes())
}
