//! `kafka-storage format`.

use std::path::Path;
use std::sync::Arc;

use config::NodeConfig;
use model::Uuid;
use storage::fs::RealFileSystem;
use storage::{LogDirectory, MetaProperties, MetaVersion};

use super::{folders, node_config, random_id};
use crate::failure::Failure;
use crate::features::levels::{self, METADATA_VERSION, MetadataVersion};
use crate::features::name_and_level;
use crate::options::Options;
use crate::output::print;

/// Who decides on metadata, as far as the command line says it.
#[derive(Debug, PartialEq, Eq)]
enum Controllers {
    /// As the configuration says.
    Configured,
    /// This node, with its metadata in a folder of this id.
    ThisNode(Uuid),
}

/// A folder that is not prepared yet.
struct Unprepared {
    directory: LogDirectory,
    is_of_metadata: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let cluster_id = options.required("cluster-id")?.trim();
    if cluster_id.is_empty() || cluster_id.contains(char::is_whitespace) {
        return Err(Failure::Usage("--cluster-id takes a word, such as random-uuid makes".into()));
    }
    let config = node_config(options)?;
    if options.has("add-scram") {
        return Err(Failure::Refused(
            "--add-scram is not there yet: Klamm does not know users; format without it".into(),
        ));
    }
    let controllers = controllers(options, &config)?;
    let version = options.value("release-version")?.unwrap_or(levels::LATEST);
    let version = levels::metadata_version(version).map_err(Failure::Refused)?;
    let features = features(options, version)?;
    let unprepared = unprepared(options, &config, cluster_id)?;
    if unprepared.is_empty() {
        return print("All of the log directories are already formatted.\n");
    }
    print(&format!("Bootstrap metadata: {}\n", bootstrap(version, &features)))?;
    let now = jiff::Zoned::now().strftime("%a %b %d %H:%M:%S %Z %Y").to_string();
    for folder in unprepared {
        let (kind, id) = match &controllers {
            _ if !folder.is_of_metadata => ("data directory", random_id()),
            Controllers::Configured => ("metadata directory", random_id()),
            Controllers::ThisNode(id) => ("dynamic metadata voter directory", *id),
        };
        let path = folder.directory.path().display();
        print(&format!("Formatting {kind} {path} with {METADATA_VERSION} {}.\n", version.name))?;
        let properties = MetaProperties {
            version: MetaVersion::KRaft,
            cluster_id: Some(cluster_id.to_owned()),
            // Without one the node gets its id when it starts.
            node_id: config.node_id,
            directory_id: Some(id),
            other: std::collections::BTreeMap::new(),
        };
        folder.directory.write_meta_properties(&properties, &now).map_err(refused)?;
    }
    Ok(())
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Refused(error.to_string())
}

/// Checks what the command line says of controllers against the configuration, by Kafka's rules; a
/// file that does not speak of roles is a node that is everything.
fn controllers(options: &Options, config: &NodeConfig) -> Result<Controllers, Failure> {
    options.forbid("standalone", &["initial-controllers", "no-initial-controllers"])?;
    options.forbid("initial-controllers", &["no-initial-controllers"])?;
    let named = options.value("initial-controllers")?;
    if !config.voters.is_empty() && (named.is_some() || options.has("standalone")) {
        return Err(refused(
            "You cannot specify controller.quorum.voters and format the node with --initial-controllers \
             or --standalone. If you want to use dynamic quorum, please remove controller.quorum.voters \
             and specify controller.quorum.bootstrap.servers instead.",
        ));
    }
    let is_controller =
        config.is_set("process.roles") && config.roles.contains(&config::Role::Controller);
    match named {
        Some(list) => named_controller(list, config),
        None if options.has("standalone") => Ok(Controllers::ThisNode(random_id())),
        None if is_controller
            && config.voters.is_empty()
            && !options.has("no-initial-controllers") =>
        {
            Err(refused(
                "Because controller.quorum.voters is not set on this controller, you must specify one of \
                 the following: --standalone, --initial-controllers, or --no-initial-controllers.",
            ))
        }
        None => Ok(Controllers::Configured),
    }
}

/// `ID@HOST:PORT:DIRECTORY-ID`, which must be this node.
fn named_controller(list: &str, config: &NodeConfig) -> Result<Controllers, Failure> {
    let bad =
        || refused(format!("--initial-controllers takes ID@HOST:PORT:DIRECTORY-ID, not {list}"));
    if list.contains(',') {
        return Err(refused(
            "--initial-controllers with several nodes is not there yet: name this node alone, or use \
             --standalone",
        ));
    }
    let (id, place) = list.split_once('@').ok_or_else(bad)?;
    let id: i32 = id.trim().parse().map_err(|_| bad())?;
    if config.node_id.is_some_and(|own| own.get() != id) {
        return Err(refused(format!(
            "--initial-controllers names the node {id}, but the configuration is that of another"
        )));
    }
    let (_, directory) = place.rsplit_once(':').ok_or_else(bad)?;
    Ok(Controllers::ThisNode(directory.trim().parse().map_err(|_| bad())?))
}

