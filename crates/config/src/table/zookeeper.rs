//! The ZooKeeper era.

use crate::def::{ConfigDef, string};

/// The ZooKeeper era.
pub(super) const CONFIGS: &[ConfigDef] = &[string(
    "zookeeper.connect",
    "The coordination service of a ZooKeeper-era file: `host:port,host:port/chroot`.",
)
.effective()];
