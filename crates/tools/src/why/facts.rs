//! What is known of a group and of the partitions it reads, from two looks at them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use client::{Admin, ConfigResource, IsolationLevel, Lane, OffsetSpec, ResourceType};
use model::{PartitionIndex, TopicPartition};
use protocol::Str;
use protocol::messages::DescribeProducersRequest;
use protocol::messages::describe_producers_request::TopicRequest;

use crate::consumer_groups::{Group, MemberRow};
use crate::failure::Failure;
use crate::time;

/// A group at one moment.
#[derive(Debug, Clone)]
pub(super) struct GroupFacts {
    pub(super) state: String,
    pub(super) coordinator: String,
    pub(super) members: Vec<MemberRow>,
}

/// A transaction that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenTransaction {
    pub(super) producer: i64,
    /// Since when nothing was written in it.
    pub(super) idle_ms: i64,
}

/// How long a topic keeps records, where it says so; `None` is without bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Retention {
    pub(super) ms: Option<i64>,
    /// Of each partition.
    pub(super) bytes: Option<i64>,
}

/// A partition, and where the group is in it.
#[derive(Debug, Clone, Default)]
pub(super) struct PartitionFacts {
    /// Where the group was at the first look, and is now.
    pub(super) committed_before: Option<i64>,
    pub(super) committed: Option<i64>,
    /// The first offset that is there.
    pub(super) begin: Option<i64>,
    /// Where the partition ended at the first look, and ends now.
    pub(super) end_before: Option<i64>,
    pub(super) end: Option<i64>,
    /// Up to where readers of committed records see.
    pub(super) stable_end: Option<i64>,
    pub(super) open_transaction: Option<OpenTransaction>,
    /// Who reads it.
    pub(super) member: Option<String>,
    pub(super) has_leader: bool,
}

impl PartitionFacts {
    /// How many records the group has to read.
    pub(super) fn lag(&self) -> Option<i64> {
        Some((self.end? - self.committed?).max(0))
    }

    /// How many records were written between the looks.
    pub(super) fn came(&self) -> Option<i64> {
        Some(self.end? - self.end_before?)
    }

    /// Whether records are gone that the group has not read.
    pub(super) fn has_lost(&self) -> bool {
        self.committed.is_some() && self.committed < self.begin
    }
}

/// Everything that is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// The group's id.
    pub(super) id: String,
    /// The group at the first look and now; `None` if there is none.
    pub(super) group_before: Option<GroupFacts>,
    pub(super) group: Option<GroupFacts>,
    /// The groups that there are.
    pub(super) known_groups: Vec<String>,
    /// The topics that there are, with how many partitions they have.
    pub(super) topics: BTreeMap<String, usize>,
    /// The topics that members asked for or the group has offsets of.
    pub(super) wanted: BTreeSet<String>,
    /// The partitions of those topics that are there.
    pub(super) partitions: BTreeMap<TopicPartition, PartitionFacts>,
    /// What topics keep whose records were gone before the group read them, where they tell it.
    pub(super) retention: BTreeMap<String, Retention>,
    /// The time between the two looks.
    pub(super) seconds: f64,
}

impl Facts {
    /// How much a number has grown in a second, rounded.
    pub(super) fn rate(&self, before: Option<i64>, now: Option<i64>) -> Option<i64> {
        let grown = (now? - before?) as f64;
        (self.seconds > 0.0).then(|| (grown / self.seconds).round() as i64)
    }

    /// Looks twice.
    pub(super) async fn gather(admin: &Admin, id: &str, pause: Duration) -> Result<Self, Failure> {
        let mut facts = Self { id: id.to_owned(), ..Self::default() };
        let listed = admin.list_groups(&[]).await?;
        facts.known_groups = listed.into_iter().map(|group| group.group_id).collect();
        facts.look(admin).await?;
        facts.group_before = facts.group.clone();
        if facts.group.is_none() && facts.partitions.is_empty() {
            return Ok(facts);
        }
        let started = Instant::now();
        let before = std::mem::take(&mut facts.partitions);
        tokio::time::sleep(pause).await;
        facts.look(admin).await?;
        facts.seconds = started.elapsed().as_secs_f64();
        for (name, partition) in &mut facts.partitions {
            if let Some(before) = before.get(name) {
                partition.committed_before = before.committed;
                partition.end_before = before.end;
            }
        }
        facts.ask_producers(admin).await?;
        facts.ask_retention(admin).await;
        Ok(facts)
    }

