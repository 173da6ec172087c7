//! Looking at the machine: everything that `klamm doctor` asks of files, sockets, limits and clocks.
//! Changes nothing; a port is bound for a moment and given back.

use std::io::ErrorKind;
use std::net::{TcpListener, ToSocketAddrs};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use client::{Admin, ClientConfig};
use config::{DynamicConfigs, HostPort, NodeConfig, TopicConfig, Values};
use rustix::fs::{Access, access, statfs, statvfs};
use rustix::process::{Resource, geteuid, getrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::facts::{
    Clock, Door, Facts, FileSystem, Folder, Kind, Limits, Port, Retention, Unwritable,
};
use crate::failure::Failure;
use crate::time;

/// Files by which container engines show a process where it is.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
/// File systems by the numbers that Linux gives them.
const IN_MEMORY: [i128; 2] = [0x0102_1994, 0x8584_58f6];
const ON_NETWORK: [i128; 6] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x00c3_6400];
/// How many partitions' files are looked at for the newest.
const PARTITIONS_MAX: usize = 10_000;
/// How long a connection to an advertised address may take.
pub(super) const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);
/// What of a page for monitoring is read.
const PAGE_BYTES_MAX: u64 = 4096;

/// What a configuration says, checked; `None` when it has mistakes, which are in the facts.
pub(super) fn configuration(
    file: Option<&str>,
    facts: &mut Facts,
) -> Result<Option<NodeConfig>, Failure> {
    let Some(file) = file else {
        return Ok(Some(NodeConfig::default_loopback()));
    };
    facts.file = Some(file.to_owned());
    let text = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    let (node, mistakes, warnings) = match config::load(file, text, &[]) {
        Ok((node, warnings)) => (Some(node), Vec::new(), warnings),
        Err(refused) => (None, refused.mistakes, refused.warnings),
    };
    facts.mistakes = mistakes.iter().map(ToString::to_string).collect();
    // Where the data is has findings of its own.
    let elsewhere = warnings.iter().filter(|warning| !warning.what.contains("lies below /"));
    facts.warnings = elsewhere.map(ToString::to_string).collect();
    Ok(node)
}

/// What the machine has for a node of this configuration.
pub(super) fn machine(node: &NodeConfig, facts: &mut Facts) {
    facts.in_container = CONTAINER_MARKS.iter().any(|mark| Path::new(mark).exists());
    let with_partitions = |path| Folder { holds_partitions: true, ..folder(path) };
    facts.folders = node.log_dirs.iter().map(|path| with_partitions(path)).collect();
    if !node.log_dirs.contains(&node.metadata_log_dir) {
        facts.folders.push(folder(&node.metadata_log_dir));
    }
    let topic = TopicConfig::resolve(&Values::new(), node, &DynamicConfigs::default());
    facts.retention = Some(Retention {
        bytes: topic.retention_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        ms: topic.retention_ms,
        // The finer key wins.
        ms_key: ["log.retention.ms", "log.retention.minutes"]
            .into_iter()
            .find(|key| node.is_set(key))
            .unwrap_or("log.retention.hours"),
    });
    facts.durability = Some(topic.acks_all_durability);
    facts.limits = Limits {
        open_files: getrlimit(Resource::Nofile).maximum,
        memory: Some(memory()),
        request_memory: node.settings.queued_max_request_bytes,
    };
}

/// The memory of the machine, or less in a control group.
fn memory() -> u64 {
    let info = rustix::system::sysinfo();
    let machine = (info.totalram as u64).saturating_mul(u64::from(info.mem_unit.max(1)));
    let of_group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok())
        .min();
    of_group.map_or(machine, |limit| limit.min(machine))
}

/// The listeners; `answers` tells whether a node is at an address.
pub(super) async fn doors(node: &NodeConfig, facts: &mut Facts) {
    let all = node.listeners.iter().chain(&node.controller_listeners);
    facts.listeners_written = all.cloned().collect();
    facts.advertised_written = node.advertised_listeners.clone();
    // Listeners of the controller are not opened by a node that is alone.
    for listener in &node.listeners {
        let mut state = port(listener.host.as_deref(), listener.port);
        let host = listener.host.as_deref().filter(|host| !is_everywhere(host));
        let address = format!("{}:{}", host.unwrap_or("localhost"), listener.port);
        // Who may not listen there is not told whether somebody does.
        if matches!(state, Port::Taken { .. } | Port::Denied(_)) && answers(&address).await {
            state = Port::Node;
        } else if matches!(state, Port::Taken { .. }) {
            state = Port::Taken { starting: starting(&node.http_listeners).await };
        }
        let told = node.advertised_listeners.iter().find(|told| told.name == listener.name);
        let advertised = told.and_then(|told| told.host.clone());
        let is_resolved = advertised.as_deref().is_none_or(|host| {
            (host, listener.port).to_socket_addrs().is_ok_and(|mut all| all.next().is_some())
        });
        facts.listeners.push(Door {
            name: listener.name.clone(),
            host: listener.host.clone(),
            port: listener.port,
            state,
            advertised,
            is_resolved,
        });
    }
    // The port that nobody chose is passed over by a node that finds it taken, and a node that runs
    // has its own.
    if node.is_set("klamm.http.listeners") && !facts.is_running() {
        let is_taken =
            |door: &&HostPort| matches!(port(Some(&door.host), door.port), Port::Taken { .. });
        facts.http_taken = node.http_listeners.iter().filter(is_taken).cloned().collect();
    }
}

