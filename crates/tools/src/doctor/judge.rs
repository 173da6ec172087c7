//! What is wrong, said from facts alone: the same facts always give the same findings.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Durability, HostPort};

use super::facts::{Door, Facts, Folder, Kind as FileSystemKind, Port, Unwritable};
use crate::finding::{Finding, Kind, count, names};

/// Less free space than this part of a disk is little, unless it is more than this.
const FREE_SHARE_MIN: u64 = 20;
const FREE_MIN: u64 = 5 << 30;
/// Fewer open files than this are soon used up by connections and segments.
const OPEN_FILES_MIN: u64 = 4096;
/// Files that a partition keeps open: its newest segment and indexes.
const FILES_PER_PARTITION: u64 = 4;
/// Less memory than this leaves nothing to a node.
const MEMORY_MIN: u64 = 128 << 20;
/// 2024-01-01: no clock of a machine that runs this is right before it.
const CLOCK_MIN_MS: i64 = 1_704_067_200_000;
/// Clocks that differ by less are equal.
const CLOCK_SLACK_MS: i64 = 60_000;
/// A clock that jumps further while we look is not steady.
const JUMP_MAX_MS: i64 = 1000;
/// Folders that systems empty.
const TEMPORARY: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/run"];

macro_rules! kinds {
    ($($name:ident = $id:literal, $matters:literal;)+) => {
        $(pub(super) const $name: &Kind = &Kind { id: $id, matters: $matters };)+

        /// Every kind of finding.
        pub(super) const ALL: &[&Kind] = &[$($name),+];
    };
}

kinds! {
    MISTAKE = "configuration-mistake", "The node does not start with it.";
    WARNING = "configuration-warning", "The node starts, and does something else than the file seems to say.";
    PORT_TAKEN = "port-taken", "The node does not start while something else listens there.";
    NOT_OUR_ADDRESS = "address-not-here", "Only an address of this machine can be listened on; the node does \
        not start.";
    PORT_DENIED = "port-denied", "The system does not let this user listen there; the node does not start.";
    TOLD_LOOPBACK = "advertised-loopback", "A client on another machine is told to connect to itself. It \
        connects first, and then hangs or fails.";
    TOLD_UNKNOWN = "advertised-unknown", "A client that cannot find the name either connects first, and then \
        hangs or fails.";
    CONTAINER = "container-address", "Clients outside of the container are told an address inside of it, \
        which they do not reach.";
    UNWRITABLE = "folder-not-writable", "The node leaves such a folder out, and does not start without the \
        first.";
    TEMPORARY_FOLDER = "folder-temporary", "Systems empty these folders, at a restart or after some days: all \
        records are gone then.";
    IN_MEMORY = "folder-in-memory", "Records are gone when the machine restarts, and take memory from all \
        else.";
    NETWORK = "folder-on-network", "What is synced may not be safe there, locks may not hold, and a pause of \
        the network stops the node.";
    FULL = "disk-full", "A node whose disk is full stops taking records for the folder.";
    RETENTION = "retention-exceeds-disk", "The disk is full before retention deletes anything.";
    FOREVER = "retention-without-end", "Nothing is ever deleted, so the disk fills up.";
    SAME_DISK = "folders-on-one-disk", "Several folders spread load and failures over several disks; on one \
        they do neither, and each partition is in one of them only.";
    OPEN_FILES = "few-open-files", "Connections are refused and files are opened again and again once the \
        limit is reached.";
    MEMORY = "little-memory", "The system ends the node when requests that wait fill its memory.";
    CLOCK_UNSET = "clock-unset", "Records get the time of the clock. Until it is right, nothing is found by \
        time, and ages count from the node's start.";
    CLOCK_BEHIND = "clock-behind", "Records were written at a time that has not come yet: retention keeps \
        them for too long, and new records look older than old ones.";
    CLOCK_JUMPS = "clock-jumps", "Timestamps of records go back and forth with it.";
    NO_NODE = "no-node", "Nothing else about the node could be looked at.";
    UNREACHABLE = "advertised-unreachable", "Clients ask any node, and then go to the addresses that they \
        are told. These do not answer from here.";
    OFFLINE = "offline-partitions", "Nobody can write or read them.";
    UNSERVED = "unserved-partitions", "Their node is up and refuses them: the folder of each is missing or \
        damaged, and is not replaced by an empty one.";
    UNDER_MIN_ISR = "under-min-isr", "Producers with acks=all are refused until there are enough copies \
        again.";
    UNDER_REPLICATED = "under-replicated", "Fewer copies hold each record than were asked for.";
    FAILED_FOLDER = "folder-failed", "Its partitions are offline; the rest of the node goes on.";
    PAGE_CACHE = "acknowledged-in-memory", "With page-cache, acks=all is answered before a record is on a \
        disk, as in Kafka. If the power fails, acknowledged records may be lost.";
    ONE_SUPPLY = "one-power-supply", "Machines count as copies that do not fail together. If they hang on \
        one power supply, losing it may lose records that are acknowledged and not yet on a disk.";
}

