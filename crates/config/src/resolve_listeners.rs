//! Which doors a node opens and which addresses clients are told: `listeners` and its relatives,
//! by Kafka's rules, with the older `port` and `host.name` as a fallback.

use crate::listener::{
    Listener, ProtocolMap, SecurityProtocol, parse_listener, parse_protocol_map,
};
use crate::load::Given;
use crate::value::split_list;

/// Kafka's door when a file names none.
const DEFAULT_LISTENERS: &str = "PLAINTEXT://:9092";

/// Why a listener of another protocol is refused.
const ONLY_PLAINTEXT: &str = "TLS and SASL listeners are not built yet, allowed for now: PLAINTEXT";

/// The doors of a node, sorted by their purpose.
pub(crate) struct Doors {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) advertised: Vec<Listener>,
    pub(crate) controller: Vec<Listener>,
    pub(crate) inter_broker: String,
    pub(crate) protocols: ProtocolMap,
}

pub(crate) fn doors(given: &mut Given) -> Doors {
    let controller_names = controller_names(given);
    let protocols = protocols(given, &controller_names);
    let (key, text) = listeners_text(given);
    let all = parse(given, key, &text, &protocols);
    check_distinct(given, key, &all);
    let (controller, listeners): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|door| controller_names.contains(&door.name));
    // A node of one role is refused as such; what its listeners lack is no further mistake.
    let has_both_roles = given.filled("process.roles").is_none_or(|roles| roles.contains(','));
    if has_both_roles {
        check_purposes(given, key, &listeners, &controller, &controller_names);
    }
    for door in &controller {
        let what = format!("{door} is not opened: a quorum of one node has nobody to talk to");
        given.warn(key, what);
    }
    let advertised = advertised(given, &listeners, &controller_names, &protocols);
    let inter_broker = inter_broker(given, &listeners, &controller_names);
    Doors { listeners, advertised, controller, inter_broker, protocols }
}

/// There is a door for clients, and one for every name of a controller's.
fn check_purposes(
    given: &mut Given,
    key: &str,
    listeners: &[Listener],
    controller: &[Listener],
    controller_names: &[String],
) {
    let names_none = given.text(key).is_some_and(|text| split_list(text).next().is_none());
    if listeners.is_empty() && (names_none || !controller.is_empty()) {
        given.mistake(key, "no listener for clients is named; add PLAINTEXT://:9092");
    }
    let names_doors = given.filled("listeners").is_some();
    for name in controller_names {
        if names_doors && !controller.iter().any(|door| &door.name == name) {
            let what = format!("{name} is not among listeners; add {name}://:9093 there");
            given.mistake("controller.listener.names", what);
        }
    }
}

fn controller_names(given: &Given) -> Vec<String> {
    let text = given.filled("controller.listener.names").unwrap_or_default();
    split_list(text).map(str::to_ascii_uppercase).collect()
}

/// The protocol of each name; a controller's listener without one is PLAINTEXT, as in Kafka.
fn protocols(given: &mut Given, controller_names: &[String]) -> ProtocolMap {
    let known = [
        SecurityProtocol::Plaintext,
        SecurityProtocol::Ssl,
        SecurityProtocol::SaslPlaintext,
        SecurityProtocol::SaslSsl,
    ];
    let mut map: ProtocolMap =
        known.into_iter().map(|protocol| (protocol.name().to_owned(), protocol)).collect();
    let key = "listener.security.protocol.map";
    match given.filled(key).map(parse_protocol_map) {
        Some(Ok(given_map)) => map = given_map,
        Some(Err(element)) => given.mistake(
            key,
            format!(
                "cannot read {element}; allowed: NAME:PROTOCOL,NAME:PROTOCOL with PLAINTEXT, SSL, \
                 SASL_PLAINTEXT or SASL_SSL"
            ),
        ),
        None => {
            for name in controller_names {
                map.entry(name.clone()).or_insert(SecurityProtocol::Plaintext);
            }
        }
    }
    map
}

/// The text that names the doors, and the key it stands under.
fn listeners_text(given: &mut Given) -> (&'static str, String) {
    let older = ["port", "host.name"];
    if let Some(text) = given.filled("listeners").map(str::to_owned) {
        for key in older {
            if given.text(key).is_some() {
                given.warn(key, "ignored, since listeners is set");
            }
        }
        return ("listeners", text);
    }
    let Some(&key) = older.iter().find(|key| given.filled(key).is_some()) else {
        return ("listeners", DEFAULT_LISTENERS.to_owned());
    };
    let text = older_listener(given, "host.name", "port", "9092");
    given.warn(key, format!("an older way to write listeners={text}"));
    (key, text)
}