/// The levels of features, those of the version unless the command line says another.
fn features(
    options: &Options,
    version: MetadataVersion,
) -> Result<Vec<(&'static str, i16)>, Failure> {
    let mut features: Vec<(&'static str, i16)> = levels::defaults(version).collect();
    for text in options.values("feature") {
        let (name, level) = name_and_level(text)?;
        levels::dependencies(&name, level).map_err(Failure::Refused)?;
        match features.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = level,
            None => {
                return Err(refused(format!(
                    "Use --release-version instead of --feature {name}=X to avoid ambiguity."
                )));
            }
        }
    }
    features.sort_unstable();
    Ok(features)
}

/// What Kafka would put into a new metadata log, as it prints it.
fn bootstrap(version: MetadataVersion, features: &[(&'static str, i16)]) -> String {
    let others = features.iter().filter(|(name, level)| *name != "kraft.version" && *level > 0);
    let records: Vec<String> = std::iter::once(&(METADATA_VERSION, version.level))
        .chain(others)
        .map(|(name, level)| {
            format!(
                "ApiMessageAndVersion(FeatureLevelRecord(name='{name}', featureLevel={level}) at version \
                 0)"
            )
        })
        .collect();
    format!(
        "BootstrapMetadata(records=[{}], metadataVersionLevel={}, source=format command)",
        records.join(", "),
        version.level
    )
}

/// Takes hold of the folders and leaves out those that are prepared for this cluster and node.
fn unprepared(
    options: &Options,
    config: &NodeConfig,
    cluster_id: &str,
) -> Result<Vec<Unprepared>, Failure> {
    let mut unprepared = Vec::new();
    let mut prepared: Option<String> = None;
    for path in folders(config) {
        let is_of_metadata = config.metadata_log_dir == Path::new(&path);
        let directory = LogDirectory::open(Arc::new(RealFileSystem), (&path).into());
        let directory = directory.map_err(refused)?;
        let Some(found) = directory.meta_properties().map_err(refused)? else {
            unprepared.push(Unprepared { directory, is_of_metadata });
            continue;
        };
        if let Some(other) = found.cluster_id.filter(|found| found != cluster_id) {
            return Err(refused(format!(
                "Invalid cluster.id in: {path}/meta.properties. Expected {cluster_id}, but read {other}"
            )));
        }
        if let (Some(found), Some(own)) = (found.node_id, config.node_id)
            && found != own
        {
            return Err(refused(format!(
                "Stored node id {found} doesn't match previous node id {own} in {path}/meta.properties"
            )));
        }
        prepared.get_or_insert(path);
    }
    match prepared {
        Some(path) if !options.has("ignore-formatted") => Err(refused(format!(
            "Log directory {path} is already formatted. Use --ignore-formatted to ignore this directory \
             and format the others."
        ))),
        _ => Ok(unprepared),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bootstrap_metadata_is_told_as_in_kafka() {
        let version = levels::metadata_version("4.0").unwrap();
        let features = [("group.version", 1), ("kraft.version", 1), ("share.version", 0)];
        assert_eq!(
            bootstrap(version, &features),
            "BootstrapMetadata(records=[ApiMessageAndVersion(FeatureLevelRecord(name='metadata.version', \
             featureLevel=25) at version 0), ApiMessageAndVersion(FeatureLevelRecord(\
             name='group.version', featureLevel=1) at version 0)], metadataVersionLevel=25, \
             source=format command)"
        );
    }

    #[test]
    fn initial_controllers_can_only_be_this_node() {
        let (config, _) = config::load("", "node.id=3\nlisteners=PLAINTEXT://:1", &[]).unwrap();
        let parse = |list: &str| named_controller(list, &config);
        let id = "AAAAAAAAAAAAAAAAAAAAAQ";
        assert_eq!(
            parse(&format!("3@h:1:{id}")).unwrap(),
            Controllers::ThisNode(id.parse().unwrap())
        );
        for list in [format!("4@h:1:{id}"), format!("3@h:1:{id},4@h:1:{id}"), "3@h:1".to_owned()] {
            assert!(parse(&list).is_err(), "{list}");
        }
    }
}
