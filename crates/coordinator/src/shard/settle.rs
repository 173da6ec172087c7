//! Appends that were under way come back: committed, or failed.

use model::ErrorCode;

use super::step::append_error;
use super::{GroupShard, static_member, sync};
use crate::group::Group;
use crate::timers::Now;
use crate::writes::{Effects, Then, Ticket};

impl GroupShard {
    /// The records of the ticket are committed. Tickets are settled in the order of their appends.
    pub fn committed(&mut self, now: Now, ticket: Ticket, effects: &mut Effects) {
        let Some(write) = self.writes.take(ticket) else { return };
        for key in &write.offsets {
            self.offsets.commit(key, ticket);
        }
        effects.replies.extend(write.replies);
        let (groups, mut step) = self.split(now, effects);
        match write.then {
            Then::Nothing | Then::KeepNewGroup(_) | Then::DropGroups(_) => {}
            Then::StoreAssignment { group, generation, assignments } => {
                if let Some(group) = groups.get_mut(&group) {
                    sync::stored(group, generation, &assignments, &mut step);
                }
            }
            Then::ReplaceStaticMember(replacement) => {
                if let Some(group) = groups.get_mut(&replacement.group) {
                    static_member::replaced(group, *replacement, &mut step);
                }
            }
        }
        self.tick(now, effects);
    }

    /// The records of the ticket were not written, and never will be. If it cannot be known whether
    /// they were, the shard has to be unloaded instead.
    pub fn failed(&mut self, now: Now, ticket: Ticket, error: ErrorCode, effects: &mut Effects) {
        let Some(write) = self.writes.take(ticket) else { return };
        let error = append_error(error);
        for key in &write.offsets {
            self.offsets.abort(key, ticket);
        }
        for (token, reply) in write.replies {
            effects.replies.push((token, reply.failed(error)));
        }
        let (groups, mut step) = self.split(now, effects);
        match write.then {
            Then::Nothing => {}
            Then::KeepNewGroup(id) => {
                // Members that have come in the meantime go on; what they agree on is written anew.
                let has_offsets = step.offsets.has_any(&id);
                let idle = |group: &Group| group.is_empty() && group.pending_join.is_empty();
                if !has_offsets && groups.get(&id).is_some_and(idle) {
                    groups.remove(&id);
                }
            }
            Then::StoreAssignment { group, generation, .. } => {
                if let Some(group) =
                    groups.get_mut(&group).filter(|group| group.generation == generation)
                {
                    sync::not_stored(group, error, &mut step);
                }
            }
            Then::ReplaceStaticMember(replacement) => {
                if let Some(group) = groups.get_mut(&replacement.group) {
                    static_member::not_replaced(group, *replacement, error, &mut step);
                }
            }
            Then::DropGroups(dropped) => {
                for group in dropped {
                    let id = group.id.clone();
                    groups.entry(id).or_insert(group);
                }
            }
        }
        self.tick(now, effects);
    }
}
