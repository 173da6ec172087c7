//! The clocks of the machine, read at the edge and handed inward as arguments.
//!
//! Fetch sessions go by [`NodeClock::ticks_ms`], which never jumps. What deletes by age goes by
//! [`NodeClock::look`], which knows how the time of day has jumped (`model::Clock`); that knowledge is
//! kept in a small file over restarts. What is only written down goes by [`now`].

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use model::{Clock, ClockHistory, ClockReading, Timestamp};
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use tracing::warn;

/// On Linux the time that a machine sleeps counts as well.
#[cfg(target_os = "linux")]
const SINCE_BOOT: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const SINCE_BOOT: ClockId = ClockId::Monotonic;

/// The time of day. A clock set before 1970 counts as 1970.
pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

fn since_boot_ms() -> i64 {
    let time = clock_gettime(SINCE_BOOT);
    time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000)
}

fn read_machine() -> ClockReading {
    ClockReading { wall: now(), since_boot_ms: since_boot_ms() }
}

#[derive(Debug, Default)]
struct State {
    history: ClockHistory,
    /// Where the history is kept, and the id of this boot.
    kept: Option<(PathBuf, String)>,
    /// How often the clock has jumped.
    jumps: u64,
    /// What the file holds.
    written: Option<ClockHistory>,
}

/// The clocks of one node.
#[derive(Debug)]
pub struct NodeClock {
    read: fn() -> ClockReading,
    state: Mutex<State>,
    /// One writer of the file at a time.
    writing: Mutex<()>,
}

impl Default for NodeClock {
    fn default() -> Self {
        Self { read: read_machine, state: Mutex::default(), writing: Mutex::default() }
    }
}

impl NodeClock {
    /// Takes up what an earlier run has kept in this file, and keeps it there from now on. Without
    /// the id of the boot nobody can say whether an earlier run saw the same clock.
    pub fn keep_in(&self, file: PathBuf, boot_id: Option<String>) {
        let Some(boot_id) = boot_id else { return };
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let mut state = self.state.lock();
        state.history = ClockHistory::from_text(&text, &boot_id);
        state.kept = Some((file, boot_id));
        drop(state);
        self.look();
        self.write();
    }

    /// The time, and how ages are to be judged at it.
    pub(crate) fn look(&self) -> Clock {
        let mut state = self.state.lock();
        let reading = (self.read)();
        if let Some(jump_ms) = state.history.observe(reading) {
            state.jumps += 1;
            warn!(
                seconds = jump_ms / 1_000,
                "the clock of this machine jumped; nothing is deleted for its age sooner by that"
            );
        }
        state.history.clock(reading)
    }

    /// Looks whether the clock has jumped, and writes down what is to be known of it after a
    /// restart. May wait for the disk.
    pub(crate) fn write(&self) {
        let _writing = self.writing.lock();
        let (history, file, boot_id) = {
            let state = self.state.lock();
            let Some((file, boot_id)) = &state.kept else { return };
            if state
                .written
                .as_ref()
                .is_some_and(|written| written.knows_as_much_as(&state.history))
            {
                return;
            }
            (state.history.clone(), file.clone(), boot_id.clone())
        };
        let new = file.with_extension("new");
        let text = history.to_text(&boot_id);
        match std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &file)) {
            Ok(()) => self.state.lock().written = Some(history),
            Err(error) => {
                warn!(file = %file.display(), %error, "how the clock jumped is not kept over a restart");
            }
        }
    }

    /// How often the clock of the machine has jumped since this process started.
    pub(crate) fn jumps(&self) -> u64 {
        self.state.lock().jumps
    }

    /// Milliseconds on a clock that never jumps.
    pub(crate) fn ticks_ms(&self) -> u64 {
        u64::try_from((self.read)().since_boot_ms).unwrap_or(0)
    }
}
