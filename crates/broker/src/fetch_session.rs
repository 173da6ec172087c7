//! Incremental fetch sessions (KIP-227): a client names its partitions once and afterwards sends
//! only what changed; it is answered only with what has news.
//!
//! Pure bookkeeping: time comes in as an argument. A session is worked on by one request at a
//! time; a second one with the same epoch is refused, as its epoch no longer fits.

use std::collections::{HashMap, HashSet};

use model::{ErrorCode, LeaderEpoch, Offset, PartitionIndex, TopicId};
use protocol::Str;

/// Partitions that all sessions may remember together, about 40 MiB of them. A client beyond that is
/// served without a session: it names all its partitions each time.
const PARTITIONS_MAX: usize = 250_000;
/// A session unused for this long may make room for a new one.
const EVICTION_MS: u64 = 120_000;
/// The epoch of a request that opens a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// The epoch of a request outside of sessions, which also closes the session it names.
pub(crate) const FINAL_EPOCH: i32 = -1;
/// The id of "no session".
pub(crate) const NO_SESSION: i32 = 0;

/// A partition as the client names it: by topic id (v13 and later) or by topic name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FetchKey {
    pub(crate) topic_id: TopicId,
    pub(crate) topic: Str,
    pub(crate) partition: PartitionIndex,
}

/// What the client wants of a partition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) fetch_offset: Offset,
    pub(crate) max_bytes: i32,
    pub(crate) current_leader_epoch: LeaderEpoch,
    pub(crate) last_fetched_epoch: LeaderEpoch,
}

/// What a client was last told of a partition; it is told again when this changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) high_watermark: Offset,
    pub(crate) log_start_offset: Offset,
}

/// What a response says of a partition.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) key: &'a FetchKey,
    pub(crate) told: Told,
    pub(crate) has_records: bool,
    pub(crate) failed: bool,
}

#[derive(Debug)]
struct Cached {
    key: FetchKey,
    wanted: Wanted,
    told: Option<Told>,
}

#[derive(Debug)]
struct Session {
    /// The epoch that the next request must carry.
    next_epoch: i32,
    last_used_ms: u64,
    by_id: bool,
    /// In the order in which they are served: who got records goes to the end.
    partitions: Vec<Cached>,
}

/// How to answer a fetch request, once its session is found.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The session to name in the response; [`NO_SESSION`] for none.
    pub(crate) session_id: i32,
    /// Whether partitions without news are left out.
    pub(crate) incremental: bool,
    /// The partitions to read, in order.
    pub(crate) partitions: Vec<(FetchKey, Wanted)>,
}

/// The open sessions of a node.
#[derive(Debug)]
pub(crate) struct FetchSessions {
    sessions: HashMap<i32, Session>,
    slots: usize,
    /// The partitions of all sessions.
    remembered: usize,
    next_id: i32,
}

impl FetchSessions {
    /// Room for `slots` sessions (`max.incremental.fetch.session.cache.slots`); `first_id` is a
    /// random number, so that ids of an earlier run are not taken for ours.
    pub(crate) fn new(slots: usize, first_id: i32) -> Self {
        let next_id = first_id.saturating_abs().max(1);
        Self { sessions: HashMap::new(), slots, remembered: 0, next_id }
    }

    /// How many sessions are open.
    pub(crate) fn count(&self) -> usize {
        self.sessions.len()
    }

