//! Identity of the node and the metadata quorum.

use crate::def::{ConfigDef, int, list};

/// Identity of the node and the metadata quorum.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int("broker.id", "Older name of `node.id`; -1 leaves it out.")
        .default("-1")
        .at_least(-1)
        .effective(),
    list("controller.listener.names", "Which of the listeners belong to the metadata quorum.")
        .effective(),
    list(
        "controller.quorum.bootstrap.servers",
        "Where to ask for the members of the metadata quorum.",
    )
    .default("")
    .effective(),
    list("controller.quorum.voters", "The members of the metadata quorum: `id@host:port`.")
        .default("")
        .effective(),
    int("node.id", "The node's number in its cluster; may be left out.").at_least(0).effective(),
    list("process.roles", "What the node is: broker, controller or both.")
        .default("broker,controller")
        .one_of(&["broker", "controller"])
        .effective(),
];
