//! Taking records out of a batch, as compaction does.
//!
//! What stays keeps its offset, its timestamp and its bytes, and the batch keeps the range of
//! offsets, the producer and the sequences that it had: an idempotent producer's last batch tells
//! its last sequence also when it has no record left. A batch with tombstones or markers may be
//! given a delete horizon (KIP-534): the time from which they may go stands where the base timestamp
//! was, and the records' timestamps count from it.

use model::Timestamp;

use crate::compression::Compression;
use crate::error::{BatchError, BuildError};
use crate::header::{self, BatchHeader, HEADER_LENGTH, LENGTH_PREFIX, TimestampType};
use crate::record::{BatchBody, RecordView};
use crate::varint;

/// A batch with the records of it that stay.
#[derive(Debug)]
pub struct FilteredBatch<'a> {
    batch: &'a [u8],
    body: BatchBody<'a>,
    /// Where the records that stay lie in the body, their lengths included.
    kept: Vec<(u32, u32)>,
    has_tombstones: bool,
    max_timestamp: Timestamp,
}

/// Asks for each record of the batch that fills `batch` whether it stays. The batch decompresses to
/// at most `uncompressed_bytes_max` bytes; its CRC is not checked.
pub fn filter_batch(
    batch: &[u8],
    uncompressed_bytes_max: usize,
    mut stays: impl FnMut(&RecordView<'_>) -> bool,
) -> Result<FilteredBatch<'_>, BatchError> {
    // What was written before record batches is not filtered.
    BatchHeader::parse(batch)?;
    let body = BatchBody::decode(batch, uncompressed_bytes_max)?;
    let mut kept = Vec::new();
    let mut has_tombstones = false;
    let mut max_timestamp = Timestamp::NONE;
    let mut records = body.records();
    let length = records.rest().len();
    let mut start = 0;
    while let Some(record) = records.next() {
        let record = record?;
        let end = length - records.rest().len();
        if stays(&record) {
            // A batch has less than 2 GiB, and its bound of decompression is below that.
            kept.push((start as u32, end as u32));
            has_tombstones |= record.value.is_none();
            max_timestamp = max_timestamp.max(record.timestamp);
        }
        start = end;
    }
    Ok(FilteredBatch { batch, kept, has_tombstones, max_timestamp, body })
}

impl FilteredBatch<'_> {
    /// How many records stay.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none stays.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether all stay.
    pub fn is_whole(&self) -> bool {
        self.kept.len() == self.body.header().record_count as usize
    }

    /// Whether a record that stays has no value.
    pub fn has_tombstones(&self) -> bool {
        self.has_tombstones
    }

    /// Appends to `out` the batch with the records that stay; with a delete horizon, if one is given.
    pub fn write(
        &self,
        delete_horizon: Option<Timestamp>,
        out: &mut Vec<u8>,
    ) -> Result<(), BuildError> {
        if self.is_whole() && delete_horizon.is_none() {
            out.extend_from_slice(self.batch);
            return Ok(());
        }
        let old = self.body.header();
        let records = match delete_horizon {
            Some(horizon) => self.records_from(horizon).ok_or(BuildError::TooLarge)?,
            None => self.kept.iter().flat_map(|range| self.bytes(*range)).copied().collect(),
        };
        let start = out.len();
        out.resize(start + HEADER_LENGTH, 0);
        match old.compression() {
            Ok(codec) => codec.compress(&records, None, out)?,
            // It was decompressed with this codec.
            Err(_) => return Err(BuildError::TooLarge),
        }
        let length = out.len() - start - LENGTH_PREFIX;
        let new = BatchHeader {
            batch_length: i32::try_from(length).map_err(|_| BuildError::TooLarge)?,
            attributes: match delete_horizon {
                Some(_) => old.attributes | header::DELETE_HORIZON_BIT,
                None => old.attributes,
            },
            base_timestamp: delete_horizon.unwrap_or(old.base_timestamp),
            max_timestamp: match old.timestamp_type() {
                TimestampType::CreateTime => self.max_timestamp,
                TimestampType::LogAppendTime => old.max_timestamp,
            },
            record_count: self.kept.len() as i32,
            ..*old
        };
        header::write(&new, &mut out[start..]).map_err(|_| BuildError::TooLarge)
    }

    fn bytes(&self, (start, end): (u32, u32)) -> &[u8] {
        self.body.bytes().get(start as usize..end as usize).unwrap_or_default()
    }

    /// The records that stay, with timestamps that count from `base`.
    fn records_from(&self, base: Timestamp) -> Option<Vec<u8>> {
        let moved = self.body.header().base_timestamp.get().wrapping_sub(base.get());
        let mut out = Vec::with_capacity(self.body.bytes().len() + 2 * self.kept.len());
        for range in &self.kept {
            let mut fields = self.bytes(*range);
            varint::read(&mut fields)?;
            let attributes = *fields.split_off_first()?;
            let delta = varint::read_long(&mut fields)?.wrapping_add(moved);
            varint::write(&mut out, (1 + varint::size(delta) + fields.len()) as i64);
            out.push(attributes);
            varint::write(&mut out, delta);
            out.extend_from_slice(fields);
        }
        Some(out)
    }
}

