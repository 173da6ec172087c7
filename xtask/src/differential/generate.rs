//! Requests with meaningful random fields: each field draws from a small pool of what exists, what is
//! missing, what is illegal and what is extreme, chosen by its name.
//!
//! Invariant: equal seeds give equal requests, and no request leaves a member in a group or a topic
//! in the way of the others, so that every answer follows from the requests before it.

use protocol_codegen::sample::Random;
use protocol_codegen::schema::{Field, Message, Struct, Type};

use super::batches;
use super::compare::identity;
use super::connection::{Call, Twist};
use super::value::Value;

/// Longest list in a request, where the pools do not say otherwise.
const ELEMENTS_MAX: u64 = 2;

/// Topics that every round finds, and how many partitions they have.
pub(super) const TOPICS: [(&str, i64); 3] = [("one", 1), ("three", 3), ("compacted", 1)];
/// The time of the first record, far enough from today that it is not taken for the present.
pub(super) const FIRST_TIMESTAMP: i64 = 1_700_000_000_000;

/// The APIs that are driven, with how often each comes among the others.
pub(super) const APIS: &[(i16, u64)] = &[
    (0, 8), // Produce
    (1, 8),
    (2, 6),
    (3, 5),
    (8, 6),
    (9, 6),
    (10, 3),
    (11, 3),
    (12, 2),
    (13, 2),
    (14, 2),
    (15, 3),
    (16, 2),
    (17, 1),
    (19, 4),
    (20, 3),
    (21, 3),
    (22, 2),
    (23, 3),
    (32, 4),
    (33, 2),
    (34, 2),
    (35, 2),
    (37, 3),
    (42, 2),
    (43, 1),
    (44, 4),
    (45, 2),
    (46, 2),
    (47, 2),
    (55, 1),
    (57, 2),
    (60, 1),
    (61, 1),
    (74, 1),
    (75, 2),
];

const KEY_PRODUCE: i16 = 0;
const KEY_OFFSET_COMMIT: i16 = 8;
const KEY_OFFSET_FETCH: i16 = 9;
const KEY_JOIN_GROUP: i16 = 11;
/// The group of the versions that kept offsets in ZooKeeper.
const ANCIENT_GROUP: &str = "ancient";
/// Nobody ever was in this group, or committed to it.
const REFUSED_GROUP: &str = "refused";
/// The only group to which more metadata is committed than allowed.
const WORDY_GROUP: &str = "wordy";

/// Draws requests for the versions that both sides serve.
pub(super) struct Generator {
    random: Random,
    groups: u64,
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), groups: 0 }
    }

    /// A key and a version out of the given ranges.
    pub(super) fn pick(&mut self, apis: &[(i16, u64, (i16, i16))]) -> Option<(i16, i16)> {
        let total: u64 = apis.iter().map(|(_, weight, _)| weight).sum();
        let mut drawn = self.random.up_to(total.checked_sub(1)?);
        for (key, weight, (first, last)) in apis {
            if drawn < *weight {
                return Some((*key, first + self.random.up_to((last - first) as u64) as i16));
            }
            drawn -= weight;
        }
        None
    }

    /// A request in one version.
    pub(super) fn call(&mut self, message: &Message, key: i16, version: i16) -> Call {
        let twist = match self.random.up_to(39) {
            0 => Twist::Truncated(1 + self.random.up_to(5) as usize),
            1 => Twist::Trailing,
            2 if message.is_flexible(version) => Twist::UnknownTag,
            _ => Twist::None,
        };
        self.groups += 1;
        let mut sampler =
            Sampler { message, key, version, random: &mut self.random, call: self.groups };
        let mut body = sampler.part(&message.structs[0]);
        keep_apart(key, version, &mut body);
        let is_answered = key != KEY_PRODUCE || body.get("acks") != Some(&Value::Number(0));
        Call { key, version, body, twist, is_answered }
    }
}

/// What Kafka half remembers, or answers never, is kept away from everything else, so that it shows
/// in its own answer only.
fn keep_apart(key: i16, version: i16, body: &mut Value) {
    let is_empty = |value: Option<&Value>| match value {
        Some(Value::Text(text)) => text.is_empty(),
        Some(Value::List(elements)) => elements.is_empty(),
        _ => false,
    };
    let refused_join = is_empty(body.get("protocol_type")) || is_empty(body.get("protocols"));
    let group = match key {
        KEY_OFFSET_COMMIT | KEY_OFFSET_FETCH if version == 0 => ANCIENT_GROUP,
        KEY_OFFSET_COMMIT if has_long_metadata(body) => WORDY_GROUP,
        KEY_JOIN_GROUP if refused_join => REFUSED_GROUP,
        KEY_PRODUCE => return keep_odd_records_apart(body),
        _ => return,
    };
    if let Some(id) = body.get_mut("group_id") {
        *id = Value::Text(group.to_owned());
    }
    if let (KEY_JOIN_GROUP, Some(member)) = (key, body.get_mut("member_id")) {
        *member = Value::Text(String::new());
    }
}

