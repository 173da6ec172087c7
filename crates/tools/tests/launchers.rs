//! The launchers in `bin/`: one for every tool, and each finds the binary and its own name from
//! wherever it is called.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Commands of the binary that are no tools, but have launchers in Kafka.
const SERVER: &[&str] = &["server-start", "server-stop", "run-class"];
const SHELL: &str = include_str!("../launcher/launcher.sh");
const WINDOWS: &str = include_str!("../launcher/launcher.bat");

fn bin() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin")
}

#[test]
fn every_tool_has_its_launchers_and_all_are_alike() {
    let mut expected = Vec::new();
    let scripts = tools::TOOLS.iter().filter(|tool| tool.is_script()).map(|tool| tool.name);
    for name in scripts.chain(SERVER.iter().copied()) {
        expected.push((format!("kafka-{name}.sh"), SHELL));
        expected.push((format!("kafka-{name}"), SHELL));
        expected.push((format!("windows/kafka-{name}.bat"), WINDOWS));
    }
    for (name, text) in &expected {
        let path = bin().join(name);
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(&found, text, "copy crates/tools/launcher/ to bin/{name}");
        let executable = path.metadata().unwrap().permissions().mode() & 0o111 == 0o111;
        assert!(executable || name.ends_with(".bat"), "bin/{name} is not executable");
    }
    let count = |folder: PathBuf| fs::read_dir(folder).unwrap().count();
    // The folder `windows` is one more.
    assert_eq!(count(bin()) + count(bin().join("windows")), expected.len() + 1);
}

/// An unpacked archive whose `klamm` prints what it is called with.
struct Unpacked {
    folder: tempfile::TempDir,
}

impl Unpacked {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("a b").tempdir().unwrap();
        fs::create_dir_all(folder.path().join("klamm 1/bin")).unwrap();
        let unpacked = Self { folder };
        unpacked.script("klamm 1/klamm", "#!/bin/sh\necho \"beside: $*\"\n");
        unpacked.script("klamm 1/bin/kafka-topics.sh", SHELL);
        unpacked
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) {
        // By a process of its own: a file that this one has open for writing, and another thread's
        // child inherits, could not be executed.
        let path = self.path(name);
        let source = self.path("source");
        fs::write(&source, text).unwrap();
        let copied = Command::new("cp").arg(&source).arg(&path).status().unwrap();
        assert!(copied.success());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, program: &Path, binary: Option<&Path>) -> Output {
        let mut command = Command::new(program);
        command.args(["--topic", "a b"]).current_dir("/").env_remove("KLAMM_BINARY");
        command.env("PATH", "/usr/bin:/bin");
        if let Some(binary) = binary {
            command.env("KLAMM_BINARY", binary);
        }
        command.output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn launcher_finds_the_binary_beside_bin_from_any_folder() {
    let unpacked = Unpacked::new();
    let output = unpacked.run(&unpacked.path("klamm 1/bin/kafka-topics.sh"), None);
    assert_eq!(text(&output.stdout), "beside: topics --topic a b\n");
}

#[test]
fn launcher_follows_links_and_keeps_its_own_name() {
    let unpacked = Unpacked::new();
    symlink("klamm 1/bin/kafka-topics.sh", unpacked.path("relative")).unwrap();
    symlink(unpacked.path("relative"), unpacked.path("absolute")).unwrap();
    for link in ["relative", "absolute"] {
        let output = unpacked.run(&unpacked.path(link), None);
        assert_eq!(text(&output.stdout), "beside: topics --topic a b\n", "{link}");
    }
}

#[test]
fn named_binary_wins() {
    let unpacked = Unpacked::new();
    unpacked.script("other", "#!/bin/sh\necho \"named: $*\"; exit 7\n");
    let launcher = unpacked.path("klamm 1/bin/kafka-topics.sh");
    let output = unpacked.run(&launcher, Some(&unpacked.path("other")));
    assert_eq!(text(&output.stdout), "named: topics --topic a b\n");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn missing_binary_is_told_with_the_way_out() {
    let unpacked = Unpacked::new();
    fs::remove_file(unpacked.path("klamm 1/klamm")).unwrap();
    let output = unpacked.run(&unpacked.path("klamm 1/bin/kafka-topics.sh"), None);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cargo build --release"), "{}", text(&output.stderr));
}

/// What a batch file for Windows starts: the program and its words. Knows as much of the language as
/// the launchers use, and nothing else.
///
/// # Panics
///
/// At a line that it does not know.
fn started_by_windows(text: &str, path: &str, words: &[&str], exists: &[&str]) -> Vec<String> {
    let mut variables: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let mut line = line.trim_end_matches('\r').to_owned();
        loop {
            let value = |name: &str| {
                let found = variables.iter().rev().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone())
            };
            if let Some(rest) = line.strip_prefix("if not defined ") {
                let (name, rest) = rest.split_once(' ').unwrap();
                line = if value(name).is_none() { rest.to_owned() } else { "rem".into() };
            } else if let Some(rest) = line.strip_prefix("if exist ") {
                let (file, rest) = rest.strip_prefix('"').unwrap().split_once("\" ").unwrap();
                let file = expanded(file, path, words, &value);
                line = if exists.contains(&&*file) { rest.to_owned() } else { "rem".into() };
            } else {
                line = expanded(&line, path, words, &value);
                break;
            }
        }
        match line.split(' ').next().unwrap_or_default() {
            "@echo" | "rem" | "setlocal" | "" => {}
            "set" => {
                let inside = line.strip_prefix("set \"").unwrap().strip_suffix('"').unwrap();
                let (name, value) = inside.split_once('=').unwrap();
                variables.push((name.to_owned(), value.to_owned()));
            }
            program if program.starts_with('"') => {
                return line.split(' ').map(|word| word.trim_matches('"').to_owned()).collect();
            }
            _ => panic!("a launcher cannot say {line}"),
        }
    }
    panic!("it starts nothing")
}