/// Appends to `out` what is left of a batch without records: where it was, and whose.
pub fn write_empty_batch(old: &BatchHeader, out: &mut Vec<u8>) -> Result<(), BuildError> {
    let start = out.len();
    out.resize(start + HEADER_LENGTH, 0);
    let new = BatchHeader {
        batch_length: (HEADER_LENGTH - LENGTH_PREFIX) as i32,
        attributes: header::attributes(
            Compression::None,
            old.timestamp_type(),
            old.is_transactional(),
            old.is_control(),
        ),
        base_timestamp: Timestamp::NONE,
        record_count: 0,
        ..*old
    };
    header::write(&new, &mut out[start..]).map_err(|_| BuildError::TooLarge)
}

#[cfg(test)]
mod tests {
    use model::{Offset, ProducerEpoch, ProducerId, Sequence};

    use super::*;
    use crate::{BatchBuilder, Producer, verify_crc};

    const MAX: usize = 1 << 20;

    fn batch(compression: Compression) -> bytes::Bytes {
        let mut builder = BatchBuilder::new(Offset::new(100), compression);
        builder.producer(Producer {
            id: ProducerId::new(7),
            epoch: ProducerEpoch::new(1),
            base_sequence: Sequence::new(30),
        });
        for i in 0..10i64 {
            let value = format!("value-{i}");
            let value = (i != 4).then_some(value.as_bytes());
            let headers = [("h", Some(&b"\xff\xfe"[..]))];
            let key = format!("key-{i}");
            let timestamp = Timestamp::new(1_700_000_000_000 - 1000 * i);
            builder.append(timestamp, Some(key.as_bytes()), value, headers).unwrap();
        }
        builder.finish().unwrap()
    }

    /// Offset, timestamp, sequence and key of each record.
    fn records(batch: &[u8]) -> Vec<(i64, i64, i32, String)> {
        verify_crc(batch).unwrap();
        let body = BatchBody::decode(batch, MAX).unwrap();
        let told = body.records().map(|record| {
            let record = record.unwrap();
            let key = String::from_utf8(record.key.unwrap().to_vec()).unwrap();
            assert_eq!(record.headers.len(), 1);
            (record.offset.get(), record.timestamp.get(), record.sequence.get(), key)
        });
        told.collect()
    }

    #[test]
    fn records_that_stay_keep_offset_timestamp_and_sequence() {
        for compression in Compression::ALL {
            let batch = batch(compression);
            let filtered =
                filter_batch(&batch, MAX, |record| record.offset.get() % 3 == 1).unwrap();
            assert_eq!((filtered.len(), filtered.has_tombstones()), (4, false));
            let expected: Vec<_> =
                records(&batch).into_iter().filter(|(offset, ..)| offset % 3 == 1).collect();
            for horizon in [None, Some(Timestamp::new(1_800_000_000_000)), Some(Timestamp::new(5))]
            {
                let mut out = b"before".to_vec();
                filtered.write(horizon, &mut out).unwrap();
                let out = &out[6..];
                assert_eq!(records(out), expected);
                let (old, new) =
                    (BatchHeader::parse(&batch).unwrap(), BatchHeader::parse(out).unwrap());
                assert_eq!(new.delete_horizon(), horizon);
                assert_eq!(new.base_offset, old.base_offset);
                assert_eq!(new.last_offset(), old.last_offset());
                assert_eq!(new.last_sequence(), old.last_sequence());
                assert_eq!(new.max_timestamp.get(), 1_700_000_000_000);
                assert_eq!(new.size_in_bytes(), out.len());
            }
        }
    }

    #[test]
    fn a_batch_that_loses_nothing_stays_byte_for_byte() {
        let batch = batch(Compression::Lz4);
        let filtered = filter_batch(&batch, MAX, |_| true).unwrap();
        assert!(filtered.is_whole() && filtered.has_tombstones());
        let mut out = Vec::new();
        filtered.write(None, &mut out).unwrap();
        assert_eq!(out, batch);
    }

    #[test]
    fn a_delete_horizon_survives_further_filtering() {
        let batch = batch(Compression::Zstd);
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        let horizon = Timestamp::new(1_900_000_000_000);
        filter_batch(&batch, MAX, |_| true).unwrap().write(Some(horizon), &mut once).unwrap();
        let filtered = filter_batch(&once, MAX, |record| record.value.is_none()).unwrap();
        filtered.write(None, &mut twice).unwrap();
        let header = BatchHeader::parse(&twice).unwrap();
        assert_eq!(header.delete_horizon(), Some(horizon));
        assert_eq!(records(&twice), [(104, 1_699_999_996_000, 34, "key-4".to_owned())]);
        assert_eq!(header.max_timestamp.get(), 1_699_999_996_000);
    }

    #[test]
    fn an_emptied_batch_tells_whose_it_was() {
        let batch = batch(Compression::Gzip);
        let old = BatchHeader::parse(&batch).unwrap();
        let mut out = Vec::new();
        write_empty_batch(&old, &mut out).unwrap();
        verify_crc(&out).unwrap();
        let new = BatchHeader::parse(&out).unwrap();
        assert_eq!((out.len(), new.record_count), (HEADER_LENGTH, 0));
        assert_eq!((new.base_offset, new.last_offset()), (old.base_offset, old.last_offset()));
        assert_eq!((new.producer_id, new.last_sequence()), (old.producer_id, old.last_sequence()));
        assert_eq!(new.compression().unwrap(), Compression::None);
        assert_eq!(BatchBody::decode(&out, MAX).unwrap().records().count(), 0);
    }
}
