//! The documents and samples that are committed agree with the table.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn docs_configs_md_is_what_the_table_says() {
    let path = root().join("docs/configs.md");
    let expected = config::docs::markdown();
    if std::env::var_os("KLAMM_BLESS").is_some() {
        std::fs::write(&path, &expected).expect("docs/configs.md can be written");
    }
    let found = std::fs::read_to_string(&path).expect("docs/configs.md can be read");
    assert!(
        found == expected,
        "docs/configs.md differs from the table: KLAMM_BLESS=1 cargo test -p config"
    );
}

#[test]
fn every_entry_has_a_sentence_and_says_what_becomes_of_it() {
    let all = config::broker_configs()
        .chain(config::topic_configs())
        .chain(config::group_configs())
        .chain(config::client_metrics_configs());
    for def in all {
        let reason = match def.status {
            config::Status::Effective => "effective",
            config::Status::Meaningless(why) => why,
            config::Status::Refused(missing) => missing,
        };
        assert!(!reason.is_empty(), "{} does not say what becomes of it", def.name);
        assert!(def.doc.ends_with('.'), "{} has no sentence", def.name);
    }
}

#[test]
fn every_theme_is_sorted_so_that_keys_are_found() {
    for def in config::broker_configs() {
        assert!(
            config::broker(def.name).is_some_and(|found| std::ptr::eq(found, def)),
            "{}",
            def.name
        );
    }
    for def in config::topic_configs() {
        assert!(
            config::topic(def.name).is_some_and(|found| std::ptr::eq(found, def)),
            "{}",
            def.name
        );
    }
    for def in config::group_configs() {
        assert!(
            config::group(def.name).is_some_and(|found| std::ptr::eq(found, def)),
            "{}",
            def.name
        );
    }
}

#[test]
fn kafkas_default_values_are_accepted_when_they_are_written_out() {
    let mut text = String::new();
    for def in config::broker_configs() {
        if let Some(default) = def.default
            && !["node.id", "process.roles", "port"].contains(&def.name)
        {
            text.push_str(&format!("{}={default}\n", def.name));
        }
    }
    let loaded = config::load("all.properties", &text, &[]);
    assert!(loaded.is_ok(), "{:#?}", loaded.err());
}

#[test]
fn kafkas_default_values_of_topics_and_groups_are_accepted_too() {
    for def in config::topic_configs() {
        let checked = config::validate_topic_config(def.name, def.default.unwrap_or_default());
        assert_eq!(checked, Ok(()));
    }
    for def in config::group_configs().filter(|def| def.default.is_some()) {
        let checked = config::validate_group_config(def.name, def.default.unwrap_or_default());
        assert_eq!(checked, Ok(()));
    }
}

#[test]
fn the_shipped_sample_is_accepted_without_a_warning() {
    let path = root().join("config/server.properties");
    let text = std::fs::read(&path).expect("config/server.properties can be read");
    let (node, warnings) = config::load("server.properties", &text, &[]).expect("it is valid");
    assert_eq!(warnings, []);
    assert_eq!(node.listeners.len(), 1);
}
