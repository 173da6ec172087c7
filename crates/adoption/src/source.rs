//! What the source of a folder knew: its topics, configurations, features, ids and security facts,
//! wherever they were read. Everything that is taken over goes through this one value.

use std::collections::{BTreeMap, BTreeSet};

use metadata::ConfigResource;
use model::{BrokerId, LeaderEpoch, PartitionIndex, TopicId, Uuid};

/// Where the source kept its metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Era {
    /// In its own metadata log.
    #[default]
    KRaft,
    /// In ZooKeeper, of which nothing was there but the broker's own folders.
    ZooKeeper,
    /// In ZooKeeper, whose data was read.
    ZooKeeperData,
}

/// What the source knew.
#[derive(Debug, Default)]
pub struct Source {
    /// Where it kept its metadata.
    pub era: Era,
    /// The topics by name.
    pub topics: BTreeMap<String, SourceTopic>,
    /// What is set on topics, brokers, groups and subscriptions.
    pub configs: BTreeMap<ConfigResource, BTreeMap<String, String>>,
    /// Finalized features.
    pub features: BTreeMap<String, i16>,
    /// The brokers that were registered.
    pub brokers: BTreeSet<BrokerId>,
    /// The first producer id that was not handed out.
    pub next_producer_id: i64,
    /// An epoch that no broker has had.
    pub next_broker_epoch: i64,
    /// Who may do what, and who is who.
    pub security: Security,
    /// Client quotas, by entity and key.
    pub quotas: BTreeMap<String, f64>,
    /// What was met and is not taken over, in words.
    pub notes: BTreeSet<String>,
}

/// Security facts, which a node that cannot enforce them must not pass over.
#[derive(Debug, Default)]
pub struct Security {
    /// ACLs by their ids, in words.
    pub acls: BTreeMap<Uuid, String>,
    /// SCRAM users with their mechanisms.
    pub scram_users: BTreeSet<(String, i8)>,
    /// Delegation tokens by their ids, with their owners.
    pub tokens: BTreeMap<String, String>,
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTopic {
    /// Its id; folders written before Kafka 2.8 have none.
    pub id: Option<TopicId>,
    /// Its partitions.
    pub partitions: BTreeMap<PartitionIndex, SourcePartition>,
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePartition {
    /// The brokers that hold it.
    pub replicas: Vec<BrokerId>,
    /// Those in sync, or that may be elected.
    pub isr: Vec<BrokerId>,
    /// The last term of its leader.
    pub leader_epoch: LeaderEpoch,
    /// Counts the changes of its state.
    pub partition_epoch: i32,
    /// The log folders of the replicas, in their order; none where they are not known.
    pub directories: Vec<Uuid>,
    /// Whether the source tells that it was led, for which it must have had a folder. Not telling so,
    /// as in KRaft, says nothing.
    pub was_led: bool,
}

impl Source {
    /// Why a node that enforces no security must not serve what this source held.
    pub(crate) fn security_reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let security = &self.security;
        if let Some((_, first)) = security.acls.first_key_value() {
            reasons.push(format!(
                "its cluster has {} ACLs (the first: {first}), and Klamm cannot enforce ACLs yet: \
                 everybody could read and write everything; if that is what you want, remove them \
                 with kafka-acls.sh --remove while Kafka runs, stop Kafka, and start Klamm again",
                security.acls.len()
            ));
        }
        if let Some((first, _)) = security.scram_users.first() {
            reasons.push(format!(
                "its cluster has {} SCRAM credentials (the first: user {first}), and Klamm cannot \
                 ask for passwords yet: everybody could come in; if that is what you want, remove \
                 them with kafka-configs.sh --alter --entity-type users --delete-config while Kafka \
                 runs, stop Kafka, and start Klamm again",
                security.scram_users.len()
            ));
        }
        if let Some((_, owner)) = security.tokens.first_key_value() {
            reasons.push(format!(
                "its cluster has {} delegation tokens (the first: of {owner}), and Klamm cannot \
                 check tokens yet; let them expire, or expire them with kafka-delegation-tokens.sh",
                security.tokens.len()
            ));
        }
        reasons
    }
}
