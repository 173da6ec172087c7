//! `cargo xtask test`: what CI runs is what a person runs.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::attacks;
use crate::chaos;
use crate::command::{self, cargo};
use crate::dist;
use crate::fuzz;
use crate::interop::{self, target};
use crate::report::{Outcome, Report};
use crate::tidy;

/// Runs every check, cheapest first, and goes on after a failure. Gives where the fuzz targets are.
fn cargo_checks(report: &mut Report) -> Option<PathBuf> {
    report.suite("format", || {
        with_component("rustfmt", &["fmt", "--version"], &["fmt", "--all", "--check"])
    });
    report.suite("tidy", tidy::check_repository);
    report.suite("clippy", || {
        let words = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        with_component("clippy", &["clippy", "--version"], &words)
    });
    report.suite("documentation", || {
        let words = ["doc", "--workspace", "--no-deps", "--quiet"];
        checked(cargo(&words).env("RUSTDOCFLAGS", "-D warnings"))
    });
    // Early, since a change of a crate breaks it unseen by the commands above.
    let fuzz = fuzz::build_suite(report);
    report.suite("cargo test", || checked(&mut cargo(&["test", "--workspace"])));
    fuzz
}

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    if let Some(unknown) = arguments.first() {
        bail!("`cargo xtask test` takes no arguments, found `{unknown}`");
    }
    let fuzz = cargo_checks(report);
    let built = report.suite("release build", || {
        target::build_release()?;
        Ok(Outcome::Passed(String::new()))
    });
    if built {
        interop::run_short(report);
        chaos::run_short(report);
        dist::suite(report);
        attacks::run_short(report);
    } else {
        for suite in ["interop", "chaos", "dist", "attacks"] {
            report.suite(suite, || Ok(Outcome::Skipped("there is no binary".into())));
        }
    }
    if let Some(binaries) = fuzz {
        fuzz::run_short(&binaries, report);
    }
    Ok(())
}

/// A toolchain may have been installed without its optional components.
fn with_component(component: &str, probe: &[&str], words: &[&str]) -> Result<Outcome> {
    if command::output(&mut cargo(probe)).is_err() {
        return Ok(Outcome::Skipped(format!("no {component}: rustup component add {component}")));
    }
    checked(&mut cargo(words))
}

fn checked(command: &mut std::process::Command) -> Result<Outcome> {
    command::run(command)?;
    Ok(Outcome::Passed(String::new()))
}
