//! `cargo xtask attacks`: what hostile clients do to a node, and to the others on it.
//!
//! Each attack meets a fresh node, beside an honest client (`victim`). It must leave the node
//! serving and within the memory that its bound allows; what the victim saw is shown, not judged.

mod batch;
mod floods;
mod held;
mod victim;
mod wire;

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use testkit::{KlammNode, KlammNodeOptions, usage_of};

use crate::command::root;
use crate::interop::target;
use crate::report::{Outcome, Report};
use floods::{ATTACKS, Attack};
use victim::{Seen, Victim};
use wire::Client;

const TOPIC: &str = "victim";
/// Records of this topic are compressed anew by the node, so it has to decompress them.
const RECOMPRESSED_TOPIC: &str = "recompressed";
const DECOMPRESSED_BYTES_MAX: &str = "16777216";
const CONNECTIONS_MAX: usize = 600;
const GROUPS_MAX: usize = 2000;
const MEMBERS_MAX: usize = 250;
const PARTITIONS_MAX: usize = 1000;
const FETCH_BYTES_MAX: usize = 8 << 20;
const REQUEST_BYTES_MAX: usize = 16 << 20;
const REQUEST_MEMORY_BYTES_MAX: usize = 32 << 20;
/// How long the victim is alone first.
const QUIET: Duration = Duration::from_secs(2);
/// An attack is repeated until the victim had so many answers beside it: a p99 of fewer says nothing.
const ANSWERS_MIN: usize = 400;
/// But not more often than this, where the victim is hardly answered.
const ROUNDS_MAX: usize = 10_000;

/// What came of one attack.
struct Line {
    attack: &'static Attack,
    told: String,
    quiet_bytes: u64,
    peak_bytes: u64,
    alone: Seen,
    beside: Seen,
}

/// `attacks [--write | WORDS]`
pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let words = arguments.join(" ");
    let write = words == "--write";
    let words = if write { "" } else { words.as_str() };
    if !ATTACKS.iter().any(|attack| attack.name.contains(words)) {
        bail!("no attack has `{words}` in its name; without words all of them run");
    }
    target::build_release()?;
    let lines = suites(words, report);
    let table = table(&lines);
    println!("\n{table}");
    if write {
        std::fs::write(root().join("docs/attacks.md"), document(&table))?;
    }
    Ok(())
}

/// The form that `cargo xtask test` runs: all of them.
pub(crate) fn run_short(report: &mut Report) {
    suites("", report);
}

/// The attacks with these words in their names.
fn suites(words: &str, report: &mut Report) -> Vec<Line> {
    let mut lines = Vec::new();
    for attack in ATTACKS.iter().filter(|attack| attack.name.contains(words)) {
        let name = attack.name.split(':').next().unwrap_or(attack.name);
        report.suite(&format!("attack: {name}"), || {
            if !cfg!(target_os = "linux") {
                return Ok(Outcome::Skipped("memory is read from /proc".into()));
            }
            let line = meet(attack)?;
            let detail = format!("{}; peak {} MiB", line.told, mebibytes(line.peak_bytes));
            lines.push(line);
            Ok(Outcome::Passed(detail))
        });
    }
    lines
}

fn meet(attack: &'static Attack) -> Result<Line> {
    let mut node = KlammNode::start_with(KlammNodeOptions {
        properties: properties(),
        ..KlammNodeOptions::default()
    })?;
    let address = node.bootstrap();
    let mut client = Client::connect(&address)?;
    client.ask(&wire::create_topics(&[TOPIC.to_owned()]))?;
    let topic = wire::Frame::new(wire::CREATE_TOPICS, 0).i32(1).text(RECOMPRESSED_TOPIC);
    let topic = topic.i32(1).i16(1).i32(0).i32(2).text("compression.type").text("uncompressed");
    let topic = topic.text("max.decompressed.message.bytes").text(DECOMPRESSED_BYTES_MAX);
    client.ask(&topic.i32(30_000).finish())?;
    wire::wait_for_groups(&mut client)?;
    let small = batch::plain(100);
    let victim = Victim::start(&address, TOPIC, &small)?;
    std::thread::sleep(QUIET);
    let alone = victim.stop()?;
    let quiet_bytes = usage_of(node.pid()?)?.resident_bytes_max;
    let victim = Victim::start(&address, TOPIC, &small)?;
    let run = |round| {
        let told = (attack.run)(&address, round);
        told.with_context(|| format!("the node said:\n{}", node.output().unwrap_or_default()))
    };
    let mut told = run(0)?;
    let mut rounds = 1;
    while victim.answered() < ANSWERS_MIN && rounds < ROUNDS_MAX {
        run(rounds)?;
        rounds += 1;
    }
    if rounds > 1 {
        told.push_str(&format!("; so {rounds} times"));
    }
    let beside = victim.stop().context("the victim was not served")?;
    let peak_bytes = usage_of(node.pid()?)?.resident_bytes_max;
    Client::connect(&address)?.ask(&wire::api_versions()).context("the node serves no more")?;
    node.stop()?;
    let more = mebibytes(peak_bytes.saturating_sub(quiet_bytes));
    let allowed = attack.memory_mib;
    ensure!(more <= allowed, "took {more} MiB more than at rest, {allowed} are allowed");
    Ok(Line { attack, told, quiet_bytes, peak_bytes, alone, beside })
}

/// Small bounds, so that each is reached within seconds.
fn properties() -> Vec<(String, String)> {
    let pairs = [
        ("max.connections.per.ip", CONNECTIONS_MAX.to_string()),
        ("connections.max.idle.ms", "2000".into()),
        ("fetch.max.bytes", FETCH_BYTES_MAX.to_string()),
        ("socket.request.max.bytes", REQUEST_BYTES_MAX.to_string()),
        ("queued.max.request.bytes", REQUEST_MEMORY_BYTES_MAX.to_string()),
        ("group.max.size", MEMBERS_MAX.to_string()),
        ("klamm.groups.max", GROUPS_MAX.to_string()),
        ("klamm.partitions.max", PARTITIONS_MAX.to_string()),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

fn table(lines: &[Line]) -> String {
    let mut table = String::from(
        "| attack | bound | what was done and answered | memory at rest, peak (MiB) | p99 of the others alone, beside it | their longest wait |\n\
         |---|---|---|---|---|---|\n",
    );
    for line in lines {
        table.push_str(&format!(
            "| {} | {} | {} | {}, {} | {:.1?}, {:.1?} ({} requests) | {:.1?} |\n",
            line.attack.name,
            line.attack.bound,
            line.told,
            mebibytes(line.quiet_bytes),
            mebibytes(line.peak_bytes),
            line.alone.p99,
            line.beside.p99,
            line.beside.requests,
            line.beside.max,
        ));
    }
    table
}

fn document(table: &str) -> String {
    format!(
        "# Attacks\n\n\
         What hostile clients do to a node, and to the others on it. Written by `cargo xtask attacks --write`;\n\
         the suites run inside `cargo xtask test` too. Each attack meets a fresh node with small bounds\n\
         (`xtask/src/attacks/mod.rs`). An honest client beside it sends 200 requests a second (produce with\n\
         acks=1, and Metadata), timed from when each should have been sent. An attack that is over sooner is\n\
         repeated until the honest client had {ANSWERS_MIN} answers.\n\n{table}"
    )
}