fn has_long_metadata(body: &Value) -> bool {
    let topics = body.get("topics").map(Value::elements).unwrap_or_default();
    topics.iter().flat_map(|topic| topic.get("partitions").map(Value::elements)).flatten().any(
        |partition| match partition.get("committed_metadata") {
            Some(Value::Text(text)) => text.len() > 100,
            _ => false,
        },
    )
}

/// A partition without records, or in a codec that there is not, becomes the only one.
fn keep_odd_records_apart(body: &mut Value) {
    let is_odd = |partition: &Value| match partition.get("records") {
        Some(Value::Bytes(bytes)) => bytes.get(16..23).is_some_and(|it| it[0] == 2 && it[6] == 7),
        records => records == Some(&Value::Null),
    };
    let Some(Value::List(topics)) = body.get_mut("topic_data") else { return };
    for mut topic in topics.clone() {
        let Some(Value::List(partitions)) = topic.get_mut("partition_data") else { continue };
        partitions.retain(is_odd);
        if !partitions.is_empty() {
            partitions.truncate(1);
            *topics = vec![topic];
            return;
        }
    }
}

struct Sampler<'a> {
    message: &'a Message,
    key: i16,
    version: i16,
    random: &'a mut Random,
    /// The number of this call, for names that no other call may use.
    call: u64,
}

