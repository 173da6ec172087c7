//! `cargo xtask fuzz`: every decoder that faces the network or the disk, fed by libFuzzer.
//!
//! The targets are built with coverage counters into a folder of their own. What is found lies in
//! `target/fuzz/findings`, what was learnt in `target/fuzz/corpus`; a later run goes on from there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::{self, cargo, root};
use crate::report::{Missing, Outcome, Report};

/// Seconds for each target unless told otherwise.
const SECONDS: u64 = 600;
/// Seconds for each target inside `cargo xtask test`; its seeds come first, however long they take.
const SECONDS_IN_TEST: u64 = 4;
/// Where such a run begins, and from the seeds alone: it says mostly the same each time.
const SEED_IN_TEST: u32 = 1;
/// What a target may hold in memory: the bounds of the decoders leave far more room than this.
const MEMORY_MAX_MIB: u32 = 1024;
/// No input may keep a decoder busy for longer than this.
const INPUT_SECONDS_MAX: u32 = 25;
/// What the engine says before the path of an input that it keeps.
const WRITTEN: &str = "Test unit written to ";
const NO_ENGINE: &str = "libFuzzer needs Linux or macOS, and a C++ compiler";
/// The likeliest reason is a change elsewhere, which does not see this workspace.
const BUILD_FAILED: &str = "the fuzz targets do not build, perhaps since a crate that they call has \
    changed; `cargo check --manifest-path fuzz/Cargo.toml` shows where";
/// Counters of edges and comparisons, as libFuzzer reads them; stable Rust has the pass.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing";

/// How long targets run, and from where.
#[derive(Clone, Copy)]
enum Run {
    /// From all that was learnt before, for so many seconds.
    Long(u64),
    /// From the seeds alone, a short time.
    InTest,
}

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
    if let Some(binaries) = build_suite(report) {
        suites(&binaries, &chosen, Run::Long(seconds), report);
    }
    Ok(())
}

/// The seeds of each target and a few seconds from there.
pub(crate) fn run_short(binaries: &Path, report: &mut Report) {
    match targets() {
        Ok(targets) => suites(binaries, &targets, Run::InTest, report),
        Err(error) => _ = report.suite("fuzz", || Err(error)),
    }
}

/// Builds the targets, which no other command does: they are a workspace of their own. Gives where
/// they are.
pub(crate) fn build_suite(report: &mut Report) -> Option<PathBuf> {
    let mut binaries = None;
    report.suite("fuzz build", || {
        let host = host()?.context(Missing(NO_ENGINE.to_owned()))?;
        build(&host).context(BUILD_FAILED)?;
        binaries = Some(folder().join(&host).join("release"));
        Ok(Outcome::Passed(String::new()))
    });
    binaries
}

fn suites(binaries: &Path, targets: &[String], run: Run, report: &mut Report) {
    for target in targets {
        report.suite(&format!("fuzz {target}"), || fuzz(binaries, target, run));
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
    // Seeds that a target no longer has would be learnt from for ever.
    let seeds = folder.join("seeds");
    let _ = std::fs::remove_dir_all(&seeds);
    command::run(Command::new(folder.join(host).join("release/seeds")).arg(seeds))
}

fn fuzz(binaries: &Path, target: &str, run: Run) -> Result<Outcome> {
    let findings = folder().join("findings");
    std::fs::create_dir_all(&findings)?;
    let learnt = match run {
        Run::Long(_) => folder().join("corpus").join(target),
        Run::InTest => folder().join("tried").join(target),
    };
    if let Run::InTest = run {
        let _ = std::fs::remove_dir_all(&learnt);
    }
    std::fs::create_dir_all(&learnt)?;
    let binary = binaries.join(target);
    let mut command = command::command(&binary);
    let seconds = match run {
        Run::Long(seconds) => seconds,
        Run::InTest => {
            command.arg(format!("-seed={SEED_IN_TEST}"));
            SECONDS_IN_TEST
        }
    };
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-rss_limit_mb={MEMORY_MAX_MIB}"));
    command.arg(format!("-timeout={INPUT_SECONDS_MAX}"));
    command.arg(format!("-artifact_prefix={}/{target}-", findings.display()));
    command.arg("-print_final_stats=1").arg(learnt).arg(folder().join("seeds").join(target));
    let slack = Duration::from_secs(120);
    let told = match command::transcript(command, "", Duration::from_secs(seconds) + slack) {
        Ok(told) => told,
        Err(error) => {
            let told = format!("{error:#}");
            let Some(found) = told.rsplit(WRITTEN).next().filter(|_| told.contains(WRITTEN)) else {
                return Err(error);
            };
            let (binary, found) = (binary.display(), found.lines().next().unwrap_or_default());
            return Err(
                error.context(format!("{found} breaks `{target}`; again: {binary} {found}"))
            );
        }
    };
    let runs = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let coverage = told.lines().rev().find_map(|line| line.split("cov: ").nth(1));
    let edges = coverage.and_then(|words| words.split(' ').next()).unwrap_or("?");
    let runs = runs.map(str::trim).context("the engine did not say how many inputs it ran")?;
    Ok(Outcome::Passed(format!("{runs} inputs, {edges} edges")))
}