    async fn look(&mut self, admin: &Admin) -> Result<(), Failure> {
        let found = Group::find(admin, &self.id).await?;
        self.group = found.map(|group| GroupFacts {
            state: group.state.state,
            coordinator: group.state.coordinator,
            members: group.members,
        });
        let committed = admin.group_offsets(&self.id, None).await?;
        let metadata = admin.cluster().refresh_all().await?;
        let count = |topic: &client::TopicMetadata| topic.partitions.len();
        self.topics =
            metadata.topics.iter().map(|(name, topic)| (name.to_string(), count(topic))).collect();
        self.wanted = committed.keys().map(|partition| partition.topic.to_string()).collect();
        let members = self.group.iter().flat_map(|group| &group.members);
        for member in members.clone() {
            self.wanted.extend(member.subscription.iter().cloned());
            self.wanted.extend(member.assignment.iter().map(|one| one.topic.to_string()));
        }
        let mut partitions = BTreeMap::new();
        for topic in &self.wanted {
            let Some(topic) = metadata.topics.get(topic.as_str()) else { continue };
            for partition in &topic.partitions {
                let name = TopicPartition::new(topic.name.clone(), partition.partition);
                let facts = PartitionFacts {
                    committed: committed.get(&name).map(|committed| committed.offset.get()),
                    has_leader: partition.leader.is_some(),
                    ..PartitionFacts::default()
                };
                partitions.insert(name, facts);
            }
        }
        for member in members {
            for name in &member.assignment {
                if let Some(partition) = partitions.get_mut(name) {
                    let (client, host) = (&member.client_id, &member.host);
                    partition.member = Some(format!("{client} at {host}"));
                }
            }
        }
        self.partitions = partitions;
        self.find_ends(admin).await
    }

    async fn find_ends(&mut self, admin: &Admin) -> Result<(), Failure> {
        let (all, committed) = (IsolationLevel::ReadUncommitted, IsolationLevel::ReadCommitted);
        type Place = fn(&mut PartitionFacts) -> &mut Option<i64>;
        let questions: [(OffsetSpec, IsolationLevel, Place); 3] = [
            (OffsetSpec::Earliest, all, |partition| &mut partition.begin),
            (OffsetSpec::Latest, all, |partition| &mut partition.end),
            (OffsetSpec::Latest, committed, |partition| &mut partition.stable_end),
        ];
        for (spec, level, place) in questions {
            // A partition without a leader cannot be asked, and is a finding of its own.
            let led = self.partitions.iter().filter(|(_, partition)| partition.has_leader);
            let wanted = led.map(|(name, _)| (name.clone(), spec)).collect();
            for (name, found) in admin.list_offsets_once(&wanted, level).await? {
                let Some(partition) = self.partitions.get_mut(&name) else { continue };
                match found {
                    Ok(found) => *place(partition) = Some(found.offset.get()),
                    // A leader that does not serve it is as good as none.
                    Err(_) => partition.has_leader = false,
                }
            }
        }
        Ok(())
    }

    /// What the topics keep that have lost records; who may not ask for it does without.
    async fn ask_retention(&mut self, admin: &Admin) {
        let lost = self.partitions.iter().filter(|(_, partition)| partition.has_lost());
        let topics: BTreeSet<&str> = lost.map(|(name, _)| &*name.topic).collect();
        let resource = |topic: &&str| ConfigResource::new(ResourceType::Topic, *topic);
        let resources: Vec<ConfigResource> = topics.iter().map(resource).collect();
        if resources.is_empty() {
            return;
        }
        for described in admin.describe_configs(&resources, false).await.unwrap_or_default() {
            let Ok(entries) = described.entries else { continue };
            let bound = |name: &str| {
                let entry = entries.iter().find(|entry| entry.name == name)?;
                entry.value.as_ref()?.parse::<i64>().ok().filter(|bound| *bound >= 0)
            };
            let retention =
                Retention { ms: bound("retention.ms"), bytes: bound("retention.bytes") };
            self.retention.insert(described.resource.name, retention);
        }
    }

    /// Whose transactions hold back readers of committed records.
    async fn ask_producers(&mut self, admin: &Admin) -> Result<(), Failure> {
        let held = |partition: &PartitionFacts| partition.stable_end < partition.end;
        for (name, partition) in &mut self.partitions {
            if partition.has_leader && held(partition) {
                partition.open_transaction = open_transaction(admin, name).await;
            }
        }
        Ok(())
    }
}

/// The oldest open transaction of a partition, if the node says it (Kafka 2.8 and later).
async fn open_transaction(admin: &Admin, name: &TopicPartition) -> Option<OpenTransaction> {
    let cluster = admin.cluster();
    let leader = cluster.known().leader(&name.topic, name.partition)?;
    let connection = cluster.node(leader, Lane::General).await.ok()?;
    let partition_indexes: Vec<PartitionIndex> = vec![name.partition];
    let request = DescribeProducersRequest {
        topics: vec![TopicRequest { name: Str::from(&*name.topic), partition_indexes }],
    };
    let response = connection.call(&request).await.ok()?;
    let partitions = response.topics.into_iter().flat_map(|topic| topic.partitions);
    let producers = partitions.flat_map(|partition| partition.active_producers);
    let open = producers.filter(|producer| producer.current_txn_start_offset.get() >= 0);
    let oldest = open.min_by_key(|producer| producer.current_txn_start_offset)?;
    Some(OpenTransaction {
        producer: oldest.producer_id.get(),
        idle_ms: (time::now_ms() - oldest.last_timestamp).max(0),
    })
}