    /// Finds or opens the request's session and brings it up to date.
    pub(crate) fn plan(
        &mut self,
        now_ms: u64,
        session_id: i32,
        epoch: i32,
        by_id: bool,
        wanted: Vec<(FetchKey, Wanted)>,
        forgotten: &[FetchKey],
    ) -> Result<Plan, ErrorCode> {
        if epoch == INITIAL_EPOCH || epoch == FINAL_EPOCH {
            self.close(session_id);
            let opened =
                if epoch == INITIAL_EPOCH { self.open(now_ms, by_id, &wanted) } else { NO_SESSION };
            return Ok(Plan { session_id: opened, incremental: false, partitions: wanted });
        }
        let session =
            self.sessions.get_mut(&session_id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.next_epoch != epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.by_id != by_id {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        session.next_epoch = following(epoch);
        session.last_used_ms = now_ms;
        self.remembered -= session.partitions.len();
        if !forgotten.is_empty() {
            let forgotten: HashSet<&FetchKey> = forgotten.iter().collect();
            session.partitions.retain(|cached| !forgotten.contains(&cached.key));
        }
        update(&mut session.partitions, wanted);
        self.remembered += session.partitions.len();
        let partitions =
            session.partitions.iter().map(|c| (c.key.clone(), c.wanted.clone())).collect();
        if self.remembered > PARTITIONS_MAX {
            // The client asks for a new session with all its partitions, and gets none.
            self.close(session_id);
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        Ok(Plan { session_id, incremental: true, partitions })
    }

    /// Decides which partitions belong into an incremental response, and remembers what the client is
    /// told with it. `answers` are in the order of the plan. Partitions with records move to the end
    /// of the order, so that each gets its turn.
    pub(crate) fn settle(&mut self, session_id: i32, answers: &[Answer<'_>]) -> Vec<bool> {
        let session = self.sessions.get_mut(&session_id);
        let in_step = |session: &Session| {
            session.partitions.len() == answers.len()
                && session
                    .partitions
                    .iter()
                    .zip(answers)
                    .all(|(cached, answer)| cached.key == *answer.key)
        };
        let Some(session) = session.filter(|session| in_step(session)) else {
            // Another request changed the session meanwhile: telling everything is always right.
            return vec![true; answers.len()];
        };
        let mut news = Vec::with_capacity(answers.len());
        let mut served = Vec::new();
        let mut waiting = Vec::with_capacity(answers.len());
        for (mut cached, answer) in std::mem::take(&mut session.partitions).into_iter().zip(answers)
        {
            // An error is always told, and so is what follows it.
            news.push(answer.has_records || answer.failed || cached.told != Some(answer.told));
            cached.told = (!answer.failed).then_some(answer.told);
            if answer.has_records { served.push(cached) } else { waiting.push(cached) }
        }
        waiting.append(&mut served);
        session.partitions = waiting;
        news
    }

    fn open(&mut self, now_ms: u64, by_id: bool, wanted: &[(FetchKey, Wanted)]) -> i32 {
        if self.sessions.len() >= self.slots && !self.evict(now_ms) {
            return NO_SESSION;
        }
        while self.remembered + wanted.len() > PARTITIONS_MAX {
            if !self.evict(now_ms) {
                return NO_SESSION;
            }
        }
        while self.sessions.contains_key(&self.next_id) {
            self.next_id = following(self.next_id);
        }
        let id = self.next_id;
        self.next_id = following(id);
        let mut partitions = Vec::with_capacity(wanted.len());
        update(&mut partitions, wanted.to_vec());
        self.remembered += partitions.len();
        let session =
            Session { next_epoch: INITIAL_EPOCH + 1, last_used_ms: now_ms, by_id, partitions };
        self.sessions.insert(id, session);
        id
    }

    fn close(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id) {
            self.remembered -= session.partitions.len();
        }
    }

    /// Drops the session that was idle longest, if it was idle long enough.
    fn evict(&mut self, now_ms: u64) -> bool {
        let oldest = self.sessions.iter().min_by_key(|(_, session)| session.last_used_ms);
        match oldest {
            Some((&id, session)) if now_ms.saturating_sub(session.last_used_ms) > EVICTION_MS => {
                self.close(id);
                true
            }
            _ => false,
        }
    }
}

fn update(partitions: &mut Vec<Cached>, wanted: Vec<(FetchKey, Wanted)>) {
    if partitions.is_empty() {
        partitions.extend(wanted.into_iter().map(|(key, wanted)| Cached {
            key,
            wanted,
            told: None,
        }));
        return;
    }
    if wanted.is_empty() {
        return;
    }
    let mut places: HashMap<FetchKey, usize> =
        partitions.iter().enumerate().map(|(place, cached)| (cached.key.clone(), place)).collect();
    for (key, wanted) in wanted {
        match places.get(&key) {
            Some(&place) => partitions[place].wanted = wanted,
            None => {
                places.insert(key.clone(), partitions.len());
                partitions.push(Cached { key, wanted, told: None });
            }
        }
    }
}

/// The number after `n`, back to 1 after the largest: 0 and -1 have meanings of their own.
fn following(n: i32) -> i32 {
    if n == i32::MAX { 1 } else { n + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 0;

    fn wanted(partition: i32, offset: i64) -> (FetchKey, Wanted) {
        (
            FetchKey {
                topic_id: TopicId::ZERO,
                topic: Str::from_static("t"),
                partition: PartitionIndex::new(partition),
            },
            Wanted {
                fetch_offset: Offset::new(offset),
                max_bytes: 1,
                current_leader_epoch: LeaderEpoch::NONE,
                last_fetched_epoch: LeaderEpoch::NONE,
            },
        )
    }

    fn open(sessions: &mut FetchSessions, wanted: Vec<(FetchKey, Wanted)>) -> i32 {
        sessions.plan(NOW, 0, INITIAL_EPOCH, false, wanted, &[]).unwrap().session_id
    }

    #[test]
    fn sessions_remember_a_bounded_number_of_partitions_together() {
        let mut sessions = FetchSessions::new(10, 7);
        let many = |count: usize| (0..count as i32).map(|index| wanted(index, 0)).collect();
        let first = open(&mut sessions, many(PARTITIONS_MAX - 1));
        let second = open(&mut sessions, many(1));
        assert_ne!((first, second), (NO_SESSION, NO_SESSION));
        assert_eq!(open(&mut sessions, many(1)), NO_SESSION);
        // A session that grows beyond the bound is given up.
        let grown = sessions.plan(NOW, second, 1, false, vec![wanted(5, 0)], &[]);
        assert_eq!(grown.unwrap_err(), ErrorCode::FetchSessionIdNotFound);
        assert_ne!(open(&mut sessions, many(1)), NO_SESSION, "there is room again");
        let later = EVICTION_MS + 1;
        let plan = sessions.plan(later, 0, INITIAL_EPOCH, false, many(9), &[]).unwrap();
        assert_ne!(plan.session_id, NO_SESSION, "what is not used makes room");
        sessions.plan(later, plan.session_id, FINAL_EPOCH, false, Vec::new(), &[]).unwrap();
        let left: usize = sessions.sessions.values().map(|s| s.partitions.len()).sum();
        assert_eq!(sessions.remembered, left);
    }

    #[test]
    fn kip_227_an_incremental_request_names_only_changes() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![wanted(0, 0), wanted(1, 0)]);
        assert_ne!(id, NO_SESSION);
        let plan = sessions.plan(NOW, id, 1, false, vec![wanted(1, 5)], &[]).unwrap();
        assert_eq!(plan.partitions, vec![wanted(0, 0), wanted(1, 5)]);
        let forgotten = [wanted(0, 0).0];
        let plan = sessions.plan(NOW, id, 2, false, vec![wanted(2, 0)], &forgotten).unwrap();
        assert_eq!(plan.partitions, vec![wanted(1, 5), wanted(2, 0)]);
    }

    #[test]
    fn kip_227_unknown_sessions_and_wrong_epochs_are_refused() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![wanted(0, 0)]);
        let refused = |sessions: &mut FetchSessions, id, epoch, by_id| {
            sessions.plan(NOW, id, epoch, by_id, vec![], &[]).unwrap_err()
        };
        assert_eq!(refused(&mut sessions, id + 1, 1, false), ErrorCode::FetchSessionIdNotFound);
        assert_eq!(refused(&mut sessions, id, 2, false), ErrorCode::InvalidFetchSessionEpoch);
        assert_eq!(refused(&mut sessions, id, 1, true), ErrorCode::FetchSessionTopicIdError);
        sessions.plan(NOW, id, FINAL_EPOCH, false, vec![], &[]).unwrap();
        assert_eq!(refused(&mut sessions, id, 1, false), ErrorCode::FetchSessionIdNotFound);
    }