/// What is wrong, by subject.
pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(
        facts.mistakes.iter().map(|mistake| {
            Finding::new(MISTAKE, mistake).mend(edit(facts, "the line, as it says"))
        }),
    );
    found.extend(facts.warnings.iter().map(|warning| Finding::new(WARNING, warning)));
    found.extend(facts.listeners.iter().flat_map(|door| on_door(facts, door)));
    found.extend(facts.http_taken.iter().map(|door| on_monitoring(facts, door)));
    found.extend(facts.folders.iter().flat_map(on_folder));
    found.extend(on_disks(facts));
    found.extend(on_limits(facts));
    found.extend(on_clock(facts));
    found.extend(on_node(facts));
    found
}

fn edit(facts: &Facts, what: &str) -> String {
    match &facts.file {
        Some(file) => format!("in {file}: {what}"),
        None => format!(
            "write a server.properties and run `klamm server-start server.properties`: {what}"
        ),
    }
}

fn on_door(facts: &Facts, door: &Door) -> Vec<Finding> {
    let mut found = Vec::new();
    let Door { name, port, .. } = door;
    let host = door.host.as_deref().unwrap_or("every address");
    let at = format!("Listener {name} wants {host}, port {port}");
    match &door.state {
        Port::Free | Port::Node => {}
        Port::Taken => found.push(
            Finding::new(PORT_TAKEN, format!("{at}: something that is no node listens there."))
                .run(format!("ss -ltnp 'sport = :{port}'  # shows what it is"))
                .mend(edit(facts, &format!("listeners={name}://:PORT with a free port"))),
        ),
        Port::NotOurs(reason) => found.push(
            Finding::new(NOT_OUR_ADDRESS, format!("{at}: {reason}."))
                .mend(edit(facts, &format!("listeners={name}://:{port} listens on every address")))
                .mend(edit(facts, "what clients are told goes into advertised.listeners")),
        ),
        Port::Denied(reason) => found.push(
            Finding::new(PORT_DENIED, format!("{at}: {reason}."))
                .mend(edit(facts, &format!("listeners={name}://:9092, or another port from 1024"))),
        ),
    }
    found.extend(on_told(facts, door));
    found
}

fn on_monitoring(facts: &Facts, door: &HostPort) -> Finding {
    let HostPort { host, port } = door;
    let what = format!("klamm.http.listeners wants {host}:{port}: something else listens there.");
    Finding::new(PORT_TAKEN, what)
        .run(format!("ss -ltnp 'sport = :{port}'  # shows what it is"))
        .mend(edit(facts, "klamm.http.listeners=http://localhost:PORT with a free port"))
}

fn on_told(facts: &Facts, door: &Door) -> Option<Finding> {
    let name = &door.name;
    let set =
        |host: &str| edit(facts, &format!("advertised.listeners={name}://{host}:{}", door.port));
    let Some(told) = &door.advertised else {
        if !facts.in_container || is_loopback(door.host.as_deref()) {
            return None;
        }
        let what = format!(
            "This looks like a container, and listener {name} tells clients the address at which they arrive in it."
        );
        return Some(
            Finding::new(CONTAINER, what).mend(set("localhost")).mend(set("NAME-OF-THE-MACHINE")),
        );
    };
    if is_loopback(Some(told)) && !is_loopback(door.host.as_deref()) {
        let what = format!(
            "Listener {name} listens for other machines, and tells clients to connect to {told}."
        );
        return Some(Finding::new(TOLD_LOOPBACK, what).mend(set("NAME-OF-THE-MACHINE")).mend(
            edit(
                facts,
                &format!("listeners={name}://localhost:{} if all clients are here", door.port),
            ),
        ));
    }
    if !door.is_resolved {
        let what = format!(
            "Listener {name} tells clients to connect to {told}, which this machine cannot find."
        );
        return Some(
            Finding::new(TOLD_UNKNOWN, what).run(format!("getent hosts {told}")).mend(set("NAME")),
        );
    }
    None
}

