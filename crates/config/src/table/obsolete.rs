//! Keys of older versions and their tutorials.

use crate::def::{ConfigDef, boolean, int, long, string};

const GONE: &str = "Kafka dropped it long ago";
const NEGOTIATED: &str = "versions are negotiated on each connection";

/// Keys of older versions and their tutorials.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int(
        "controller.message.queue.size",
        "How many messages to a broker may wait in the controller.",
    )
    .default("2147483647")
    .meaningless(GONE),
    boolean("enable.zookeeper", "Whether the first versions of Kafka registered in ZooKeeper.")
        .default("true")
        .meaningless(GONE),
    string("inter.broker.protocol.version", "The version of Kafka by whose protocol brokers talk.")
        .default("3.9-IV0")
        .meaningless(NEGOTIATED),
    string("kafka.csv.metrics.dir", "Where metrics were written as tables.").meaningless(GONE),
    boolean("kafka.csv.metrics.reporter.enabled", "Whether metrics were written as tables.")
        .default("false")
        .meaningless(GONE),
    string("offsets.storage", "Whether consumers kept offsets in ZooKeeper or in Kafka.")
        .meaningless(GONE),
    long("replica.lag.max.messages", "By how many records a follower might lag.")
        .default("4000")
        .meaningless(GONE),
];
