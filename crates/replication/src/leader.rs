//! A partition's leader: the positions of its log and the high watermark that follows from them.
//!
//! Invariant: `log_start_offset <= high_watermark <= log_end_offset` and, with a single in-sync
//! replica under any durability but page-cache, `high_watermark <= synced_offset`. The high
//! watermark never regresses.
//!
//! A one-node cluster has one in-sync replica, this one; followers join this file with
//! replication.

use model::{LeaderEpoch, Offset};

use crate::Durability;

/// The leader's view of one partition.
#[derive(Debug, Clone)]
pub struct Leader {
    leader_epoch: LeaderEpoch,
    durability: Durability,
    log_start_offset: Offset,
    log_end_offset: Offset,
    synced_offset: Offset,
    high_watermark: Offset,
}

/// What the shell has to do after an input.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Records wait for a sync before they are committed: start one.
    pub sync_needed: bool,
    /// The high watermark moved: release what waits for it.
    pub high_watermark_advanced: bool,
}

/// How the leader epoch that a client names relates to this leader's (KIP-320).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochCheck {
    /// The client names no epoch, or the current one.
    Current,
    /// The client lags: its metadata is of an older leader.
    Fenced,
    /// The client is ahead: this node has not heard of that leader yet.
    Unknown,
}

impl EpochCheck {
    /// Compares the epoch that a client believes in with the leader's.
    pub fn of(leader_epoch: LeaderEpoch, claimed: LeaderEpoch) -> Self {
        match claimed.known() {
            None => Self::Current,
            Some(epoch) if epoch < leader_epoch => Self::Fenced,
            Some(epoch) if epoch > leader_epoch => Self::Unknown,
            Some(_) => Self::Current,
        }
    }
}

impl Leader {
    /// Takes up leadership over a log that recovery has opened: everything in it was written, and
    /// `synced_offset` says how much of it is known to be on the disk. `checkpointed_high_watermark`
    /// is what an earlier run had committed, held to the log that was found.
    pub fn new(
        leader_epoch: LeaderEpoch,
        durability: Durability,
        log_start_offset: Offset,
        log_end_offset: Offset,
        synced_offset: Offset,
        checkpointed_high_watermark: Offset,
    ) -> Self {
        let high_watermark = checkpointed_high_watermark.clamp(log_start_offset, log_end_offset);
        let mut leader = Self {
            leader_epoch,
            durability,
            log_start_offset,
            log_end_offset,
            synced_offset: synced_offset.clamp(log_start_offset, log_end_offset),
            // Committed before means synced before, or committed under a rule that is no more.
            high_watermark: high_watermark.min(synced_offset.max(log_start_offset)),
        };
        leader.advance();
        leader
    }

    /// The term of this leadership.
    pub fn leader_epoch(&self) -> LeaderEpoch {
        self.leader_epoch
    }

    /// Everything below is committed: acknowledged to `acks=all` and readable.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// Starts a new term, as after an election or an unclean start.
    pub fn begin_epoch(&mut self, leader_epoch: LeaderEpoch) {
        assert!(leader_epoch >= self.leader_epoch, "a leader epoch never regresses");
        self.leader_epoch = leader_epoch;
    }

    /// The topic's durability was changed.
    pub fn set_durability(&mut self, durability: Durability) -> Progress {
        self.durability = durability;
        self.advance()
    }

    /// The log was appended to and now ends at `log_end_offset`.
    pub fn appended(&mut self, log_end_offset: Offset) -> Progress {
        assert!(log_end_offset >= self.log_end_offset, "an append never shortens the log");
        self.log_end_offset = log_end_offset;
        self.advance()
    }

    /// Everything below `synced_offset` is on the disk.
    pub fn synced(&mut self, synced_offset: Offset) -> Progress {
        self.synced_offset = self.synced_offset.max(synced_offset).min(self.log_end_offset);
        self.advance()
    }

    /// Records below `log_start_offset` were deleted, by retention or on request.
    pub fn log_start_advanced(&mut self, log_start_offset: Offset) -> Progress {
        self.log_start_offset = self.log_start_offset.max(log_start_offset);
        self.log_end_offset = self.log_end_offset.max(self.log_start_offset);
        self.synced_offset = self.synced_offset.max(self.log_start_offset);
        self.advance()
    }

