//! The beginning and the end of a shard: replaying the partition, and letting go of it.

use bytes::Bytes;
use model::{ErrorCode, Timestamp};

use super::GroupShard;
use super::rebalance::{fail_parked, prepare};
use crate::group::Group;
use crate::record::{self, Loaded, RecordError, Replayed};
use crate::timers::Now;
use crate::writes::Effects;

impl GroupShard {
    /// Takes in a record of the partition, in the order of offsets, before [`GroupShard::loaded`].
    pub fn replay(&mut self, key: &Bytes, value: Option<&Bytes>) -> Result<Replayed, RecordError> {
        debug_assert!(self.next_expiry_ms.is_none(), "records are replayed before requests come");
        match record::decode(key, value)? {
            Loaded::Offset(key, value) => {
                if value.is_some() && !self.groups.contains_key(&key.group) {
                    let group = Group::new(key.group.clone(), Timestamp::NONE);
                    self.groups.insert(key.group.clone(), group);
                }
                self.offsets.replay(&key, value);
            }
            Loaded::Group(id, None) => {
                self.groups.remove(&id);
            }
            Loaded::Group(id, Some(loaded)) => {
                let mut group = Group::new(id.clone(), Timestamp::NONE);
                group.generation = loaded.generation;
                group.protocol = loaded.protocol;
                group.leader = loaded.leader;
                group.load(loaded.protocol_type, loaded.members, loaded.since);
                self.groups.insert(id, group);
            }
            Loaded::Unknown(kind) => return Ok(Replayed::Unknown(kind)),
        }
        Ok(Replayed::Applied)
    }

    /// Everything is replayed: members have one session to show up again.
    pub fn loaded(&mut self, now: Now, effects: &mut Effects) {
        self.schedule_expiry(now);
        let (groups, mut step) = self.split(now, effects);
        let mut groups: Vec<_> = groups.values_mut().collect();
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        for group in groups {
            for member in group.members() {
                step.restart_session(group, member);
            }
            if group.members().len() > step.config.max_members() {
                // The limit was lowered. Everyone gets to commit first; then there is room for some.
                prepare(group, &mut step);
            }
        }
    }

    /// The partition is led by someone else now: everything parked is sent there, and forgotten.
    pub fn unload(&mut self, now: Now, effects: &mut Effects) {
        while let Some((_, write)) = self.writes.take_first() {
            for (token, reply) in write.replies {
                effects.replies.push((token, reply.failed(ErrorCode::NotCoordinator)));
            }
        }
        let (groups, mut step) = self.split(now, effects);
        for group in groups.values_mut() {
            fail_parked(group, ErrorCode::NotCoordinator, &mut step);
        }
        self.groups.clear();
        self.offsets = Default::default();
        self.timers.clear();
        self.next_expiry_ms = None;
    }
}
