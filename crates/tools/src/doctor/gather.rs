//! Looking at the machine: everything that `klamm doctor` asks of files, sockets, limits, clocks and a
//! running node. Changes nothing; a port is bound for a moment and given back.

use std::io::ErrorKind;
use std::net::{TcpListener, ToSocketAddrs};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use client::{
    Admin, ClientConfig, ClientError, ConfigResource, IsolationLevel, OffsetSpec, ResourceType,
};
use config::{DynamicConfigs, HostPort, NodeConfig, TopicConfig, Values};
use model::{BrokerId, TopicPartition};
use rustix::fs::{Access, access, statfs, statvfs};
use rustix::process::{Resource, getrlimit};

use super::facts::{
    Clock, Door, Facts, FileSystem, Folder, Kind, Limits, Port, Retention, Running, Unwritable,
};
use crate::failure::{Failure, explain};
use crate::time;

/// Files by which container engines show a process where it is.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];
/// File systems by the numbers that Linux gives them.
const IN_MEMORY: [i128; 2] = [0x0102_1994, 0x8584_58f6];
const ON_NETWORK: [i128; 6] = [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x0102_1997, 0x00c3_6400];
/// How many partitions' files are looked at for the newest.
const PARTITIONS_MAX: usize = 10_000;
/// How long a connection to an advertised address may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(3);

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
    facts.folders = node.log_dirs.iter().map(|path| folder(path)).collect();
    if !node.log_dirs.contains(&node.metadata_log_dir) {
        facts.folders.push(folder(&node.metadata_log_dir));
    }
    let topic = TopicConfig::resolve(&Values::new(), node, &DynamicConfigs::default());
    facts.retention = Some(Retention {
        bytes: topic.retention_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        ms: topic.retention_ms,
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
    // Listeners of the controller are not opened by a node that is alone.
    for listener in &node.listeners {
        let mut state = port(listener.host.as_deref(), listener.port);
        let host = listener.host.as_deref().filter(|host| !is_everywhere(host));
        let address = format!("{}:{}", host.unwrap_or("localhost"), listener.port);
        if state == Port::Taken && answers(&address).await {
            state = Port::Node;
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
    let has_node = facts.listeners.iter().any(|door| door.state == Port::Node);
    if node.is_set("klamm.http.listeners") && !has_node {
        let is_taken = |door: &&HostPort| port(Some(&door.host), door.port) == Port::Taken;
        facts.http_taken = node.http_listeners.iter().filter(is_taken).cloned().collect();
    }
}

fn is_everywhere(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_unspecified())
}

fn port(host: Option<&str>, port: u16) -> Port {
    match TcpListener::bind((host.unwrap_or("0.0.0.0"), port)) {
        Ok(_) => Port::Free,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Port::Taken,
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

fn folder(path: &Path) -> Folder {
    let mut facts = Folder { path: absolute(path), ..Folder::default() };
    let there = nearest_existing(&facts.path);
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

/// What a running node says of itself.
pub(super) async fn running(config: &ClientConfig, facts: &mut Facts) {
    match ask(config).await {
        Ok(node) => facts.node = Some(node),
        Err(Failure::Client(error)) => facts.no_node = Some(explain(&error)),
        Err(other) => facts.no_node = Some(other.to_string()),
    }
}

/// Notes the folders that have failed; the nodes that have none such.
async fn look_at_folders(
    admin: &Admin,
    reached: &[BrokerId],
    found: &mut Running,
) -> Result<Vec<BrokerId>, Failure> {
    let mut sound = Vec::new();
    for id in reached {
        let folders = match admin.describe_log_dirs(*id).await {
            Ok(folders) => folders,
            // A node that cannot say it is none that is broken.
            Err(ClientError::UnsupportedVersion { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let failed = folders.iter().filter(|folder| folder.error.is_some());
        let failed: Vec<_> = failed.map(|folder| format!("{} of node {id}", folder.path)).collect();
        if failed.is_empty() {
            sound.push(*id);
        }
        found.failed_folders.extend(failed);
    }
    Ok(sound)
}

async fn ask(config: &ClientConfig) -> Result<Running, Failure> {
    let admin = Admin::new(config)?;
    let metadata = admin.cluster().refresh_all().await?;
    let mut found = Running { brokers: metadata.nodes.len(), ..Running::default() };
    let mut reached = Vec::new();
    for (id, node) in &metadata.nodes {
        let address = node.address();
        let connected = tokio::net::TcpStream::connect(&address);
        match tokio::time::timeout(CONNECT_TIME_MAX, connected).await {
            Ok(Ok(_)) => reached.push(*id),
            Ok(Err(error)) => found.unreachable.push(format!(
                "Node {id} tells clients to connect to {address}, which fails: {error}."
            )),
            Err(_) => found.unreachable.push(format!(
                "Node {id} tells clients to connect to {address}, which does not answer."
            )),
        }
    }
    // Whatever else is asked goes to the advertised addresses, and would wait for them in vain.
    if reached.is_empty() {
        return Ok(found);
    }
    let sound = look_at_folders(&admin, &reached, &mut found).await?;
    let names: Vec<ConfigResource> = metadata
        .topics
        .keys()
        .map(|name| ConfigResource::new(ResourceType::Topic, &**name))
        .collect();
    let mut min_isr = std::collections::BTreeMap::new();
    for described in admin.describe_configs(&names, false).await? {
        let entries = described.entries.unwrap_or_default();
        let least = entries.into_iter().find(|entry| entry.name == "min.insync.replicas");
        if let Some(least) = least.and_then(|entry| entry.value?.parse::<usize>().ok()) {
            min_isr.insert(described.resource.name, least);
        }
    }
    for (topic, description) in &metadata.topics {
        for partition in &description.partitions {
            let name = TopicPartition::new(topic.clone(), partition.partition);
            let in_sync = partition.isr.len();
            let refuses = |id| sound.contains(id) && partition.offline_replicas.contains(id);
            if partition.leader.is_none() && partition.replicas.iter().any(refuses) {
                found.unserved.push(name);
            } else if partition.leader.is_none() {
                found.offline.push(name);
            } else if min_isr.get(&**topic).is_some_and(|least| in_sync < *least) {
                found.under_min_isr.push(name);
            } else if in_sync < partition.replicas.len() {
                found.under_replicated.push(name);
            }
        }
    }
    let led = metadata.topics.iter().flat_map(|(topic, description)| {
        let led = description.partitions.iter().filter(|partition| partition.leader.is_some());
        led.map(|partition| TopicPartition::new(topic.clone(), partition.partition))
    });
    let wanted = led.map(|name| (name, OffsetSpec::Latest)).collect();
    for (name, end) in admin.list_offsets_once(&wanted, IsolationLevel::ReadUncommitted).await? {
        if end.is_err() {
            found.unserved.push(name);
        }
    }
    Ok(found)
}
