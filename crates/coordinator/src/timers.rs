//! Timers as data: what falls due when, by key. The shell asks for the next deadline and calls
//! `tick`; nothing here waits.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::Timestamp;

/// The time of one step. Timeouts go by `ticks_ms`, so that a machine whose clock is set years
/// ahead by its time server does not lose every member at once; what is written goes by `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock.
    pub wall: Timestamp,
    /// Milliseconds of a clock that never goes back.
    pub ticks_ms: u64,
}

/// What a timer is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TimerKind {
    /// The join phase ends.
    Join,
    /// Members that have not sent SyncGroup are removed.
    Sync,
    /// The session of a member, or of a member id handed out and not used yet.
    Session(Arc<str>),
}

/// A group and what of it falls due. At most one deadline per key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TimerKey {
    pub(crate) group: Arc<str>,
    pub(crate) kind: TimerKind,
}

/// All timers of a shard. `queue` and `deadlines` hold the same pairs.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(u64, TimerKey)>,
    deadlines: HashMap<TimerKey, u64>,
}

impl Timers {
    /// Sets or moves the deadline of `kind` to `delay_ms` from now. Negative delays count as none.
    pub(crate) fn schedule(&mut self, group: &Arc<str>, kind: TimerKind, now: Now, delay_ms: i64) {
        let key = TimerKey { group: group.clone(), kind };
        let deadline = now.ticks_ms.saturating_add(u64::try_from(delay_ms).unwrap_or(0));
        if let Some(old) = self.deadlines.insert(key.clone(), deadline) {
            self.queue.remove(&(old, key.clone()));
        }
        self.queue.insert((deadline, key));
        debug_assert_eq!(self.queue.len(), self.deadlines.len());
    }

    pub(crate) fn cancel(&mut self, group: &Arc<str>, kind: TimerKind) {
        let key = TimerKey { group: group.clone(), kind };
        if let Some(deadline) = self.deadlines.remove(&key) {
            self.queue.remove(&(deadline, key));
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<u64> {
        self.queue.first().map(|(deadline, _)| *deadline)
    }

    /// Takes the earliest timer that is due.
    pub(crate) fn pop_due(&mut self, now: Now) -> Option<TimerKey> {
        if self.next_deadline()? > now.ticks_ms {
            return None;
        }
        let (_, key) = self.queue.pop_first()?;
        self.deadlines.remove(&key);
        Some(key)
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.deadlines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rescheduled_timer_falls_due_once_at_its_last_deadline() {
        let mut timers = Timers::default();
        let at = |ticks_ms| Now { wall: Timestamp::NONE, ticks_ms };
        let group: Arc<str> = "g".into();
        timers.schedule(&group, TimerKind::Join, at(0), 10);
        timers.schedule(&group, TimerKind::Join, at(5), 10);
        timers.schedule(&group, TimerKind::Sync, at(0), 12);
        timers.cancel(&group, TimerKind::Sync);
        assert_eq!(timers.next_deadline(), Some(15));
        assert_eq!(timers.pop_due(at(14)), None);
        assert_eq!(timers.pop_due(at(15)).map(|key| key.kind), Some(TimerKind::Join));
        assert_eq!(timers.next_deadline(), None);
    }
}
