//! Offsets that nobody needs any more (KIP-211), and groups that have neither members nor offsets.

use std::sync::Arc;

use model::{Clock, Timestamp};

use super::GroupShard;
use super::offset_delete::Removals;
use crate::group::{Group, GroupState};
use crate::offsets::{CommittedOffset, OffsetKey};
use crate::timers::Now;
use crate::writes::{Effects, Then};

/// Tombstones per append: enough for speed, and far below what one batch may hold.
const TOMBSTONES_PER_APPEND_MAX: usize = 1_000;

/// From when on a group's offsets count as unused.
#[derive(Clone, Copy)]
enum UnusedSince {
    /// From the moment that the group became empty, or from their commit where that is unknown.
    Empty(Option<Timestamp>),
    /// From their commit: nobody in the group reads them.
    Commit,
}

impl GroupShard {
    pub(super) fn schedule_expiry(&mut self, now: Now) {
        let interval_ms = self.config.offsets_retention_check_interval_ms.max(1);
        let interval_ms = u64::try_from(interval_ms).unwrap_or(1);
        self.next_expiry_ms = Some(now.ticks_ms.saturating_add(interval_ms));
    }

    pub(super) fn expire(&mut self, now: Now, effects: &mut Effects) {
        let clock = self.clock.clone().unwrap_or_else(|| Clock::steady(now.wall));
        let mut ids: Vec<_> = self.groups.keys().cloned().collect();
        ids.sort();
        let mut removals = Removals::default();
        let mut dropped = Vec::new();
        for id in ids {
            let all_expired = self.expire_offsets(&id, &clock, &mut removals);
            let idle = self.groups.get(&id).is_some_and(|group| group.pending_join.is_empty());
            if all_expired && idle {
                // The offsets have their tombstones; those that are added twice change nothing.
                let mut tombstones = Removals::default();
                if let Ok(group) = self.take_out(&id, &mut tombstones) {
                    dropped.push(group);
                    removals.records.extend(tombstones.records.pop());
                }
            }
            if removals.records.len() >= TOMBSTONES_PER_APPEND_MAX {
                self.send_tombstones(now, &mut removals, &mut dropped, effects);
            }
        }
        self.send_tombstones(now, &mut removals, &mut dropped, effects);
    }

    fn send_tombstones(
        &mut self,
        now: Now,
        removals: &mut Removals,
        dropped: &mut Vec<Group>,
        effects: &mut Effects,
    ) {
        let removals = std::mem::take(removals);
        if !removals.records.is_empty() {
            let then = Then::DropGroups(std::mem::take(dropped));
            let (_, mut step) = self.split(now, effects);
            step.append_offsets(removals.records, removals.offsets, then);
        }
    }

    /// Adds tombstones for what has expired in the group. Whether nothing is left.
    fn expire_offsets(&self, id: &Arc<str>, clock: &Clock, removals: &mut Removals) -> bool {
        let Some(group) = self.groups.get(id) else { return false };
        let since = unused_since(group);
        let mut all_expired = true;
        for (topic, partition, offset) in self.offsets.latest_of(id) {
            let expired = since.is_some_and(|since| {
                !group.is_subscribed(topic)
                    && is_expired(offset, since, clock, self.config.offsets_retention_ms)
            });
            let key = OffsetKey { group: id.clone(), topic: topic.clone(), partition };
            if !expired || removals.remove(key).is_err() {
                all_expired = false;
            }
        }
        all_expired
    }
}

fn unused_since(group: &Group) -> Option<UnusedSince> {
    match (&group.protocol_type, group.state()) {
        (None, _) => Some(UnusedSince::Commit),
        (Some(_), GroupState::Empty) => Some(UnusedSince::Empty(group.state_since)),
        (Some(_), GroupState::Stable)
            if group.uses_consumer_protocol() && group.knows_subscribed_topics() =>
        {
            Some(UnusedSince::Commit)
        }
        _ => None,
    }
}

fn is_expired(
    offset: &CommittedOffset,
    since: UnusedSince,
    clock: &Clock,
    retention_ms: i64,
) -> bool {
    if let Some(expires_at) = offset.expires_at {
        // A client of old gave the commit a time to live of its own.
        let lifetime_ms = expires_at.ms_since(offset.committed_at);
        return clock.age_ms(offset.committed_at).is_some_and(|age| age >= lifetime_ms);
    }
    let since = match since {
        UnusedSince::Empty(Some(since)) => since,
        UnusedSince::Empty(None) | UnusedSince::Commit => offset.committed_at,
    };
    clock.age_ms(since).is_some_and(|age| age >= retention_ms)
}
