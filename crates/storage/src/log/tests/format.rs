//! The files are those that Kafka writes, byte for byte.
//!
//! The lengths and checksums are of the files that `UnifiedLog` of Kafka 4.3.1 wrote when it was
//! given the same batches with the same settings and was then closed.

use crc_fast::{CrcAlgorithm, checksum};

use super::*;
use crate::fs::read_file;

/// Name, length and CRC-32C.
const WRITTEN_BY_KAFKA: &[(&str, usize, u32)] = &[
    ("00000000000000000000.index", 144, 0xc7e72b5d),
    ("00000000000000000000.log", 8088, 0xeac0b443),
    ("00000000000000000000.timeindex", 96, 0x5849d2e0),
    ("00000000000000000146.index", 136, 0x623b084e),
    ("00000000000000000146.log", 8091, 0x4fa4db56),
    ("00000000000000000146.snapshot", 102, 0x7b2947c6),
    ("00000000000000000146.timeindex", 84, 0x609e8978),
    ("00000000000000000283.index", 128, 0xa0dba483),
    ("00000000000000000283.log", 8033, 0xe8ec4437),
    ("00000000000000000283.snapshot", 102, 0xccdc8983),
    ("00000000000000000283.timeindex", 72, 0x2e904413),
    ("00000000000000000395.snapshot", 102, 0xf227b538),
    ("leader-epoch-checkpoint", 26, 0x0e7bacfe),
];

#[test]
fn files_are_byte_for_byte_those_of_kafka() {
    let bench = Bench::new(LogConfig {
        segment_bytes: 8 << 10,
        index_interval_bytes: 300,
        ..LogConfig::default()
    });
    let mut log = bench.open_new();
    let mut sequences = [0; 3];
    for number in 0..100i64 {
        append_sample(&mut log, number, &mut sequences);
    }
    log.close().unwrap();
    let entries = bench.disk.list(&PathBuf::from(FOLDER)).unwrap();
    let found: Vec<(String, usize, u32)> = entries
        .into_iter()
        .map(|entry| {
            let path = PathBuf::from(FOLDER).join(&entry.name);
            let bytes = read_file(&bench.disk, &path).unwrap().unwrap();
            (entry.name, bytes.len(), checksum(CrcAlgorithm::Crc32Iscsi, &bytes) as u32)
        })
        .collect();
    let found: Vec<(&str, usize, u32)> =
        found.iter().map(|(name, length, crc)| (name.as_str(), *length, *crc)).collect();
    assert_eq!(found, WRITTEN_BY_KAFKA);
}

/// Batches of two idempotent producers and of none, of several leader epochs, with timestamps that
/// go back and forth.
fn append_sample(log: &mut Log, number: i64, sequences: &mut [i32; 3]) {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
    let records = 1 + (number % 7) as i32;
    let producer = (number % 3) as usize;
    if producer < 2 {
        builder.producer(Producer {
            id: ProducerId::new(1000 + producer as i64),
            epoch: ProducerEpoch::new(1),
            base_sequence: Sequence::new(sequences[producer]),
        });
        sequences[producer] += records;
    }
    for record in 0..records {
        let value = format!("value-{number}-{record}-{}", "x".repeat(number as usize % 50));
        let timestamp = START.plus_ms(number * 1000 - (number % 5) * 1500 + i64::from(record));
        builder.append(timestamp, Some(b"key"), Some(value.as_bytes()), []).unwrap();
    }
    let epoch = LeaderEpoch::new((number / 30) as i32);
    append_at(log, &builder.finish().unwrap(), epoch, START).unwrap();
}
