//! Writes a partition's folder on the real disk for other tools to read, or reads one that Kafka
//! wrote: `sample_log write FOLDER`, `sample_log read FOLDER [recovery-point]`. The interop checks
//! run it beside Kafka's DumpLogSegments.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::{BatchBody, BatchBuilder, BatchHeader, Batches, Compression, Producer};
use storage::fs::RealFileSystem;
use storage::{AppendOrigin, FirstBatch, LeaderAppend, Log, LogConfig, OpenFiles, OpenState};

const START: Timestamp = Timestamp::new(1_700_000_000_000);
const BATCHES: i64 = 400;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["write", folder] => write(folder.into()),
        ["read", folder] => read(folder.into(), None),
        ["read", folder, recovery_point] => read(folder.into(), recovery_point.parse().ok()),
        _ => Err("usage: sample_log write FOLDER | read FOLDER [RECOVERY-POINT]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Without a recovery point the folder counts as closed cleanly.
fn open(folder: PathBuf, recovery_point: Option<i64>) -> Result<Log, Failure> {
    let config =
        LogConfig { segment_bytes: 16 << 10, index_interval_bytes: 512, ..LogConfig::default() };
    let state = OpenState {
        recovery_point: Offset::new(recovery_point.unwrap_or(0)),
        log_start_offset: Offset::ZERO,
        clean: recovery_point.is_none(),
        now: START,
        cleaned_to: Offset::ZERO,
        jitter_seed: 0,
    };
    let files = OpenFiles::new(64);
    let (log, report) =
        Log::open(Arc::new(RealFileSystem), files, folder, Arc::new(config), state)?;
    eprintln!("{report:?}");
    Ok(log)
}

fn write(folder: PathBuf) -> Result<(), Failure> {
    let mut log = open(folder, None)?;
    let codecs = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];
    let mut sequences = [0i32; 3];
    for number in 0..BATCHES {
        let codec = codecs[number as usize % codecs.len()];
        let mut builder = BatchBuilder::new(Offset::ZERO, codec);
        let records = 1 + (number % 7) as i32;
        // Two of three batches come from an idempotent producer.
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
            let key = format!("key-{number}");
            let value = format!("value-{number}-{record}-{}", "x".repeat(number as usize % 50));
            let timestamp = START.plus_ms(number * 1000 + i64::from(record));
            builder.append(timestamp, Some(key.as_bytes()), Some(value.as_bytes()), [])?;
        }
        let bytes = builder.finish()?.to_vec();
        let header = BatchHeader::parse(&bytes)?;
        let append = LeaderAppend {
            leader_epoch: LeaderEpoch::new((number / 100) as i32),
            now: START,
            origin: AppendOrigin::Client,
        };
        log.append_as_leader(&bytes, &[header], append)?;
    }
    log.close()?;
    println!("segments {} end {}", log.number_of_segments(), log.log_end_offset());
    Ok(())
}

fn read(folder: PathBuf, recovery_point: Option<i64>) -> Result<(), Failure> {
    let log = open(folder, recovery_point)?;
    let (mut next, end) = (log.log_start_offset(), log.log_end_offset());
    let (mut batches, mut records) = (0, 0);
    while next < end {
        let bytes = log.read(next, 1 << 20, end, FirstBatch::Whole)?.read_to_vec()?;
        let before = next;
        for batch in Batches::new(&bytes) {
            let Ok((header, bytes)) = batch else { break };
            records::verify_crc(bytes)?;
            for record in BatchBody::decode(bytes, 1 << 24)?.records() {
                record?;
                records += 1;
            }
            batches += 1;
            next = header.next_offset();
        }
        if next <= before {
            return Err(format!("nothing to read at {before}").into());
        }
    }
    let latest = log.max_timestamp_offset()?;
    println!(
        "segments {} start {} end {end} batches {batches} records {records} producers {} epoch {:?} latest {:?}",
        log.number_of_segments(),
        log.log_start_offset(),
        log.producer_count(),
        log.latest_epoch().map(LeaderEpoch::get),
        latest.map(|found| (found.timestamp.get(), found.offset.get())),
    );
    Ok(())
}
