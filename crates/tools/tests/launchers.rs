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
