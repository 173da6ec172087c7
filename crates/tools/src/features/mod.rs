//! `kafka-features`: what nodes support, what the cluster has agreed on, and changing that.

use std::collections::BTreeMap;

use client::{Admin, ClientError, FeatureMetadata, UpgradeType};
use model::BrokerId;

use crate::connect::{self, BOOTSTRAP_CONTROLLER, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::java;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

pub(crate) mod levels;

use levels::METADATA_VERSION;

const CHANGES: &[&str] = &["upgrade", "downgrade", "disable"];

/// The command line of `kafka-features`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-features",
    about: "Shows and changes the levels of features.",
    flags: &[
        Flag::command("describe", "Show what is supported and what the cluster has agreed on.")
            .or(&["--describe"]),
        Flag::command("upgrade", "Raise levels.").or(&["--upgrade-all"]),
        Flag::command("downgrade", "Lower levels.").or(&["--downgrade-all"]),
        Flag::command("disable", "Lower levels to 0."),
        Flag::command("version-mapping", "Show the levels that belong to a version of Kafka."),
        Flag::command("feature-dependencies", "Show what a level of a feature needs of others."),
        BOOTSTRAP_SERVER,
        BOOTSTRAP_CONTROLLER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::value("node-id", "ID", "Ask this node.").of(&["describe"]),
        Flag::switch("from-controller", "Of Kafka 2.7 to 3.2; every node tells the same.")
            .of(&["describe"]),
        Flag::value("release-version", "VERSION", "A version of Kafka, such as 3.9 or 4.0-IV0.")
            .of(&["upgrade", "downgrade", "version-mapping"]),
        Flag::value("metadata", "VERSION", "The level of metadata.version alone, by its name.")
            .of(&["upgrade", "downgrade"]),
        Flag::value("feature", "NAME=LEVEL", "A feature with its level; may be repeated.").of(&[
            "upgrade",
            "downgrade",
            "disable",
            "feature-dependencies",
        ]),
        Flag::switch("unsafe", "Even if metadata is lost.").of(&["downgrade", "disable"]),
        Flag::switch("dry-run", "Only show whether it could be done.").of(CHANGES),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    match options.command() {
        "version-mapping" => {
            let version = options.value("release-version")?.unwrap_or(levels::LATEST);
            return print(&levels::mapping(version).map_err(Failure::Refused)?);
        }
        "feature-dependencies" => return dependencies(options),
        _ => {}
    }
    let config = connect::admin_config(options)?;
    if options.command() == "describe" {
        let node = options.number::<i32>("node-id")?;
        if let Some(id) = node.filter(|id| *id < 0) {
            return Err(Failure::Usage(format!("Invalid node id {id}: must be non-negative.")));
        }
        let found = connect::block_on(async {
            Ok(Admin::new(&config)?.describe_features(node.map(BrokerId::new)).await?)
        })?;
        return print(&described(&found));
    }
    let changed = changed(options)?;
    let (verb, upgrade_type) = match options.command() {
        "upgrade" => ("upgrade", UpgradeType::Upgrade),
        other if options.has("unsafe") => (other, UpgradeType::UnsafeDowngrade),
        other => (other, UpgradeType::SafeDowngrade),
    };
    let dry_run = options.has("dry-run");
    let results = connect::block_on(async {
        match Admin::new(&config)?.update_features(&changed, upgrade_type, dry_run).await {
            // Kafka's client tells it of each feature.
            Err(error @ ClientError::UnsupportedVersion { .. }) => {
                Ok(changed.keys().map(|name| (name.clone(), Err(error.clone()))).collect())
            }
            results => Ok(results?),
        }
    })?;
    let (mut text, mut failed) = (String::new(), 0);
    for (feature, result) in &results {
        let level = changed.get(feature).copied().unwrap_or_default();
        let disable = verb == "disable";
        text.push_str(&match result {
            Ok(()) => {
                let verb_tells = if dry_run { "can be" } else { "was" };
                let what =
                    if disable { "disabled.".into() } else { format!("{verb}d to {level}.") };
                format!("{feature} {verb_tells} {what}\n")
            }
            Err(error) => {
                failed += 1;
                let not = if dry_run { "Can not" } else { "Could not" };
                let to = if disable { String::new() } else { format!(" to {level}") };
                format!("{not} {verb} {feature}{to}. {}\n", java::words(error))
            }
        });
    }
    print(&text)?;
    match failed {
        0 => Ok(()),
        _ => {
            Err(Failure::Refused(format!("{failed} out of {} operation(s) failed.", changed.len())))
        }
    }
}

fn dependencies(options: &Options) -> Result<(), Failure> {
    options.require(&["feature"])?;
    for feature in options.values("feature") {
        let (name, level) = name_and_level(feature)?;
        print(&levels::dependencies(&name, level).map_err(Failure::Refused)?)?;
    }
    Ok(())
}

/// The table of `describe`.
fn described(found: &FeatureMetadata) -> String {
    let epoch = found.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
    let line = |(feature, (min, max)): (&String, &(i16, i16))| {
        let level = found.finalized.get(feature).copied().unwrap_or_default();
        let [min, max, level] = [*min, *max, level].map(|level| levels::name(feature, level));
        format!(
            "Feature: {feature:<40}  SupportedMinVersion: {min:<15}  SupportedMaxVersion: {max:<15}  \
             FinalizedVersionLevel: {level:<15}  Epoch: {epoch}\n"
        )
    };
    found.supported.iter().map(line).collect()
}

/// The levels to change to.
fn changed(options: &Options) -> Result<BTreeMap<String, i16>, Failure> {
    let mut changed = BTreeMap::new();
    let release = options.value("release-version")?;
    if release.is_some() && (options.has("metadata") || options.has("feature")) {
        return Err(Failure::Refused(
            "Can not specify `release-version` with other feature flags.".into(),
        ));
    }
    if let Some(release) = release {
        let metadata = levels::metadata_version(release).map_err(Failure::Refused)?;
        changed.insert(METADATA_VERSION.to_owned(), metadata.level);
        for (feature, level) in levels::defaults(metadata) {
            // Level 0 is none at all; nobody is upgraded to it.
            if options.command() != "upgrade" || level > 0 {
                changed.insert(feature.to_owned(), level);
            }
        }
    }
    if let Some(version) = options.value("metadata")? {
        print(" `metadata` flag is deprecated and may be removed in a future release.\n")?;
        let metadata = levels::metadata_version(version).map_err(Failure::Refused)?;
        changed.insert(METADATA_VERSION.to_owned(), metadata.level);
    }
    for text in options.values("feature") {
        let (name, level) = match options.command() {
            "disable" => (text.to_owned(), 0),
            _ => name_and_level(text)?,
        };
        if changed.insert(name.clone(), level).is_some() {
            return Err(Failure::Refused(format!("Feature {name} was specified more than once.")));
        }
    }
    if changed.is_empty() {
        return Err(Failure::Refused(format!(
            "You must specify at least one feature to {}: --release-version VERSION names all those of a \
             version of Kafka, --feature NAME=LEVEL one",
            options.command()
        )));
    }
    Ok(changed)
}

/// `name=level`.
pub(crate) fn name_and_level(text: &str) -> Result<(String, i16), Failure> {
    let bad =
        |why: String| Failure::Refused(format!("Can't parse feature=level string {text}: {why}"));
    let (name, level) =
        text.split_once('=').ok_or_else(|| bad("equals sign not found.".to_owned()))?;
    let (name, level) = (name.trim(), level.trim());
    match level.parse() {
        Ok(level) => Ok((name.to_owned(), level)),
        Err(_) => Err(bad(format!("unable to parse {level} as a short."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Asked;

    #[test]
    fn describe_may_be_written_as_the_flag_that_it_was_before_kafka_3_3() {
        for words in
            [["--describe", "--bootstrap-server=h:1"], ["--bootstrap-server=h:1", "describe"]]
        {
            let asked = COMMAND_LINE.parse(words.map(Into::into).to_vec());
            let Ok(Asked::Run(options)) = asked else { panic!("{asked:?}") };
            assert_eq!(options.command(), "describe");
        }
    }

    #[test]
    fn the_flags_of_kafka_2_7_are_taken_and_the_levels_are_asked_for() {
        for (flag, command) in [("--upgrade-all", "upgrade"), ("--downgrade-all", "downgrade")] {
            let words = [flag, "--dry-run", "--bootstrap-server", "localhost:9092"];
            let asked = COMMAND_LINE.parse(words.map(Into::into).to_vec());
            let Ok(Asked::Run(options)) = asked else { panic!("{asked:?}") };
            assert_eq!(options.command(), command);
            let told = changed(&options).unwrap_err().to_string();
            assert!(told.contains("--release-version VERSION"), "{told}");
        }
        let words = ["--describe", "--from-controller", "--bootstrap-server", "localhost:9092"];
        assert!(matches!(COMMAND_LINE.parse(words.map(Into::into).to_vec()), Ok(Asked::Run(_))));
    }

    #[test]
    fn describe_shows_levels_by_name_where_they_have_one() {
        let found = FeatureMetadata {
            supported: BTreeMap::from([
                ("group.version".to_owned(), (0, 1)),
                (METADATA_VERSION.to_owned(), (7, 30)),
            ]),
            finalized: BTreeMap::from([(METADATA_VERSION.to_owned(), 21)]),
            epoch: Some(5),
        };
        let text = described(&found);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains("FinalizedVersionLevel: 0      "), "{text}");
        assert!(lines[1].contains("SupportedMinVersion: 3.3-IV3 "), "{text}");
        assert!(lines[1].ends_with("FinalizedVersionLevel: 3.9-IV0          Epoch: 5"), "{text}");
    }

    #[test]
    fn a_level_needs_a_name_and_a_number() {
        assert_eq!(name_and_level(" a = 3 ").unwrap(), ("a".to_owned(), 3));
        for text in ["a", "a=x", "a=99999"] {
            assert!(name_and_level(text).is_err(), "{text}");
        }
    }
}
