//! What the system says of this process. Where it does not say, as on systems other than Linux, a
//! figure is left out.

use std::fs;

/// This process in numbers.
#[derive(Debug, Default)]
pub(crate) struct ProcessFigures {
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) open_files: Option<usize>,
    pub(crate) open_files_max: Option<u64>,
}

pub(crate) fn read() -> ProcessFigures {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    ProcessFigures {
        cpu_seconds: fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_seconds(&stat)),
        resident_bytes: fs::read_to_string("/proc/self/statm").ok().and_then(|statm| {
            let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
            Some(pages * rustix::param::page_size() as u64)
        }),
        // The folder itself is open while it is read.
        open_files: fs::read_dir("/proc/self/fd").ok().map(|files| files.count().saturating_sub(1)),
        open_files_max: limit.current,
    }
}

/// User and system time are fields 14 and 15; the name in field 2 may hold anything.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
