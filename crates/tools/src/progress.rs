//! How far long work is: one line on the terminal that is drawn anew, and nothing where standard error
//! is no terminal, so that logs and pipes hold plain lines only.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Work that ends sooner shows nothing, and the line is drawn no more often than this.
const DRAW_TIME: Duration = Duration::from_millis(250);
/// The cells of the bar.
const BAR_CELLS: u64 = 30;
/// Back to the begin of the line, and away with what stands there.
const CLEAR_LINE: &str = "\r\x1b[2K";

/// The progress of one piece of work. The line goes away with it.
#[derive(Debug)]
pub(crate) struct Progress {
    noun: &'static str,
    count: u64,
    done: u64,
    start: Instant,
    drawn: Option<Instant>,
    to_terminal: bool,
}

impl Progress {
    /// Of work on `count` things, which `noun` calls by name.
    pub(crate) fn of(count: u64, noun: &'static str) -> Self {
        let to_terminal = std::io::stderr().is_terminal();
        Self { noun, count, done: 0, start: Instant::now(), drawn: None, to_terminal }
    }

    /// So much more has been done.
    pub(crate) fn advance(&mut self, more: u64) {
        self.done += more;
        let now = Instant::now();
        if !self.to_terminal || now - self.drawn.unwrap_or(self.start) < DRAW_TIME {
            return;
        }
        self.drawn = Some(now);
        let line = line(self.noun, self.done, self.count, now - self.start);
        // A terminal that has gone away is no reason to stop.
        _ = write!(std::io::stderr(), "{CLEAR_LINE}{line}");
    }

    /// The line goes away, so that others may be printed.
    pub(crate) fn end(&mut self) {
        if self.drawn.take().is_some() {
            _ = write!(std::io::stderr(), "{CLEAR_LINE}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

fn line(noun: &str, done: u64, count: u64, taken: Duration) -> String {
    let seconds = taken.as_secs_f64().max(0.001);
    let per_second = done as f64 / seconds;
    let full = (done.min(count) * BAR_CELLS).checked_div(count).unwrap_or(BAR_CELLS);
    let bar: String = (0..BAR_CELLS).map(|cell| if cell < full { '#' } else { '.' }).collect();
    let left = count.saturating_sub(done) as f64 / per_second.max(f64::MIN_POSITIVE);
    let left = if done == 0 { String::new() } else { format!(", {left:.0} s left") };
    format!("[{bar}] {done} of {count} {noun}, {per_second:.0} per second{left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_is_done_and_how_long_it_takes() {
        assert_eq!(
            line("records", 50, 200, Duration::from_secs(10)),
            "[#######.......................] 50 of 200 records, 5 per second, 30 s left"
        );
        assert!(line("records", 0, 0, Duration::ZERO).starts_with("[######"));
    }
}
