//! Identity of the node and the metadata quorum.

use super::reasons::NO_PEERS;
use crate::def::{ConfigDef, boolean, int, list, long};

const IDS: &str = "a node without an id gets one and keeps it";
const ALONE: &str = "a metadata quorum of one needs no messages";
const OWN_LOG: &str = "the metadata log is Klamm's own";

/// Identity of the node and the metadata quorum.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int("broker.heartbeat.interval.ms", "How often a broker reports to the controller.")
        .default("2000")
        .meaningless(NO_PEERS),
    int("broker.id", "Older name of `node.id`; -1 leaves it out.")
        .default("-1")
        .at_least(-1)
        .effective(),
    boolean(
        "broker.id.generation.enable",
        "Whether a node without an id is given one, in the ZooKeeper era.",
    )
    .default("true")
    .meaningless(IDS),
    int("broker.session.timeout.ms", "How long a silent broker counts as alive.")
        .default("9000")
        .meaningless(NO_PEERS),
    list("controller.listener.names", "Which of the listeners belong to the metadata quorum.")
        .effective(),
    int(
        "controller.quorum.append.linger.ms",
        "How long the quorum's leader gathers records before it writes them.",
    )
    .default("25")
    .at_least(0)
    .meaningless(ALONE),
    boolean(
        "controller.quorum.auto.join.enable",
        "Whether a controller joins the quorum by itself.",
    )
    .default("false")
    .meaningless(ALONE),
    list(
        "controller.quorum.bootstrap.servers",
        "Where to ask for the members of the metadata quorum.",
    )
    .default("")
    .effective(),
    int("controller.quorum.election.backoff.max.ms", "The longest pause between two elections.")
        .default("1000")
        .at_least(0)
        .meaningless(ALONE),
    int("controller.quorum.election.timeout.ms", "How long a candidate waits for votes.")
        .default("1000")
        .at_least(0)
        .meaningless(ALONE),
    int("controller.quorum.fetch.max.bytes", "Most bytes in a fetch of the metadata log.")
        .default("1048576")
        .at_least(1)
        .meaningless(ALONE),
    int(
        "controller.quorum.fetch.snapshot.max.bytes",
        "Most bytes in a fetch of a metadata snapshot.",
    )
    .default("1048576")
    .at_least(1)
    .meaningless(ALONE),
    int(
        "controller.quorum.fetch.timeout.ms",
        "How long a voter goes without its leader before it stands for election.",
    )
    .default("2000")
    .at_least(0)
    .meaningless(ALONE),
    int("controller.quorum.request.timeout.ms", "How long a request inside the quorum may take.")
        .default("2000")
        .at_least(0)
        .meaningless(ALONE),
    int("controller.quorum.retry.backoff.ms", "The pause before such a request is tried again.")
        .default("20")
        .at_least(0)
        .meaningless(ALONE),
    list("controller.quorum.voters", "The members of the metadata quorum: `id@host:port`.")
        .default("")
        .effective(),
    int(
        "initial.broker.registration.timeout.ms",
        "How long a broker tries to register when it starts.",
    )
    .default("60000")
    .meaningless(NO_PEERS),
    long(
        "metadata.log.max.record.bytes.between.snapshots",
        "After so many bytes of metadata a snapshot is written.",
    )
    .default("20971520")
    .at_least(1)
    .meaningless(OWN_LOG),
    long(
        "metadata.log.max.snapshot.interval.ms",
        "After so long a snapshot of the metadata is written.",
    )
    .default("3600000")
    .at_least(0)
    .meaningless(OWN_LOG),
    int("metadata.log.segment.bytes", "Segment size of the metadata log.")
        .default("1073741824")
        .at_least(8388608)
        .meaningless(OWN_LOG),
    long("metadata.log.segment.ms", "After so long the metadata log begins a new segment.")
        .default("604800000")
        .meaningless(OWN_LOG),
    int("metadata.max.idle.interval.ms", "How often an idle controller writes an empty record.")
        .default("500")
        .at_least(0)
        .meaningless(OWN_LOG),
    long(
        "metadata.max.retention.bytes",
        "How much of the metadata log is kept beside the newest snapshot.",
    )
    .default("104857600")
    .meaningless(OWN_LOG),
    long(
        "metadata.max.retention.ms",
        "How long the metadata log is kept beside the newest snapshot.",
    )
    .default("604800000")
    .meaningless(OWN_LOG),
    int("node.id", "The node's number in its cluster; may be left out.").at_least(0).effective(),
    list("process.roles", "What the node is: broker, controller or both.")
        .default("broker,controller")
        .one_of(&["broker", "controller"])
        .effective(),
    int("reserved.broker.max.id", "The largest id that a person may give in the ZooKeeper era.")
        .default("1000")
        .at_least(0)
        .meaningless(IDS),
];
