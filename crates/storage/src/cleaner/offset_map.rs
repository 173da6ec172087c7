//! The latest offset of each key in the part of a log that is cleaned, within a bound of memory.
//!
//! Keys are told apart by a hash of 128 bits under keys that nobody outside knows, so that no choice
//! of keys makes two of them one. The table grows in place as keys come, so that a log with few keys
//! needs little, and stops taking keys when it is full: the cleaner goes on from there next time.

use std::hash::{BuildHasher, RandomState};

use model::Offset;

/// Slots to begin with.
const SLOTS_MIN: usize = 1024;
/// Bytes of a slot.
const SLOT_BYTES: usize = size_of::<Slot>();

/// A key and its latest offset; 0 stands for no key.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    hash: [u64; 2],
    offset_plus_one: u64,
}

impl Slot {
    fn is_free(&self) -> bool {
        self.offset_plus_one == 0
    }
}

/// The latest offset of each key.
#[derive(Debug)]
pub struct OffsetMap {
    slots: Vec<Slot>,
    slots_max: usize,
    /// How full the table may become, below 1.
    load_factor: f64,
    keys: usize,
    hashers: [RandomState; 2],
}

impl OffsetMap {
    /// A map that takes at most `bytes_max` bytes and is at most `load_factor` full.
    pub fn new(bytes_max: u64, load_factor: f64) -> Self {
        let slots_max = usize::try_from(bytes_max / SLOT_BYTES as u64).unwrap_or(usize::MAX);
        Self {
            slots: Vec::new(),
            slots_max: slots_max.max(2),
            load_factor: load_factor.clamp(0.1, 0.95),
            keys: 0,
            hashers: [RandomState::new(), RandomState::new()],
        }
    }

    /// How many keys it holds.
    pub fn len(&self) -> usize {
        self.keys
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// The bytes that it takes now.
    pub fn size_in_bytes(&self) -> usize {
        self.slots.capacity() * SLOT_BYTES
    }

    /// Forgets all keys and gives the memory back.
    pub fn clear(&mut self) {
        self.slots = Vec::new();
        self.keys = 0;
    }

    /// Notes an offset of a key, unless it has a later one; `false` when there is no room for
    /// another key.
    #[must_use]
    pub fn put(&mut self, key: &[u8], offset: Offset) -> bool {
        let hash = self.hash(key);
        let offset_plus_one = offset.get() as u64 + 1;
        if let Some(slot) = self.find(hash) {
            let slot = &mut self.slots[slot];
            slot.offset_plus_one = slot.offset_plus_one.max(offset_plus_one);
            return true;
        }
        if self.keys >= self.room() && !self.grow() {
            return false;
        }
        let mut at = self.home(hash);
        while !self.slots[at].is_free() {
            at = self.after(at);
        }
        self.slots[at] = Slot { hash, offset_plus_one };
        self.keys += 1;
        true
    }

    /// The latest offset of a key.
    pub fn get(&self, key: &[u8]) -> Option<Offset> {
        let slot = self.find(self.hash(key))?;
        Some(Offset::new(self.slots[slot].offset_plus_one as i64 - 1))
    }

    fn hash(&self, key: &[u8]) -> [u64; 2] {
        [self.hashers[0].hash_one(key), self.hashers[1].hash_one(key)]
    }

    /// How many keys the slots that there are may take.
    fn room(&self) -> usize {
        let full = (self.slots.len() as f64 * self.load_factor) as usize;
        full.min(self.slots.len().saturating_sub(1))
    }

    fn home(&self, hash: [u64; 2]) -> usize {
        (hash[0] % self.slots.len() as u64) as usize
    }

    fn after(&self, slot: usize) -> usize {
        if slot + 1 == self.slots.len() { 0 } else { slot + 1 }
    }

    fn find(&self, hash: [u64; 2]) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.home(hash);
        // There is a free slot always.
        while !self.slots[at].is_free() {
            if self.slots[at].hash == hash {
                return Some(at);
            }
            at = self.after(at);
        }
        None
    }

    /// Makes room for more keys; `false` when there is no memory for them.
    fn grow(&mut self) -> bool {
        let old = self.slots.len();
        let new = old.saturating_mul(2).max(SLOTS_MIN).min(self.slots_max);
        if new <= old || self.slots.try_reserve_exact(new - old).is_err() {
            return false;
        }
        self.slots.resize(new, Slot::default());
        self.rehash(old);
        self.keys < self.room()
    }

    /// Brings the keys of the first `old` slots to where they belong now. A slot that was filled anew
    /// is never freed again, so that what was put behind it stays within reach.
    fn rehash(&mut self, old: usize) {
        let mut done = vec![0u64; self.slots.len().div_ceil(64)];
        for start in 0..old {
            if done[start / 64] >> (start % 64) & 1 == 1 {
                continue;
            }
            let mut moving = std::mem::take(&mut self.slots[start]);
            while !moving.is_free() {
                let mut at = self.home(moving.hash);
                while done[at / 64] >> (at % 64) & 1 == 1 {
                    at = self.after(at);
                }
                done[at / 64] |= 1 << (at % 64);
                std::mem::swap(&mut moving, &mut self.slots[at]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_with_its_latest_offset_while_the_map_grows() {
        let mut map = OffsetMap::new(1 << 20, 0.9);
        let key = |i: i64| format!("key-{}", i % 7000).into_bytes();
        for i in 0..20_000 {
            assert!(map.put(&key(i), Offset::new(i)));
        }
        assert!(map.put(&key(3), Offset::new(1)), "an earlier offset changes nothing");
        assert_eq!(map.len(), 7000);
        for i in 13_000..20_000 {
            assert_eq!(map.get(&key(i)), Some(Offset::new(i)));
        }
        assert_eq!(map.get(b"other"), None);
        map.clear();
        assert_eq!((map.get(&key(1)), map.size_in_bytes()), (None, 0));
    }

    #[test]
    fn memory_is_bounded_and_no_more_than_needed() {
        let bytes_max = 100_000;
        let mut map = OffsetMap::new(bytes_max, 0.9);
        assert_eq!(map.size_in_bytes(), 0);
        assert!(map.put(b"first", Offset::ZERO));
        assert_eq!(map.size_in_bytes(), SLOTS_MIN * SLOT_BYTES);
        let taken = (0..10_000i64).take_while(|i| map.put(&i.to_be_bytes(), Offset::new(*i)));
        let taken = taken.count();
        assert_eq!(taken + 1, (bytes_max as usize / SLOT_BYTES * 9) / 10);
        assert!(map.size_in_bytes() <= bytes_max as usize);
        // Keys that are known still move on.
        assert!(map.put(b"first", Offset::new(50)));
        assert_eq!(map.get(b"first"), Some(Offset::new(50)));
        assert_eq!(map.get(&5i64.to_be_bytes()), Some(Offset::new(5)));
    }
}
