//! `cargo xtask fuzz`: every decoder that faces the network or the disk, fed by libFuzzer.
//!
//! The targets are built with coverage counters into a folder of their own. What is found lies in
//! `target/fuzz/findings`, what was learnt in `target/fuzz/corpus`; a later run goes on from there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::{self, cargo, root};
use crate::report::{Outcome, Report};

/// Seconds for each target unless told otherwise.
const SECONDS: u64 = 600;
/// Inside `cargo xtask test` each target runs its seeds only, so that a test says the same each time.
const SEEDS_ONLY: u64 = 0;
/// What a target may hold in memory: the bounds of the decoders leave far more room than this.
const MEMORY_MAX_MIB: u32 = 1024;
/// No input may keep a decoder busy for longer than this.
const INPUT_SECONDS_MAX: u32 = 25;
/// Counters of edges and comparisons, as libFuzzer reads them; stable Rust has the pass.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";

/// `fuzz [--seconds N] [TARGET...]`
pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let mut seconds = SECONDS;
    let mut wanted = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let number = arguments.next().context("--seconds needs a number")?;
            seconds = number.parse().with_context(|| format!("--seconds {number}"))?;
        } else {
            wanted.push(argument.clone());
        }
    }
    let known = targets()?;
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        bail!("there is no target `{unknown}`; there are {}", known.join(", "));
    }
    let chosen = if wanted.is_empty() { known } else { wanted };
    suites(&chosen, seconds, report);
    Ok(())
}

/// The seeds of each target: enough to see that each still builds and holds on valid inputs.
pub(crate) fn run_short(report: &mut Report) {
    match targets() {
        Ok(targets) => suites(&targets, SEEDS_ONLY, report),
        Err(error) => _ = report.suite("fuzz", || Err(error)),
    }
}

fn suites(targets: &[String], seconds: u64, report: &mut Report) {
    let mut built = None;
    report.suite("fuzz build", || {
        let Some(host) = host()? else {
            return Ok(Outcome::Skipped(
                "libFuzzer needs Linux or macOS, and a C++ compiler".into(),
            ));
        };
        build(&host)?;
        built = Some(folder().join(&host).join("release"));
        Ok(Outcome::Passed(String::new()))
    });
    let Some(binaries) = built else { return };
    for target in targets {
        report.suite(&format!("fuzz {target}"), || fuzz(&binaries, target, seconds));
    }
}

/// The names of the targets: one file each.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/targets");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn folder() -> PathBuf {
    root().join("target/fuzz")
}

/// What the compiler calls this machine; `None` where the engine does not run.
fn host() -> Result<Option<String>> {
    if !cfg!(unix) || command::output(Command::new("c++").arg("--version")).is_err() {
        return Ok(None);
    }
    let told = command::output(command::command("rustc").arg("-vV"))?;
    Ok(told.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned))
}

fn build(host: &str) -> Result<()> {
    let folder = folder();
    let mut words = cargo(&["build", "--release", "--locked", "--bins", "--manifest-path"]);
    words.arg(root().join("fuzz/Cargo.toml")).arg("--target-dir").arg(&folder);
    // With a target named, the flags are for the targets and not for what builds them.
    command::run(words.args(["--target", host]).env("RUSTFLAGS", COVERAGE))?;
    let seeds = folder.join(host).join("release/seeds");
    command::run(Command::new(seeds).arg(folder.join("corpus")))
}

fn fuzz(binaries: &Path, target: &str, seconds: u64) -> Result<Outcome> {
    let (corpus, findings) = (folder().join("corpus").join(target), folder().join("findings"));
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&findings)?;
    let mut command = command::command(binaries.join(target));
    command.arg(match seconds {
        SEEDS_ONLY => "-runs=0".to_owned(),
        seconds => format!("-max_total_time={seconds}"),
    });
    command.arg(format!("-rss_limit_mb={MEMORY_MAX_MIB}"));
    command.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
    command.arg(format!("-artifact_prefix={}/{target}-", findings.display()));
    command.arg("-print_final_stats=1").arg(corpus);
    let slack = Duration::from_secs(120);
    let told = command::transcript(command, "", Duration::from_secs(seconds) + slack)
        .with_context(|| {
            format!("an input that breaks `{target}` lies in {}", findings.display())
        })?;
    let runs = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let coverage = told.lines().rev().find_map(|line| line.split("cov: ").nth(1));
    let edges = coverage.and_then(|words| words.split(' ').next()).unwrap_or("?");
    let runs = runs.map(str::trim).context("the engine did not say how many inputs it ran")?;
    Ok(Outcome::Passed(format!("{runs} inputs, {edges} edges")))
}
