//! A topic as `kafka-topics --describe` shows it: which partitions, and the text of each line.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::{BrokerId, PartitionIndex, TopicId};

/// A topic.
#[derive(Debug)]
pub(super) struct TopicView {
    pub(super) name: String,
    /// Zero when the node does not say it.
    pub(super) id: TopicId,
    /// In order of their indexes.
    pub(super) partitions: Vec<PartitionView>,
    /// Configurations that are not at their default.
    pub(super) configs: Vec<(String, String)>,
    /// The least replicas in sync that acks=all needs.
    pub(super) min_insync_replicas: usize,
}

/// A partition.
#[derive(Debug)]
pub(super) struct PartitionView {
    pub(super) index: PartitionIndex,
    pub(super) leader: Option<BrokerId>,
    pub(super) replicas: Vec<BrokerId>,
    pub(super) isr: Vec<BrokerId>,
    /// Eligible leaders and the last known ones; `None` when the node does not say them.
    pub(super) eligible: Option<(Vec<BrokerId>, Vec<BrokerId>)>,
    /// Replicas that a reassignment adds and removes.
    pub(super) reassignment: Option<(Vec<BrokerId>, Vec<BrokerId>)>,
}

/// Which lines are wanted.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) under_replicated: bool,
    pub(super) unavailable: bool,
    pub(super) under_min_isr: bool,
    pub(super) at_min_isr: bool,
    pub(super) only_overridden_topics: bool,
    pub(super) live_brokers: BTreeSet<BrokerId>,
}

impl Wanted {
    fn some_partitions_only(&self) -> bool {
        self.under_replicated || self.unavailable || self.under_min_isr || self.at_min_isr
    }

    fn wants(&self, topic: &TopicView, partition: &PartitionView) -> bool {
        if !self.some_partitions_only() {
            return true;
        }
        let min = topic.min_insync_replicas;
        let no_leader = partition.leader.is_none();
        let dead_leader = partition.leader.is_some_and(|id| !self.live_brokers.contains(&id));
        (self.under_replicated && partition.replication_factor() > partition.isr.len())
            || (self.unavailable && (no_leader || dead_leader))
            || (self.under_min_isr && (no_leader || partition.isr.len() < min))
            || (self.at_min_isr && partition.isr.len() == min)
    }
}

impl PartitionView {
    /// Replicas that are only being added do not count yet.
    fn replication_factor(&self) -> usize {
        match &self.reassignment {
            Some((adding, removing))
                if self.replicas.iter().any(|id| adding.contains(id) || removing.contains(id)) =>
            {
                self.replicas.len() - adding.len().min(self.replicas.len())
            }
            _ => self.replicas.len(),
        }
    }

    fn push_line(&self, topic: &str, text: &mut String) {
        let leader = self.leader.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let _ = write!(
            text,
            "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}",
            self.index,
            ids(&self.replicas),
            ids(&self.isr)
        );
        if let Some((adding, removing)) = &self.reassignment {
            let (adding, removing) = (ids(adding), ids(removing));
            let _ = write!(text, "\tAdding Replicas: {adding}\tRemoving Replicas: {removing}");
        }
        match &self.eligible {
            Some((eligible, last_known)) => {
                let (eligible, last_known) = (ids(eligible), ids(last_known));
                let _ = writeln!(text, "\tElr: {eligible}\tLastKnownElr: {last_known}");
            }
            None => text.push_str("\tElr: N/A\tLastKnownElr: N/A\n"),
        }
    }
}

impl TopicView {
    /// The lines of the topic.
    pub(super) fn describe(&self, wanted: &Wanted) -> String {
        let mut text = String::new();
        let headed = !wanted.only_overridden_topics || !self.configs.is_empty();
        if headed && !wanted.some_partitions_only() {
            self.push_header(&mut text);
        }
        if !wanted.only_overridden_topics {
            for partition in self.partitions.iter().filter(|p| wanted.wants(self, p)) {
                partition.push_line(&self.name, &mut text);
            }
        }
        text
    }

    fn push_header(&self, text: &mut String) {
        let _ = write!(text, "Topic: {}", self.name);
        if !self.id.is_zero() {
            let _ = write!(text, "\tTopicId: {}", self.id);
        }
        let factor = self.partitions.first().map_or(0, PartitionView::replication_factor);
        let configs: Vec<String> =
            self.configs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let _ = writeln!(
            text,
            "\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}",
            self.partitions.len(),
            configs.join(",")
        );
    }
}

fn ids(brokers: &[BrokerId]) -> String {
    let brokers: Vec<String> = brokers.iter().map(ToString::to_string).collect();
    brokers.join(",")
}
