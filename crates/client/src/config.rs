//! A client's properties, under Kafka's names and with Kafka's defaults.
//!
//! A property that Kafka's clients know and ours has no use for is a warning; one that asks for
//! protection that is not built is an error; one that nobody knows is a warning too, since
//! applications put properties of their own among them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use records::Compression;

/// Why a property was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value}: {reason}")]
pub struct ConfigError {
    /// The property.
    pub name: String,
    /// What it was set to.
    pub value: String,
    /// What is wrong, and what is allowed.
    pub reason: String,
}

/// How many copies must hold a record before it is acknowledged.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// None; the producer does not wait for an answer.
    None,
    /// The leader's.
    Leader,
    /// Those of all in-sync replicas.
    #[default]
    All,
}

impl Acks {
    /// The number in a produce request.
    pub const fn number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// Where a consumer begins that has no offset.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum OffsetReset {
    /// At the first record that is there.
    Earliest,
    /// After the last record.
    #[default]
    Latest,
    /// Nowhere: the caller gets an error.
    None,
}

/// Which records a consumer reads.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum IsolationLevel {
    /// All that are committed to the log.
    #[default]
    ReadUncommitted,
    /// Of transactions, only those that were committed.
    ReadCommitted,
}

impl IsolationLevel {
    /// The number in a request.
    pub const fn number(self) -> i8 {
        match self {
            Self::ReadUncommitted => 0,
            Self::ReadCommitted => 1,
        }
    }
}

/// How a group's leader shares out partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentStrategy {
    /// Per topic, neighbouring partitions to each member.
    Range,
    /// All partitions of all topics in turn.
    RoundRobin,
}

impl AssignmentStrategy {
    /// The name in a join request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
        }
    }
}

