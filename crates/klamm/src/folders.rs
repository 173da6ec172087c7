//! The data folders at start: held, identified, and asked how the last run ended.
//!
//! A folder that belongs to another node or cluster is refused with both ids and the way out; an
//! empty one is formatted, which loses nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use broker::FolderParts;
use metadata::StartKind;
use model::{BrokerId, Uuid};
use storage::fs::RealFileSystem;
use storage::{LastStop, LogDirectory, MetaProperties};

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
}

struct Opened {
    directory: LogDirectory,
    properties: Option<MetaProperties>,
    last_stop: LastStop,
}

/// Opens the folders of `log.dirs` and formats those that are new.
pub(crate) fn open(
    paths: &[PathBuf],
    configured: Option<BrokerId>,
    boot_id: Option<&str>,
) -> Result<Folders> {
    let mut opened = Vec::with_capacity(paths.len());
    for path in paths {
        let directory = LogDirectory::open(Arc::new(RealFileSystem), path.clone())?;
        let properties = directory.meta_properties()?;
        let last_stop = directory.last_stop(boot_id)?;
        opened.push(Opened { directory, properties, last_stop });
    }
    let node_id = agree(&opened, "node id", configured, |properties| properties.node_id)?
        .unwrap_or(FIRST_NODE_ID);
    let cluster_id =
        agree(&opened, "cluster id", None, |properties| properties.cluster_id.clone())?
            .unwrap_or_else(|| Uuid::from_random(rand::random()).to_string());
    let start = start_kind(&opened);
    let mut parts = Vec::with_capacity(opened.len());
    for folder in opened {
        let id = identify(&folder, node_id, &cluster_id)?;
        let clean = matches!(folder.last_stop, LastStop::Clean { .. } | LastStop::Never);
        parts.push(FolderParts { directory: folder.directory, id, clean });
    }
    Ok(Folders { node_id, cluster_id: cluster_id.into(), start, parts })
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
fn start_kind(opened: &[Opened]) -> StartKind {
    let stops: Vec<LastStop> = opened.iter().map(|folder| folder.last_stop).collect();
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
fn identify(folder: &Opened, node_id: BrokerId, cluster_id: &str) -> Result<Uuid> {
    let known = folder.properties.clone();
    let id = known.as_ref().and_then(|properties| properties.directory_id);
    let id = id.unwrap_or_else(|| Uuid::from_random(rand::random()));
    let wanted = MetaProperties {
        cluster_id: Some(cluster_id.to_owned()),
        node_id: Some(node_id),
        directory_id: Some(id),
        other: known.as_ref().map(|properties| properties.other.clone()).unwrap_or_default(),
    };
    if known.as_ref() != Some(&wanted) {
        let now = jiff::Zoned::now().strftime("%a %b %d %H:%M:%S %Z %Y").to_string();
        folder
            .directory
            .write_meta_properties(&wanted, &now)
            .with_context(|| format!("cannot format {}", folder.directory.path().display()))?;
    }
    Ok(id)
}
