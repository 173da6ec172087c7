//! The data folders at start: held, identified, and asked how the last run ended.
//!
//! A folder that belongs to another node or cluster is refused with both ids and the way out; an
//! empty one is formatted, which loses nothing. The metadata log stays in the folder in which it was
//! begun, in whatever order the folders are named; a node that has served never starts a new one.
//! A folder that cannot be used is left out, and its partitions with it, as long as it is not the one
//! with the metadata log and another is left.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use adoption::Adoption;
use anyhow::{Result, anyhow, bail};
use broker::FolderParts;
use config::NodeConfig;
use metadata::{MetadataRecord, StartKind};
use model::{BrokerId, Uuid};
use storage::fs::{FileSystem, RealFileSystem};
use storage::{LastStop, LogDirectory, MetaProperties, MetaVersion, StorageError};
use tracing::{error, warn};

/// The folder of the metadata log within a data folder.
const METADATA_FOLDER: &str = "klamm-metadata";
/// The id of a node that nobody gave one and whose folder has none.
const FIRST_NODE_ID: BrokerId = BrokerId::new(1);

/// What the folders of a node say together.
#[derive(Debug)]
pub(crate) struct Folders {
    /// The node's id.
    pub(crate) node_id: BrokerId,
    /// The cluster's id.
    pub(crate) cluster_id: Arc<str>,
    /// How the last run ended.
    pub(crate) start: StartKind,
    /// The folders for the broker.
    pub(crate) parts: Vec<FolderParts>,
    /// Where the metadata log is.
    pub(crate) metadata: MetadataFolder,
    /// What the node begins with when its folders were those of an Apache Kafka.
    pub(crate) adopted: Option<Adopted>,
}

/// The metadata of an Apache Kafka whose folders this node takes over.
#[derive(Debug)]
pub(crate) struct Adopted {
    /// What the node's own metadata begins with.
    pub(crate) records: Vec<MetadataRecord>,
    /// What a person should know about it.
    pub(crate) report: String,
}

/// The place of the metadata log.
#[derive(Debug)]
pub(crate) struct MetadataFolder {
    /// The folder that holds nothing else.
    pub(crate) path: PathBuf,
    /// The id of the data folder around it.
    pub(crate) directory_id: Uuid,
    /// Keeps a folder of its own held, when it is none of `log.dirs`.
    pub(crate) held: Option<LogDirectory>,
}

struct Opened {
    directory: LogDirectory,
    properties: Option<MetaProperties>,
    last_stop: LastStop,
}

/// A folder that cannot be used, and why.
#[derive(Debug)]
struct Unusable {
    path: PathBuf,
    reason: StorageError,
}

/// What folders say together, before anything is written into them.
struct Understood {
    node_id: BrokerId,
    cluster_id: String,
    start: StartKind,
    /// The data folder that holds the metadata log, or gets it.
    metadata: PathBuf,
    adoption: Option<Adoption>,
}

/// Opens the folders of `log.dirs` and of `metadata.log.dir`, and formats those that are new. When they
/// are refused, they stay as they were.
/// `zookeeper` are the data folders of the ZooKeeper that folders of Apache Kafka belonged to.
pub(crate) fn open(
    config: &NodeConfig,
    boot_id: Option<&str>,
    zookeeper: &[PathBuf],
) -> Result<Folders> {
    let mut paths = config.log_dirs.clone();
    if !paths.contains(&config.metadata_log_dir) {
        paths.push(config.metadata_log_dir.clone());
    }
    let mut opened = Vec::with_capacity(paths.len());
    let mut unusable = Vec::new();
    let mut understood = Ok(());
    for path in paths {
        match open_folder(&path, boot_id) {
            Ok(folder) => opened.push(folder),
            // Two nodes with one folder are a mistake, not a disk that is broken.
            Err(error @ StorageError::Locked { .. }) => {
                understood = Err(error.into());
                break;
            }
            Err(error) => unusable.push(Unusable { path, reason: error }),
        }
    }
    match understood.and_then(|()| understand(config, &opened, &unusable, zookeeper)) {
        Ok(understood) => take_over(config, opened, unusable, understood),
        Err(refusal) => {
            opened.into_iter().for_each(|folder| folder.directory.leave_as_found());
            Err(refusal)
        }
    }
}

