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