fn is_loopback(host: Option<&str>) -> bool {
    host.is_some_and(|host| {
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

fn on_folder(folder: &Folder) -> Vec<Finding> {
    let mut found = Vec::new();
    let path = folder.path.display();
    if let Some(reason) = &folder.unwritable {
        let finding = Finding::new(UNWRITABLE, format!("{path}: {reason}."));
        let finding = match reason {
            Unwritable::NoFolder(_) => finding,
            Unwritable::ReadOnly => finding.run(format!(
                "sudo mount -o remount,rw \"$(df --output=target {path} | tail -1)\""
            )),
            Unwritable::Denied(_) => {
                finding.run(format!("sudo install -d -o \"$(id -un)\" {path}"))
            }
        };
        found.push(finding.mend("log.dirs=FOLDER with a folder that this user may write to"));
    }
    let elsewhere = "log.dirs=/var/lib/klamm (move the folder there while the node is stopped)";
    let kind = folder.file_system.as_ref().and_then(|file_system| file_system.kind);
    if TEMPORARY.iter().any(|temporary| folder.path.starts_with(Path::new(temporary))) {
        found.push(
            Finding::new(TEMPORARY_FOLDER, format!("The data is in {path}.")).mend(elsewhere),
        );
    } else if kind == Some(FileSystemKind::Memory) {
        found.push(
            Finding::new(IN_MEMORY, format!("{path} is a file system in memory.")).mend(elsewhere),
        );
    }
    if kind == Some(FileSystemKind::Network) {
        found.push(Finding::new(NETWORK, format!("{path} is on another machine.")).mend(elsewhere));
    }
    found
}

fn on_disks(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut disks: BTreeMap<u64, Vec<&Folder>> = BTreeMap::new();
    for folder in &facts.folders {
        if let Some(disk) = &folder.file_system {
            disks.entry(disk.device).or_default().push(folder);
        }
    }
    for folders in disks.values() {
        found.extend(on_space(facts, folders));
        if folders.len() > 1 {
            let paths: Vec<String> =
                folders.iter().map(|one| one.path.display().to_string()).collect();
            let what = format!("{} are on one file system.", names(&paths));
            found.push(
                Finding::new(SAME_DISK, what)
                    .mend(edit(facts, "log.dirs with one folder for each disk")),
            );
        }
        let total = folders.iter().filter_map(|one| Some(one.file_system.as_ref()?.total)).max();
        let partitions: usize = folders.iter().map(|one| one.partitions).sum();
        if let (Some(total), Some(Some(bytes))) = (total, facts.retention.map(|one| one.bytes)) {
            let kept = u64::try_from(bytes).unwrap_or(0).saturating_mul(partitions as u64);
            if kept > total {
                let what = format!(
                    "{} may keep {} each, which is {}; the disk has {}.",
                    count(partitions as i64, "partition"),
                    size(u64::try_from(bytes).unwrap_or(0)),
                    size(kept),
                    size(total)
                );
                let fitting = total / 10 * 8 / (partitions as u64).max(1);
                found.push(
                    Finding::new(RETENTION, what)
                        .mend(edit(facts, &format!("log.retention.bytes={fitting}"))),
                );
            }
        }
    }
    if facts.retention.is_some_and(|one| one.bytes.is_none() && one.ms.is_none()) {
        let what = "Neither log.retention.bytes nor log.retention.ms bounds what is kept.";
        found.push(Finding::new(FOREVER, what).mend(edit(facts, "log.retention.hours=168")));
    }
    found
}

/// A disk with these folders that has little left.
fn on_space(facts: &Facts, folders: &[&Folder]) -> Option<Finding> {
    let folder = folders.first()?;
    let disk = folder.file_system.as_ref()?;
    if disk.free >= (disk.total / FREE_SHARE_MIN).min(FREE_MIN) {
        return None;
    }
    let path = folder.path.display();
    let what = format!("{path} has {} free of {}.", size(disk.free), size(disk.total));
    Some(
        Finding::new(FULL, what)
            .run(format!("du -h --max-depth=1 {path} | sort -h | tail  # shows what is large"))
            .run(format!(
                "klamm configs --bootstrap-server {} --alter --entity-type topics --entity-name TOPIC --add-config retention.bytes={}",
                if facts.servers.is_empty() { "localhost:9092" } else { &facts.servers },
                disk.total / 10
            )),
    )
}

fn on_limits(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let partitions: usize = facts.folders.iter().map(|one| one.partitions).sum();
    let needed = OPEN_FILES_MIN.max((partitions as u64).saturating_mul(FILES_PER_PARTITION));
    if let Some(files) = facts.limits.open_files.filter(|files| *files < needed) {
        let what = format!(
            "A process may have {files} files and connections open; {needed} are needed for {} and their clients.",
            count(partitions as i64, "partition")
        );
        found.push(
            Finding::new(OPEN_FILES, what)
                .run("ulimit -Hn 100000  # as root, in the shell that starts the node")
                .mend(
                    "LimitNOFILE=100000 in its systemd unit, or docker run --ulimit nofile=100000",
                ),
        );
    }
    if let Some(memory) = facts.limits.memory {
        let requests = facts.limits.request_memory;
        if memory < MEMORY_MIN || requests.is_some_and(|requests| requests > memory / 2) {
            let what = match requests {
                Some(requests) => format!(
                    "The node may use {}, of which requests that wait may take {}.",
                    size(memory),
                    size(requests)
                ),
                None => format!("The node may use {}.", size(memory)),
            };
            found.push(
                Finding::new(MEMORY, what)
                    .mend(edit(facts, &format!("queued.max.request.bytes={}", memory / 4)))
                    .mend("give it more: docker run --memory 512m, or MemoryMax=512M in its systemd unit"),
            );
        }
    }
    found
}

fn on_clock(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let now = facts.clock.now_ms;
    let set = "timedatectl set-ntp true  # or: chronyc makestep";
    if now < CLOCK_MIN_MS {
        let what = format!("The clock says {}.", moment(now));
        found.push(Finding::new(CLOCK_UNSET, what).run(set));
    }
    let newest = facts.folders.iter().filter_map(|one| one.newest_ms).max();
    if let Some(newest) = newest.filter(|newest| *newest > now.saturating_add(CLOCK_SLACK_MS)) {
        let what = format!(
            "The clock says {}, and records were written at {}.",
            moment(now),
            moment(newest)
        );
        found.push(Finding::new(CLOCK_BEHIND, what).run(set));
    }
    if facts.clock.jumped_ms.abs() > JUMP_MAX_MS {
        let what = format!("The clock jumped by {} ms while we looked.", facts.clock.jumped_ms);
        found.push(Finding::new(CLOCK_JUMPS, what).run("timedatectl timesync-status"));
    }
    found
}

fn moment(ms: i64) -> String {
    crate::time::format("yyyy-MM-dd HH:mm:ss", ms).unwrap_or_else(|_| format!("{ms} ms"))
}

fn on_node(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let on = |tool: &str, rest: &str| {
        format!("klamm {tool} --bootstrap-server {} {rest}", facts.servers)
    };
    if let (true, Some(reason)) = (facts.expects_node, &facts.no_node) {
        found.push(
            Finding::new(NO_NODE, format!("No node answers at {}: {reason}.", facts.servers)).run(
                format!(
                    "klamm server-start {}",
                    facts.file.as_deref().unwrap_or("server.properties")
                ),
            ),
        );
    }
    match facts.durability {
        Some(Durability::PageCache) => found.push(
            Finding::new(PAGE_CACHE, "klamm.acks.all.durability is page-cache.")
                .mend(edit(facts, "klamm.acks.all.durability=any-failure")),
        ),
        Some(Durability::AnyFailure)
            if facts.node.as_ref().is_some_and(|node| node.brokers > 1) =>
        {
            found.push(
                Finding::new(
                    ONE_SUPPLY,
                    "The cluster has several nodes and klamm.acks.all.durability=any-failure.",
                )
                .mend(edit(
                    facts,
                    "klamm.acks.all.durability=synced, if they share a power supply",
                )),
            );
        }
        _ => {}
    }
    let Some(node) = &facts.node else { return found };
    for reason in &node.unreachable {
        found.push(
            Finding::new(UNREACHABLE, reason.clone())
                .mend(edit(facts, "advertised.listeners with addresses that clients reach"))
                .run(on("cluster", "list-endpoints")),
        );
    }
    for folder in &node.failed_folders {
        found.push(
            Finding::new(FAILED_FOLDER, format!("{folder} has failed."))
                .run(on("log-dirs", "--describe"))
                .run("dmesg | tail")
                .mend("mend or replace the disk, then start the node again"),
        );
    }
    if !node.unserved.is_empty() {
        let what = format!("Nobody can write or read {}.", names(&node.unserved));
        found.push(
            Finding::new(UNSERVED, what)
                .mend("look for `served` among the errors in the log of the node; it says what is missing")
                .mend("bring the folder back from a backup, or delete the topic"),
        );
    }
    for (kind, partitions, what, flag) in [
        (OFFLINE, &node.offline, "Nobody leads", "--unavailable-partitions"),
        (
            UNDER_MIN_ISR,
            &node.under_min_isr,
            "Fewer copies than min.insync.replicas are in sync of",
            "--under-min-isr-partitions",
        ),
        (
            UNDER_REPLICATED,
            &node.under_replicated,
            "Copies are missing of",
            "--under-replicated-partitions",
        ),
    ] {
        if !partitions.is_empty() {
            let what = format!("{what} {}.", names(partitions));
            found.push(Finding::new(kind, what).run(on("topics", &format!("--describe {flag}"))));
        }
    }
    found
}

/// `1.5 GiB`.
fn size(bytes: u64) -> String {
    for (unit, name) in [(1u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB")] {
        if bytes >= unit {
            return format!("{:.1} {name}", bytes as f64 / unit as f64);
        }
    }
    format!("{bytes} bytes")
}