/// Reads the folders, and writes nothing: what cannot be taken over stays as it is.
fn understand(
    config: &NodeConfig,
    opened: &[Opened],
    unusable: &[Unusable],
    zookeeper: &[PathBuf],
) -> Result<Understood> {
    if opened.is_empty() {
        bail!("no data folder can be used: {}", listed(unusable));
    }
    let node_id = agree(opened, "node id", config.node_id, |properties| properties.node_id)?
        .unwrap_or(FIRST_NODE_ID);
    let cluster_id = agree(opened, "cluster id", None, |properties| properties.cluster_id.clone())?
        .unwrap_or_else(|| Uuid::from_random(rand::random()).to_string());
    let metadata = metadata_folder(config, opened, unusable)?;
    // A new folder for the metadata log alone, which comes last, cannot lack partitions.
    let may_hold = |folder: &&Opened| {
        folder.properties.is_some() || is_of_data(config, folder.directory.path())
    };
    let kafkas: Vec<&Opened> = opened.iter().filter(may_hold).collect();
    let adoption = adoption(opened, &kafkas, unusable, node_id, zookeeper)?;
    let of_data = opened.iter().filter(|folder| is_of_data(config, folder.directory.path()));
    let start = start_kind(of_data);
    Ok(Understood { node_id, cluster_id, start, metadata, adoption })
}

/// Whether a folder is one of `log.dirs`.
fn is_of_data(config: &NodeConfig, path: &Path) -> bool {
    config.log_dirs.iter().any(|of_data| of_data == path)
}

/// Writes into the folders what is new in them.
fn take_over(
    config: &NodeConfig,
    opened: Vec<Opened>,
    mut unusable: Vec<Unusable>,
    understood: Understood,
) -> Result<Folders> {
    let Understood { node_id, cluster_id, start, metadata, adoption } = understood;
    let mut metadata = MetadataFolder {
        path: metadata.join(METADATA_FOLDER),
        directory_id: Uuid::ZERO,
        held: None,
    };
    let mut parts = Vec::with_capacity(opened.len());
    let version = meta_version(&opened);
    let identified: Vec<_> =
        opened.iter().map(|folder| identify(folder, node_id, &cluster_id, version)).collect();
    let adopted = adoption.map(|adoption| adopt(&adoption, &identified)).transpose()?;
    for (folder, identified) in opened.into_iter().zip(identified) {
        let path = folder.directory.path();
        let holds_metadata = metadata.path.parent() == Some(path);
        let id = match identified {
            Ok(id) => id,
            Err(reason) if holds_metadata => return Err(reason.into()),
            Err(reason) => {
                unusable.push(Unusable { path: path.to_owned(), reason });
                continue;
            }
        };
        if holds_metadata {
            metadata.directory_id = id;
        }
        if !is_of_data(config, path) {
            metadata.held = Some(folder.directory);
            continue;
        }
        let clean = matches!(folder.last_stop, LastStop::Clean { .. } | LastStop::Never);
        parts.push(FolderParts { directory: folder.directory, id, clean, holds_metadata });
    }
    if parts.is_empty() {
        bail!("no data folder can be used: {}", listed(&unusable));
    }
    for Unusable { path, reason } in &unusable {
        error!(
            folder = %path.display(), %reason,
            "this folder of log.dirs cannot be used: its partitions are not served; mend it and start \
             the node again"
        );
    }
    Ok(Folders { node_id, cluster_id: cluster_id.into(), start, parts, metadata, adopted })
}

/// The folders of a node that is stopped, held so that none starts on them.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// The node's id.
    pub(crate) node_id: BrokerId,
    /// The cluster's id.
    pub(crate) cluster_id: String,
    /// The folder of the metadata log.
    pub(crate) metadata: PathBuf,
    folders: Vec<(LogDirectory, bool)>,
}

impl Stopped {
    /// Those that hold partitions.
    pub(crate) fn data(&self) -> Vec<&LogDirectory> {
        self.folders.iter().filter(|(_, is_of_data)| *is_of_data).map(|(it, _)| it).collect()
    }

    /// Where they lie.
    pub(crate) fn file_system(&self) -> Arc<dyn FileSystem> {
        Arc::new(RealFileSystem)
    }
}