macro_rules! client_config {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $default:expr, $name:literal, $parse:expr;)*) => {
        /// The properties of producers, consumers and admin clients. Each field is the property of
        /// the same name with dots.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub struct ClientConfig {
            $($(#[$doc])* pub $field: $type,)*
            explicit: BTreeMap<String, String>,
            warnings: Vec<String>,
        }

        impl Default for ClientConfig {
            fn default() -> Self {
                Self {
                    $($field: $default,)*
                    explicit: BTreeMap::new(),
                    warnings: Vec::new(),
                }
            }
        }

        impl ClientConfig {
            /// Every property that has an effect.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// Sets the field of a property; false when it has none.
            fn assign(&mut self, name: &str, value: &str) -> Result<bool, String> {
                match name {
                    $($name => {
                        let parse: fn(&str) -> Result<$type, String> = $parse;
                        self.$field = parse(value)?;
                    })*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
}

client_config! {
    /// Addresses to begin with, `host:port`.
    bootstrap_servers: Vec<String> = Vec::new(), "bootstrap.servers", addresses;
    /// How the client calls itself towards nodes.
    client_id: String = "klamm".to_owned(), "client.id", text;
    /// How long an answer may take.
    request_timeout: Duration = ms(30_000), "request.timeout.ms", positive_ms;
    /// How long a call may take, retries included.
    default_api_timeout: Duration = ms(60_000), "default.api.timeout.ms", positive_ms;
    /// How long connecting may take.
    connection_setup_timeout: Duration = ms(10_000), "socket.connection.setup.timeout.ms", positive_ms;
    /// The first pause before a retry.
    retry_backoff: Duration = ms(100), "retry.backoff.ms", any_ms;
    /// The longest pause before a retry.
    retry_backoff_max: Duration = ms(1_000), "retry.backoff.max.ms", any_ms;
    /// How often metadata is asked for again although nothing failed.
    metadata_max_age: Duration = ms(300_000), "metadata.max.age.ms", positive_ms;
    /// Which copies must hold a record before it is acknowledged.
    acks: Acks = Acks::All, "acks", acks;
    /// How long a batch waits for more records.
    linger: Duration = ms(5), "linger.ms", any_ms;
    /// Bytes at which a batch is full.
    batch_size: usize = 16_384, "batch.size", number;
    /// The codec of batches.
    compression_type: Compression = Compression::None, "compression.type", parsed;
    /// The level of gzip.
    compression_gzip_level: Option<i32> = None, "compression.gzip.level", some_number;
    /// The level of lz4.
    compression_lz4_level: Option<i32> = None, "compression.lz4.level", some_number;
    /// The level of zstd.
    compression_zstd_level: Option<i32> = None, "compression.zstd.level", some_number;
    /// Bytes that may wait for being sent or acknowledged.
    buffer_memory: usize = 33_554_432, "buffer.memory", number;
    /// How long a send may wait for metadata or memory.
    max_block: Duration = ms(60_000), "max.block.ms", any_ms;
    /// The largest request.
    max_request_size: usize = 1_048_576, "max.request.size", number;
    /// Produce requests under way to one node.
    max_in_flight: usize = 5, "max.in.flight.requests.per.connection", at_least_one;
    /// Whether retries never write a record twice.
    enable_idempotence: bool = true, "enable.idempotence", boolean;
    /// How often a batch is sent again.
    retries: u32 = i32::MAX as u32, "retries", number;
    /// How long a record may take from being sent to being acknowledged.
    delivery_timeout: Duration = ms(120_000), "delivery.timeout.ms", positive_ms;
    /// Whether records with a key are spread like those without one.
    partitioner_ignore_keys: bool = false, "partitioner.ignore.keys", boolean;
    /// Bytes that a node waits for before it answers a fetch.
    fetch_min_bytes: i32 = 1, "fetch.min.bytes", number;
    /// How long a node waits for them.
    fetch_max_wait: Duration = ms(500), "fetch.max.wait.ms", any_ms;
    /// Bytes per fetch.
    fetch_max_bytes: i32 = 52_428_800, "fetch.max.bytes", number;
    /// Bytes per partition and fetch.
    max_partition_fetch_bytes: i32 = 1_048_576, "max.partition.fetch.bytes", number;
    /// Records per poll.
    max_poll_records: usize = 500, "max.poll.records", at_least_one;
    /// How long a member may take between polls before it leaves its group.
    max_poll_interval: Duration = ms(300_000), "max.poll.interval.ms", positive_ms;
    /// The consumer's group.
    group_id: Option<String> = None, "group.id", some_text;
    /// The name of a static member.
    group_instance_id: Option<String> = None, "group.instance.id", some_text;
    /// How long a group waits for a member's heartbeat.
    session_timeout: Duration = ms(45_000), "session.timeout.ms", positive_ms;
    /// How often a member sends one.
    heartbeat_interval: Duration = ms(3_000), "heartbeat.interval.ms", positive_ms;
    /// Whether a consumer commits by itself.
    enable_auto_commit: bool = true, "enable.auto.commit", boolean;
    /// How often it does.
    auto_commit_interval: Duration = ms(5_000), "auto.commit.interval.ms", any_ms;
    /// Where a consumer begins that has no offset.
    auto_offset_reset: OffsetReset = OffsetReset::Latest, "auto.offset.reset", offset_reset;
    /// Which records a consumer reads.
    isolation_level: IsolationLevel = IsolationLevel::ReadUncommitted, "isolation.level", isolation_level;
    /// Whether the CRC of what was fetched is verified.
    check_crcs: bool = true, "check.crcs", boolean;
    /// The rack of the consumer.
    client_rack: String = String::new(), "client.rack", text;
    /// How a group's leader shares out partitions, in order of preference.
    assignment_strategies: Vec<AssignmentStrategy> = vec![AssignmentStrategy::Range], "partition.assignment.strategy", strategies;
    /// Whether asking for a topic may create it, where the node allows that.
    allow_auto_create_topics: bool = true, "allow.auto.create.topics", boolean;
    /// Whether a pattern leaves internal topics out.
    exclude_internal_topics: bool = true, "exclude.internal.topics", boolean;
}

/// Properties of Kafka's clients that change nothing here.
const MEANINGLESS: &[&str] = &[
    "auto.include.jmx.reporter",
    "bootstrap.controllers",
    "client.dns.lookup",
    "compression.lz4.level",
    "config.providers",
    "connections.max.idle.ms",
    "enable.metrics.push",
    "group.protocol",
    "group.remote.assignor",
    "interceptor.classes",
    "key.deserializer",
    "key.serializer",
    "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "partitioner.adaptive.partitioning.enable",
    "partitioner.availability.timeout.ms",
    "partitioner.class",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "security.providers",
    "send.buffer.bytes",
    "socket.connection.setup.timeout.max.ms",
    "throw.on.fetch.stable.offset.unsupported",
    "transaction.timeout.ms",
    "value.deserializer",
    "value.serializer",
];

impl ClientConfig {
    /// The defaults, towards the given addresses (`host:port,host:port`).
    pub fn towards(bootstrap_servers: &str) -> Result<Self, ConfigError> {
        Self::from_properties([("bootstrap.servers", bootstrap_servers)])
    }

    /// The defaults, changed by `properties`. Later ones win.
    pub fn from_properties<K: AsRef<str>, V: AsRef<str>>(
        properties: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for (name, value) in properties {
            config.set(name.as_ref(), value.as_ref())?;
        }
        Ok(config)
    }

    /// Sets one property under Kafka's name.
    pub fn set(&mut self, name: &str, value: &str) -> Result<&mut Self, ConfigError> {
        let value = value.trim();
        let refused =
            |reason| ConfigError { name: name.to_owned(), value: value.to_owned(), reason };
        if name == "security.protocol" {
            if !value.eq_ignore_ascii_case("PLAINTEXT") {
                return Err(refused("only PLAINTEXT is supported so far".to_owned()));
            }
        } else if name.starts_with("ssl.") || name.starts_with("sasl.") {
            return Err(refused("TLS and SASL are not supported so far; remove it".to_owned()));
        } else if name == "transactional.id" {
            return Err(refused("transactions are not supported so far; remove it".to_owned()));
        } else if !self.assign(name, value).map_err(refused)? {
            self.warnings.push(if MEANINGLESS.contains(&name) {
                format!("{name} has no effect here")
            } else {
                format!("{name} is not a property of Kafka's clients; ignored")
            });
        }
        self.explicit.insert(name.to_owned(), value.to_owned());
        Ok(self)
    }

    /// What was set without effect, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether the property was set, rather than left at its default.
    pub fn is_set(&self, name: &str) -> bool {
        self.explicit.contains_key(name)
    }

    /// Whether the producer is idempotent: as set, and by default where the other properties allow
    /// it. As in Kafka, asking for it together with properties that rule it out is a mistake.
    pub fn idempotence(&self) -> Result<bool, ConfigError> {
        let obstacle = if self.acks != Acks::All {
            Some("needs acks=all")
        } else if self.retries == 0 {
            Some("needs retries above 0")
        } else if self.max_in_flight > 5 {
            Some("needs max.in.flight.requests.per.connection of at most 5")
        } else {
            None
        };
        match obstacle {
            Some(reason) if self.enable_idempotence && self.is_set("enable.idempotence") => {
                Err(ConfigError {
                    name: "enable.idempotence".to_owned(),
                    value: "true".to_owned(),
                    reason: reason.to_owned(),
                })
            }
            obstacle => Ok(self.enable_idempotence && obstacle.is_none()),
        }
    }

    /// The level for the codec in use.
    pub(crate) fn compression_level(&self) -> Option<i32> {
        match self.compression_type {
            Compression::Gzip => self.compression_gzip_level,
            Compression::Lz4 => self.compression_lz4_level,
            Compression::Zstd => self.compression_zstd_level,
            Compression::None | Compression::Snappy => None,
        }
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn parsed<T: FromStr<Err: Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn number<T: FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| "expected a whole number that is not negative".to_owned())
}

fn some_number(value: &str) -> Result<Option<i32>, String> {
    value.parse().map(Some).map_err(|_| "expected a whole number".to_owned())
}

fn at_least_one(value: &str) -> Result<usize, String> {
    value.parse().ok().filter(|n| *n > 0).ok_or_else(|| "expected a number above 0".to_owned())
}

fn any_ms(value: &str) -> Result<Duration, String> {
    number::<u64>(value).map(ms)
}

fn positive_ms(value: &str) -> Result<Duration, String> {
    any_ms(value).and_then(|time| {
        if time.is_zero() { Err("expected a time above 0 ms".to_owned()) } else { Ok(time) }
    })
}

fn boolean(value: &str) -> Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

fn text(value: &str) -> Result<String, String> {
    Ok(value.to_owned())
}

fn some_text(value: &str) -> Result<Option<String>, String> {
    Ok(Some(value.to_owned()).filter(|value| !value.is_empty()))
}

fn addresses(value: &str) -> Result<Vec<String>, String> {
    let addresses: Vec<String> =
        value.split(',').map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned).collect();
    if addresses.is_empty() {
        return Err("expected at least one host:port".to_owned());
    }
    for address in &addresses {
        let port = address.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
        if !matches!(port, Some((host, Ok(_))) if !host.is_empty()) {
            return Err(format!("`{address}` is not host:port, such as localhost:9092"));
        }
    }
    Ok(addresses)
}

fn acks(value: &str) -> Result<Acks, String> {
    match value {
        "all" | "-1" => Ok(Acks::All),
        "1" => Ok(Acks::Leader),
        "0" => Ok(Acks::None),
        _ => Err("expected all, -1, 0 or 1".to_owned()),
    }
}

fn offset_reset(value: &str) -> Result<OffsetReset, String> {
    match value.to_ascii_lowercase().as_str() {
        "earliest" => Ok(OffsetReset::Earliest),
        "latest" => Ok(OffsetReset::Latest),
        "none" => Ok(OffsetReset::None),
        _ => Err("expected earliest, latest or none".to_owned()),
    }
}

fn isolation_level(value: &str) -> Result<IsolationLevel, String> {
    match value.to_ascii_lowercase().as_str() {
        "read_uncommitted" => Ok(IsolationLevel::ReadUncommitted),
        "read_committed" => Ok(IsolationLevel::ReadCommitted),
        _ => Err("expected read_uncommitted or read_committed".to_owned()),
    }
}

fn strategies(value: &str) -> Result<Vec<AssignmentStrategy>, String> {
    let mut strategies = Vec::new();
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name.rsplit('.').next().unwrap_or(name) {
            "RangeAssignor" | "range" => strategies.push(AssignmentStrategy::Range),
            "RoundRobinAssignor" | "roundrobin" => strategies.push(AssignmentStrategy::RoundRobin),
            // Java's default names it after the range assignor, for a later upgrade.
            "CooperativeStickyAssignor" | "cooperative-sticky" if !strategies.is_empty() => {}
            _ => return Err(format!("`{name}`: expected RangeAssignor or RoundRobinAssignor")),
        }
    }
    if strategies.is_empty() {
        return Err("expected RangeAssignor or RoundRobinAssignor".to_owned());
    }
    Ok(strategies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(name: &str, value: &str) -> String {
        ClientConfig::from_properties([(name, value)]).unwrap_err().to_string()
    }

    #[test]
    fn kafkas_names_and_forms_are_understood() {
        let config = ClientConfig::from_properties([
            ("bootstrap.servers", "a:1, [::1]:2"),
            ("acks", "-1"),
            ("linger.ms", " 7 "),
            ("compression.type", "zstd"),
            ("isolation.level", "READ_COMMITTED"),
            (
                "partition.assignment.strategy",
                "org.apache.kafka.clients.consumer.RangeAssignor,\
                 org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
            ),
        ])
        .unwrap();
        assert_eq!(config.bootstrap_servers, ["a:1", "[::1]:2"]);
        assert_eq!(config.linger, ms(7));
        assert_eq!(config.compression_type, Compression::Zstd);
        assert_eq!(config.isolation_level, IsolationLevel::ReadCommitted);
        assert_eq!(config.assignment_strategies, [AssignmentStrategy::Range]);
        assert!(config.warnings().is_empty());
    }

    #[test]
    fn what_is_not_built_is_refused_and_what_is_meaningless_is_a_warning() {
        assert!(mistake("security.protocol", "SASL_SSL").contains("PLAINTEXT"));
        assert!(mistake("ssl.truststore.location", "x").contains("TLS"));
        assert!(mistake("transactional.id", "x").contains("transactions"));
        let config =
            ClientConfig::from_properties([("key.serializer", "x"), ("acme.colour", "red")])
                .unwrap();
        assert!(config.warnings()[0].contains("key.serializer has no effect"));
        assert!(config.warnings()[1].contains("acme.colour is not a property"));
    }

    #[test]
    fn mistakes_say_what_is_allowed() {
        assert_eq!(mistake("acks", "2"), "acks=2: expected all, -1, 0 or 1");
        assert!(mistake("bootstrap.servers", "localhost").contains("such as localhost:9092"));
        assert!(mistake("compression.type", "lzma").contains("snappy"));
        assert!(mistake("request.timeout.ms", "0").contains("above 0"));
    }

    #[test]
    fn idempotence_yields_by_default_and_insists_when_asked_for() {
        let with = |properties: &[(&str, &str)]| {
            ClientConfig::from_properties(properties.iter().copied()).unwrap().idempotence()
        };
        assert_eq!(with(&[]), Ok(true));
        assert_eq!(with(&[("acks", "1")]), Ok(false));
        assert_eq!(with(&[("enable.idempotence", "false")]), Ok(false));
        assert!(with(&[("acks", "1"), ("enable.idempotence", "true")]).is_err());
    }
}
