//! The ZooKeeper era.

use crate::def::{ConfigDef, boolean, int, list, password, string};

const OWN_ZOOKEEPER: &str = "the node keeps the metadata itself, there is no ZooKeeper to reach";
const MIGRATION: &str = "moving metadata out of Apache ZooKeeper is not built yet";
const ZNODE_ACLS: &str = "ACLs on znodes are not built yet";
const ZOOKEEPER_TLS: &str = "there is no ZooKeeper to reach, and TLS is not built yet";

/// The ZooKeeper era.
pub(super) const CONFIGS: &[ConfigDef] = &[
    string("zookeeper.clientCnxnSocket", "The Java class of connections to ZooKeeper.")
        .meaningless(OWN_ZOOKEEPER),
    string(
        "zookeeper.connect",
        "The coordination service of a ZooKeeper-era file: `host:port,host:port/chroot`.",
    )
    .effective(),
    int("zookeeper.connection.timeout.ms", "How long connecting to ZooKeeper may take.")
        .meaningless(OWN_ZOOKEEPER),
    int(
        "zookeeper.max.in.flight.requests",
        "How many requests to ZooKeeper may wait for an answer.",
    )
    .default("10")
    .at_least(1)
    .meaningless(OWN_ZOOKEEPER),
    boolean(
        "zookeeper.metadata.migration.enable",
        "Whether metadata moves from ZooKeeper to a quorum.",
    )
    .default("false")
    .refused(MIGRATION),
    int("zookeeper.session.timeout.ms", "How long a silent broker's session with ZooKeeper lasts.")
        .default("18000")
        .meaningless(OWN_ZOOKEEPER),
    boolean("zookeeper.set.acl", "Whether znodes are written with ACLs.")
        .default("false")
        .refused(ZNODE_ACLS),
    list("zookeeper.ssl.cipher.suites", "The ciphers towards ZooKeeper.")
        .meaningless(OWN_ZOOKEEPER),
    boolean("zookeeper.ssl.client.enable", "Whether ZooKeeper is spoken to by TLS.")
        .default("false")
        .refused(ZOOKEEPER_TLS),
    boolean(
        "zookeeper.ssl.crl.enable",
        "Whether revocation lists are asked about ZooKeeper's certificate.",
    )
    .default("false")
    .meaningless(OWN_ZOOKEEPER),
    list("zookeeper.ssl.enabled.protocols", "The versions of TLS towards ZooKeeper.")
        .meaningless(OWN_ZOOKEEPER),
    string(
        "zookeeper.ssl.endpoint.identification.algorithm",
        "How ZooKeeper's host name is checked.",
    )
    .default("HTTPS")
    .meaningless(OWN_ZOOKEEPER),
    string("zookeeper.ssl.keystore.location", "The key towards ZooKeeper.")
        .meaningless(OWN_ZOOKEEPER),
    password("zookeeper.ssl.keystore.password", "The password of that key.")
        .meaningless(OWN_ZOOKEEPER),
    string("zookeeper.ssl.keystore.type", "The format of that key.").meaningless(OWN_ZOOKEEPER),
    boolean("zookeeper.ssl.ocsp.enable", "Whether OCSP is asked about ZooKeeper's certificate.")
        .default("false")
        .meaningless(OWN_ZOOKEEPER),
    string("zookeeper.ssl.protocol", "The version of TLS towards ZooKeeper that is tried first.")
        .default("TLSv1.2")
        .meaningless(OWN_ZOOKEEPER),
    string("zookeeper.ssl.truststore.location", "Whom to trust as ZooKeeper.")
        .meaningless(OWN_ZOOKEEPER),
    password("zookeeper.ssl.truststore.password", "The password of that store.")
        .meaningless(OWN_ZOOKEEPER),
    string("zookeeper.ssl.truststore.type", "The format of that store.").meaningless(OWN_ZOOKEEPER),
    int("zookeeper.sync.time.ms", "How far a ZooKeeper follower may lag, in older versions.")
        .default("2000")
        .meaningless(OWN_ZOOKEEPER),
];