/// Takes hold of the folders of a node that was stopped cleanly. All of them must be there.
pub(crate) fn open_stopped(config: &NodeConfig, boot_id: Option<&str>) -> Result<Stopped> {
    let mut paths = config.log_dirs.clone();
    if !paths.contains(&config.metadata_log_dir) {
        paths.push(config.metadata_log_dir.clone());
    }
    let mut opened = Vec::with_capacity(paths.len());
    for path in &paths {
        // Opening would create it.
        if !path.is_dir() {
            bail!("there is no data folder {}: name the node's own file", path.display());
        }
        let folder = open_folder(path, boot_id).map_err(|error| match error {
            StorageError::Locked { .. } => {
                anyhow!("{} is in use: stop the node that serves it first", path.display())
            }
            other => other.into(),
        })?;
        if matches!(folder.last_stop, LastStop::Unclean | LastStop::Lossy) {
            bail!(
                "the node on {} was not stopped cleanly: start Klamm on it, which mends what is to be \
                 mended, stop it, and try again",
                path.display()
            );
        }
        opened.push(folder);
    }
    let Some(served) = served(&opened)?.map(Path::to_owned) else {
        bail!(
            "Klamm has never served from {}: there is nothing to export",
            config.metadata_log_dir.display()
        );
    };
    let node_id = agree(&opened, "node id", config.node_id, |properties| properties.node_id)?;
    let cluster_id = agree(&opened, "cluster id", None, |found| found.cluster_id.clone())?;
    let (Some(node_id), Some(cluster_id)) = (node_id, cluster_id) else {
        bail!("{} has no meta.properties: restore it from a backup", served.display());
    };
    let metadata = metadata_folder(config, &opened, &[])?.join(METADATA_FOLDER);
    let is_of_data =
        |folder: &Opened| config.log_dirs.iter().any(|of_data| of_data == folder.directory.path());
    let folders = opened.into_iter().map(|it| (is_of_data(&it), it.directory));
    let folders = folders.map(|(is_of_data, directory)| (directory, is_of_data)).collect();
    Ok(Stopped { node_id, cluster_id, metadata, folders })
}

/// What an Apache Kafka left in the folders `kafkas`, as long as this node has not served from them.
fn adoption(
    opened: &[Opened],
    kafkas: &[&Opened],
    unusable: &[Unusable],
    node_id: BrokerId,
    zookeeper: &[PathBuf],
) -> Result<Option<Adoption>> {
    if let Some(path) = served(opened)? {
        if !zookeeper.is_empty() {
            warn!(
                folder = %path.display(),
                "--zookeeper-data is not read: this node has served already and has metadata of its own"
            );
        }
        return Ok(None);
    }
    let folders: Vec<_> =
        kafkas.iter().map(|folder| (&folder.directory, folder.properties.as_ref())).collect();
    let adoption = adoption::read_with_zookeeper(&folders, node_id, zookeeper)?;
    if adoption.is_some() && !unusable.is_empty() {
        bail!(
            "folders of an Apache Kafka are taken over all together or not at all: {}",
            listed(unusable)
        );
    }
    Ok(adoption)
}

/// Makes what was read the beginning of this node's own metadata.
fn adopt(adoption: &Adoption, directories: &[Result<Uuid, StorageError>]) -> Result<Adopted> {
    let directories = directories.iter().cloned().collect::<Result<Vec<_>, _>>()?;
    Ok(Adopted {
        records: adoption.records(&directories, || Uuid::from_random(rand::random())),
        report: adoption.report(),
    })
}

/// The form in which `meta.properties` is written into a folder that has none: that of the others.
fn meta_version(opened: &[Opened]) -> MetaVersion {
    let mut known = opened.iter().filter_map(|folder| Some(folder.properties.as_ref()?.version));
    known.next().unwrap_or_default()
}

fn open_folder(path: &Path, boot_id: Option<&str>) -> Result<Opened, StorageError> {
    let directory = LogDirectory::open(Arc::new(RealFileSystem), path.to_owned())?;
    let properties = directory.meta_properties()?;
    let last_stop = directory.last_stop(boot_id)?;
    Ok(Opened { directory, properties, last_stop })
}

/// The folders that cannot be used, for a message.
fn listed(unusable: &[Unusable]) -> String {
    unusable.iter().map(|it| it.reason.to_string()).collect::<Vec<_>>().join("; ")
}

