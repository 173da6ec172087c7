//! What a step may touch beside its group: time, limits, timers, offsets, and what leaves.

use model::ErrorCode;

use crate::config::GroupConfig;
use crate::group::{Group, Member};
use crate::offsets::{CommittedOffset, OffsetKey, Offsets};
use crate::reply::Reply;
use crate::timers::{Now, TimerKind, Timers};
use crate::writes::{Append, Effects, Record, Then, Ticket, Token, Write, Writes};

pub(super) struct Step<'a> {
    pub(super) now: Now,
    pub(super) config: &'a GroupConfig,
    pub(super) timers: &'a mut Timers,
    pub(super) writes: &'a mut Writes,
    pub(super) offsets: &'a mut Offsets,
    pub(super) effects: &'a mut Effects,
}

impl Step<'_> {
    pub(super) fn reply(&mut self, token: Token, reply: Reply) {
        self.effects.replies.push((token, reply));
    }

    /// Sends records off. `then` happens when they are committed.
    pub(super) fn append(&mut self, records: Vec<Record>, then: Then) -> Ticket {
        self.append_offsets(records, Vec::new(), then)
    }

    /// Sends records off of which some set or remove offsets.
    pub(super) fn append_offsets(
        &mut self,
        records: Vec<Record>,
        offsets: Vec<(OffsetKey, Option<CommittedOffset>)>,
        then: Then,
    ) -> Ticket {
        debug_assert!(!records.is_empty(), "an append has records");
        let ticket = self.writes.next_ticket();
        let mut keys = Vec::with_capacity(offsets.len());
        for (key, value) in offsets {
            self.offsets.write(&key, ticket, value);
            keys.push(key);
        }
        self.writes.insert(ticket, Write { replies: Vec::new(), offsets: keys, then });
        self.effects.appends.push(Append { ticket, records });
        ticket
    }

    /// Answers when the append is committed; at once if there is none.
    pub(super) fn reply_after(&mut self, ticket: Option<Ticket>, token: Token, reply: Reply) {
        let now = match ticket {
            Some(ticket) => self.writes.attach(ticket, token, reply),
            None => Some(reply),
        };
        if let Some(reply) = now {
            self.reply(token, reply);
        }
    }

    /// Begins a member's session anew.
    pub(super) fn restart_session(&mut self, group: &Group, member: &Member) {
        self.start_session(group, member, i64::from(member.session_timeout_ms));
    }

    pub(super) fn start_session(&mut self, group: &Group, member: &Member, timeout_ms: i64) {
        let kind = TimerKind::Session(member.id.clone());
        self.timers.schedule(&group.id, kind, self.now, timeout_ms);
    }
}

/// The error that a client is told when records could not be written or committed.
pub(super) fn append_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge
        | ErrorCode::RecordListTooLarge
        | ErrorCode::InvalidFetchSize => ErrorCode::UnknownServerError,
        other => other,
    }
}
