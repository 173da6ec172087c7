//! A crate depends only on crates of rows above its own, and a pure crate on no clock, socket or thread.
//!
//! The rows are those of ARCHITECTURE.md. Dev-dependencies are free: tests may look from anywhere.

use super::{SourceFile, Violation};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pure,
    Blocking,
    Async,
    Test,
}

const ROWS: &[(&str, u8, Kind)] = &[
    ("model", 0, Kind::Pure),
    ("protocol", 1, Kind::Pure),
    ("records", 1, Kind::Pure),
    ("config", 1, Kind::Pure),
    ("storage", 2, Kind::Blocking),
    ("replication", 2, Kind::Pure),
    ("security", 2, Kind::Pure),
    ("metadata", 3, Kind::Pure),
    ("coordinator", 3, Kind::Pure),
    ("telemetry", 3, Kind::Pure),
    ("znodes", 3, Kind::Pure),
    ("adoption", 4, Kind::Blocking),
    ("net", 4, Kind::Async),
    ("http", 4, Kind::Async),
    ("client", 4, Kind::Async),
    ("quorum", 5, Kind::Async),
    // Row 5 as well, but built upon the quorum of its own row.
    ("broker", 6, Kind::Async),
    ("zookeeper", 7, Kind::Async),
    ("console", 7, Kind::Async),
    ("mqtt", 7, Kind::Async),
    ("tools", 8, Kind::Async),
    ("klamm", 9, Kind::Async),
    ("protocol-codegen", 10, Kind::Test),
    ("fuzz", 11, Kind::Test),
    ("simulator", 10, Kind::Test),
    ("testkit", 10, Kind::Test),
    ("xtask", 11, Kind::Test),
];

/// Crates that bring a runtime, threads, clocks, files or sockets.
const IMPURE: &[&str] = &["tokio", "rustix", "rand", "parking_lot", "tempfile", "socket2", "mio"];

pub(super) fn check(files: &[SourceFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { continue };
        let name = folder.rsplit('/').next().unwrap_or_default();
        let Some((_, row, kind)) = ROWS.iter().find(|(known, ..)| *known == name) else {
            violations.push(format!("{}:1: crate `{name}` has no row; add it to tidy", file.path));
            continue;
        };
        for (line, dependency) in dependencies(file.text()) {
            if let Some((_, other, _)) = ROWS.iter().find(|(known, ..)| *known == dependency) {
                if other >= row {
                    violations.push(format!(
                        "{}:{line}: `{name}` (row {row}) depends on `{dependency}` (row {other}), not above it",
                        file.path
                    ));
                }
            } else if *kind == Kind::Pure && IMPURE.contains(&dependency) {
                violations.push(format!(
                    "{}:{line}: `{name}` is pure and must not depend on `{dependency}`",
                    file.path
                ));
            }
        }
    }
    violations
}

/// Names under `[dependencies]` and `[build-dependencies]`, with their lines.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            let table = line.trim_matches(|c| c == '[' || c == ']');
            inside = (table.ends_with("dependencies")) && !table.ends_with("dev-dependencies");
        } else if inside && !line.starts_with('#') {
            let end = line.find(['.', '=', ' ']).unwrap_or(0);
            if end > 0 {
                found.push((index + 1, &line[..end]));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn manifest(name: &str, dependency: &str) -> Vec<Violation> {
        let text = format!(
            "[package]\nname = \"{name}\"\n[dependencies]\n{dependency}.workspace = true\n"
        );
        check(&[file(&format!("crates/{name}/Cargo.toml"), &text)])
    }

    #[test]
    fn a_dependency_on_a_row_below_is_reported() {
        assert_eq!(manifest("storage", "broker").len(), 1);
        assert_eq!(manifest("storage", "protocol").len(), 0);
    }

    #[test]
    fn a_pure_crate_must_not_bring_a_runtime() {
        assert_eq!(manifest("coordinator", "tokio").len(), 1);
        assert_eq!(manifest("net", "tokio").len(), 0);
    }

    #[test]
    fn dev_dependencies_may_look_from_anywhere() {
        let text = "[dev-dependencies]\nbroker.workspace = true\n";
        assert_eq!(check(&[file("crates/model/Cargo.toml", text)]).len(), 0);
    }
}