/// A line with what stands between percent signs.
fn expanded(
    line: &str,
    path: &str,
    words: &[&str],
    value: &dyn Fn(&str) -> Option<String>,
) -> String {
    let (folder, file) = path.rsplit_once('\\').unwrap();
    let mut text = line.replace("%*", &words.join(" "));
    text = text.replace("%~n0", file.trim_end_matches(".bat"));
    text = text.replace("%~dp0", &format!("{folder}\\"));
    while let Some((before, rest)) = text.split_once('%') {
        let (name, after) = rest.split_once('%').expect("percent signs come in pairs");
        let value = match name.split_once(':') {
            Some((name, change)) => {
                let (from, to) = change.split_once('=').unwrap();
                value(name).unwrap_or_default().replace(from, to)
            }
            None => value(name).unwrap_or_default(),
        };
        text = format!("{before}{value}{after}");
    }
    text
}

#[test]
fn each_launcher_for_windows_starts_what_its_sibling_starts() {
    let unpacked = Unpacked::new();
    let words = ["--topic", "a", "--flag=b"];
    for entry in fs::read_dir(bin().join("windows")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let sibling = format!("klamm 1/bin/{name}.sh");
        let script = fs::read_to_string(bin().join(format!("{name}.sh"))).unwrap();
        unpacked.script(&sibling, &script);
        let mut command = Command::new(unpacked.path(&sibling));
        let output = command.args(words).env_remove("KLAMM_BINARY").output().unwrap();
        let wanted = text(&output.stdout).trim_end().replace("beside: ", "");
        let batch = fs::read_to_string(&path).unwrap();
        let called = format!("C:\\klamm\\bin\\windows\\{name}.bat");
        let beside = "C:\\klamm\\bin\\windows\\..\\..\\klamm.exe";
        for (exists, program) in [(&[beside][..], beside), (&[], "klamm.exe")] {
            let started = started_by_windows(&batch, &called, &words, exists);
            assert_eq!(started[0], program, "{name}");
            assert_eq!(started[1..].join(" "), wanted, "{name}");
        }
    }
}
