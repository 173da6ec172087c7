//! Writes a partition's folder with a compacted topic's records, or compacts such a folder:
//! `compacted_log write FOLDER`, `compacted_log compact FOLDER`. The checks run it beside Kafka's own
//! cleaner, `oracle/KafkaCleaner.java`.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use model::{Clock, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::{BatchBuilder, BatchHeader, Compression, Producer};
use storage::fs::RealFileSystem;
use storage::{AppendOrigin, LeaderAppend, Log, LogConfig, OffsetMap, OpenFiles, OpenState};

const START: Timestamp = Timestamp::new(1_700_000_000_000);
const BATCHES: i64 = 3000;
const KEYS: i64 = 500;
/// Every producer writes one batch in so many.
const PRODUCERS: i64 = 7;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["write", folder] => write(folder.into()),
        ["compact", folder] => compact(folder.into()),
        _ => Err("usage: compacted_log write FOLDER | compact FOLDER".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn open(folder: PathBuf) -> Result<Log, Failure> {
    let config = LogConfig {
        segment_bytes: 16 << 10,
        index_interval_bytes: 512,
        compact: true,
        delete: false,
        ..LogConfig::default()
    };
    let state = OpenState {
        recovery_point: Offset::ZERO,
        log_start_offset: Offset::ZERO,
        cleaned_to: Offset::ZERO,
        clean: true,
        now: START,
        jitter_seed: 0,
    };
    let files = OpenFiles::new(64);
    Ok(Log::open(Arc::new(RealFileSystem), files, folder, Arc::new(config), state)?.0)
}

/// Records over a few keys, one in ten a tombstone, in every codec, by a few producers.
fn write(folder: PathBuf) -> Result<(), Failure> {
    let mut log = open(folder)?;
    for i in 0..BATCHES {
        let codec = Compression::ALL[(i % 5) as usize];
        let mut builder = BatchBuilder::new(Offset::ZERO, codec);
        builder.producer(Producer {
            id: ProducerId::new(i % PRODUCERS),
            epoch: ProducerEpoch::new(0),
            base_sequence: Sequence::new((i / PRODUCERS * 3) as i32),
        });
        for record in 0..3 {
            let number = i * 3 + record;
            let key = format!("key-{}", number * 7919 % KEYS);
            let value = format!("value-{number}-{}", "x".repeat((number % 50) as usize));
            let value = (number % 10 != 0).then_some(value.as_bytes());
            let headers = [("number", Some(&b"\x00\xff"[..]))];
            builder.append(START.plus_ms(number), Some(key.as_bytes()), value, headers)?;
        }
        let bytes = builder.finish()?;
        let header = BatchHeader::parse(&bytes)?;
        let origin = AppendOrigin::Client;
        let how = LeaderAppend { leader_epoch: LeaderEpoch::new(1), now: START, origin };
        log.append_as_leader(&bytes, &[header], how)?;
    }
    log.close()?;
    Ok(())
}

fn compact(folder: PathBuf) -> Result<(), Failure> {
    let mut log = open(folder)?;
    let end = log.log_end_offset();
    let begun = log.begin_cleaning(end, &Clock::steady(START), 1 << 16)?;
    let mut cleaning = begun.ok_or("nothing to clean")?;
    let mut map = OffsetMap::new(1 << 20, 0.9);
    let mut pace = |_| ControlFlow::Continue(());
    cleaning.fill(&mut map, &mut pace)?;
    while let Some(group) = cleaning.next_group(&map, &mut pace)? {
        log.swap_in(group)?.remove()?;
    }
    log.finish_cleaning(&cleaning);
    println!("{:?} to {}", cleaning.report(), log.cleaned_to());
    log.close()?;
    Ok(())
}
