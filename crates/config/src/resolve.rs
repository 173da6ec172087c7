//! What several keys say together: identity and quorum of both eras, listeners, folders, limits.
//!
//! Each function records its mistakes in `Given` and returns something usable, so that the next
//! function can find its own mistakes too; `load` throws the result away if there was any.

use std::path::{Path, PathBuf};

use model::BrokerId;

use crate::broker::BrokerSettings;
use crate::layers::{DynamicConfigs, Layers};
use crate::listener::{HostPort, Voter, ZooKeeperConnect, parse_voter};
use crate::load::Given;
use crate::node::{NodeConfig, Role};
use crate::resolve_listeners::{self, Doors};
use crate::value::split_list;

/// The data folder when nobody names one: beside the person, never in `/tmp`.
const DEFAULT_LOG_DIR: &str = "klamm-data";

/// Why a quorum or coordination service of several nodes is refused.
const ONE_NODE: &str = "clusters of several nodes are not built yet, this node forms its own";

pub(crate) fn node(given: &mut Given) -> NodeConfig {
    let roles = roles(given);
    let zookeeper = zookeeper(given);
    let doors = resolve_listeners::doors(given);
    let voters = voters(given);
    let node_id = node_id(given, &voters);
    let bootstrap_servers = bootstrap_servers(given, &doors);
    let log_dirs = log_dirs(given);
    let metadata_log_dir = match given.filled("metadata.log.dir") {
        Some(dir) => PathBuf::from(dir),
        None => log_dirs.first().cloned().unwrap_or_default(),
    };
    let static_values = given.static_values();
    let settings = BrokerSettings::resolve(Layers::new(&DynamicConfigs::default(), &static_values));
    check_limits(given, &settings);
    check_durations(given);
    NodeConfig {
        node_id,
        roles,
        listeners: doors.listeners,
        advertised_listeners: doors.advertised,
        controller_listeners: doors.controller,
        inter_broker_listener: doors.inter_broker,
        http_listeners: http_listeners(given),
        security_protocols: doors.protocols,
        log_dirs,
        metadata_log_dir,
        voters,
        bootstrap_servers,
        zookeeper,
        settings,
        static_values,
    }
}

fn roles(given: &mut Given) -> Vec<Role> {
    let both = vec![Role::Broker, Role::Controller];
    let Some(text) = given.filled("process.roles") else { return both };
    let words: Vec<&str> = split_list(text).collect();
    let has = |role: &str| words.contains(&role);
    let (is_broker, is_controller) = (has("broker"), has("controller"));
    if is_broker != is_controller {
        let what = format!("a node has both roles for now, allowed: broker,controller; {ONE_NODE}");
        given.mistake("process.roles", what);
    }
    both
}

fn zookeeper(given: &mut Given) -> Option<ZooKeeperConnect> {
    let text = given.filled("zookeeper.connect")?;
    let Some(connect) = ZooKeeperConnect::parse(text) else {
        given.mistake("zookeeper.connect", "allowed: host:port,host:port/chroot");
        return None;
    };
    if given.filled("process.roles").is_some() {
        given.warn("zookeeper.connect", "ignored, since process.roles is set");
        return None;
    }
    let what = match connect.hosts.as_slice() {
        [only] if only.is_loopback() => {
            return Some(connect);
        }
        [_] => "names another machine",
        _ => "names several coordination nodes",
    };
    let way_out = "write localhost:2181, or leave the key out";
    given.mistake("zookeeper.connect", format!("refused: it {what}; {ONE_NODE}: {way_out}"));
    None
}

fn voters(given: &mut Given) -> Vec<Voter> {
    let Some(text) = given.filled("controller.quorum.voters") else { return Vec::new() };
    let voters: Option<Vec<Voter>> = split_list(text).map(parse_voter).collect();
    let Some(voters) = voters else {
        given.mistake("controller.quorum.voters", "allowed: id@host:port,id@host:port");
        return Vec::new();
    };
    if voters.len() > 1 {
        let what = format!("refused: it names several voters; {ONE_NODE}: keep this node only");
        given.mistake("controller.quorum.voters", what);
    }
    voters
}

/// `node.id`, or the older `broker.id`, or the id of the only voter; none of them is needed.
fn node_id(given: &mut Given, voters: &[Voter]) -> Option<BrokerId> {
    let read = |given: &Given, key: &str| given.filled(key)?.parse::<i32>().ok();
    let node_id = read(given, "node.id").filter(|&id| id >= 0);
    let broker_id = read(given, "broker.id").filter(|&id| id >= 0);
    if let (Some(node), Some(broker)) = (node_id, broker_id)
        && node != broker
    {
        given.mistake("broker.id", format!("must equal node.id, which is {node}, or be left out"));
    }
    let id = node_id.or(broker_id);
    if let ([voter], Some(id)) = (voters, id)
        && voter.id != id
    {
        let what = format!("refused: it names node {}, this is node {id}; {ONE_NODE}", voter.id);
        given.mistake("controller.quorum.voters", what);
    }
    id.or_else(|| voters.first().map(|voter| voter.id)).map(BrokerId::new)
}

