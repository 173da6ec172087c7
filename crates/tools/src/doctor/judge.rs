//! What is wrong, said from facts alone: the same facts always give the same findings.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Durability, HostPort, Listener};

use super::facts::{Door, Facts, Folder, Kind as FileSystemKind, Port, TopicSize, Unwritable};
use crate::finding::{Finding, Kind, count, names, quoted};

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
    PORT_TAKEN = "port-taken", "A node cannot start while something else listens there. One that starts \
        itself listens before it answers.";
    NOT_OUR_ADDRESS = "address-not-here", "Only an address of this machine can be listened on; the node does \
        not start.";
    PORT_DENIED = "port-denied", "The system does not let this user listen there; the node does not start.";
    TOLD_LOOPBACK = "advertised-loopback", "A client on another machine is told to connect to itself. It \
        connects first, and then hangs or fails.";
    TOLD_UNKNOWN = "advertised-unknown", "A client that cannot find the name either connects first, and then \
        hangs or fails.";
    CONTAINER = "container-address", "Clients outside of the container are told an address inside of it, \
        which they do not reach.";
    UNWRITABLE = "folder-not-writable", "The node leaves such a folder of log.dirs out, and does not start \
        without the first, nor without metadata.log.dir.";
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
    UNTOLD = "node-tells-half", "More may be wrong than what is found here.";
    UNREACHABLE = "advertised-unreachable", "Clients ask any node, and then go to the addresses that they \
        are told. These do not answer from here.";
    OFFLINE = "offline-partitions", "Nobody can write or read them.";
    UNSERVED = "unserved-partitions", "Their node is up and refuses them: it could not open the folder of each, \
        or that is missing or damaged. It is not replaced by an empty one.";
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
    found.extend(
        facts.warnings.iter().map(|warning| {
            Finding::new(WARNING, warning).mend(edit(facts, "the line, as it says"))
        }),
    );
    found.extend(facts.listeners.iter().flat_map(|door| on_door(facts, door)));
    found.extend(facts.http_taken.iter().map(|door| on_monitoring(facts, door)));
    found.extend(facts.folders.iter().flat_map(|folder| on_folder(facts, folder)));
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

/// A list of listeners as it is written, with the element of this name changed to a host and port; with
/// the element added if it is not there.
fn changed(all: &[Listener], name: &str, host: &str, port: impl ToString) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let changed = format!("{name}://{host}:{}", port.to_string());
    let is_it = |one: &Listener| one.name == name;
    let element = |one: &Listener| if is_it(one) { changed.clone() } else { one.to_string() };
    let mut elements: Vec<String> = all.iter().map(element).collect();
    if !all.iter().any(is_it) {
        elements.push(changed);
    }
    elements.join(",")
}

