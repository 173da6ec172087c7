//! Records of several appends in as few batches as they fit into.

use bytes::Bytes;
use coordinator::{Append, Record, Ticket};
use model::{Offset, Timestamp};
use records::{BatchBuilder, Compression};

/// Bytes that a record takes beside its key and value, at most.
const RECORD_OVERHEAD_MAX: usize = 40;

/// A batch, and the tickets of appends that it completes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) bytes: Bytes,
    pub(super) tickets: Vec<Ticket>,
}

/// What becomes of appends: batches in order, and tickets whose records no batch can hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) batches: Vec<Batch>,
    pub(super) too_large: Vec<Ticket>,
}

/// Packs appends into batches of at most `batch_bytes_max`. The records of one append stay together,
/// unless they are tombstones alone: those say the same one by one.
pub(super) fn pack(appends: Vec<Append>, now: Timestamp, batch_bytes_max: usize) -> Packed {
    let mut packer = Packer { packed: Packed::default(), open: None, now, batch_bytes_max };
    for append in appends {
        packer.add(append);
    }
    packer.finish_open();
    packer.packed
}

struct Open {
    builder: BatchBuilder,
    tickets: Vec<Ticket>,
}

struct Packer {
    packed: Packed,
    open: Option<Open>,
    now: Timestamp,
    batch_bytes_max: usize,
}

impl Packer {
    fn add(&mut self, append: Append) {
        let size: usize = append.records.iter().map(size_of).sum();
        let tombstones = append.records.iter().all(|record| record.value.is_none());
        let empty = records::HEADER_LENGTH;
        if empty + size > self.batch_bytes_max && !tombstones {
            self.packed.too_large.push(append.ticket);
            return;
        }
        if !tombstones {
            self.make_room(size);
        }
        for record in &append.records {
            self.make_room(size_of(record));
            if self.write(record).is_err() {
                self.packed.too_large.push(append.ticket);
                return;
            }
        }
        self.open().tickets.push(append.ticket);
    }

    fn open(&mut self) -> &mut Open {
        self.open.get_or_insert_with(|| Open {
            builder: BatchBuilder::new(Offset::ZERO, Compression::None),
            tickets: Vec::new(),
        })
    }

    fn make_room(&mut self, size: usize) {
        let max = self.batch_bytes_max;
        let open = self.open();
        if !open.builder.is_empty() && open.builder.uncompressed_size() + size > max {
            self.finish_open();
        }
    }

    fn write(&mut self, record: &Record) -> Result<(), records::BuildError> {
        let now = self.now;
        let (key, value) = (Some(&record.key[..]), record.value.as_deref());
        self.open().builder.append(now, key, value, [])
    }

    fn finish_open(&mut self) {
        let Some(open) = self.open.take().filter(|open| !open.builder.is_empty()) else { return };
        match open.builder.finish() {
            Ok(bytes) => self.packed.batches.push(Batch { bytes, tickets: open.tickets }),
            Err(_) => self.packed.too_large.extend(open.tickets),
        }
    }
}

fn size_of(record: &Record) -> usize {
    RECORD_OVERHEAD_MAX + record.key.len() + record.value.as_ref().map_or(0, Bytes::len)
}

#[cfg(test)]
mod tests {
    use coordinator::{Effects, GroupConfig, GroupShard, Now, Request, Token};
    use records::{BatchHeader, records_of};

    use super::*;
    use crate::groups::load::tests::commit;

    const MAX: usize = 10_000;

    fn record(key: &'static str, value_length: usize) -> Record {
        Record {
            key: Bytes::from_static(key.as_bytes()),
            value: Some(vec![7; value_length].into()),
        }
    }

    fn tombstone() -> Record {
        Record { key: Bytes::from_static(b"gone"), value: None }
    }

    /// Appends with tickets as a shard gives them, each with the records given.
    fn appends(records: Vec<Vec<Record>>) -> Vec<Append> {
        let mut shard = GroupShard::new(GroupConfig::default());
        let mut effects = Effects::default();
        let now = Now { wall: Timestamp::new(1), ticks_ms: 0 };
        for number in 0..records.len() {
            let request = Request::OffsetCommit(commit(number as i64));
            shard.handle(now, Token(number as u64), request, &mut effects);
        }
        let mut made = effects.appends;
        assert_eq!(made.len(), records.len(), "one append per commit");
        for (append, records) in made.iter_mut().zip(records) {
            append.records = records;
        }
        made
    }

    /// How many records each batch has, and how many appends it completes.
    fn shape(packed: &Packed) -> Vec<(usize, usize)> {
        let count = |batch: &Batch| {
            assert!(batch.bytes.len() <= MAX, "a batch keeps the limit");
            let header = BatchHeader::parse(&batch.bytes).expect("a batch");
            assert_eq!(header.size_in_bytes(), batch.bytes.len());
            let records = records_of(&batch.bytes, MAX).expect("records");
            let records: Result<Vec<_>, _> = records.collect();
            (records.expect("whole records").len(), batch.tickets.len())
        };
        packed.batches.iter().map(count).collect()
    }

    #[test]
    fn small_appends_share_a_batch() {
        let made = appends(vec![vec![record("a", 10)], vec![record("b", 10), record("c", 10)]]);
        let packed = pack(made, Timestamp::new(5), MAX);
        assert_eq!(shape(&packed), [(3, 2)]);
        let header = BatchHeader::parse(&packed.batches[0].bytes).expect("a batch");
        assert_eq!(header.max_timestamp, Timestamp::new(5));
    }

    #[test]
    fn records_of_one_append_stay_in_one_batch() {
        let made = appends(vec![
            vec![record("a", 4_000)],
            vec![record("b", 4_000), record("c", 4_000)],
            vec![record("d", 1_000)],
        ]);
        assert_eq!(shape(&pack(made, Timestamp::new(5), MAX)), [(1, 1), (3, 2)]);
    }

    #[test]
    fn append_that_no_batch_can_hold_is_named() {
        let made = appends(vec![
            vec![record("a", 10)],
            vec![record("b", 6_000), record("c", 6_000)],
            vec![record("d", 10)],
        ]);
        let too_large = made[1].ticket;
        let packed = pack(made, Timestamp::new(5), MAX);
        assert_eq!(shape(&packed), [(2, 2)]);
        assert_eq!(packed.too_large, [too_large]);
    }

    #[test]
    fn many_tombstones_spread_over_batches_and_the_last_one_completes_them() {
        let made = appends(vec![vec![tombstone(); 1_000], vec![record("a", 10)]]);
        let packed = pack(made, Timestamp::new(5), MAX);
        let shape = shape(&packed);
        assert!(shape.len() > 1, "{shape:?}");
        assert_eq!(shape.iter().map(|(records, _)| records).sum::<usize>(), 1_001);
        assert!(shape[..shape.len() - 1].iter().all(|(_, completed)| *completed == 0));
        assert_eq!(shape[shape.len() - 1].1, 2);
        assert_eq!(packed.too_large, []);
    }
}
