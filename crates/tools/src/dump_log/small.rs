//! `.txnindex` and `.snapshot` files: a line for each entry.

use std::fmt::Write as _;
use std::io::{self, Write};

use crc_fast::{CrcAlgorithm, checksum};

use super::source::Source;

/// The only version of both files.
const TRANSACTION_VERSION: i16 = 0;
const SNAPSHOT_VERSION: i16 = 1;
/// Version, producer, and three offsets.
const TRANSACTION_BYTES: usize = 2 + 4 * 8;
/// Version, checksum, and the number of entries.
const SNAPSHOT_HEAD_BYTES: usize = 2 + 4 + 4;
/// Where the checksum's bytes begin.
const SNAPSHOT_SUMMED_FROM: usize = 2 + 4;
/// Producer, epoch, sequence, offset, its delta, time, epoch of the coordinator, transaction.
const SNAPSHOT_ENTRY_BYTES: usize = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;
/// A snapshot is read as a whole; this has room for more than a million producers.
const SNAPSHOT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Takes numbers off the front of bytes that are long enough; 0 where they are not.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk().unwrap_or((&[0; N], &[]));
        self.0 = rest;
        *field
    }

    fn int16(&mut self) -> i16 {
        i16::from_be_bytes(self.take())
    }

    fn int32(&mut self) -> i32 {
        i32::from_be_bytes(self.take())
    }

    fn int64(&mut self) -> i64 {
        i64::from_be_bytes(self.take())
    }
}

/// Prints the aborted transactions of a segment; the inner error says what is wrong with the file.
pub(super) fn transactions(
    source: &impl Source,
    out: &mut impl Write,
) -> io::Result<Result<(), String>> {
    let mut position = 0;
    loop {
        let entry = source.read(position, TRANSACTION_BYTES)?;
        if entry.len() < TRANSACTION_BYTES {
            return Ok(match entry.len() {
                0 => Ok(()),
                rest => Err(format!("the last {rest} bytes are no whole entry")),
            });
        }
        let mut fields = Fields(&entry);
        let version = fields.int16();
        if version != TRANSACTION_VERSION {
            return Ok(Err(format!(
                "the entry at position {position} has version {version}; only {TRANSACTION_VERSION} is known"
            )));
        }
        let (producer, first, last, stable) =
            (fields.int64(), fields.int64(), fields.int64(), fields.int64());
        writeln!(
            out,
            "version: {version} producerId: {producer} firstOffset: {first} lastOffset: {last} \
             lastStableOffset: {stable}"
        )?;
        position += TRANSACTION_BYTES as u64;
    }
}

/// Prints the producers in a snapshot; the inner error says why it cannot be believed.
pub(super) fn producers(
    source: &impl Source,
    out: &mut impl Write,
) -> io::Result<Result<(), String>> {
    let length = source.length();
    if length > SNAPSHOT_BYTES_MAX {
        return Ok(Err(format!("a snapshot of {length} bytes is more than any node writes")));
    }
    let bytes = source.read(0, length as usize)?;
    if bytes.len() < SNAPSHOT_HEAD_BYTES {
        return Ok(Err("Snapshot failed schema validation: it is too short".to_owned()));
    }
    let mut fields = Fields(&bytes);
    let version = fields.int16();
    if version != SNAPSHOT_VERSION {
        return Ok(Err(format!("Snapshot contained an unknown file version {version}")));
    }
    let stored = u32::from_be_bytes(fields.take());
    let computed = checksum(CrcAlgorithm::Crc32Iscsi, &bytes[SNAPSHOT_SUMMED_FROM..]) as u32;
    let count = fields.int32();
    if stored != computed {
        return Ok(Err(format!(
            "Snapshot is corrupt (CRC is no longer valid). Stored crc: {stored}. Computed crc: {computed}"
        )));
    }
    let entries = fields.0.chunks_exact(SNAPSHOT_ENTRY_BYTES);
    if entries.len() != usize::try_from(count).unwrap_or(usize::MAX) {
        return Ok(Err(format!(
            "Snapshot failed schema validation: it promises {count} producers and has {}",
            entries.len()
        )));
    }
    for entry in entries {
        out.write_all(producer(entry).as_bytes())?;
    }
    Ok(Ok(()))
}

fn producer(entry: &[u8]) -> String {
    let mut fields = Fields(entry);
    let (producer, epoch) = (fields.int64(), fields.int16());
    let (last_sequence, last_offset, delta) = (fields.int32(), fields.int64(), fields.int32());
    let (timestamp, coordinator_epoch, transaction) =
        (fields.int64(), fields.int32(), fields.int64());
    let transaction = match transaction {
        offset @ 0.. => format!("OptionalLong[{offset}]"),
        _ => "OptionalLong.empty".to_owned(),
    };
    let mut line = format!(
        "producerId: {producer} producerEpoch: {epoch} coordinatorEpoch: {coordinator_epoch} \
         currentTxnFirstOffset: {transaction} lastTimestamp: {timestamp}"
    );
    if last_offset >= 0 {
        // Sequences begin again at 0 after the greatest.
        let first_sequence = match last_sequence.wrapping_sub(delta) {
            sequence if last_sequence < delta => sequence & i32::MAX,
            sequence => sequence,
        };
        let _ = write!(
            line,
            " firstSequence: {first_sequence} lastSequence: {last_sequence} lastOffset: {last_offset} \
             offsetDelta: {delta} timestamp: {timestamp}"
        );
    }
    line.push('\n');
    line
}
