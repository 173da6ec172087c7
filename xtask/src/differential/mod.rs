//! `cargo xtask differential [--seed N] [--rounds N] [--oracle 4.3|3.9] [--raw|--java] [--only KEY]
//! [--round N] [--team N] [--show]`: the same requests to Apache Kafka and to Klamm, and the answers compared field by field.
//!
//! Kafka 4.3.1 and Kafka 3.9.2, each beside a fresh Klamm, get the same random frames, valid and
//! invalid, in the versions that both serve, and then the same calls of the Java client. A
//! difference passes only when the table of [`known`] has it with a reason, which is also what
//! `docs/differences.md` says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

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
mod findings;
mod generate;
mod groups;
mod known;
mod value;

use compare::Difference;
use connection::{Answer, BARRIER, Call, Peer, Twist, messages};
use findings::{Findings, Trial};
use generate::Generator;
use groups::{Team, Versions};
use value::Value;

/// Frames to each pair of brokers, unless the command line says otherwise.
const ROUNDS_DEFAULT: u64 = 1000;
/// Longest time until a Kafka has what it creates on the first request: the coordinator of groups,
/// and a block of producer ids.
const READY_TIME_MAX: Duration = Duration::from_secs(60);
/// The whole program of the Java client, on a machine under load.
const PROGRAM_TIME_MAX: Duration = Duration::from_secs(300);
/// Keys that no broker serves to clients, and versions that nobody has.
const ODD_FRAMES: [(i16, i16); 6] = [(0, 99), (3, 99), (999, 0), (-1, 0), (4, 0), (18, 99)];

const PRODUCE: i16 = 0;
/// Random frames for each group that is played.
const ROUNDS_PER_TEAM: u64 = 50;
const CREATE_TOPICS: i16 = 19;
const FIND_COORDINATOR: i16 = 10;
const OFFSET_COMMIT: i16 = 8;
const API_VERSIONS: i16 = 18;
const INIT_PRODUCER_ID: i16 = 22;
/// After these Kafka's node is given time to tell all its parts, and ids of topics are asked for again.
const CHANGING: [i16; 8] = [19, 20, 33, 37, 43, 44, 45, 57];

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
    /// Sends all frames up to this one and compares this one only.
    round: Option<u64>,
    /// Plays this group only.
    team: Option<u64>,
    /// Leaves the Java client out.
    is_raw: bool,
    /// Leaves the frames out.
    is_java: bool,
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
        round: None,
        team: None,
        is_raw: false,
        is_java: false,
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
            "--round" => options.round = Some(number()?.parse()?),
            "--team" => options.team = Some(number()?.parse()?),
            "--raw" => options.is_raw = true,
            "--java" => options.is_java = true,
            "--show" => options.show = true,
            unknown => bail!(
                "unknown argument `{unknown}`; there are --seed N, --rounds N, --oracle 4.3|3.9, --raw, --java, --only KEY, --round N, --team N, --show"
            ),
        }
    }
    target::build_release()?;
    let is_wanted = |oracle: &&Oracle| options.oracle.as_ref().is_none_or(|it| it == oracle.name);
    for oracle in ORACLES.iter().filter(is_wanted) {
        report.suite(&format!("differential, Kafka {}", oracle.name), || {
            let installed = install::java(oracle.pom)?;
            let client = install::java(ORACLES[0].pom)?;
            println!("    seed {}", options.seed);
            against(oracle, &installed, &client, &options).map(Outcome::Passed)
        });
    }
    Ok(())
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
        // Groups without offsets go when this is due, which is at another time on each side.
        ("offsets.retention.check.interval.ms", "86400000"),
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
    let mut findings = Findings::new(oracle.name);
    let schemas = protocol_codegen::schemas()?;
    let brokers = [kafka.bootstrap(), klamm.bootstrap()];
    let frames =
        if options.is_java { 0 } else { raw_part(&schemas, &brokers, options, &mut findings)? };
    let calls = if options.only.is_none()
        && options.round.is_none()
        && options.team.is_none()
        && !options.is_raw
    {
        java_part(client, &brokers, oracle.name, &mut findings)?
    } else {
        0
    };
    kafka.kill()?;
    ensure!(klamm.stop()?.success(), "the node did not end well");
    if let Some(line) = klamm.output()?.lines().find(|line| line.contains("panicked at")) {
        bail!("the node panicked: {line}");
    }
    let (known, unknown) = findings.judge(options.show);
    if options.show {
        known::print_unmet(oracle.name, &findings.rows());
    }
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
            let both = (
                theirs.0.max(ours.0).max(first_compared(*key, findings.oracle())),
                theirs.1.min(ours.1),
            );
            if both.0 <= both.1 && options.only.is_none_or(|only| only == *key) {
                apis.push((*key, *weight, both));
            }
        }
    }
    if options.round.is_none() {
        odd_frames(&mut peers, findings)?;
    }
    let mut generator = Generator::new(options.seed);
    let rounds = match (options.round, options.team) {
        (Some(round), _) => round + 1,
        (None, Some(_)) => 0,
        (None, None) => options.rounds,
    };
    for round in 0..rounds {
        let (key, version) = generator.pick(&apis).context("nothing that both serve")?;
        let [request, _] = messages(schemas, key)?;
        let call = generator.call(request, key, version);
        let answers = both(&mut peers, &call)?;
        if options.round.is_none_or(|wanted| wanted == round) {
            let trial = Trial {
                api: request.name.trim_end_matches("Request"),
                version,
                request: &call.body,
                note: match call.twist {
                    Twist::None => format!("round {round}"),
                    twist => format!("round {round}, {twist:?}"),
                },
                repeat: repeat(options, findings.oracle(), round),
                frame: &peers[1].frame.clone(),
                answers: &answers,
            };
            if options.round.is_some() {
                println!("{}", findings::example(&trial, "all"));
            }
            add(findings, &peers, &trial);
        }
        if CHANGING.contains(&key) {
            peers[0].settle()?;
            for peer in &mut peers {
                peer.learn_ids()?;
            }
        }
    }
    let mut frames = rounds + ODD_FRAMES.len() as u64;
    let teams = match (options.team, options.round.is_some() || options.only.is_some()) {
        (Some(team), _) => team..team + 1,
        (None, true) => 0..0,
        (None, false) => 0..options.rounds.div_ceil(ROUNDS_PER_TEAM),
    };
    let versions = served_by_both(&theirs, &ours);
    for index in teams {
        let place = (options.seed, index);
        frames += Team::new(schemas, &peers, &versions, findings, place)
            .play()
            .with_context(|| format!("the group team-{index}, seed {}", options.seed))?;
    }
    Ok(frames)
}

