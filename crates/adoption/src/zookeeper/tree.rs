//! The tree of nodes, as a snapshot has it and as transactions change it.
//!
//! A snapshot is taken while the tree changes: the transactions after it may find their work done, so
//! that creating what is there, or deleting what is not, is no mistake.

use std::collections::BTreeMap;

use bytes::{Buf, Bytes};

use super::jute::{JuteError, skip_rights, take_buffer, take_count, take_text};

/// Bytes of the numbers that a snapshot keeps of a node, but for the owner, which stands between.
const STAT_BEFORE_OWNER: usize = 4 * 8 + 3 * 4;
const STAT_AFTER_OWNER: usize = 8;
/// A session of a snapshot: its id and its timeout.
const SESSION_BYTES: usize = 12;

#[derive(Debug)]
struct Node {
    data: Bytes,
    /// The session with which the node goes; 0 for none.
    owner: i64,
}

/// All nodes by their paths.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: BTreeMap<String, Node>,
    /// The number of the last transaction that is part of it.
    pub(super) last_zxid: i64,
}

impl Tree {
    /// Reads the sessions and nodes of a snapshot; `bytes` then begin with the sum.
    pub(super) fn from_snapshot(bytes: &mut Bytes) -> Result<Self, JuteError> {
        for _ in 0..take_count(bytes, SESSION_BYTES)? {
            bytes.try_get_i64()?;
            bytes.try_get_i32()?;
        }
        for _ in 0..take_count(bytes, 8 + 4)? {
            bytes.try_get_i64()?;
            skip_rights(bytes)?;
        }
        let mut tree = Self::default();
        loop {
            let path = take_text(bytes)?;
            // The root has the empty path; this one ends the list.
            if path == "/" {
                return Ok(tree);
            }
            let data = take_buffer(bytes)?;
            bytes.try_get_i64()?;
            skip(bytes, STAT_BEFORE_OWNER)?;
            let owner = bytes.try_get_i64()?;
            skip(bytes, STAT_AFTER_OWNER)?;
            tree.nodes.insert(path, Node { data, owner });
        }
    }

    /// Applies one transaction with its header.
    pub(super) fn apply(&mut self, mut bytes: Bytes) -> Result<(), JuteError> {
        let session = bytes.try_get_i64()?;
        bytes.try_get_i32()?;
        let zxid = bytes.try_get_i64()?;
        bytes.try_get_i64()?;
        let kind = bytes.try_get_i32()?;
        if zxid > self.last_zxid {
            self.last_zxid = zxid;
            self.change(session, kind, bytes, true)?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        session: i64,
        kind: i32,
        mut bytes: Bytes,
        may_be_multi: bool,
    ) -> Result<(), JuteError> {
        match kind {
            1 | 15 | 19 | 21 => {
                let (path, data) = (take_text(&mut bytes)?, take_buffer(&mut bytes)?);
                skip_rights(&mut bytes)?;
                let is_ephemeral = matches!(kind, 1 | 15) && bytes.try_get_u8()? != 0;
                let owner = if is_ephemeral { session } else { 0 };
                self.nodes.entry(path).or_insert(Node { data, owner });
            }
            2 | 20 => {
                self.nodes.remove(&take_text(&mut bytes)?);
            }
            5 => {
                let path = take_text(&mut bytes)?;
                if let Some(node) = self.nodes.get_mut(&path) {
                    node.data = take_buffer(&mut bytes)?;
                }
            }
            14 if may_be_multi => {
                for _ in 0..take_count(&mut bytes, 8)? {
                    let kind = bytes.try_get_i32()?;
                    let part = take_buffer(&mut bytes)?;
                    self.change(session, kind, part, false)?;
                }
            }
            -11 => self.nodes.retain(|_, node| node.owner != session || session == 0),
            // Errors, checks, rights, the beginning of sessions, and ZooKeeper's own members.
            -1 | 13 | 7 | -10 | 16 => {}
            kind => return Err(JuteError::Kind(kind)),
        }
        Ok(())
    }

    /// What a node holds.
    pub(super) fn data(&self, path: &str) -> Option<&Bytes> {
        self.nodes.get(path).map(|node| &node.data)
    }

    /// All nodes.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), &node.data))
    }
}

fn skip(bytes: &mut Bytes, count: usize) -> Result<(), JuteError> {
    if bytes.len() < count {
        return Err(JuteError::Length(i32::try_from(count).unwrap_or(i32::MAX)));
    }
    bytes.advance(count);
    Ok(())
}