impl Sampler<'_> {
    fn part(&mut self, part: &Struct) -> Value {
        let mut fields = Vec::new();
        let version = self.version;
        for field in part.fields.iter().filter(|field| field.versions.contains(&version)) {
            // Tagged fields say who a replica is; clients send none.
            if field.tag.is_none() {
                fields.push((field.name.clone(), self.field(part, field)));
            }
        }
        self.agree(part, &mut fields);
        Value::Struct(fields)
    }

    /// Fields that must fit each other for a request to get anywhere.
    fn agree(&mut self, part: &Struct, fields: &mut [(String, Value)]) {
        // What a broker says of itself is its own: only brokers that do not exist are asked about.
        let is_of_brokers = |(name, value): &(String, Value)| {
            name == "resource_type" && [Value::Number(4), Value::Number(8)].contains(value)
        };
        if fields.iter().any(is_of_brokers) {
            let absent = self.of(&["2", "x", "-1"]);
            for (_, value) in fields.iter_mut().filter(|(name, _)| name == "resource_name") {
                *value = Value::Text(absent.to_owned());
            }
        }
        if part.name == "DeleteTopicState" {
            let by_name = self.random.up_to(1) == 0;
            for (name, value) in fields.iter_mut() {
                match name.as_str() {
                    "name" if !by_name => *value = Value::Null,
                    "topic_id" if by_name => *value = Value::TopicId(String::new()),
                    _ => {}
                }
            }
        }
        if part.name == "MetadataRequestTopic" && self.version >= 12 && self.random.up_to(1) == 0 {
            for (name, value) in fields.iter_mut() {
                if name == "name" {
                    *value = Value::Null;
                }
            }
        } else if part.name == "MetadataRequestTopic" {
            for (name, value) in fields.iter_mut() {
                if name == "topic_id" {
                    *value = Value::TopicId(String::new());
                }
            }
        }
    }

    fn field(&mut self, part: &Struct, field: &Field) -> Value {
        let may_be_null = field.is_nullable(self.version);
        if may_be_null && self.one_in(if is_mostly_null(&field.name) { 1 } else { 5 }) {
            return Value::Null;
        }
        match &field.kind {
            Type::Array(element) => {
                let most =
                    if element_is_wide(&field.name) { ELEMENTS_MAX + 1 } else { ELEMENTS_MAX };
                let count = if self.one_in(8) { 0 } else { 1 + self.random.up_to(most - 1) };
                let mut elements: Vec<Value> = Vec::new();
                for _ in 0..count {
                    let one = self.value(part, &field.name, element);
                    // The same twice in one request is what no client sends.
                    if elements.iter().all(|other| identity(other) != identity(&one)) {
                        elements.push(one);
                    }
                }
                Value::List(elements)
            }
            kind => self.value(part, &field.name, kind),
        }
    }

    fn value(&mut self, part: &Struct, name: &str, kind: &Type) -> Value {
        match kind {
            Type::Struct(inner) => {
                let message = self.message;
                self.part(message.find(inner))
            }
            Type::String => self.text(part, name),
            Type::Bytes => Value::Bytes(batches::SUBSCRIPTION.to_vec()),
            Type::Records if self.version < 3 => self.old_records(),
            Type::Records => self.records(),
            Type::Fixed(fixed) if fixed.rust == "bool" => Value::Number(self.flag(name)),
            Type::Fixed(fixed) if fixed.size == 16 => Value::TopicId(self.topic()),
            Type::Fixed(_) => Value::Number(self.number(name)),
            Type::Array(_) => Value::List(Vec::new()),
        }
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.random.up_to(count - 1) == 0
    }

    fn of<T: Copy>(&mut self, pool: &[T]) -> T {
        pool[self.random.up_to(pool.len() as u64 - 1) as usize]
    }

    fn flag(&mut self, name: &str) -> i64 {
        match name {
            // What these would change cannot be changed back.
            "validate_only" if self.key == 57 => 1,
            "allow_auto_topic_creation" | "enable2_pc" | "enable_2pc" | "keep_prepared_txn" => 0,
            _ => self.random.up_to(1) as i64,
        }
    }

    fn topic(&mut self) -> String {
        if self.one_in(20) {
            return "x".repeat(250);
        }
        let pool = [
            "one",
            "one",
            "one",
            "three",
            "three",
            "compacted",
            "temporary-1",
            "unborn",
            "bad/name",
            "",
        ];
        self.of(&pool).to_owned()
    }

    fn text(&mut self, part: &Struct, name: &str) -> Value {
        let is_temporary = [19, 20].contains(&self.key);
        let pool: &[&str] = match (part.name.as_str(), name) {
            ("CreatableTopicConfig" | "AlterableConfig", "name") | (_, "configuration_keys") => {
                &CONFIG_NAMES
            }
            ("CreatableTopicConfig" | "AlterableConfig", "value") => &CONFIG_VALUES,
            ("JoinGroupRequestProtocol", "name") | (_, "protocol_name") => &["range", "roundrobin"],
            (_, "resource_name") => &["one", "three", "temporary-1", "unborn", "1", "", "2", "x"],
            (_, "group_id") if self.key == 11 => {
                return Value::Text(format!("joined-{}", self.call));
            }
            (_, "group_id" | "groups" | "groups_names" | "key" | "coordinator_keys") => {
                &["readers", "readers", "others", "ghosts", ""]
            }
            (_, "member_id") => &["", "", "nobody"],
            (_, "protocol_type") => &["consumer", "consumer", "connect", ""],
            (_, "states_filter") => &["Empty", "empty", "Stable", "Dead", "Nonsense", ""],
            (_, "feature") => &["nonsense", "metadata.version", ""],
            (_, "path") => {
                return if self.one_in(4) {
                    Value::Text(self.of(&["/nowhere", "relative", ""]).to_owned())
                } else {
                    Value::Own("log dir".to_owned())
                };
            }
            (_, "types_filter") => &["classic", "Classic", "consumer", "Nonsense", ""],
            (_, "mechanism") => &["PLAIN", "SCRAM-SHA-256", "NONSENSE"],
            (_, "committed_metadata") if self.one_in(9) => return Value::Text("m".repeat(5000)),
            (_, "committed_metadata") => &["", "a note"],
            (_, "name" | "topic" | "topic_name" | "topic_names") if is_temporary => &[
                "temporary-1",
                "temporary-2",
                "temporary-3",
                "unborn",
                "bad/name",
                "",
                ".",
                "tempo rary",
            ],
            (_, "name" | "topic" | "topic_name" | "topic_names") => {
                return Value::Text(self.topic());
            }
            _ => &["", "x"],
        };
        let drawn = self.of(pool);
        Value::Text(drawn.to_owned())
    }

    fn number(&mut self, name: &str) -> i64 {
        const LARGE: i64 = i32::MAX as i64;
        let pool: &[i64] = match name {
            "acks" => &[-1, -1, -1, 1, 1, 0, 2, -2],
            "timeout_ms" => &[30_000],
            "replica_id" => &[-1, -1, -1, -1, -2],
            "max_wait_ms" => &[0, 10],
            "min_bytes" => &[0, 1, 1, 1 << 20],
            "max_bytes" | "partition_max_bytes" => &[1 << 20, 1 << 20, 100, 1, 0, LARGE],
            "isolation_level" => &[0, 0, 1, 1, 0, 1, 0, 1, 2],
            "session_id" => &[0, 0, 0, 0, 999],
            "session_epoch" => &[-1, -1, -1, 0, 5],
            "index" | "partition" | "partitions" | "partition_index" | "partition_indexes" => {
                &[0, 0, 0, 1, 2, 7, -1, LARGE]
            }
            "current_leader_epoch" => &[-1, -1, -1, 0, 1, 5],
            "leader_epoch" | "last_fetched_epoch" | "committed_leader_epoch" => &[-1, -1, 0, 1, 5],
            "fetch_offset" | "offset" | "committed_offset" | "log_start_offset" => {
                &[0, 0, 1, 2, 5, 40, 1 << 40, -1, -1, -2, i64::MAX, i64::MIN]
            }
            "timestamp" => {
                let later = FIRST_TIMESTAMP + self.random.up_to(60_000) as i64;
                let pool = [-1, -2, -3, -4, -5, -6, -7, 0, FIRST_TIMESTAMP, later, later, i64::MAX];
                return self.of(&pool);
            }
            "max_num_offsets" => &[1, 1, 2, 10, 0, -1],
            "generation_id" | "generation_id_or_member_epoch" => &[-1, -1, -1, 0, 1],
            "retention_time_ms" | "commit_timestamp" => &[-1],
            // The longest there is, so that nobody is missed before the end.
            "session_timeout_ms" => &[1_800_000, 1_800_000, 10, -1, LARGE],
            "rebalance_timeout_ms" => &[1_800_000],
            "max_version_level" => &[0, 1, 999, -1],
            "upgrade_type" => &[1, 1, 2, 3, 0, 9],
            "replicas" => &[1, 1, 1, 2, -1],
            "num_partitions" => &[1, 1, 3, -1, 0, -2],
            "replication_factor" => &[1, 1, 1, -1, 0, 2, -2],
            "count" => &[1, 2, 3, 4, 0, -1],
            "broker_ids" => &[1, 1, 1, 1, 2, -1],
            "resource_type" => &[2, 2, 2, 2, 2, 4, 8, 0, 99],
            "resource_types" => &[2, 4, 8, 16, 32, 99],
            "config_operation" => &[0, 0, 0, 1, 2, 3, 9],
            "key_type" => &[0, 0, 0, 0, 9],
            "election_type" => &[0, 1, 7],
            "transaction_timeout_ms" => &[1_000, 60_000, 0, -1, LARGE],
            "producer_id" => &[-1, -1, -1, 5],
            "producer_epoch" => &[-1, -1, -1, 0],
            "response_partition_limit" => &[2000, 1, 0, -1],
            "endpoint_type" => &[1, 1, 1, 2, 7],
            _ => &[0],
        };
        self.of(pool)
    }

    /// Message sets of format v0 and v1, sound and spoilt; now and then what came later.
    fn old_records(&mut self) -> Value {
        let first = FIRST_TIMESTAMP + self.call as i64;
        let format = self.random.up_to(1) as u8;
        let set = batches::message_set(format, first, 1 + self.random.up_to(2), self.one_in(2));
        Value::Bytes(match self.random.up_to(15) {
            0 => Vec::new(),
            1 => return self.records(),
            2 => batches::with_byte(set, 14, 0x55), // another checksum
            3 => batches::with_byte(set, 16, 7),    // another magic
            4 => set[..set.len() - 3].to_vec(),
            5 => vec![0; 10],
            6 => [set.as_slice(), set.as_slice()].concat(),
            _ => set,
        })
    }

    fn records(&mut self) -> Value {
        let first = FIRST_TIMESTAMP + self.call as i64;
        let batch = batches::batch(first, 1 + self.random.up_to(2) as usize, self.one_in(2));
        Value::Bytes(match self.random.up_to(15) {
            0 => Vec::new(),
            // Kafka answers none of these, which takes its time to see.
            1 if self.one_in(8) => return Value::Null,
            2 => vec![0; 10],
            3 => batches::with_byte(batch, 20, 0xff), // another checksum
            4 => batches::with_byte(batch, 16, 1),    // another magic
            5 => batches::with_byte(batch, 16, 3),
            6 => batches::with_checksum(batches::with_byte(batch, 22, 7)), // no such codec
            7 => batches::with_checksum(batches::with_byte(batch, 60, 9)), // another count
            8 => batch[..batch.len() - 3].to_vec(),
            9 => [batch.as_slice(), batch.as_slice()].concat(),
            10 => batches::with_checksum(batches::with_byte(batch, 22, 0x20)), // a control batch
            _ => batch,
        })
    }
}

fn is_mostly_null(name: &str) -> bool {
    ["transactional_id", "group_instance_id", "cursor", "rack_id"].contains(&name)
}

fn element_is_wide(name: &str) -> bool {
    name.contains("partition")
}

const CONFIG_NAMES: [&str; 10] = [
    "retention.ms",
    "cleanup.policy",
    "max.message.bytes",
    "compression.type",
    "min.insync.replicas",
    "segment.bytes",
    "message.timestamp.type",
    "unclean.leader.election.enable",
    "no.such.config",
    "",
];

const CONFIG_VALUES: [&str; 14] = [
    "-1",
    "delete",
    "1048588",
    "producer",
    "1",
    "2097152",
    "CreateTime",
    "false",
    "compact,delete",
    "nonsense",
    "",
    "0",
    "-5",
    "99999999999999999999",
];
