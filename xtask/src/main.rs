//! The developer's commands, one file each: `cargo xtask COMMAND`.
//!
//! Every command ends with a report of its suites. A suite that cannot run on this machine is named
//! and counted as skipped, never as passed; the exit code is 0 only when none failed.

use std::process::ExitCode;

mod attacks;
mod bench;
mod chaos;
mod codegen;
mod command;
mod differential;
mod dist;
mod fuzz;
mod interop;
mod report;
mod test;
mod tidy;

use report::Report;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test      what CI runs: format, clippy, tidy, documentation, tests, and the suites below in short form
  tidy      the repository's own rules: headers, file lengths, layering, links of the documents
  interop   real clients against the real binary: [--against-kafka|--record] [SUITE...]
  chaos     kill -9 in the middle of producing, checked by history: [--kills N] [--seed N] [--against-kafka]
  differential  random requests to Klamm and to Apache Kafka, answers compared: [--rounds N] [--seed N]
  fuzz      every decoder fed by libFuzzer: [--seconds N] [TARGET...]
  attacks   what hostile clients do to a node and to the others on it: [--write | WORDS of its name]
  bench     Klamm beside Apache Kafka, written to docs/benchmarks.md: [--rounds N] [--records N]
  dist      pack target/dist/klamm-VERSION.tar.gz and try its launchers
  codegen   write the codec of the protocol crate from its schemas; --check only compares
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut report = Report::default();
    let outcome = match name.as_str() {
        "test" => test::run(rest, &mut report),
        "tidy" => tidy::run(rest, &mut report),
        "attacks" => attacks::run(rest, &mut report),
        "bench" => bench::run(rest, &mut report),
        "chaos" => chaos::run(rest, &mut report),
        "differential" => differential::run(rest, &mut report),
        "dist" => dist::run(rest, &mut report),
        "fuzz" => fuzz::run(rest, &mut report),
        "interop" => interop::run(rest, &mut report),
        "codegen" => codegen::run(rest, &mut report),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        unknown => {
            eprintln!("there is no command `{unknown}`\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if let Err(error) = outcome {
        eprintln!("error: {error:#}");
        report.print();
        return ExitCode::FAILURE;
    }
    report.finish()
}
