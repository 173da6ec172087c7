//! The rules. [`GroupShard`] is the door; each request has a file of its own, and all of them work on
//! one group at a time with a [`Step`], which holds everything else that a step may touch.

mod delete_groups;
mod describe;
mod expiry;
mod heartbeat;
mod join;
mod leave;
mod load;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod rebalance;
mod settle;
mod static_member;
mod step;
mod sync;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use model::Clock;
use step::Step;

use crate::config::GroupConfig;
use crate::group::Group;
use crate::offsets::Offsets;
use crate::request::Request;
use crate::timers::{Now, TimerKind, Timers};
use crate::writes::{Effects, Token, Writes};

/// The groups of one partition of `__consumer_offsets`.
///
/// Life: [`GroupShard::new`], [`GroupShard::replay`] of every record, [`GroupShard::loaded`], then
/// requests, ticks and settled appends in any order, and [`GroupShard::unload`].
#[derive(Debug)]
pub struct GroupShard {
    config: GroupConfig,
    groups: HashMap<Arc<str>, Group>,
    offsets: Offsets,
    timers: Timers,
    writes: Writes,
    /// How ages are judged; by [`Now::wall`] alone until it is set.
    clock: Option<Clock>,
    /// When expired offsets are looked for next; set once loaded.
    next_expiry_ms: Option<u64>,
}

impl GroupShard {
    /// A shard without groups.
    pub fn new(config: GroupConfig) -> Self {
        Self {
            config,
            groups: HashMap::new(),
            offsets: Offsets::default(),
            timers: Timers::default(),
            writes: Writes::default(),
            clock: None,
            next_expiry_ms: None,
        }
    }

    /// Uses other limits from now on.
    pub fn set_config(&mut self, config: GroupConfig) {
        self.config = config;
    }

    /// Judges by this clock from now on how old offsets are.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// Takes a request. Its token comes back with the reply: now, later, or at the latest when the
    /// shard is unloaded.
    pub fn handle(&mut self, now: Now, token: Token, request: Request, effects: &mut Effects) {
        match request {
            Request::Join(join) => self.join(now, token, join, effects),
            Request::Sync(sync) => self.sync(now, token, sync, effects),
            Request::Heartbeat(heartbeat) => self.heartbeat(now, token, heartbeat, effects),
            Request::Leave(leave) => self.leave(now, token, leave, effects),
            Request::OffsetCommit(commit) => self.commit_offsets(now, token, commit, effects),
            Request::OffsetFetch(fetch) => self.fetch_offsets_stable(token, fetch, effects),
            Request::OffsetDelete(delete) => self.delete_offsets(now, token, delete, effects),
            Request::DeleteGroups(groups) => self.delete_groups(now, token, groups, effects),
        }
        self.tick(now, effects);
    }

    /// When [`GroupShard::tick`] has something to do, on the clock of [`Now::ticks_ms`].
    pub fn next_deadline(&self) -> Option<u64> {
        let deadlines = [self.timers.next_deadline(), self.next_expiry_ms];
        deadlines.into_iter().flatten().min()
    }

    /// Does what has fallen due.
    pub fn tick(&mut self, now: Now, effects: &mut Effects) {
        while let Some(key) = self.timers.pop_due(now) {
            let (groups, mut step) = self.split(now, effects);
            let Some(group) = groups.get_mut(&key.group) else { continue };
            match key.kind {
                TimerKind::Join => rebalance::join_phase_ends(group, &mut step),
                TimerKind::Sync => rebalance::sync_phase_ends(group, &mut step),
                TimerKind::Session(member) => {
                    heartbeat::session_expires(group, &member, &mut step);
                }
            }
        }
        if self.next_expiry_ms.is_some_and(|at| at <= now.ticks_ms) {
            self.schedule_expiry(now);
            self.expire(now, effects);
        }
    }

    fn split<'a>(
        &'a mut self,
        now: Now,
        effects: &'a mut Effects,
    ) -> (&'a mut HashMap<Arc<str>, Group>, Step<'a>) {
        let step = Step {
            now,
            config: &self.config,
            timers: &mut self.timers,
            writes: &mut self.writes,
            offsets: &mut self.offsets,
            effects,
        };
        (&mut self.groups, step)
    }
}
