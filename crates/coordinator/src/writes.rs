//! What leaves a step (replies and appends), and what waits for an append to be committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::group::{Group, Member};
use crate::offsets::OffsetKey;
use crate::reply::Reply;

/// The shell's name for a request whose answer may come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// The shard's name for an append; they grow by one, and are settled in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(crate) u64);

/// A record for `__consumer_offsets`. No value is a tombstone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Type and fields of the key.
    pub key: Bytes,
    /// Version and fields of the value.
    pub value: Option<Bytes>,
}

/// Records to append in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// To be given back to `committed` or `failed`, once.
    pub ticket: Ticket,
    /// Never empty.
    pub records: Vec<Record>,
}

/// What the shell has to do after a step.
#[derive(Debug, Default)]
pub struct Effects {
    /// Answers that are due now.
    pub replies: Vec<(Token, Reply)>,
    /// Appends, in the order in which they have to reach the log.
    pub appends: Vec<Append>,
}

/// What happens, beside the replies, when an append is settled.
#[derive(Debug, Default)]
pub(crate) enum Then {
    #[default]
    Nothing,
    /// The group was new; without its record, and without members, it is not to stay.
    KeepNewGroup(Arc<str>),
    /// The leader's assignment takes effect.
    StoreAssignment { group: Arc<str>, generation: i32, assignments: BTreeMap<Arc<str>, Bytes> },
    /// A static member came back under a new member id.
    ReplaceStaticMember(Box<StaticReplacement>),
    /// The groups were taken out; without their tombstones they come back.
    DropGroups(Vec<Group>),
}

/// A static member before and after it came back.
#[derive(Debug)]
pub(crate) struct StaticReplacement {
    pub(crate) group: Arc<str>,
    pub(crate) generation: i32,
    pub(crate) new_member: Arc<str>,
    /// The member as it was under its old id, without parked requests.
    pub(crate) old: Member,
    pub(crate) can_skip_assignment: bool,
    /// The leader before the replacement, which older clients are told: seeing a foreign id, a
    /// returning leader does not compute an assignment that nobody asked for.
    pub(crate) old_leader: Option<Arc<str>>,
}

/// An append that is under way.
#[derive(Debug, Default)]
pub(crate) struct Write {
    pub(crate) replies: Vec<(Token, Reply)>,
    pub(crate) offsets: Vec<OffsetKey>,
    pub(crate) then: Then,
}

/// All appends under way, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    last: u64,
    pending: BTreeMap<Ticket, Write>,
}

impl Writes {
    pub(crate) fn next_ticket(&mut self) -> Ticket {
        self.last += 1;
        Ticket(self.last)
    }

    pub(crate) fn insert(&mut self, ticket: Ticket, write: Write) {
        let old = self.pending.insert(ticket, write);
        debug_assert!(old.is_none(), "a ticket is used once");
    }

    /// Lets the reply wait for everything that is under way; gives it back when nothing is.
    pub(crate) fn attach_to_last(&mut self, token: Token, reply: Reply) -> Option<Reply> {
        match self.pending.last_entry() {
            Some(mut last) => {
                last.get_mut().replies.push((token, reply));
                None
            }
            None => Some(reply),
        }
    }

    /// Lets the reply wait for one append.
    pub(crate) fn attach(&mut self, ticket: Ticket, token: Token, reply: Reply) -> Option<Reply> {
        match self.pending.get_mut(&ticket) {
            Some(write) => {
                write.replies.push((token, reply));
                None
            }
            None => Some(reply),
        }
    }

    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<Write> {
        self.pending.remove(&ticket)
    }

    pub(crate) fn take_first(&mut self) -> Option<(Ticket, Write)> {
        self.pending.pop_first()
    }
}
