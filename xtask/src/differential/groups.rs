//! Groups of one and two members, each member with a connection of its own to either cluster: joining,
//! syncing, beating, leaving, and what fails in each of these states, in random versions.
//!
//! Invariant: the next step begins when both clusters have reached the state that it is about, which is
//! asked for and never waited for by time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use protocol_codegen::sample::Random;

use super::batches;
use super::connection::{Answer, Call, Peer, Twist, messages};
use super::findings::{Findings, Trial};
use super::value::Value;
use super::{add, number, text};

/// Longest time until a group reaches a state.
const STATE_TIME_MAX: Duration = Duration::from_secs(30);
/// The longest session that there is, so that no member is missed before the end.
const SESSION_MS: i64 = 1_800_000;
/// Failing requests and looks around, in each state of a group.
const PROBES: u64 = 6;

const OFFSET_COMMIT: i16 = 8;
const OFFSET_FETCH: i16 = 9;
const JOIN_GROUP: i16 = 11;
const HEARTBEAT: i16 = 12;
const LEAVE_GROUP: i16 = 13;
const SYNC_GROUP: i16 = 14;
const DESCRIBE_GROUPS: i16 = 15;
const DELETE_GROUPS: i16 = 42;
const OFFSET_DELETE: i16 = 47;
/// From here on a member is named in a list when it leaves.
const LEAVING_TOGETHER_SINCE: i16 = 3;
/// From here on members may be static.
const STATIC_SINCE: i16 = 5;
/// From here on topics of commits have ids for names.
const IDS_SINCE: i16 = 10;

const MEMBER_ID_REQUIRED: i64 = 79;

/// The versions that both serve.
pub(super) type Versions = BTreeMap<i16, (i16, i16)>;