    /// Compares the epoch that a client believes in with this leader's.
    pub fn check_epoch(&self, claimed: LeaderEpoch) -> EpochCheck {
        EpochCheck::of(self.leader_epoch, claimed)
    }

    fn advance(&mut self) -> Progress {
        let committed = match self.durability {
            Durability::PageCache => self.log_end_offset,
            // The only in-sync replica is this one: no other machine holds what is not synced.
            Durability::AnyFailure | Durability::Synced => self.synced_offset,
        };
        let before = self.high_watermark;
        self.high_watermark = before.max(committed).max(self.log_start_offset);
        self.check_invariants();
        Progress {
            sync_needed: self.high_watermark < self.log_end_offset,
            high_watermark_advanced: self.high_watermark > before,
        }
    }

    fn check_invariants(&self) {
        debug_assert!(self.log_start_offset <= self.high_watermark, "{self:?}");
        debug_assert!(self.high_watermark <= self.log_end_offset, "{self:?}");
        debug_assert!(self.synced_offset <= self.log_end_offset, "{self:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leader(durability: Durability) -> Leader {
        let zero = Offset::ZERO;
        Leader::new(LeaderEpoch::new(0), durability, zero, zero, zero, zero)
    }

    #[test]
    fn high_watermark_of_a_sole_replica_waits_for_the_sync() {
        for durability in [Durability::AnyFailure, Durability::Synced] {
            let mut leader = leader(durability);
            let progress = leader.appended(Offset::new(10));
            assert!(progress.sync_needed && !progress.high_watermark_advanced);
            assert_eq!(leader.high_watermark(), Offset::ZERO);
            let progress = leader.synced(Offset::new(7));
            assert!(progress.sync_needed && progress.high_watermark_advanced);
            assert_eq!(leader.high_watermark(), Offset::new(7));
        }
    }

    #[test]
    fn page_cache_durability_commits_at_once() {
        let mut leader = leader(Durability::PageCache);
        let progress = leader.appended(Offset::new(10));
        assert!(!progress.sync_needed && progress.high_watermark_advanced);
        assert_eq!(leader.high_watermark(), Offset::new(10));
    }

    #[test]
    fn high_watermark_never_regresses_when_durability_is_raised() {
        let mut leader = leader(Durability::PageCache);
        leader.appended(Offset::new(10));
        leader.set_durability(Durability::Synced);
        assert_eq!(leader.high_watermark(), Offset::new(10));
        assert!(leader.appended(Offset::new(12)).sync_needed);
        assert_eq!(leader.high_watermark(), Offset::new(10));
    }

    #[test]
    fn a_checkpoint_beyond_the_recovered_end_is_dropped() {
        let leader = Leader::new(
            LeaderEpoch::new(3),
            Durability::AnyFailure,
            Offset::ZERO,
            Offset::new(5),
            Offset::new(5),
            Offset::new(9),
        );
        assert_eq!(leader.high_watermark(), Offset::new(5));
    }

    #[test]
    fn deleting_records_lifts_the_high_watermark_with_the_log_start() {
        let mut leader = leader(Durability::AnyFailure);
        leader.appended(Offset::new(10));
        leader.log_start_advanced(Offset::new(4));
        assert_eq!(leader.high_watermark(), Offset::new(4));
    }

    #[test]
    fn kip_320_epochs_of_clients_are_fenced_or_unknown() {
        let mut leader = leader(Durability::AnyFailure);
        leader.begin_epoch(LeaderEpoch::new(4));
        assert_eq!(leader.check_epoch(LeaderEpoch::NONE), EpochCheck::Current);
        assert_eq!(leader.check_epoch(LeaderEpoch::new(4)), EpochCheck::Current);
        assert_eq!(leader.check_epoch(LeaderEpoch::new(3)), EpochCheck::Fenced);
        assert_eq!(leader.check_epoch(LeaderEpoch::new(5)), EpochCheck::Unknown);
    }
}
