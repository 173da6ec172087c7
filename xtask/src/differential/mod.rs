//! `cargo xtask differential [--seed N] [--rounds N] [--oracle 4.3|3.9] [--raw] [--only KEY] [--show]`: the
//! same requests to Apache Kafka and to Klamm, and the answers compared field by field.
//!
//! Kafka 4.3.1 and Kafka 3.9.2, each beside a fresh Klamm, get the same random frames, valid and
//! invalid, in the versions that both serve, and then the same calls of the Java client. A
//! difference passes only when the table of [`known`] has it with a reason, which is also what
//! `docs/differences.md` says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use protocol_codegen::schema::Schema;
use testkit::{ApacheKafka, KlammNode, KlammNodeOptions};

use crate::command::{command, root, transcript};
use crate::interop::install::{self, Installed};
use crate::interop::target;
use crate::report::{Outcome, Report};

mod batches;
mod compare;
mod connection;
mod generate;
mod known;
mod value;

use compare::Difference;
use connection::{Answer, Peer, Twist, messages};
use generate::Generator;
use value::Value;

/// Frames to each pair of brokers, unless the command line says otherwise.
const ROUNDS_DEFAULT: u64 = 1000;
/// How long a change is given to reach every part of a Kafka node.
const SETTLE_TIME: Duration = Duration::from_millis(100);
/// Attempts to find the coordinator of groups, which a Kafka creates on the first one.
const COORDINATOR_ATTEMPTS_MAX: usize = 100;
/// The whole program of the Java client, on a machine under load.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(300);
/// Keys that no broker serves to clients, and versions that nobody has.
const ODD_FRAMES: [(i16, i16); 6] = [(0, 99), (3, 99), (999, 0), (-1, 0), (4, 0), (18, 99)];

const CREATE_TOPICS: i16 = 19;
const FIND_COORDINATOR: i16 = 10;
const OFFSET_COMMIT: i16 = 8;
const OFFSET_FETCH: i16 = 9;
const API_VERSIONS: i16 = 18;
/// After these the brokers are given time, and ids of topics are asked for again.
const CHANGING: [i16; 6] = [19, 20, 21, 33, 37, 44];

/// The Kafka beside which Klamm is put.
struct Oracle {
    name: &'static str,
    pom: &'static str,
}

const ORACLES: [Oracle; 2] =
    [Oracle { name: "4.3", pom: "kafka-4" }, Oracle { name: "3.9", pom: "kafka-3.9" }];

struct Options {
    seed: u64,
    rounds: u64,
    /// Only this key, to look closer.
    only: Option<i16>,
    /// Prints known differences as well.
    show: bool,
    /// Leaves the Java client out.
    is_raw: bool,
    /// Only beside this Kafka.
    oracle: Option<String>,
}

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let seed = u64::from(std::process::id());
    let mut options = Options {
        seed,
        rounds: ROUNDS_DEFAULT,
        only: None,
        show: false,
        is_raw: false,
        oracle: None,
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut number = || words.next().with_context(|| format!("{word} needs a number"));
        match word.as_str() {
            "--seed" => options.seed = number()?.parse()?,
            "--rounds" => options.rounds = number()?.parse()?,
            "--only" => options.only = Some(number()?.parse()?),
            "--oracle" => options.oracle = Some(number()?.clone()),
            "--raw" => options.is_raw = true,
            "--show" => options.show = true,
            unknown => bail!(
                "unknown argument `{unknown}`; there are --seed N, --rounds N, --oracle 4.3|3.9, --raw, --only KEY, --show"
            ),
        }
    }
    target::build_release()?;
    let client = install::java(ORACLES[0].pom)?;
    let is_wanted = |oracle: &&Oracle| options.oracle.as_ref().is_none_or(|it| it == oracle.name);
    for oracle in ORACLES.iter().filter(is_wanted) {
        report.suite(&format!("differential, Kafka {}", oracle.name), || {
            let installed = match install::java(oracle.pom) {
                Ok(installed) => installed,
                Err(error) => return Ok(Outcome::Skipped(format!("{error:#}"))),
            };
            println!("    seed {}", options.seed);
            against(oracle, &installed, &client, &options).map(Outcome::Passed)
        });
    }
    Ok(())
}

/// What was found, with an example each.
#[derive(Default)]
struct Findings {
    groups: BTreeMap<(String, Difference), Group>,
}

struct Group {
    versions: BTreeSet<i16>,
    count: u64,
    example: String,
}

impl Findings {
    fn add(&mut self, api: &str, version: i16, difference: Difference, example: &str) {
        let group = self.groups.entry((api.to_owned(), difference)).or_insert_with(|| Group {
            versions: BTreeSet::new(),
            count: 0,
            example: example.to_owned(),
        });
        group.versions.insert(version);
        group.count += 1;
    }

