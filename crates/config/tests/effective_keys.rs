//! Every key that the table calls effective is used by the code that it promises to steer.
//!
//! `config` reads each such key into one public field (`config::read_fields`; a test there holds
//! that). Here the sources of the crates that depend on `config` are searched for uses of each
//! field, written on a name that the crate declares with the type of the field's owner, such as
//! `topic.segment_bytes` beside `topic: &TopicConfig`. Tests do not count as uses. A key that
//! nobody uses has to be marked meaningless or refused, with the reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_effective_key_is_used_outside_config() {
    let users = crates_that_depend_on_config();
    assert!(!users.is_empty(), "no crate depends on config");
    let mut unused: Vec<String> = config::read_fields()
        .into_iter()
        .filter_map(|read| Some((read.owner, read.field?, read.key)))
        .filter(|(owner, field, _)| !users.iter().any(|code| uses(code, owner, field)))
        .map(|(owner, field, key)| format!("{key} ({owner}.{field})"))
        .collect();
    unused.sort();
    assert!(unused.is_empty(), "effective, but nobody uses:\n{}", unused.join("\n"));
}

#[test]
fn a_use_is_a_field_of_a_name_declared_with_its_owner() {
    for used in [
        "fn a(x: &BrokerSettings) { x.num_partitions as usize }",
        "struct A { x: Arc<config::BrokerSettings> }\nlet n = self.x\n    .num_partitions;",
        "let x = BrokerSettings::resolve(); a(x.num_partitions)",
        "fn x(&self) -> usize { self.node.settings.num_partitions }",
        "fn settings(&self) -> Arc<BrokerSettings>; self.settings().num_partitions;",
    ] {
        assert!(uses(&code_of(used), "BrokerSettings", "num_partitions"), "{used}");
    }
    for unused in [
        "fn a(request: &Request) { request.num_partitions }",
        "fn a(x: &BrokerSettings) { x.num_partitions_max + x.num_partitions() }",
        "fn a(x: &TopicConfig) { x.num_partitions }",
        "fn a(x: &BrokerSettings) {} // x.num_partitions",
        "fn a(x: &BrokerSettings) {}\n#[cfg(test)]\nmod tests { x.num_partitions }",
    ] {
        assert!(!uses(&code_of(unused), "BrokerSettings", "num_partitions"), "{unused}");
    }
}

/// The code of each crate whose manifest names `config`.
fn crates_that_depend_on_config() -> Vec<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = fs::read_dir(crates).expect("the folder of crates can be read").flatten();
    folders
        .map(|folder| folder.path())
        .filter(|folder| {
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest.lines().any(|line| line.starts_with("config.") || line.starts_with("config "))
        })
        .map(|folder| {
            let mut files = Vec::new();
            collect(&folder.join("src"), &mut files);
            let read = |file: &PathBuf| code_of(&fs::read_to_string(file).unwrap_or_default());
            files.iter().map(read).collect::<Vec<_>>().join("\n")
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && entry.file_name() != "tests.rs"
        {
            files.push(path);
        }
    }
}

/// The code without comments, unit tests and the blanks of wrapped lines.
fn code_of(source: &str) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    lines.collect::<Vec<_>>().join(" ").replace(" .", ".")
}

fn uses(code: &str, owner: &str, field: &str) -> bool {
    let names = names_declared_with(code, owner);
    code.match_indices(&format!(".{field}")).any(|(index, found)| {
        let after = code[index + found.len()..].chars().next();
        let receiver = last_word(code[..index].trim_end_matches("()"));
        names.contains(receiver) && !after.is_some_and(|next| is_word(next) || next == '(')
    })
}

/// The names that have the type: parameters, fields, and what is bound to one of its constructors.
fn names_declared_with<'a>(code: &'a str, owner: &str) -> BTreeSet<&'a str> {
    const AROUND_A_TYPE: &[&str] =
        &["config::", "Arc::new(", "Arc<", "Option<", "RwLock<", "&'a", "&", "mut", "Arc::clone("];
    // The broker's settings are a field of the node's configuration.
    let mut names = BTreeSet::from(match owner {
        "BrokerSettings" => ["settings"],
        _ => ["node_config"],
    });
    for (index, _) in code.match_indices(owner) {
        let mut before = code[..index].trim_end();
        while let Some(rest) = AROUND_A_TYPE.iter().find_map(|part| before.strip_suffix(part)) {
            before = rest.trim_end();
        }
        let declares = before.ends_with(':') && !before.ends_with("::") || before.ends_with('=');
        if declares {
            names.insert(last_word(before.trim_end_matches([':', '=', ' '])));
        }
    }
    names
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn last_word(code: &str) -> &str {
    code.rsplit(|character| !is_word(character)).next().unwrap_or_default()
}