/// The data folder that holds the metadata log, or gets it when the node is new.
fn metadata_folder(
    config: &NodeConfig,
    opened: &[Opened],
    unusable: &[Unusable],
) -> Result<PathBuf> {
    let wanted = &config.metadata_log_dir;
    let holders: Vec<&Path> = opened
        .iter()
        .map(|folder| folder.directory.path())
        .filter(|path| path.join(METADATA_FOLDER).is_dir())
        .collect();
    match holders.as_slice() {
        [only] if !config.is_set("metadata.log.dir") || only == wanted => Ok(only.to_path_buf()),
        [only] => bail!(
            "the metadata log of this node is in {}, but metadata.log.dir says {}; set \
             metadata.log.dir={0}, or leave it out",
            only.display(),
            wanted.display()
        ),
        [first, second, ..] => bail!(
            "both {} and {} hold a metadata log ({METADATA_FOLDER}); move the one aside that is not \
             this node's",
            first.display(),
            second.display()
        ),
        [] if !unusable.is_empty() => bail!(
            "the metadata log ({METADATA_FOLDER}) of this node may be in a folder that cannot be \
             used: {}; mend it, or take it out of log.dirs when this node is new",
            listed(unusable)
        ),
        [] => match served(opened)? {
            Some(path) => bail!(
                "{} has served before, but the metadata log ({METADATA_FOLDER}) that belongs to it \
                 is in none of log.dirs: mount the folder that holds it and name it there, or \
                 restore it from a backup; to start over with an empty cluster, name an empty folder",
                path.display()
            ),
            None => Ok(wanted.clone()),
        },
    }
}

/// A folder from which this node has served before.
fn served(opened: &[Opened]) -> Result<Option<&Path>> {
    for folder in opened {
        if folder.directory.has_served()? {
            return Ok(Some(folder.directory.path()));
        }
    }
    Ok(None)
}

/// The one value that all folders and the configuration have.
fn agree<T: PartialEq + std::fmt::Display>(
    opened: &[Opened],
    what: &str,
    configured: Option<T>,
    of: impl Fn(&MetaProperties) -> Option<T>,
) -> Result<Option<T>> {
    let mut agreed: Option<(T, Option<&Path>)> = configured.map(|value| (value, None));
    for folder in opened {
        let Some(found) = folder.properties.as_ref().and_then(&of) else { continue };
        let path = folder.directory.path();
        match &agreed {
            None => agreed = Some((found, Some(path))),
            Some((expected, _)) if *expected == found => {}
            Some((expected, None)) => bail!(
                "the folder {} belongs to {what} {found}, but the configuration says {expected}; \
                 set node.id={found} (broker.id in older files), or give the node another folder \
                 in log.dirs",
                path.display()
            ),
            Some((expected, Some(other))) => bail!(
                "the folders {} ({what} {expected}) and {} ({what} {found}) do not belong together; \
                 take one of them out of log.dirs",
                other.display(),
                path.display()
            ),
        }
    }
    Ok(agreed.map(|(value, _)| value))
}

/// The worst of what the folders tell.
fn start_kind<'a>(opened: impl Iterator<Item = &'a Opened>) -> StartKind {
    let stops: Vec<LastStop> = opened.map(|folder| folder.last_stop).collect();
    if stops.contains(&LastStop::Lossy) {
        return StartKind::Lossy;
    }
    if stops.contains(&LastStop::Unclean) {
        return StartKind::Unclean;
    }
    let epoch = stops.iter().find_map(|stop| match stop {
        LastStop::Clean { broker_epoch } => Some(broker_epoch.unwrap_or(-1)),
        _ => None,
    });
    match epoch {
        Some(previous_broker_epoch) => StartKind::Clean { previous_broker_epoch },
        None => StartKind::Fresh,
    }
}

/// The folder's own id; what is missing in `meta.properties` is written.
fn identify(
    folder: &Opened,
    node_id: BrokerId,
    cluster_id: &str,
    version: MetaVersion,
) -> Result<Uuid, StorageError> {
    let known = folder.properties.clone();
    let id = known.as_ref().and_then(|properties| properties.directory_id);
    let id = id.unwrap_or_else(|| Uuid::from_random(rand::random()));
    let wanted = MetaProperties {
        version: known.as_ref().map_or(version, |properties| properties.version),
        cluster_id: Some(cluster_id.to_owned()),
        node_id: Some(node_id),
        directory_id: Some(id),
        other: known.as_ref().map(|properties| properties.other.clone()).unwrap_or_default(),
    };
    if known.as_ref() != Some(&wanted) {
        let now = jiff::Zoned::now().strftime("%a %b %d %H:%M:%S %Z %Y").to_string();
        folder.directory.write_meta_properties(&wanted, &now)?;
    }
    Ok(id)
}