    /// Prints what nobody knew of; gives how many are known and how many are not.
    fn judge(&self, oracle: &str, show: bool) -> (usize, usize) {
        let (mut known, mut unknown) = (0, 0);
        for ((api, difference), group) in &self.groups {
            let Difference { path, kafka, klamm } = difference;
            let key = format!("{oracle} {api} {path}: {kafka} -> {klamm}");
            let reason = known::reason(&key);
            *(if reason.is_some() { &mut known } else { &mut unknown }) += 1;
            if reason.is_none() || show {
                let versions: Vec<_> = group.versions.iter().map(i16::to_string).collect();
                println!("    {key}");
                println!("        {} times, v{}", group.count, versions.join(","));
                println!("        {}", group.example);
                if let Some(reason) = reason {
                    println!("        known: {reason}");
                }
            }
        }
        (known, unknown)
    }
}

fn properties() -> Vec<(String, String)> {
    let lines = [
        ("auto.create.topics.enable", "false"),
        ("log.retention.ms", "-1"),
        // The default of one is not that of the other, and all later offsets would differ.
        ("log.message.timestamp.after.max.ms", "3600000"),
        ("offsets.topic.num.partitions", "3"),
        ("transaction.state.log.num.partitions", "3"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("node.id", "1"),
    ];
    lines.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()
}

fn against(
    oracle: &Oracle,
    installed: &Installed,
    client: &Installed,
    options: &Options,
) -> Result<String> {
    let klamm_options =
        KlammNodeOptions { properties: properties(), ..KlammNodeOptions::default() };
    // The oracle's own properties name its node already.
    let theirs: Vec<_> = properties().into_iter().filter(|(key, _)| key != "node.id").collect();
    let mut kafka = ApacheKafka::prepare(&installed.class_path(), &theirs)?;
    kafka.start_again()?;
    let mut klamm = KlammNode::start_with(klamm_options)?;
    let mut findings = Findings::default();
    let schemas = protocol_codegen::schemas()?;
    let brokers = [kafka.bootstrap(), klamm.bootstrap()];
    let frames = raw_part(&schemas, &brokers, options, &mut findings)?;
    let calls = if options.only.is_none() && !options.is_raw {
        java_part(client, &brokers, &mut findings)?
    } else {
        0
    };
    kafka.kill()?;
    ensure!(klamm.stop()?.success(), "the node did not end well");
    if let Some(line) = klamm.output()?.lines().find(|line| line.contains("panicked at")) {
        bail!("the node panicked: {line}");
    }
    let (known, unknown) = findings.judge(oracle.name, options.show);
    let text = format!(
        "{frames} frames and {calls} calls of the Java client; {known} kinds of differences are known"
    );
    ensure!(unknown == 0, "{text}, {unknown} are not");
    Ok(text)
}

/// Random frames to both; gives how many.
fn raw_part(
    schemas: &[Schema],
    brokers: &[String; 2],
    options: &Options,
    findings: &mut Findings,
) -> Result<u64> {
    let mut peers = brokers.clone().map(|address| Peer::new(schemas, address));
    for peer in &mut peers {
        prepare(peer).context("the topics of the trial cannot be made")?;
    }
    let [theirs, ours] = [peers[0].served()?, peers[1].served()?];
    let mut apis = Vec::new();
    for (key, weight) in generate::APIS {
        if let (Some(theirs), Some(ours)) = (theirs.get(key), ours.get(key)) {
            // Version 0 of these was for offsets in ZooKeeper, and later offsets would differ.
            let first = i16::from([OFFSET_COMMIT, OFFSET_FETCH].contains(key));
            let both = (theirs.0.max(ours.0).max(first), theirs.1.min(ours.1));
            if both.0 <= both.1 && options.only.is_none_or(|only| only == *key) {
                apis.push((*key, *weight, both));
            }
        }
    }
    for (key, version) in ODD_FRAMES {
        let answers = [peers[0].raw(key, version, false)?, peers[1].raw(key, version, false)?];
        let example = format!("a frame of eight zeros with key {key}, v{version}");
        // Which versions are served is in another table.
        let answers = answers.map(|answer| match answer {
            Answer::Body(_) if key == API_VERSIONS => Answer::Body(Value::Null),
            other => other,
        });
        add(findings, &peers, "odd frames", version, &answers, &example);
    }
    let mut generator = Generator::new(options.seed);
    for round in 0..options.rounds {
        let (key, version) = generator.pick(&apis).context("nothing that both serve")?;
        let [request, _] = messages(schemas, key)?;
        let call = generator.call(request, key, version);
        let mut answers = [peers[0].call(&call)?, peers[1].call(&call)?];
        if !call.is_answered {
            // What a broker thought of it shows in whether it still listens.
            for (peer, answer) in peers.iter_mut().zip(&mut answers) {
                *answer = match peer.raw(API_VERSIONS, 0, false)? {
                    Answer::Body(_) => Answer::Body(Value::Null),
                    other => other,
                };
            }
        }
        let api = request.name.trim_end_matches("Request");
        let mut example = format!("round {round}: {}", call.body);
        if call.twist != Twist::None {
            example += &format!(" {:?}", call.twist);
        }
        add(findings, &peers, api, version, &answers, &example);
        if CHANGING.contains(&key) {
            std::thread::sleep(SETTLE_TIME);
            for peer in &mut peers {
                peer.learn_ids()?;
            }
        }
    }
    Ok(options.rounds + ODD_FRAMES.len() as u64)
}

fn add(
    findings: &mut Findings,
    [kafka, klamm]: &[Peer<'_>; 2],
    api: &str,
    version: i16,
    answers: &[Answer; 2],
    example: &str,
) {
    let found = compare::differences((&answers[0], &kafka.ids), (&answers[1], &klamm.ids));
    for difference in found {
        findings.add(api, version, difference, example);
    }
}

/// Creates the topics, and has the group `readers` commit once.
fn prepare(peer: &mut Peer<'_>) -> Result<()> {
    let number = |name: &str, number| (name.to_owned(), Value::Number(number));
    let text = |name: &str, text: &str| (name.to_owned(), Value::Text(text.to_owned()));
    let config =
        |name: &str, value: &str| Value::Struct(vec![text("name", name), text("value", value)]);
    let topics = generate::TOPICS.map(|(name, partitions)| {
        let configs =
            if name == "compacted" { vec![config("cleanup.policy", "compact")] } else { vec![] };
        Value::Struct(vec![
            text("name", name),
            number("num_partitions", partitions),
            number("replication_factor", 1),
            ("configs".into(), Value::List(configs)),
        ])
    });
    let body = vec![("topics".into(), Value::List(topics.to_vec())), number("timeout_ms", 30_000)];
    let answer = peer.plain(CREATE_TOPICS, 5, Value::Struct(body))?;
    ensure!(!answer.to_string().contains("error_message: \""), "{answer}");
    let no_error = Some(&Value::Number(0));
    for attempt in 0.. {
        let answer =
            peer.plain(FIND_COORDINATOR, 1, Value::Struct(vec![text("key", "readers")]))?;
        if answer.get("error_code") == no_error {
            break;
        }
        ensure!(attempt < COORDINATOR_ATTEMPTS_MAX, "{answer}");
        std::thread::sleep(SETTLE_TIME);
    }
    let partition =
        Value::Struct(vec![number("committed_offset", 1), text("committed_metadata", "")]);
    let topic = Value::Struct(vec![
        text("name", "one"),
        ("partitions".into(), Value::List(vec![partition])),
    ]);
    let body = vec![
        text("group_id", "readers"),
        number("generation_id_or_member_epoch", -1),
        text("member_id", ""),
        ("topics".into(), Value::List(vec![topic])),
    ];
    for attempt in 0.. {
        let answer = peer.plain(OFFSET_COMMIT, 7, Value::Struct(body.clone()))?;
        let topic = answer.get("topics").map(Value::elements).unwrap_or_default();
        let partition = topic.first().and_then(|topic| topic.get("partitions"));
        if partition.and_then(|it| it.elements().first()?.get("error_code")) == no_error {
            break;
        }
        ensure!(attempt < COORDINATOR_ATTEMPTS_MAX, "{answer}");
        std::thread::sleep(SETTLE_TIME);
    }
    peer.learn_ids()
}

/// The same calls of the Java client to both; gives how many.
fn java_part(client: &Installed, brokers: &[String; 2], findings: &mut Findings) -> Result<usize> {
    let mut printed: Vec<BTreeMap<String, String>> = Vec::new();
    for broker in brokers {
        let mut java = command("java");
        java.args(["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp"]);
        java.arg(client.class_path());
        java.arg(root().join("tests/differential/ClientCalls.java")).arg(broker);
        let output = transcript(java, "", PROGRAM_TIME_MAX)?;
        ensure!(output.lines().any(|line| line == "done"), "ClientCalls ended early:\n{output}");
        let lines = output.lines().filter_map(|line| line.split_once('\t'));
        printed.push(lines.map(|(step, result)| (step.to_owned(), result.to_owned())).collect());
    }
    let [kafka, klamm] = &printed[..] else { bail!("two brokers were asked") };
    ensure!(kafka.len() == klamm.len(), "the programs took different ways");
    for (step, expected) in kafka {
        let found = klamm.get(step).map_or("nothing", String::as_str);
        if found != expected {
            let difference =
                Difference { path: step.clone(), kafka: expected.clone(), klamm: found.to_owned() };
            findings.add("Java", 0, difference, step);
        }
    }
    Ok(kafka.len())
}