    #[test]
    fn a_partition_without_news_is_left_out_and_one_with_records_goes_last() {
        let mut sessions = FetchSessions::new(10, 7);
        let id = open(&mut sessions, vec![wanted(0, 0), wanted(1, 0)]);
        let told = |high_watermark| Told {
            high_watermark: Offset::new(high_watermark),
            log_start_offset: Offset::ZERO,
        };
        let keys = [wanted(0, 0).0, wanted(1, 0).0];
        let settle = |sessions: &mut FetchSessions, high_watermark, has_records, failed| {
            let first = Answer { key: &keys[0], told: told(high_watermark), has_records, failed };
            let second = Answer { key: &keys[1], told: told(0), has_records: false, failed: false };
            sessions.settle(id, &[first, second])[0]
        };
        assert!(settle(&mut sessions, 0, false, false));
        assert!(!settle(&mut sessions, 0, false, false));
        assert!(settle(&mut sessions, 1, false, false));
        assert!(settle(&mut sessions, 1, false, true));
        assert!(settle(&mut sessions, 1, false, false), "told again after an error");
        assert!(settle(&mut sessions, 1, true, false));
        let plan = sessions.plan(NOW, id, 1, false, vec![], &[]).unwrap();
        assert_eq!(plan.partitions, vec![wanted(1, 0), wanted(0, 0)]);
        assert!(settle(&mut sessions, 1, false, false), "out of step: everything is told");
    }

    #[test]
    fn full_cache_serves_without_a_session_until_one_was_idle() {
        let mut sessions = FetchSessions::new(1, 7);
        let first = open(&mut sessions, vec![wanted(0, 0)]);
        assert_eq!(open(&mut sessions, vec![wanted(0, 0)]), NO_SESSION);
        let later = EVICTION_MS + 1;
        let plan = sessions.plan(later, 0, INITIAL_EPOCH, false, vec![wanted(0, 0)], &[]).unwrap();
        assert!(plan.session_id != NO_SESSION && plan.session_id != first);
    }
}
