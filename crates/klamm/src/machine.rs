//! What the node asks of the machine it runs on.

use model::Uuid;
use rustix::process::{Resource, getrlimit, setrlimit};
use tracing::debug;

/// The id of the running system: it changes with every boot. `None` where there is none.
pub(crate) fn boot_id() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Which brokers are one machine: `klamm.machine.id` where it is set, else the boot id. Zero when
/// nobody knows.
pub(crate) fn machine_id(configured: Option<&str>, boot_id: Option<&str>) -> Uuid {
    let Some(text) = configured.or(boot_id) else { return Uuid::ZERO };
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if let Ok(number) = u128::from_str_radix(&digits, 16) {
        return Uuid::from_bytes(number.to_be_bytes());
    }
    // Any other name: two rounds of FNV-1a tell names apart well enough.
    let round = |seed: u64| {
        text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    };
    let (high, low) = (round(0xcbf2_9ce4_8422_2325), round(0x9ae1_6a3b_2f90_404f));
    Uuid::from_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
}

/// Lets the process open as many files as it is ever allowed to; a shell's default of 1024 is soon
/// used up by segments and connections.
pub(crate) fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            debug!(%error, "cannot raise the number of open files");
        }
    }
}

/// How many files this process may have open, sockets included.
pub(crate) fn open_files_max() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Whether whoever started this process wants it to outlive its terminal (`nohup`).
pub(crate) fn hangup_is_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// Bit 0 of the ignored signals is SIGHUP, number 1.
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

/// The memory that this process may use, in bytes: the machine's, or less in a control group.
pub(crate) fn memory_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    let machine = (info.totalram as u64).saturating_mul(u64::from(info.mem_unit.max(1)));
    let of_group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok())
        .min();
    of_group.map_or(machine, |limit| limit.min(machine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_told_apart_by_boot_id_or_by_name() {
        let boot = "9d9b8c2e-6b1f-4a5e-9c3d-0123456789ab";
        assert_eq!(machine_id(None, Some(boot)), machine_id(None, Some(boot)));
        assert_ne!(machine_id(Some("pi-1"), Some(boot)), machine_id(Some("pi-2"), Some(boot)));
        assert!(machine_id(None, None).is_zero());
    }

    #[test]
    fn an_ignored_hangup_is_seen() {
        assert!(ignores_hangup("Name:\tx\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hangup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangup(""));
    }

    #[test]
    fn some_memory_is_found() {
        assert!(memory_bytes() > 1 << 20);
    }
}
