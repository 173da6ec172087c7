//! `.snapshot` files: what is known of the producers of a partition at an offset, in Kafka's
//! format. A checksum over the entries tells a torn snapshot from a whole one.

use std::path::Path;

use crc_fast::{CrcAlgorithm, checksum};
use model::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use crate::error::{IoContext, StorageError};
use crate::fs::{FileSystem, OpenMode, read_file, write_all_at};
use crate::producer_state::{BatchMetadata, ProducerEntry};

const VERSION: i16 = 1;
const CRC_POSITION: usize = 2;
const ENTRIES_POSITION: usize = 6;
const ENTRY_BYTES: usize = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

/// The contents of a snapshot file.
pub(crate) fn encode<'a>(
    entries: impl ExactSizeIterator<Item = (&'a ProducerId, &'a ProducerEntry)>,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ENTRIES_POSITION + 4 + entries.len() * ENTRY_BYTES);
    bytes.extend(VERSION.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend((entries.len() as i32).to_be_bytes());
    for (producer_id, entry) in entries {
        let last = entry.last_batch();
        bytes.extend(producer_id.get().to_be_bytes());
        bytes.extend(entry.epoch.get().to_be_bytes());
        bytes.extend(entry.last_sequence().get().to_be_bytes());
        bytes.extend(last.map_or(-1, |batch| batch.last_offset.get()).to_be_bytes());
        bytes.extend(last.map_or(0, |batch| batch.offset_delta).to_be_bytes());
        bytes.extend(entry.last_timestamp.get().to_be_bytes());
        bytes.extend(entry.coordinator_epoch.to_be_bytes());
        bytes.extend(entry.transaction_start.map_or(-1, Offset::get).to_be_bytes());
    }
    let crc = crc_of(&bytes[ENTRIES_POSITION..]);
    bytes[CRC_POSITION..ENTRIES_POSITION].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// The producers in a snapshot file, or why it cannot be used.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<(ProducerId, ProducerEntry)>, String> {
    let mut fields = Fields(bytes);
    let version = i16::from_be_bytes(fields.take()?);
    if version != VERSION {
        return Err(format!("has version {version}, only {VERSION} is known"));
    }
    let crc = u32::from_be_bytes(fields.take()?);
    if crc != crc_of(fields.0) {
        return Err("has a wrong checksum".to_owned());
    }
    let count = i32::from_be_bytes(fields.take()?);
    if usize::try_from(count).ok().and_then(|count| count.checked_mul(ENTRY_BYTES))
        != Some(fields.0.len())
    {
        return Err(format!("promises {count} producers in {} bytes", fields.0.len()));
    }
    let mut entries = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let producer_id = ProducerId::new(i64::from_be_bytes(fields.take()?));
        let epoch = ProducerEpoch::new(i16::from_be_bytes(fields.take()?));
        let last_sequence = Sequence::new(i32::from_be_bytes(fields.take()?));
        let last_offset = Offset::new(i64::from_be_bytes(fields.take()?));
        let offset_delta = i32::from_be_bytes(fields.take()?);
        let last_timestamp = Timestamp::new(i64::from_be_bytes(fields.take()?));
        let coordinator_epoch = i32::from_be_bytes(fields.take()?);
        let transaction_start = Offset::new(i64::from_be_bytes(fields.take()?)).known();
        let mut entry = ProducerEntry::default();
        entry.epoch = epoch;
        entry.coordinator_epoch = coordinator_epoch;
        entry.last_timestamp = last_timestamp;
        entry.transaction_start = transaction_start;
        if last_offset.known().is_some() {
            let timestamp = last_timestamp;
            entry.add_batch(
                epoch,
                BatchMetadata { last_sequence, last_offset, offset_delta, timestamp },
            );
        }
        entries.push((producer_id, entry));
    }
    Ok(entries)
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (field, rest) = self.0.split_first_chunk().ok_or("is too short")?;
        self.0 = rest;
        Ok(*field)
    }
}

fn crc_of(bytes: &[u8]) -> u32 {
    checksum(CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

/// Writes a snapshot file; it is safe only after a sync.
pub(crate) fn write(
    file_system: &dyn FileSystem,
    path: &Path,
    contents: &[u8],
) -> Result<(), StorageError> {
    let file = file_system.open(path, OpenMode::Create).during("create", path)?;
    file.set_length(0).during("empty", path)?;
    write_all_at(&*file, 0, contents).during("write", path)
}

/// Reads a snapshot file; `Ok(Err)` says why it cannot be used.
pub(crate) fn read(
    file_system: &dyn FileSystem,
    path: &Path,
) -> Result<Result<Vec<(ProducerId, ProducerEntry)>, String>, StorageError> {
    let contents = read_file(file_system, path).during("read", path)?;
    Ok(contents.ok_or_else(|| "is missing".to_owned()).and_then(|bytes| decode(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn entries() -> BTreeMap<ProducerId, ProducerEntry> {
        let mut plain = ProducerEntry::default();
        plain.add_batch(
            ProducerEpoch::new(3),
            BatchMetadata {
                last_sequence: Sequence::new(41),
                last_offset: Offset::new(99),
                offset_delta: 4,
                timestamp: Timestamp::new(1_700_000_000_000),
            },
        );
        let mut ended = ProducerEntry::default();
        ended.epoch = ProducerEpoch::new(1);
        ended.coordinator_epoch = 7;
        ended.transaction_start = Some(Offset::new(12));
        BTreeMap::from([(ProducerId::new(1000), plain), (ProducerId::new(1001), ended)])
    }

    #[test]
    fn snapshots_round_trip() {
        let bytes = encode(entries().iter());
        assert_eq!(bytes.len(), 2 + 4 + 4 + 2 * 46);
        assert_eq!(decode(&bytes), Ok(entries().into_iter().collect()));
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let bytes = encode(entries().iter());
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0x10;
            assert!(decode(&damaged).is_err(), "byte {position}");
            assert!(decode(&bytes[..position]).is_err(), "cut at {position}");
        }
    }
}