fn older_listener(given: &Given, host_key: &str, port_key: &str, port: &str) -> String {
    let host = given.filled(host_key).unwrap_or_default();
    let port = given.filled(port_key).unwrap_or(port);
    if host.contains(':') && !host.starts_with('[') {
        format!("PLAINTEXT://[{host}]:{port}")
    } else {
        format!("PLAINTEXT://{host}:{port}")
    }
}

fn parse(given: &mut Given, key: &str, text: &str, protocols: &ProtocolMap) -> Vec<Listener> {
    let mut doors = Vec::new();
    for element in split_list(text) {
        match parse_listener(element, protocols) {
            Ok(door) if door.protocol == SecurityProtocol::Plaintext => doors.push(door),
            Ok(door) => {
                let protocol = door.protocol.name();
                given.mistake(key, format!("{door} asks for {protocol}: {ONLY_PLAINTEXT}"));
            }
            Err(what) => given.mistake(key, what),
        }
    }
    doors
}

/// Names are distinct, and so are ports, but that an IPv4 and an IPv6 address may share one.
fn check_distinct(given: &mut Given, key: &str, doors: &[Listener]) {
    for (index, door) in doors.iter().enumerate() {
        for earlier in &doors[..index] {
            if earlier.name == door.name {
                given.mistake(key, format!("{earlier} and {door} have the same name"));
            }
            if door.port != 0 && earlier.port == door.port && !is_address_pair(earlier, door) {
                given.mistake(key, format!("{earlier} and {door} have the same port"));
            }
        }
    }
}

fn is_address_pair(one: &Listener, other: &Listener) -> bool {
    let address = |door: &Listener| door.host.as_deref()?.parse::<std::net::IpAddr>().ok();
    match (address(one), address(other)) {
        (Some(one), Some(other)) => one.is_ipv4() != other.is_ipv4(),
        _ => false,
    }
}

fn advertised(
    given: &mut Given,
    listeners: &[Listener],
    controller_names: &[String],
    protocols: &ProtocolMap,
) -> Vec<Listener> {
    let older = ["advertised.host.name", "advertised.port"];
    let (key, text) = match given.filled("advertised.listeners") {
        Some(text) => ("advertised.listeners", text.to_owned()),
        None => match older.iter().find(|key| given.filled(key).is_some()) {
            Some(&key) => {
                let port = listeners.first().map_or(9092, |door| door.port).to_string();
                (key, older_listener(given, "advertised.host.name", "advertised.port", &port))
            }
            None => return Vec::new(),
        },
    };
    if key != "advertised.listeners" {
        given.warn(key, format!("an older way to write advertised.listeners={text}"));
    }
    let advertised: Vec<_> = parse(given, key, &text, protocols)
        .into_iter()
        .filter(|door| !controller_names.contains(&door.name))
        .collect();
    for door in &advertised {
        if matches!(door.host.as_deref(), Some("0.0.0.0" | "::")) {
            given.mistake(key, format!("{door}: nobody can connect to it; name a host or address"));
        }
        if !listeners.is_empty() && !listeners.iter().any(|listener| listener.name == door.name) {
            given.mistake(key, format!("{} is not the name of one of the listeners", door.name));
        }
        if advertised.iter().filter(|other| other.name == door.name).count() > 1 {
            given.mistake(key, format!("{} is named twice", door.name));
        }
    }
    advertised
}

/// The listener between brokers: by name, or by protocol as before.
fn inter_broker(given: &mut Given, listeners: &[Listener], controllers: &[String]) -> String {
    let (name_key, protocol_key) = ("inter.broker.listener.name", "security.inter.broker.protocol");
    if given.filled(name_key).is_some() && given.filled(protocol_key).is_some() {
        given.mistake(name_key, format!("set either this or {protocol_key}, not both"));
    }
    if let Some(name) = given.filled(name_key).map(str::to_ascii_uppercase) {
        if controllers.contains(&name) {
            given.mistake(name_key, "is a controller's listener; name one for brokers");
        } else if !listeners.is_empty() && !listeners.iter().any(|door| door.name == name) {
            given.mistake(name_key, format!("{name} is not the name of one of the listeners"));
        }
        return name;
    }
    let plaintext = SecurityProtocol::Plaintext.name();
    match listeners.iter().find(|door| door.name == plaintext).or(listeners.first()) {
        Some(door) => door.name.clone(),
        None => plaintext.to_owned(),
    }
}
