//! `kafka-topics --describe`: asks for everything that [`super::view`] shows.

use std::collections::BTreeMap;
use std::str::FromStr;

use client::{Admin, ClientError, ConfigResource, ConfigSource, ResourceType, TopicMetadata};
use model::{BrokerId, TopicId, TopicPartition};
use protocol::Str;
use protocol::messages::describe_topic_partitions_request::{Cursor, TopicRequest};
use protocol::messages::{DescribeTopicPartitionsRequest, ListPartitionReassignmentsRequest};

use super::existing;
use super::view::{PartitionView, TopicView, Wanted};
use crate::failure::Failure;
use crate::options::Options;
use crate::output::print;

/// Partitions per answer, as Kafka's tool asks by default.
const PARTITIONS_PER_RESPONSE: i32 = 2000;

type Pairs = BTreeMap<TopicPartition, (Vec<BrokerId>, Vec<BrokerId>)>;

pub(super) async fn run(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let (topics, eligible) = find(admin, options).await?;
    let cluster = admin.describe_cluster().await?;
    let wanted = Wanted {
        under_replicated: options.has("under-replicated-partitions"),
        unavailable: options.has("unavailable-partitions"),
        under_min_isr: options.has("under-min-isr-partitions"),
        at_min_isr: options.has("at-min-isr-partitions"),
        only_overridden_topics: options.has("topics-with-overrides"),
        live_brokers: cluster.nodes.iter().map(|node| node.id).collect(),
    };
    let reassignments = reassignments(admin).await?;
    for topic in topics {
        let view = view(admin, &topic, eligible.as_ref(), &reassignments).await?;
        print(&view.describe(&wanted))?;
    }
    Ok(())
}

/// The topics, and the eligible leaders of their partitions where the node tells them.
async fn find(
    admin: &Admin,
    options: &Options,
) -> Result<(Vec<TopicMetadata>, Option<Pairs>), Failure> {
    if let Some(text) = options.value("topic-id")? {
        let id = TopicId::from_str(text)
            .map_err(|_| Failure::Refused(format!("{text} is not a topic id")))?;
        if !id.is_zero() {
            let topics: Vec<TopicMetadata> =
                admin.list_topics().await?.into_iter().filter(|topic| topic.id == id).collect();
            if topics.is_empty() && !options.has("if-exists") {
                let message = format!("TopicId '{text}' does not exist as expected");
                return Err(Failure::Refused(message));
            }
            return Ok((topics, None));
        }
    }
    let names = existing(admin, options).await?;
    let mut topics = Vec::with_capacity(names.len());
    for (_, topic) in admin.describe_topics(&names).await? {
        topics.push(topic?);
    }
    let limit = options.number("partition-size-limit-per-response")?;
    let eligible =
        eligible_leaders(admin, &names, limit.unwrap_or(PARTITIONS_PER_RESPONSE)).await?;
    Ok((topics, eligible))
}

async fn view(
    admin: &Admin,
    topic: &TopicMetadata,
    eligible: Option<&Pairs>,
    reassignments: &Pairs,
) -> Result<TopicView, Failure> {
    let resource = ConfigResource::new(ResourceType::Topic, topic.name.to_string());
    let mut entries = Vec::new();
    for description in admin.describe_configs(&[resource], false).await? {
        entries.extend(description.entries?);
    }
    let min = entries.iter().find(|entry| entry.name == "min.insync.replicas");
    let min = min.and_then(|entry| entry.value.as_ref()?.parse().ok());
    let mut configs: Vec<(String, String)> = entries
        .iter()
        .filter(|entry| entry.source != ConfigSource::Default)
        .map(|entry| (entry.name.clone(), entry.value.clone().unwrap_or_else(|| "null".into())))
        .collect();
    configs.sort();
    let partition = |found: &client::PartitionMetadata| {
        let partition = TopicPartition::new(topic.name.clone(), found.partition);
        PartitionView {
            index: found.partition,
            leader: found.leader,
            replicas: found.replicas.clone(),
            isr: found.isr.clone(),
            eligible: eligible.and_then(|eligible| eligible.get(&partition).cloned()),
            reassignment: reassignments.get(&partition).cloned(),
        }
    };
    Ok(TopicView {
        name: topic.name.to_string(),
        id: topic.id,
        partitions: topic.partitions.iter().map(partition).collect(),
        configs,
        min_insync_replicas: min.unwrap_or(1),
    })
}

/// Eligible leaders, from nodes that know them (Kafka 3.7 and later).
async fn eligible_leaders(
    admin: &Admin,
    names: &[String],
    limit: i32,
) -> Result<Option<Pairs>, Failure> {
    if names.is_empty() {
        return Ok(Some(Pairs::new()));
    }
    let connection = admin.cluster().any().await?;
    if connection.version::<DescribeTopicPartitionsRequest>().is_err() {
        return Ok(None);
    }
    let mut found = Pairs::new();
    let mut request = DescribeTopicPartitionsRequest {
        topics: names.iter().map(|name| TopicRequest { name: Str::from(name) }).collect(),
        response_partition_limit: limit,
        cursor: None,
    };
    loop {
        let response = connection.call(&request).await?;
        for topic in response.topics {
            let name = topic.name.unwrap_or_default();
            for partition in topic.partitions {
                let key = TopicPartition::new(name.as_str(), partition.partition_index);
                let eligible = partition.eligible_leader_replicas.unwrap_or_default();
                found.insert(key, (eligible, partition.last_known_elr.unwrap_or_default()));
            }
        }
        let next = response.next_cursor.map(|cursor| Cursor {
            topic_name: cursor.topic_name,
            partition_index: cursor.partition_index,
        });
        // A cursor that does not move would keep us here for ever.
        if next.is_none() || next == request.cursor {
            return Ok(Some(found));
        }
        request.cursor = next;
    }
}

/// Reassignments under way, from nodes that tell them.
async fn reassignments(admin: &Admin) -> Result<Pairs, Failure> {
    let request = ListPartitionReassignmentsRequest {
        topics: None,
        ..ListPartitionReassignmentsRequest::default()
    };
    let response = match admin.cluster().controller().await?.call(&request).await {
        Ok(response) => response,
        Err(ClientError::UnsupportedVersion { .. }) => return Ok(Pairs::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Pairs::new();
    for topic in response.topics {
        for partition in topic.partitions {
            let key = TopicPartition::new(topic.name.as_str(), partition.partition_index);
            found.insert(key, (partition.adding_replicas, partition.removing_replicas));
        }
    }
    Ok(found)
}
