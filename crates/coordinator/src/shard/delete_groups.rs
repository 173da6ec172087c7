//! DeleteGroups: groups without members, with all their offsets.

use std::sync::Arc;

use model::ErrorCode;

use super::GroupShard;
use super::offset_delete::Removals;
use crate::group::{Group, GroupState};
use crate::offsets::OffsetKey;
use crate::record;
use crate::reply::Reply;
use crate::timers::{Now, TimerKind};
use crate::writes::{Effects, Then, Token};

impl GroupShard {
    pub(super) fn delete_groups(
        &mut self,
        now: Now,
        token: Token,
        ids: Vec<Arc<str>>,
        effects: &mut Effects,
    ) {
        let mut removals = Removals::default();
        let mut dropped = Vec::new();
        let mut results = Vec::with_capacity(ids.len());
        for id in ids {
            let error = match self.take_out(&id, &mut removals) {
                Ok(group) => {
                    dropped.push(group);
                    ErrorCode::None
                }
                Err(error) => error,
            };
            results.push((id, error));
        }
        let (_, mut step) = self.split(now, effects);
        let ticket = (!removals.records.is_empty()).then(|| {
            let then = Then::DropGroups(dropped);
            step.append_offsets(removals.records, removals.offsets, then)
        });
        step.reply_after(ticket, token, Reply::DeleteGroups(results));
    }

    /// Takes a group out of the shard and adds its tombstones, if it has no members.
    pub(super) fn take_out(
        &mut self,
        id: &Arc<str>,
        removals: &mut Removals,
    ) -> Result<Group, ErrorCode> {
        match self.groups.get(id).map(Group::state) {
            None | Some(GroupState::Dead) => return Err(ErrorCode::GroupIdNotFound),
            Some(GroupState::Empty) => {}
            Some(_) => return Err(ErrorCode::NonEmptyGroup),
        }
        let tombstone = record::group_tombstone(id).map_err(|_| ErrorCode::InvalidGroupId)?;
        let keys: Vec<_> = self
            .offsets
            .latest_of(id)
            .map(|(topic, partition, _)| OffsetKey {
                group: id.clone(),
                topic: topic.clone(),
                partition,
            })
            .collect();
        for key in keys {
            removals.remove(key).map_err(|_| ErrorCode::UnknownServerError)?;
        }
        removals.records.push(tombstone);
        let mut group = self.groups.remove(id).ok_or(ErrorCode::GroupIdNotFound)?;
        for pending in std::mem::take(&mut group.pending_join) {
            self.timers.cancel(id, TimerKind::Session(pending));
        }
        Ok(group)
    }
}
