//! What a process has used so far, as Linux counts it under `/proc`.

use std::time::Duration;

use anyhow::{Context, Result};

/// Memory and processor time of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Resident memory now, in bytes.
    pub resident_bytes: u64,
    /// The most resident memory so far, in bytes.
    pub resident_bytes_max: u64,
    /// Processor time in user mode and in the kernel, over all threads.
    pub processor_time: Duration,
}

/// What the process `pid` has used so far.
pub fn usage_of(pid: u32) -> Result<Usage> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Ok(Usage {
        resident_bytes: kibibytes(&status, "VmRSS:")? * 1024,
        resident_bytes_max: kibibytes(&status, "VmHWM:")? * 1024,
        processor_time: processor_time(&stat, rustix::param::clock_ticks_per_second())?,
    })
}

fn kibibytes(status: &str, key: &str) -> Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let number = number.with_context(|| format!("no {key} in the status of the process"))?;
    Ok(number.parse()?)
}

/// Fields 14 and 15 of the line; the name in field 2 may hold blanks and ends at the last `)`.
fn processor_time(stat: &str, ticks_per_second: u64) -> Result<Duration> {
    let after_name = stat.rsplit_once(')').context("no process name")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks =
        |index: usize| -> Result<u64> { Ok(fields.get(index).context("too few fields")?.parse()?) };
    let total = ticks(11)? + ticks(12)?;
    Ok(Duration::from_secs_f64(total as f64 / ticks_per_second as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_plus_kernel_even_when_the_name_has_blanks() {
        let stat = "7 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 1 0 100";
        assert_eq!(processor_time(stat, 100).expect("it parses"), Duration::from_secs(2));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_uses_memory() {
        let usage = usage_of(std::process::id()).expect("proc is there");
        assert!(usage.resident_bytes > 0 && usage.resident_bytes_max >= usage.resident_bytes);
    }
}