/// The versions of each API that both serve.
fn served_by_both(theirs: &Versions, ours: &Versions) -> Versions {
    let both = |(key, one): (&i16, &(i16, i16))| {
        let other = ours.get(key)?;
        Some((*key, (one.0.max(other.0), one.1.min(other.1))))
    };
    theirs.iter().filter_map(both).collect()
}

/// The first version that is compared.
fn first_compared(key: i16, oracle: &str) -> i16 {
    match key {
        // Kafka 4 names versions that it refuses, for the sake of one client (KAFKA-18659).
        PRODUCE if oracle == "4.3" => 3,
        _ => 0,
    }
}

/// A request to both, one after the other.
fn both(peers: &mut [Peer<'_>; 2], call: &Call) -> Result<[Answer; 2]> {
    let mut answers = [peers[0].call(call)?, peers[1].call(call)?];
    if !call.is_answered {
        // What a broker thought of it shows in whether it still listens.
        for (peer, answer) in peers.iter_mut().zip(&mut answers) {
            *answer = match peer.raw(API_VERSIONS, 0, false)? {
                Answer::Body(_) => Answer::Body(Value::Null),
                other => other,
            };
        }
    }
    Ok(answers)
}

fn repeat(options: &Options, oracle: &str, round: u64) -> String {
    let only = options.only.map_or(String::new(), |key| format!(" --only {key}"));
    let seed = options.seed;
    format!("cargo xtask differential --oracle {oracle} --seed {seed}{only} --round {round} --show")
}

fn odd_frames(peers: &mut [Peer<'_>; 2], findings: &mut Findings) -> Result<()> {
    for (key, version) in ODD_FRAMES {
        let answers = [peers[0].raw(key, version, false)?, peers[1].raw(key, version, false)?];
        // Which versions are served is in another table.
        let answers = answers.map(|answer| match answer {
            Answer::Body(_) if key == API_VERSIONS => Answer::Body(Value::Null),
            other => other,
        });
        let trial = Trial {
            api: "odd frames",
            version,
            request: &Value::Null,
            note: format!("eight zeros with key {key}"),
            repeat: format!(
                "cargo xtask differential --oracle {} --raw --rounds 0",
                findings.oracle()
            ),
            frame: &peers[1].frame.clone(),
            answers: &answers,
        };
        add(findings, peers, &trial);
    }
    Ok(())
}

fn add(findings: &mut Findings, [kafka, klamm]: &[Peer<'_>; 2], trial: &Trial<'_>) {
    let own = [(&kafka.ids, &kafka.words), (&klamm.ids, &klamm.words)];
    for (difference, full) in compare::differences(trial.api, trial.answers, own) {
        findings.add(trial, difference, &full);
    }
}

/// Creates the topics, has the group `readers` commit once, and a producer get its id.
fn prepare(peer: &mut Peer<'_>) -> Result<()> {
    let config =
        |name: &str, value: &str| Value::Struct(vec![text("name", name), text("value", value)]);
    let topics = generate::TOPICS.into_iter().chain([(BARRIER, 1)]).map(|(name, partitions)| {
        let configs =
            if name == "compacted" { vec![config("cleanup.policy", "compact")] } else { vec![] };
        Value::Struct(vec![
            text("name", name),
            number("num_partitions", partitions),
            number("replication_factor", 1),
            ("configs".into(), Value::List(configs)),
        ])
    });
    let topics = Value::List(topics.collect());
    let body = Value::Struct(vec![("topics".into(), topics), number("timeout_ms", 30_000)]);
    let answer = peer.plain(CREATE_TOPICS, 5, body)?;
    ensure!(!answer.to_string().contains("error_message: \""), "{answer}");
    let key = Value::Struct(vec![text("key", "readers")]);
    until_served(peer, FIND_COORDINATOR, 1, &key, |answer| answer.get("error_code").cloned())?;
    let partition =
        Value::Struct(vec![number("committed_offset", 1), text("committed_metadata", "")]);
    let topic = Value::Struct(vec![
        text("name", "one"),
        ("partitions".into(), Value::List(vec![partition])),
    ]);
    let commit = Value::Struct(vec![
        text("group_id", "readers"),
        number("generation_id_or_member_epoch", -1),
        text("member_id", ""),
        ("topics".into(), Value::List(vec![topic])),
    ]);
    until_served(peer, OFFSET_COMMIT, 7, &commit, |answer| {
        let partitions = answer.get("topics")?.elements().first()?.get("partitions")?;
        partitions.elements().first()?.get("error_code").cloned()
    })?;
    let producer = Value::Struct(vec![
        ("transactional_id".into(), Value::Null),
        number("transaction_timeout_ms", 60_000),
    ]);
    until_served(peer, INIT_PRODUCER_ID, 0, &producer, |it| it.get("error_code").cloned())?;
    peer.settle()?;
    peer.learn_folder()?;
    peer.learn_ids()
}

fn number(name: &str, number: i64) -> (String, Value) {
    (name.to_owned(), Value::Number(number))
}

fn text(name: &str, text: &str) -> (String, Value) {
    (name.to_owned(), Value::Text(text.to_owned()))
}

/// Asks again until the error in the answer is none.
fn until_served(
    peer: &mut Peer<'_>,
    key: i16,
    version: i16,
    body: &Value,
    error: impl Fn(&Value) -> Option<Value>,
) -> Result<()> {
    let begin = Instant::now();
    loop {
        let answer = peer.plain(key, version, body.clone())?;
        if error(&answer) == Some(Value::Number(0)) {
            return Ok(());
        }
        ensure!(begin.elapsed() < READY_TIME_MAX, "{answer}");
    }
}

/// The same calls of the Java client to both; gives how many.
fn java_part(
    client: &Installed,
    brokers: &[String; 2],
    oracle: &str,
    findings: &mut Findings,
) -> Result<usize> {
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
    let steps: BTreeSet<&String> = kafka.keys().chain(klamm.keys()).collect();
    for step in &steps {
        let [expected, found] =
            [kafka, klamm].map(|side| side.get(*step).map_or("nothing", String::as_str));
        if found != expected {
            let difference = Difference {
                // Steps are numbered, since some come twice.
                path: step.split_once(' ').map_or("", |(_, name)| name).to_owned(),
                kafka: expected.to_owned(),
                klamm: found.to_owned(),
            };
            let trial = Trial {
                api: "Java",
                version: 0,
                request: &Value::Null,
                note: "tests/differential/ClientCalls.java".to_owned(),
                repeat: format!("cargo xtask differential --oracle {oracle} --java"),
                frame: &[],
                answers: &[Answer::Silence, Answer::Silence],
            };
            findings.add(&trial, difference, step);
        }
    }
    Ok(steps.len())
}