fn on_door(facts: &Facts, door: &Door) -> Vec<Finding> {
    let mut found = Vec::new();
    let Door { name, port, .. } = door;
    let at = format!(
        "Listener {name} wants {}, port {port}",
        door.host.as_deref().unwrap_or("every address")
    );
    let host = door.host.as_deref().unwrap_or_default();
    let listen = |host: &str, port: &dyn ToString, why: &str| {
        let all = changed(&facts.listeners_written, name, host, port.to_string());
        edit(facts, &format!("listeners={all} {why}"))
    };
    let show = format!("ss -ltnp 'sport = :{port}'  # shows what it is");
    match &door.state {
        Port::Free | Port::Node => {}
        Port::Taken { starting: Some(says) } => found.push(
            Finding::new(PORT_TAKEN, format!("{at}: a node is there and serves nobody now; {says}."))
                .mend("wait, and look again; its log says what it does"),
        ),
        Port::Taken { starting: None } => found.push(
            Finding::new(
                PORT_TAKEN,
                format!("{at}: what listens there does not answer as a node. It may be one that starts, hangs or refuses, or something else."),
            )
            .run(show)
            .mend(listen(host, &"PORT", "with a free port, if that is no node")),
        ),
        Port::NotOurs(reason) => found.push(
            Finding::new(NOT_OUR_ADDRESS, format!("{at}: {reason}."))
                .run("ip -brief address  # shows the addresses of this machine")
                .mend(listen("ADDRESS", port, "with one of them"))
                .mend(listen("", port, "for every address; whoever reaches one is let in"))
                .mend(edit(facts, "what clients are told goes into advertised.listeners")),
        ),
        Port::Denied(reason) => found.push(
            Finding::new(PORT_DENIED, format!("{at}: {reason}."))
                .mend(listen(host, &"PORT", "with a port from 1024 on"))
                .mend("AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit"),
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
    let set = |host: &str| {
        let written = facts.advertised_written.iter().find(|one| one.name == *name);
        let port = written.map_or(door.port, |one| one.port);
        let all = changed(&facts.advertised_written, name, host, port);
        edit(facts, &format!("advertised.listeners={all}"))
    };
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
                &format!(
                    "listeners={} if all clients of {name} are here",
                    changed(&facts.listeners_written, name, "localhost", door.port)
                ),
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

/// Why a folder cannot be written to, and what helps.
fn on_unwritable(facts: &Facts, folder: &Folder, reason: &Unwritable) -> Option<Finding> {
    let path = folder.path.display();
    let (word, existing) = (quoted(&path), quoted(folder.existing.display()));
    let lost = if folder.holds_partitions { "" } else { " The metadata log is to be there." };
    let finding = Finding::new(UNWRITABLE, format!("{path}: {reason}.{lost}"));
    let finding = match (reason, &folder.owner) {
        (Unwritable::NoFolder(_), _) => finding,
        (Unwritable::ReadOnly, _) => finding
            .run("dmesg | tail  # says whether the kernel made it so, after an error")
            .run(format!("df --output=source,target {existing}  # names the disk"))
            .mend("if the kernel did: unmount the disk and run fsck; writing to it as it is destroys more")
            .mend("if it is mounted so on purpose: mount -o remount,rw and its folder"),
        // Whether we may write says nothing of the user whose folder it is.
        (Unwritable::Denied(_), _) if facts.is_running() => return None,
        (Unwritable::Denied(_), Some(owner)) => {
            let file = facts.file.as_deref().unwrap_or("server.properties");
            let (owner, file) = (quoted(owner), quoted(file));
            let look = format!("sudo -u {owner} klamm doctor {file}  # if the node is to run as {owner}");
            return Some(
                finding.run(look).mend("start the node as the user whom the folder belongs to"),
            );
        }
        (Unwritable::Denied(_), None) => {
            finding.run(format!("sudo install -d -o \"$(id -un)\" {word}  # if you start the node"))
        }
    };
    let key = if folder.holds_partitions { "log.dirs" } else { "metadata.log.dir" };
    Some(finding.mend(edit(
        facts,
        &format!("another folder in its place in {key}, that the node may write to"),
    )))
}

fn on_folder(facts: &Facts, folder: &Folder) -> Vec<Finding> {
    let mut found = Vec::new();
    let path = folder.path.display();
    if let Some(reason) = &folder.unwritable {
        found.extend(on_unwritable(facts, folder, reason));
    }
    let key = if folder.holds_partitions { "log.dirs" } else { "metadata.log.dir" };
    let elsewhere = edit(
        facts,
        &format!(
            "/var/lib/klamm in its place in {key} (move the folder there while the node is stopped)"
        ),
    );
    let kind = folder.file_system.as_ref().and_then(|file_system| file_system.kind);
    if TEMPORARY.iter().any(|temporary| folder.path.starts_with(Path::new(temporary))) {
        found.push(
            Finding::new(TEMPORARY_FOLDER, format!("The data is in {path}."))
                .mend(elsewhere.clone()),
        );
    } else if kind == Some(FileSystemKind::Memory) {
        found.push(
            Finding::new(IN_MEMORY, format!("{path} is a file system in memory."))
                .mend(elsewhere.clone()),
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
        let sharing = folders.iter().filter(|one| one.holds_partitions);
        let paths: Vec<String> = sharing.map(|one| one.path.display().to_string()).collect();
        if paths.len() > 1 {
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
                found.push(Finding::new(RETENTION, what).mend(edit(
                    facts,
                    &format!(
                        "log.retention.bytes={fitting} deletes what a partition has beyond it"
                    ),
                )));
            }
        }
    }
    if let Some(retention) = facts.retention.filter(|one| one.bytes.is_none() && one.ms.is_none()) {
        let key = retention.ms_key;
        let week = match key {
            "log.retention.ms" => "604800000",
            "log.retention.minutes" => "10080",
            _ => "168",
        };
        let what = format!("{key} is -1, and log.retention.bytes sets no bound either.");
        found.push(
            Finding::new(FOREVER, what)
                .mend(edit(facts, &format!("{key}={week} deletes what is older than a week")))
                .mend("if all is to be kept: nothing, but see to a disk that grows with it"),
        );
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
    let finding = Finding::new(FULL, what).run(format!(
        "du -h --max-depth=1 {} | sort -h | tail  # shows what is large",
        quoted(path)
    ));
    let on_disk = |topic: &&TopicSize| folders.iter().any(|one| one.path == topic.folder);
    let topics = facts.node.iter().flat_map(|node| &node.topics);
    let largest = topics.filter(on_disk).max_by_key(|topic| topic.bytes);
    Some(match largest.and_then(|topic| halved(facts, topic)) {
        Some(command) => finding.run(command),
        None => finding.mend(
            "give it a larger disk, or lower retention.bytes of the largest topics, which deletes their oldest records",
        ),
    })
}

/// The command that lets retention delete about half of a topic. The bound is one of each partition, and
/// is never raised by it.
fn halved(facts: &Facts, largest: &TopicSize) -> Option<String> {
    let TopicSize { topic, bytes, partitions, retention_bytes, .. } = largest;
    let bound = bytes / (*partitions).max(1) / 2;
    if bound == 0 || retention_bytes.is_some_and(|set| set <= bound) {
        return None;
    }
    Some(format!(
        "klamm configs --bootstrap-server {} --alter --entity-type topics --entity-name {} --add-config retention.bytes={bound}  # deletes the older half of its {}",
        quoted(&facts.servers),
        quoted(topic),
        size(*bytes)
    ))
}

fn on_limits(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    let partitions: usize = facts.folders.iter().map(|one| one.partitions).sum();
    let needed = OPEN_FILES_MIN.max((partitions as u64).saturating_mul(FILES_PER_PARTITION));
    // A node that runs has limits of its own, and not those of our shell.
    let open_files = facts.limits.open_files.filter(|_| !facts.is_running());
    if let Some(files) = open_files.filter(|files| *files < needed) {
        let what = format!(
            "A process that is started from here may have {files} files and connections open; {needed} are needed for {} and their clients.",
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
        format!("klamm {tool} --bootstrap-server {} {rest}", quoted(&facts.servers))
    };
    if let Some(reason) = &facts.no_node {
        let finding =
            Finding::new(NO_NODE, format!("No node answers at {}: {reason}.", facts.servers));
        found.push(if facts.expects_node {
            let file = facts.file.as_deref().unwrap_or("server.properties");
            finding.run(format!("klamm server-start {}", quoted(file)))
        } else {
            // It answered a moment ago, so there is one.
            finding.run(on("doctor", "").trim_end()).mend("look into its log")
        });
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
    if !node.untold.is_empty() {
        let what = format!("The node does not tell {}.", names(&node.untold));
        found.push(
            Finding::new(UNTOLD, what)
                .run(on("doctor", "").trim_end())
                .mend("look again, and into the log of the node if that stays so"),
        );
    }
    if !node.unserved.is_empty() {
        let refused = node.unserved.iter().map(|(name, code)| format!("{name} ({code})"));
        let what = format!("Nobody can write or read {}.", names(&refused.collect::<Vec<_>>()));
        found.push(
            Finding::new(UNSERVED, what)
                .mend("look for `served` among the errors in the log of the node; it says why, and names the file")
                .mend("if it could not write or open it: free space, or see to the owner and the disk, and leave the folder as it is; the node tries again by itself")
                .mend("if it is damaged: `klamm dump-log --files FILE --skip-damage` shows what can be saved")
                .mend("if the folder is gone: bring it back from a backup"),
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