fn is_everywhere(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_unspecified())
}

fn port(host: Option<&str>, port: u16) -> Port {
    match TcpListener::bind((host.unwrap_or("0.0.0.0"), port)) {
        Ok(_) => Port::Free,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Port::Taken { starting: None },
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            Port::Denied(error.to_string())
        }
        Err(error) => Port::NotOurs(error.to_string()),
    }
}

/// Whether a node answers at an address.
async fn answers(address: &str) -> bool {
    let Ok(config) = ClientConfig::towards(address) else { return false };
    let Ok(admin) = Admin::new(&config) else { return false };
    let asked = tokio::time::timeout(CONNECT_TIME_MAX, admin.cluster().any()).await;
    matches!(asked, Ok(Ok(_)))
}

/// What a node that does not answer clients yet, or no more, says on its page for that. A node listens
/// before it has opened its logs.
async fn starting(pages: &[HostPort]) -> Option<String> {
    for door in pages {
        let asked = tokio::time::timeout(CONNECT_TIME_MAX, first_line(door, "/ready")).await;
        let Ok(Ok(says)) = asked else { continue };
        // Another node of this machine may have the page, and would be ready.
        if ["starting", "stopping"].iter().any(|word| says.starts_with(word)) {
            return Some(format!("http://{door}/ready says: {says}"));
        }
    }
    None
}

/// The first line of a page.
async fn first_line(door: &HostPort, path: &str) -> std::io::Result<String> {
    let mut stream = tokio::net::TcpStream::connect((door.host.as_str(), door.port)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {door}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(PAGE_BYTES_MAX).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok(body.lines().next().unwrap_or_default().to_owned())
}

fn folder(path: &Path) -> Folder {
    let mut facts = Folder { path: absolute(path), ..Folder::default() };
    facts.existing = nearest_existing(&facts.path).to_owned();
    facts.owner = other_owner(&facts.path);
    let there = &facts.existing;
    if !there.is_dir() {
        facts.unwritable = Some(Unwritable::NoFolder(there.to_owned()));
        return facts;
    }
    if let Err(error) = access(there, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
        facts.unwritable = Some(match error {
            rustix::io::Errno::ROFS => Unwritable::ReadOnly,
            error => Unwritable::Denied(std::io::Error::from(error).to_string()),
        });
    }
    facts.file_system = file_system(there);
    for entry in std::fs::read_dir(&facts.path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_partition =
            name.to_str().and_then(|name| name.rsplit_once('-')).is_some_and(|(topic, index)| {
                !topic.is_empty() && index.bytes().all(|digit| digit.is_ascii_digit())
            });
        if is_partition {
            facts.partitions += 1;
            if facts.partitions <= PARTITIONS_MAX {
                facts.newest_ms = facts.newest_ms.max(newest(&entry.path()));
            }
        }
    }
    facts
}

/// The name of the user whom a folder belongs to, unless that is who asks.
fn other_owner(path: &Path) -> Option<String> {
    let user = std::fs::metadata(path).ok()?.uid();
    if user == geteuid().as_raw() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(user)).then(|| name.to_owned())
    });
    // sudo takes a number so.
    Some(name.unwrap_or_else(|| format!("#{user}")))
}

/// When a segment in the folder of a partition was last changed.
fn newest(partition: &Path) -> Option<i64> {
    let files = std::fs::read_dir(partition).ok()?.flatten();
    let logs = files.filter(|file| file.path().extension().is_some_and(|end| end == "log"));
    let changed = logs.filter_map(|file| file.metadata().ok()?.modified().ok()).max()?;
    let since = changed.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder, or the one above in which it will be made.
fn nearest_existing(path: &Path) -> &Path {
    path.ancestors().find(|one| one.exists()).unwrap_or(path)
}

fn file_system(path: &Path) -> Option<FileSystem> {
    let space = statvfs(path).ok()?;
    let magic = statfs(path).ok().map(|found| i128::from(found.f_type));
    let kind = match magic {
        Some(magic) if IN_MEMORY.contains(&magic) => Some(Kind::Memory),
        Some(magic) if ON_NETWORK.contains(&magic) => Some(Kind::Network),
        _ => None,
    };
    Some(FileSystem {
        device: std::fs::metadata(path).ok()?.dev(),
        kind,
        free: space.f_bavail.saturating_mul(space.f_frsize),
        total: space.f_blocks.saturating_mul(space.f_frsize),
    })
}

/// Both clocks at one moment.
#[derive(Debug)]
pub(super) struct Moment {
    wall: SystemTime,
    steady: Instant,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { wall: SystemTime::now(), steady: Instant::now() }
    }

    /// What the clock did since.
    pub(super) fn clock(&self) -> Clock {
        let steady = i64::try_from(self.steady.elapsed().as_millis()).unwrap_or(i64::MAX);
        let wall = match SystemTime::now().duration_since(self.wall) {
            Ok(forward) => i64::try_from(forward.as_millis()).unwrap_or(i64::MAX),
            Err(back) => -i64::try_from(back.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Clock { now_ms: time::now_ms(), jumped_ms: wall.saturating_sub(steady) }
    }
}
