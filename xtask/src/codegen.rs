//! `cargo xtask codegen`: from the wire schemas to the codec of the `protocol` crate.

use anyhow::{Result, bail};

use crate::report::{Outcome, Report};

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let check = match words[..] {
        [] => false,
        ["--check"] => true,
        _ => bail!("`cargo xtask codegen` takes `--check` or nothing, found {words:?}"),
    };
    report.suite("codegen", || {
        protocol_codegen::run(check)?;
        Ok(Outcome::Passed(String::new()))
    });
    Ok(())
}
