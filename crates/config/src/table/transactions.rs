//! Producer ids and transactions.

use crate::def::{ConfigDef, boolean, int, short};

const TRANSACTIONS: &str = "transactions are not built yet";

/// Producer ids and transactions.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int(
        "add.partitions.to.txn.retry.backoff.max.ms",
        "How long adding partitions to a transaction is retried inside the broker.",
    )
    .default("100")
    .at_least(0)
    .meaningless(TRANSACTIONS),
    int("add.partitions.to.txn.retry.backoff.ms", "The pause between two such tries.")
        .default("20")
        .at_least(1)
        .meaningless(TRANSACTIONS),
    int(
        "producer.id.expiration.ms",
        "How long an idempotent producer that is silent is remembered.",
    )
    .default("86400000")
    .at_least(1)
    .cluster_wide()
    .effective(),
    int(
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        "How often transactions are looked through for those to abort.",
    )
    .default("10000")
    .at_least(1)
    .meaningless(TRANSACTIONS),
    int("transaction.max.timeout.ms", "The longest timeout a transaction may ask for.")
        .default("900000")
        .at_least(1)
        .meaningless(TRANSACTIONS),
    boolean(
        "transaction.partition.verification.enable",
        "Whether a partition is checked to belong to the transaction that writes to it.",
    )
    .default("true")
    .cluster_wide()
    .meaningless(TRANSACTIONS),
    int(
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        "How often transactional ids are looked through for expired ones.",
    )
    .default("3600000")
    .at_least(1)
    .meaningless(TRANSACTIONS),
    int(
        "transaction.state.log.load.buffer.size",
        "How much is read at a time when transactions are loaded.",
    )
    .default("5242880")
    .at_least(1)
    .meaningless(TRANSACTIONS),
    int(
        "transaction.state.log.min.isr",
        "The fewest in-sync replicas of the topic of transactions.",
    )
    .default("2")
    .at_least(1)
    .meaningless(TRANSACTIONS),
    int("transaction.state.log.num.partitions", "Partitions of the topic of transactions.")
        .default("50")
        .at_least(1)
        .meaningless(TRANSACTIONS),
    short("transaction.state.log.replication.factor", "Replicas of the topic of transactions.")
        .default("3")
        .at_least(1)
        .meaningless(TRANSACTIONS),
    int("transaction.state.log.segment.bytes", "Segment size of the topic of transactions.")
        .default("104857600")
        .at_least(1)
        .meaningless(TRANSACTIONS),
    boolean(
        "transaction.two.phase.commit.enable",
        "Whether transactions may be prepared by an outside coordinator.",
    )
    .default("false")
    .refused(TRANSACTIONS),
    int("transactional.id.expiration.ms", "How long a silent transactional id is remembered.")
        .default("604800000")
        .at_least(1)
        .meaningless(TRANSACTIONS),
];
