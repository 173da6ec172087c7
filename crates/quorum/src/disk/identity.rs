//! Whose folder this is. Written once, before anything else, and checked at every start.

use std::path::Path;

use model::{BrokerId, Uuid};
use serde::{Deserialize, Serialize};
use storage::fs::FileSystem;
use storage::fs::{read_file, replace_file};

use crate::error::{DiskError, QuorumError};
use crate::node::Identity;

const FILE: &str = "identity.json";

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    cluster_id: String,
    node_id: i32,
    directory_id: String,
}

/// Checks that the folder is this node's, or makes it so when it is new.
pub(crate) fn claim(
    file_system: &dyn FileSystem,
    folder: &Path,
    identity: &Identity,
) -> Result<(), QuorumError> {
    let path = folder.join(FILE);
    let found = read_file(file_system, &path).map_err(DiskError::io("read", &path))?;
    let Some(found) = found else {
        let stored = Stored {
            version: 1,
            cluster_id: identity.cluster_id.to_string(),
            node_id: identity.node_id.get(),
            directory_id: identity.directory_id.to_string(),
        };
        let text = serde_json::to_vec_pretty(&stored)
            .map_err(|error| DiskError::damaged(&path, 0, error))?;
        replace_file(file_system, &path, &text).map_err(DiskError::io("write", &path))?;
        return Ok(());
    };
    let stored: Stored =
        serde_json::from_slice(&found).map_err(|error| DiskError::damaged(&path, 0, error))?;
    let found_directory: Uuid =
        stored.directory_id.parse().map_err(|error| DiskError::damaged(&path, 0, error))?;
    let same = stored.node_id == identity.node_id.get()
        && found_directory == identity.directory_id
        && *stored.cluster_id == *identity.cluster_id;
    if same {
        return Ok(());
    }
    Err(QuorumError::Identity {
        folder: folder.to_owned(),
        found_node: BrokerId::new(stored.node_id),
        found_directory,
        found_cluster: stored.cluster_id,
        node: identity.node_id,
        directory: identity.directory_id,
        cluster: identity.cluster_id.to_string(),
    })
}
