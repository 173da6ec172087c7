//! Entries, votes and memberships as bytes. Numbers are big-endian; counts are checked against the
//! bytes that are there before anything is allocated.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Buf, BufMut, Bytes, BytesMut, TryGetError};
use openraft::{EmptyNode, EntryPayload};

use crate::node::{Entry, LogId, Membership, Proposal, StoredMembership, Vote, VoterId, log_id};

/// Bytes of a voter's id.
const VOTER_LENGTH: usize = 4 + 16;

const KIND_BLANK: u8 = 0;
const KIND_PROPOSAL: u8 = 1;
const KIND_MEMBERSHIP: u8 = 2;

/// Why bytes are not what they should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("the bytes end early")]
    Cut(#[from] TryGetError),
    #[error("{0} is not a kind of entry that this version of Klamm knows")]
    Kind(u8),
    #[error("a count of {0} does not fit the bytes that are there")]
    Count(u32),
    #[error("{0} is no index of an entry")]
    Index(u64),
    #[error("{0} bytes are left over")]
    LeftOver(usize),
}

pub(crate) fn put_entry(buffer: &mut BytesMut, entry: &Entry) {
    put_log_id(buffer, &entry.log_id);
    match &entry.payload {
        EntryPayload::Blank => buffer.put_u8(KIND_BLANK),
        EntryPayload::Normal(proposal) => {
            buffer.put_u8(KIND_PROPOSAL);
            buffer.put_u64(proposal.decided_after);
            buffer.put_slice(&proposal.records);
        }
        EntryPayload::Membership(membership) => {
            buffer.put_u8(KIND_MEMBERSHIP);
            put_membership(buffer, membership);
        }
    }
}

/// The entry that takes up all of the bytes.
pub(crate) fn get_entry(mut bytes: Bytes) -> Result<Entry, CodecError> {
    let log_id = get_log_id(&mut bytes)?;
    let payload = match bytes.try_get_u8()? {
        KIND_BLANK => EntryPayload::Blank,
        KIND_PROPOSAL => {
            let decided_after = bytes.try_get_u64()?;
            let records = bytes.split_off(0);
            EntryPayload::Normal(Proposal { decided_after, records })
        }
        KIND_MEMBERSHIP => EntryPayload::Membership(get_membership(&mut bytes)?),
        kind => return Err(CodecError::Kind(kind)),
    };
    finish(&bytes, Entry { log_id, payload })
}

/// Fails when bytes are left over.
pub(crate) fn finish<T>(bytes: &Bytes, value: T) -> Result<T, CodecError> {
    match bytes.remaining() {
        0 => Ok(value),
        left => Err(CodecError::LeftOver(left)),
    }
}

pub(crate) fn put_log_id(buffer: &mut BytesMut, id: &LogId) {
    buffer.put_u64(id.leader_id.term);
    buffer.put_u64(id.index);
}

pub(crate) fn get_log_id(bytes: &mut Bytes) -> Result<LogId, CodecError> {
    let term = bytes.try_get_u64()?;
    let index = bytes.try_get_u64()?;
    // No log grows so long, and its successor must be a number too.
    if index > i64::MAX as u64 {
        return Err(CodecError::Index(index));
    }
    Ok(log_id(term, index))
}

pub(crate) fn put_optional_log_id(buffer: &mut BytesMut, id: &Option<LogId>) {
    buffer.put_u8(u8::from(id.is_some()));
    if let Some(id) = id {
        put_log_id(buffer, id);
    }
}

pub(crate) fn get_optional_log_id(bytes: &mut Bytes) -> Result<Option<LogId>, CodecError> {
    match bytes.try_get_u8()? {
        0 => Ok(None),
        _ => get_log_id(bytes).map(Some),
    }
}

pub(crate) fn put_stored_membership(buffer: &mut BytesMut, stored: &StoredMembership) {
    put_optional_log_id(buffer, stored.log_id());
    put_membership(buffer, stored.membership());
}

pub(crate) fn get_stored_membership(bytes: &mut Bytes) -> Result<StoredMembership, CodecError> {
    let id = get_optional_log_id(bytes)?;
    Ok(StoredMembership::new(id, get_membership(bytes)?))
}

pub(crate) fn put_vote(buffer: &mut BytesMut, vote: &Vote) {
    buffer.put_u64(vote.leader_id.term);
    buffer.put_u8(u8::from(vote.committed));
    buffer.put_u8(u8::from(vote.leader_id.voted_for.is_some()));
    if let Some(voter) = vote.leader_id.voted_for {
        put_voter(buffer, voter);
    }
}

pub(crate) fn get_vote(mut bytes: Bytes) -> Result<Vote, CodecError> {
    let mut vote = Vote::default();
    vote.leader_id.term = bytes.try_get_u64()?;
    vote.committed = bytes.try_get_u8()? != 0;
    if bytes.try_get_u8()? != 0 {
        vote.leader_id.voted_for = Some(get_voter(&mut bytes)?);
    }
    finish(&bytes, vote)
}

fn put_membership(buffer: &mut BytesMut, membership: &Membership) {
    let configs = membership.get_joint_config();
    buffer.put_u32(configs.len() as u32);
    for config in configs {
        buffer.put_u32(config.len() as u32);
        for voter in config {
            put_voter(buffer, *voter);
        }
    }
    let nodes: Vec<_> = membership.nodes().map(|(id, _)| *id).collect();
    buffer.put_u32(nodes.len() as u32);
    for node in nodes {
        put_voter(buffer, node);
    }
}

fn get_membership(bytes: &mut Bytes) -> Result<Membership, CodecError> {
    // Each configuration has at least its own count of four bytes.
    let count = get_count(bytes, 4)?;
    let configs = (0..count).map(|_| get_voters(bytes)).collect::<Result<Vec<_>, _>>()?;
    let nodes = get_voters(bytes)?;
    let nodes: BTreeMap<_, _> = nodes.into_iter().map(|id| (id, EmptyNode::new())).collect();
    Ok(Membership::new(configs, nodes))
}

fn get_voters(bytes: &mut Bytes) -> Result<BTreeSet<VoterId>, CodecError> {
    let count = get_count(bytes, VOTER_LENGTH)?;
    (0..count).map(|_| get_voter(bytes)).collect()
}

fn get_count(bytes: &mut Bytes, element_length_min: usize) -> Result<u32, CodecError> {
    let count = bytes.try_get_u32()?;
    if count as usize > bytes.remaining() / element_length_min {
        return Err(CodecError::Count(count));
    }
    Ok(count)
}

fn put_voter(buffer: &mut BytesMut, voter: VoterId) {
    buffer.put_i32(voter.node_id);
    buffer.put_u128(voter.directory_id);
}

fn get_voter(bytes: &mut Bytes) -> Result<VoterId, CodecError> {
    let node_id = bytes.try_get_i32()?;
    Ok(VoterId { node_id, directory_id: bytes.try_get_u128()? })
}