fn bootstrap_servers(given: &mut Given, doors: &Doors) -> Vec<HostPort> {
    let key = "controller.quorum.bootstrap.servers";
    let Some(text) = given.filled(key) else { return Vec::new() };
    let servers: Option<Vec<HostPort>> = split_list(text).map(HostPort::parse).collect();
    let Some(servers) = servers else {
        given.mistake(key, "allowed: host:port,host:port");
        return Vec::new();
    };
    let is_own = |server: &HostPort| {
        server.is_loopback() || doors.controller.iter().any(|door| door.port == server.port)
    };
    if servers.len() > 1 || !servers.iter().all(is_own) {
        let what = format!("refused: it names other nodes; {ONE_NODE}: name this node only");
        given.mistake(key, what);
    }
    servers
}

/// Where monitoring is served unless the configuration says more: on this machine only.
const MONITORING: &str = "http://localhost:9021";

fn http_listeners(given: &mut Given) -> Vec<HostPort> {
    let key = "klamm.http.listeners";
    let text = given.text(key).unwrap_or(MONITORING).to_owned();
    let mut doors = Vec::new();
    for element in split_list(&text) {
        let address = element
            .split_once("://")
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
            .and_then(|(_, address)| HostPort::parse(address));
        match address {
            Some(door) if door.port != 0 && doors.contains(&door) => {
                given.mistake(key, format!("{element} is named twice"));
            }
            Some(door) => doors.push(door),
            None => given.mistake(key, format!("{element}: each is written http://host:port")),
        }
    }
    doors
}

/// `log.dirs`, or else `log.dir`, or else a folder beside the person.
fn log_dirs(given: &mut Given) -> Vec<PathBuf> {
    let key = if given.filled("log.dirs").is_some() { "log.dirs" } else { "log.dir" };
    if key == "log.dirs" && given.filled("log.dir").is_some() {
        given.warn("log.dir", "ignored, since log.dirs is set");
    }
    let Some(text) = given.filled(key).map(str::to_owned) else {
        return vec![PathBuf::from(DEFAULT_LOG_DIR)];
    };
    let mut dirs: Vec<PathBuf> = Vec::new();
    for dir in split_list(&text).map(PathBuf::from) {
        if dirs.contains(&dir) {
            given.mistake(key, format!("{} is named twice", dir.display()));
            continue;
        }
        if dir.starts_with(Path::new("/tmp")) {
            let what = "below /tmp, which the system empties: records there are lost some day";
            given.warn(key, format!("{} lies {what}; name a lasting folder", dir.display()));
        }
        dirs.push(dir);
    }
    if dirs.is_empty() {
        given.mistake(key, "names no folder; allowed: folders separated by commas");
        dirs.push(PathBuf::from(DEFAULT_LOG_DIR));
    }
    dirs
}

/// Limits that must fit each other.
fn check_limits(given: &mut Given, settings: &BrokerSettings) {
    if settings.group_min_session_timeout_ms > settings.group_max_session_timeout_ms {
        let key = "group.min.session.timeout.ms";
        let most = settings.group_max_session_timeout_ms;
        given
            .mistake(key, format!("must not exceed group.max.session.timeout.ms, which is {most}"));
    }
    let request = settings.socket_request_max_bytes as u64;
    if settings.queued_max_request_bytes.is_some_and(|queued| queued < request) {
        let what = format!("must be at least socket.request.max.bytes, which is {request}, or -1");
        given.mistake("queued.max.request.bytes", what);
    }
    for key in ["socket.send.buffer.bytes", "socket.receive.buffer.bytes"] {
        let size = given.filled(key).and_then(|text| text.parse::<i64>().ok());
        if size.is_some_and(|size| size == 0 || size < -1) {
            given.mistake(key, "allowed: a number of bytes from 1, or -1 for the system's choice");
        }
    }
}

/// Durations whose unit is part of the key: the finer key wins, and each has its own bounds.
fn check_durations(given: &mut Given) {
    for key in ["log.retention.ms", "log.retention.minutes", "log.retention.hours"] {
        let value = given.filled(key).and_then(|text| text.parse::<i64>().ok());
        if value.is_some_and(|value| value == 0 || value < -1) {
            given.mistake(key, "allowed: a number from 1, or -1 to keep records for ever");
        }
    }
    let families: [&[&str]; 3] = [
        &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
        &["log.roll.ms", "log.roll.hours"],
        &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    ];
    for family in families {
        let mut set = family.iter().filter(|key| given.filled(key).is_some());
        let Some(winner) = set.next() else { continue };
        let losers: Vec<_> = set.collect();
        for loser in losers {
            given.warn(loser, format!("ignored, since {winner} is set"));
        }
    }
}
