//! Every finding of `klamm doctor` and `klamm why`, provoked by a file, machine, node or group that
//! is really broken so.
//!
//! A finding that no case provokes and that is not in `NOT_HERE`, with its reason, fails the test.
//! The commands that a finding names are carried out against the broken node. With `KLAMM_BLESS=1`
//! the transcripts are written into `docs/people.md`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::rig::{Ended, Rig, Running, skipped};

mod clock;
mod doctor;
mod why;

const DOCUMENT: &str = "../../docs/people.md";

/// How a finding is provoked.
struct Case {
    id: &'static str,
    /// What is broken, for the document.
    how: &'static str,
    /// Breaks it and looks; `None` where this machine does not let it.
    provoke: fn(&Rig) -> Option<Ended>,
}

/// Provokes each finding, and carries out what it advises.
///
/// # Panics
///
/// When a finding is not provoked, or one is neither provoked nor excused.
fn provoke_all(tool: &str, cases: &[Case], not_here: &[(&str, &str)]) {
    let rig = rig();
    let listed = rig.run(rig.klamm([tool, "--list"]));
    assert!(listed.status.success(), "{}", listed.output);
    let known: BTreeSet<&str> =
        listed.output.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let meant = cases.iter().map(|case| case.id).chain(not_here.iter().map(|(id, _)| *id));
    assert_eq!(known, meant.collect(), "each finding has a case or a reason not to have one");
    let mut transcripts = String::new();
    let mut is_whole = true;
    for case in cases {
        let rig = self::rig();
        let Some(ended) = (case.provoke)(&rig) else {
            skipped(&format!("{tool} {}: this machine does not let it be provoked", case.id));
            is_whole = false;
            continue;
        };
        let finding = finding(&ended.output, case.id);
        assert!(finding.is_some(), "{} is not found in:\n{}", case.id, ended.output);
        let shown = shown(&rig, finding.unwrap_or_default());
        transcripts.push_str(&format!("\n{}:\n\n```\n{shown}\n```\n", case.how));
    }
    if !not_here.is_empty() {
        transcripts.push_str("\nNot provoked by a test:\n\n");
    }
    for (id, reason) in not_here {
        transcripts.push_str(&format!("- `{id}`: {reason}.\n"));
    }
    document(tool, &transcripts, &known, is_whole);
}

/// A rig outside of the folders that systems empty, which are a finding of their own.
fn rig() -> Rig {
    Rig::below(Path::new(env!("CARGO_TARGET_TMPDIR")))
}

/// The lines of a finding, without its number.
fn finding<'a>(output: &'a str, id: &str) -> Option<&'a str> {
    let head = format!(". {id}: ");
    let found = output.split("\n\n").find(|part| {
        part.trim_start().split_once(&head).is_some_and(|(number, _)| number.parse::<u8>().is_ok())
    })?;
    found.split_once(". ").map(|(_, rest)| rest)
}

/// A finding as the document has it: folders and ports of this run are those of anybody.
fn shown(rig: &Rig, finding: &str) -> String {
    let text = finding.replace(&rig.path("").display().to_string(), "/srv/kafka/");
    let mut shown = String::new();
    let mut digits = String::new();
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let is_port = digits.len() == 5 && (shown.ends_with(':') || shown.ends_with("port "));
        shown.push_str(if is_port { "9092" } else { &digits });
        digits.clear();
        shown.push(letter);
    }
    shown.trim_end().to_owned()
}

/// Writes the transcripts, if told to, and checks that the document has all findings.
fn document(tool: &str, transcripts: &str, known: &BTreeSet<&str>, is_whole: bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = format!("<!-- findings of {tool}: written by the test of that name -->\n");
    let end = format!("\n<!-- end of the findings of {tool} -->");
    let (head, rest) = text.split_once(&begin).expect("the document has a place for them");
    let (there, tail) = rest.split_once(&end).expect("the place has an end");
    for id in known {
        let names = [format!("\n{id}: "), format!("- `{id}`: ")];
        let is_there = names.iter().any(|name| there.contains(name));
        assert!(is_there || std::env::var_os("KLAMM_BLESS").is_some(), "no transcript of {id}");
    }
    if std::env::var_os("KLAMM_BLESS").is_some() {
        assert!(is_whole, "this machine does not let all of them be provoked");
        std::fs::write(&path, format!("{head}{begin}{transcripts}{end}{tail}")).unwrap();
    }
}

/// Runs a tool of ours, and carries out the commands of ours that it advises.
fn advised(rig: &Rig, words: &str, node: &Running) -> Ended {
    let address = node.address().to_string();
    let words = words.split(' ').chain(["--bootstrap-server", &address]);
    let ended = rig.run(rig.klamm(words));
    let commands = ended.output.lines().filter_map(|line| line.trim().strip_prefix("-> klamm "));
    for line in commands {
        let words = line.split(' ').take_while(|word| *word != "#");
        let ends = if line.starts_with("tail ") { &["--no-follow"][..] } else { &[] };
        let carried_out = rig.run(rig.klamm(words.chain(ends.iter().copied())));
        // What looks for faults has found one, and says so with its code.
        let is_fine = carried_out.status.success() || line.starts_with("doctor");
        assert!(is_fine, "{line}:\n{}", carried_out.output);
    }
    ended
}

/// `klamm` in namespaces of its own (`--mount`, `--net`), behind other words.
fn apart(rig: &Rig, flag: &str, before: &[&str], arguments: &[&str]) -> Option<Command> {
    let klamm = rig.klamm(arguments.iter().copied());
    let all = [flag, "--map-root-user"];
    let flags = [&all[..1], &all].into_iter().find(|flags| {
        let tried = Command::new("unshare").args(*flags).arg("true").output();
        tried.is_ok_and(|tried| tried.status.success())
    })?;
    let mut command = Command::new("unshare");
    command.args(flags).args(before).arg(klamm.get_program()).args(klamm.get_args());
    command.current_dir(rig.path(""));
    Some(command)
}
