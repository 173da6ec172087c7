//! Records of `__consumer_offsets` with anything in them, replayed by a coordinator.
//!
//! It takes each or says why not; serves what it took; and what it writes itself, replayed by the
//! next coordinator, gives the same offsets. Input: records as key, value (`write_folder`'s form: a
//! byte of length and two); a value beginning with 255 is a tombstone.

#![no_main]

use bytes::Bytes;
use coordinator::{Effects, GroupConfig, GroupShard, ListFilter, Now, OffsetFetch, Request, Token};
use klamm_fuzz::read_pairs;
use libfuzzer_sys::fuzz_target;
use model::Timestamp;

const ROOM: usize = 1 << 20;
/// Longer than any session or retention.
const YEAR_MS: u64 = 366 * 24 * 3600 * 1000;

fn now(ticks_ms: u64) -> Now {
    Now { wall: Timestamp::new(1_700_000_000_000 + ticks_ms as i64), ticks_ms }
}

fn replay(records: &[(Bytes, Option<Bytes>)]) -> GroupShard {
    let mut shard = GroupShard::new(GroupConfig::default());
    for (key, value) in records {
        let _ = shard.replay(key, value.as_ref());
    }
    shard
}

/// Everything that can be asked of it without changing it.
fn look(shard: &mut GroupShard) {
    let mut effects = Effects::default();
    let groups = shard.list_groups(&ListFilter::default());
    for listed in &groups {
        let described = shard.describe_group(&listed.group).expect("what is listed is there");
        assert_eq!(described.state, listed.state);
    }
    for (number, listed) in groups.into_iter().enumerate() {
        let fetch =
            OffsetFetch { group: listed.group.clone(), topics: None, require_stable: false };
        let token = Token(number as u64);
        shard.handle(now(0), token, Request::OffsetFetch(fetch), &mut effects);
        assert!(effects.replies.iter().any(|(answered, _)| *answered == token), "it is answered");
    }
}

fuzz_target!(|data: &[u8]| {
    let mut records: Vec<(Bytes, Option<Bytes>)> = read_pairs(data)
        .into_iter()
        .map(|(key, value)| (key.into(), (value.first() != Some(&255)).then(|| value.into())))
        .collect();
    let mut shard = replay(&records);
    let mut effects = Effects::default();
    shard.loaded(now(0), &mut effects);
    look(&mut shard);
    // All sessions end, and all offsets that may expire do.
    let mut ticks = 0;
    while let Some(due) = shard.next_deadline().filter(|due| *due <= YEAR_MS) {
        ticks = due.max(ticks + YEAR_MS / 100);
        shard.tick(now(ticks), &mut effects);
        while !effects.appends.is_empty() {
            for append in std::mem::take(&mut effects.appends) {
                assert!(!append.records.is_empty(), "an append has records");
                let written = append.records.into_iter();
                records.extend(written.map(|record| (record.key, record.value)));
                shard.committed(now(ticks), append.ticket, &mut effects);
            }
        }
        if ticks > YEAR_MS {
            break;
        }
    }
    let mut next = replay(&records);
    next.loaded(now(ticks), &mut Effects::default());
    let offsets = |shard: &GroupShard| -> Vec<_> {
        let survey = shard.survey(ROOM).into_iter();
        let mut all: Vec<_> = survey
            .filter(|group| !group.offsets.is_empty())
            .map(|group| (group.group, group.offsets))
            .collect();
        all.iter_mut().for_each(|(_, offsets)| offsets.sort());
        all
    };
    assert_eq!(offsets(&next), offsets(&shard), "the next coordinator has the same offsets");
    look(&mut next);
    shard.unload(now(ticks), &mut effects);
});