/// One group, from its first member to its end.
pub(super) struct Team<'a> {
    /// The connections of each member, to Kafka and to Klamm.
    seats: [[Peer<'a>; 2]; 2],
    versions: &'a Versions,
    findings: &'a mut Findings,
    random: Random,
    group: String,
    is_static: bool,
    /// Whether the last member has left.
    is_over: bool,
    repeat: String,
    schemas: &'a [protocol_codegen::schema::Schema],
    frames: u64,
}

impl<'a> Team<'a> {
    pub(super) fn new(
        schemas: &'a [protocol_codegen::schema::Schema],
        peers: &[Peer<'a>; 2],
        versions: &'a Versions,
        findings: &'a mut Findings,
        (seed, index): (u64, u64),
    ) -> Self {
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(index));
        let is_static = random.up_to(2) == 0;
        let repeat = format!(
            "cargo xtask differential --oracle {} --seed {seed} --team {index} --show",
            findings.oracle()
        );
        let seat = || peers.each_ref().map(Peer::beside);
        Self {
            seats: [seat(), seat()],
            versions,
            findings,
            random,
            group: format!("team-{index}"),
            is_static,
            is_over: false,
            repeat,
            schemas,
            frames: 0,
        }
    }

    /// Plays the life of the group; gives how many frames each cluster got.
    pub(super) fn play(mut self) -> Result<u64> {
        self.join_alone(0)?;
        self.probe(0, 1)?;
        let sync = self.sync(0, 1, &[0]);
        self.ask(0, &sync)?;
        self.probe(0, 1)?;
        self.second_comes()?;
        self.probe(1, 2)?;
        let leave = self.leave(1, "member 1");
        self.ask(1, &leave)?;
        if self.is_static {
            // A static member that leaves so is gone as any other.
            self.probe(0, 2)?;
        }
        let beat = self.heartbeat(0, 2, "member 0");
        self.ask(0, &beat)?;
        let join = self.join(0, true);
        self.ask(0, &join)?;
        let sync = self.sync(0, 3, &[0]);
        self.ask(0, &sync)?;
        self.probe(0, 3)?;
        let leave = self.leave(0, "member 0");
        self.ask(0, &leave)?;
        self.is_over = true;
        self.probe(0, 3)?;
        let delete = self.call(DELETE_GROUPS, vec![("groups_names".into(), self.names())]);
        self.ask(0, &delete)?;
        self.probe(0, 3)?;
        Ok(self.frames)
    }

    /// A member joins whose group waits for nobody.
    fn join_alone(&mut self, seat: usize) -> Result<()> {
        let join = self.join(seat, false);
        let answers = self.ask(seat, &join)?;
        self.learn(seat, &answers)?;
        if error_of(&answers[0]) == Some(MEMBER_ID_REQUIRED) {
            let again = Call { version: join.version, ..self.join(seat, true) };
            self.ask(seat, &again)?;
        }
        Ok(())
    }

    /// A second member joins: everybody has to come again.
    fn second_comes(&mut self) -> Result<()> {
        let mut join = self.join(1, false);
        if join.version >= 4 && !(self.is_static && join.version >= STATIC_SINCE) {
            let answers = self.ask(1, &join)?;
            self.learn(1, &answers)?;
            join = Call { version: join.version, ..self.join(1, true) };
        }
        self.begin(1, &join)?;
        self.reach("PreparingRebalance")?;
        for generation in [1, 5] {
            let beat = self.heartbeat(0, generation, "member 0");
            self.ask(0, &beat)?;
        }
        let commit = self.commit(1, "member 0", 10);
        self.ask(0, &commit)?;
        let again = self.join(0, true);
        self.begin(0, &again)?;
        let answers = self.end(1, &join)?;
        self.learn(1, &answers)?;
        // Compared once the ids are known by which the leader names the members.
        self.compare(1, &join, &answers)?;
        let answers = self.end(0, &again)?;
        self.compare(0, &again, &answers)?;
        self.probe(0, 2)?;
        let follow = self.sync(1, 2, &[]);
        self.begin(1, &follow)?;
        let lead = self.sync(0, 2, &[0, 1]);
        self.ask(0, &lead)?;
        let answers = self.end(1, &follow)?;
        self.compare(1, &follow, &answers)
    }

    /// Requests that fail, or that look around.
    fn probe(&mut self, seat: usize, generation: i64) -> Result<()> {
        let member = if seat == 0 { "member 0" } else { "member 1" };
        for _ in 0..PROBES {
            let wrong = generation + if self.random.up_to(1) == 0 { 1 } else { -1 };
            let call = match self.random.up_to(15) {
                0 => self.heartbeat(seat, generation, member),
                1 => self.heartbeat(seat, wrong, member),
                2 => self.heartbeat(seat, generation, "nobody"),
                3 => self.commit(generation, member, 7),
                4 => self.commit(wrong, member, 8),
                5 => self.commit(-1, "", 9),
                6 => self.commit(generation, "nobody", 9),
                7 => self.call(DESCRIBE_GROUPS, vec![("groups".into(), self.names())]),
                8 => self.call(DELETE_GROUPS, vec![("groups_names".into(), self.names())]),
                9 => self.offset_delete("one"),
                10 => self.offset_delete("three"),
                11 => self.leave(seat, "nobody"),
                12 => self.sync_of_nobody(seat, wrong),
                13 => self.join_of_nobody(),
                _ => self.offset_fetch(),
            };
            self.ask(seat, &call)?;
        }
        Ok(())
    }

    fn call(&mut self, key: i16, fields: Vec<(String, Value)>) -> Call {
        let (first, last) = self.versions.get(&key).copied().unwrap_or_default();
        let (first, last) = match key {
            OFFSET_COMMIT | OFFSET_FETCH => (first.max(1), last.min(IDS_SINCE - 1)),
            _ => (first, last),
        };
        let version = first + self.random.up_to((last - first).max(0) as u64) as i16;
        let body = Value::Struct(fields);
        Call { key, version, body, twist: Twist::None, is_answered: true }
    }

    fn names(&self) -> Value {
        Value::List(vec![Value::Text(self.group.clone())])
    }

    fn group_id(&self) -> (String, Value) {
        text("group_id", &self.group)
    }

    fn instance(&self, seat: usize) -> (String, Value) {
        let name = Value::Text(format!("static-{seat}"));
        ("group_instance_id".into(), if self.is_static { name } else { Value::Null })
    }

    fn join(&mut self, seat: usize, is_known: bool) -> Call {
        let member = if is_known { own(seat) } else { Value::Text(String::new()) };
        let metadata = ("metadata".into(), Value::Bytes(batches::SUBSCRIPTION.to_vec()));
        let protocol = |name| Value::Struct(vec![text("name", name), metadata.clone()]);
        let fields = vec![
            self.group_id(),
            number("session_timeout_ms", SESSION_MS),
            number("rebalance_timeout_ms", SESSION_MS),
            ("member_id".into(), member),
            self.instance(seat),
            text("protocol_type", "consumer"),
            ("protocols".into(), Value::List(vec![protocol("range"), protocol("roundrobin")])),
        ];
        let mut call = self.call(JOIN_GROUP, fields);
        if self.is_static {
            call.version = call.version.max(STATIC_SINCE);
        }
        call
    }

    /// Without the protocol that the others know, or by a member that nobody knows.
    fn join_of_nobody(&mut self) -> Call {
        let mut call = self.join(0, false);
        // An empty group takes members with any protocol.
        let is_known = !self.is_over && self.random.up_to(1) == 0;
        if let Value::Struct(fields) = &mut call.body {
            for (name, value) in fields {
                match name.as_str() {
                    "protocol_type" if is_known => *value = Value::Text("connect".into()),
                    "member_id" if !is_known => *value = Value::Text("nobody".into()),
                    _ => {}
                }
            }
        }
        call
    }

    fn sync(&mut self, seat: usize, generation: i64, assigned: &[usize]) -> Call {
        let assignments = assigned.iter().map(|seat| {
            let bytes = Value::Bytes(vec![0, 0, *seat as u8]);
            Value::Struct(vec![("member_id".into(), own(*seat)), ("assignment".into(), bytes)])
        });
        let fields = vec![
            self.group_id(),
            number("generation_id", generation),
            ("member_id".into(), own(seat)),
            self.instance(seat),
            text("protocol_type", "consumer"),
            text("protocol_name", "range"),
            ("assignments".into(), Value::List(assignments.collect())),
        ];
        self.call(SYNC_GROUP, fields)
    }

    fn sync_of_nobody(&mut self, seat: usize, generation: i64) -> Call {
        let mut call = self.sync(seat, generation, &[]);
        if self.random.up_to(1) == 0
            && let Some(member) = call.body.get_mut("member_id")
        {
            *member = Value::Text("nobody".into());
        }
        call
    }

    fn heartbeat(&mut self, seat: usize, generation: i64, member: &str) -> Call {
        let fields = vec![
            self.group_id(),
            number("generation_id", generation),
            ("member_id".into(), member_of(member)),
            self.instance(seat),
        ];
        self.call(HEARTBEAT, fields)
    }

    fn leave(&mut self, seat: usize, member: &str) -> Call {
        let one = vec![("member_id".into(), member_of(member)), self.instance(seat)];
        let mut fields = vec![self.group_id()];
        fields.extend(one.iter().cloned());
        fields.push(("members".into(), Value::List(vec![Value::Struct(one)])));
        let mut call = self.call(LEAVE_GROUP, fields);
        if self.is_static {
            call.version = call.version.max(LEAVING_TOGETHER_SINCE);
        }
        call
    }

    fn commit(&mut self, generation: i64, member: &str, offset: i64) -> Call {
        let partition = Value::Struct(vec![
            number("partition_index", 0),
            number("committed_offset", offset),
            number("committed_leader_epoch", -1),
            number("commit_timestamp", -1),
            text("committed_metadata", ""),
        ]);
        let topics = ["one", "three"].map(|name| {
            let partitions = ("partitions".into(), Value::List(vec![partition.clone()]));
            Value::Struct(vec![text("name", name), partitions])
        });
        let fields = vec![
            self.group_id(),
            number("generation_id_or_member_epoch", generation),
            ("member_id".into(), member_of(member)),
            ("group_instance_id".into(), Value::Null),
            number("retention_time_ms", -1),
            ("topics".into(), Value::List(topics.to_vec())),
        ];
        self.call(OFFSET_COMMIT, fields)
    }

    fn offset_fetch(&mut self) -> Call {
        let indexes = Value::List(vec![Value::Number(0)]);
        let topics = ["one", "three"].map(|name| {
            Value::Struct(vec![text("name", name), ("partition_indexes".into(), indexes.clone())])
        });
        let topics: (String, Value) = ("topics".into(), Value::List(topics.to_vec()));
        let group = Value::Struct(vec![
            self.group_id(),
            ("member_id".into(), Value::Null),
            number("member_epoch", -1),
            topics.clone(),
        ]);
        let fields = vec![
            self.group_id(),
            topics,
            ("groups".into(), Value::List(vec![group])),
            number("require_stable", 0),
        ];
        self.call(OFFSET_FETCH, fields)
    }

    fn offset_delete(&mut self, topic: &str) -> Call {
        let partition = Value::Struct(vec![number("partition_index", 0)]);
        let topic = Value::Struct(vec![
            text("name", topic),
            ("partitions".into(), Value::List(vec![partition])),
        ]);
        let fields = vec![self.group_id(), ("topics".into(), Value::List(vec![topic]))];
        self.call(OFFSET_DELETE, fields)
    }

    /// Sends a request to both clusters and compares the answers.
    fn ask(&mut self, seat: usize, call: &Call) -> Result<[Answer; 2]> {
        self.begin(seat, call)?;
        let answers = self.end(seat, call)?;
        if call.key == JOIN_GROUP {
            // A member that was not known before is one word on both sides from here on.
            self.learn(seat, &answers)?;
        }
        self.compare(seat, call, &answers)?;
        Ok(answers)
    }

    fn begin(&mut self, seat: usize, call: &Call) -> Result<()> {
        self.frames += 1;
        for peer in &mut self.seats[seat] {
            ensure!(peer.send(call)?, "a connection of a member was closed");
        }
        Ok(())
    }

    fn end(&mut self, seat: usize, call: &Call) -> Result<[Answer; 2]> {
        let [kafka, klamm] = &mut self.seats[seat];
        Ok([kafka.answer(call)?, klamm.answer(call)?])
    }

    fn compare(&mut self, seat: usize, call: &Call, answers: &[Answer; 2]) -> Result<()> {
        let [request, _] = messages(self.schemas, call.key)?;
        let peers = &self.seats[seat];
        let frame = peers[1].frame.clone();
        let trial = Trial {
            api: request.name.trim_end_matches("Request"),
            version: call.version,
            request: &call.body,
            note: format!("in {}, by member {seat}", self.group),
            repeat: self.repeat.clone(),
            frame: &frame,
            answers,
        };
        add(self.findings, peers, &trial);
        Ok(())
    }

    /// Keeps the id that a member was given.
    fn learn(&mut self, seat: usize, answers: &[Answer; 2]) -> Result<()> {
        for (side, answer) in answers.iter().enumerate() {
            let Answer::Body(body) = answer else { bail!("a join was not answered: {answer:?}") };
            let Some(Value::Text(id)) = body.get("member_id") else { continue };
            if id.is_empty() || id == "nobody" {
                continue;
            }
            for seats in &mut self.seats {
                seats[side].words.insert(format!("member {seat}"), id.clone());
            }
        }
        Ok(())
    }

    /// Asks both clusters until the group is in a state.
    fn reach(&mut self, state: &str) -> Result<()> {
        let begin = Instant::now();
        let body = Value::Struct(vec![("groups".into(), self.names())]);
        let wanted = Value::Text(state.to_owned());
        for peer in &mut self.seats[0] {
            loop {
                let answer = peer.plain(DESCRIBE_GROUPS, 0, body.clone())?;
                let group = answer.get("groups").and_then(|groups| groups.elements().first());
                let found = group.and_then(|group| group.get("group_state")).context("no group")?;
                if *found == wanted {
                    break;
                }
                ensure!(begin.elapsed() < STATE_TIME_MAX, "{} is {found}", self.group);
            }
        }
        Ok(())
    }
}

fn own(seat: usize) -> Value {
    Value::Own(format!("member {seat}"))
}

/// A member by its word, or one that nobody knows.
fn member_of(name: &str) -> Value {
    match name.starts_with("member ") {
        true => Value::Own(name.to_owned()),
        false => Value::Text(name.to_owned()),
    }
}

fn error_of(answer: &Answer) -> Option<i64> {
    let Answer::Body(body) = answer else { return None };
    match body.get("error_code") {
        Some(Value::Number(code)) => Some(*code),
        _ => None,
    }
}
