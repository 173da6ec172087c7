//! Where partitions begin, end, and stood at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{BrokerId, ErrorCode, LeaderEpoch, Offset, Timestamp, TopicPartition};
use protocol::Str;
use protocol::messages::ListOffsetsRequest;
use protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};

use super::Admin;
use crate::cluster::{Cluster, Lane, api_error, retry};
use crate::config::IsolationLevel;
use crate::error::ClientError;

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first one that is there.
    Earliest,
    /// The one after the last record that may be read.
    Latest,
    /// The first record at or after a time.
    At(Timestamp),
    /// The record with the latest timestamp.
    MaxTimestamp,
    /// The first one on the leader's own disk.
    EarliestLocal,
    /// The last one in remote storage.
    LatestTiered,
    /// The first one that is not in remote storage yet.
    EarliestPendingUpload,
}

impl OffsetSpec {
    const fn number(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::EarliestLocal => -4,
            Self::LatestTiered => -5,
            Self::EarliestPendingUpload => -6,
            Self::At(timestamp) => timestamp.get(),
        }
    }

    const fn version_min(self) -> i16 {
        match self {
            Self::Latest | Self::Earliest | Self::At(_) => 1,
            Self::MaxTimestamp => 7,
            Self::EarliestLocal => 8,
            Self::LatestTiered => 9,
            Self::EarliestPendingUpload => 11,
        }
    }
}

/// An offset that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundOffset {
    /// The offset; [`Offset::NONE`] when no record is that late.
    pub offset: Offset,
    /// The timestamp of the record there, where one was asked for by time.
    pub timestamp: Timestamp,
    /// The term of the leader that wrote it.
    pub leader_epoch: LeaderEpoch,
}

impl Admin {
    /// The offsets that are asked for; a partition that fails has the error in its place.
    pub async fn list_offsets(
        &self,
        wanted: &BTreeMap<TopicPartition, OffsetSpec>,
        isolation_level: IsolationLevel,
    ) -> Result<BTreeMap<TopicPartition, Result<FoundOffset, ClientError>>, ClientError> {
        list_offsets(&self.cluster, wanted, isolation_level).await
    }

    /// The same, asked once of the leaders that are known: a partition that is not served now, or whose
    /// leader is not reached, has its error in its place and is not waited for.
    pub async fn list_offsets_once(
        &self,
        wanted: &BTreeMap<TopicPartition, OffsetSpec>,
        isolation_level: IsolationLevel,
    ) -> Result<BTreeMap<TopicPartition, Result<FoundOffset, ClientError>>, ClientError> {
        let cluster = &self.cluster;
        let mut results = BTreeMap::new();
        let all = wanted.keys().map(|partition| (partition.topic.clone(), partition.partition));
        for (leader, partitions) in cluster.by_leader(all) {
            let partitions: Vec<TopicPartition> =
                partitions.into_iter().map(|(t, p)| TopicPartition::new(t, p)).collect();
            let found = match leader {
                Some(leader) => {
                    match ask(cluster, leader, &partitions, wanted, isolation_level).await {
                        Ok(found) => found,
                        // One leader that is not reached says nothing of what the others lead.
                        Err(error) => {
                            let failed = |partition| (partition, Err(error.clone()));
                            partitions.into_iter().map(failed).collect()
                        }
                    }
                }
                None => {
                    let failed = |partition| {
                        let error = leaderless(cluster, &partition);
                        (partition, Err(error))
                    };
                    partitions.into_iter().map(failed).collect()
                }
            };
            results.extend(found);
        }
        Ok(results)
    }
}

/// As [`Admin::list_offsets`]; consumers use it too.
pub(crate) async fn list_offsets(
    cluster: &Cluster,
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
) -> Result<BTreeMap<TopicPartition, Result<FoundOffset, ClientError>>, ClientError> {
    let mut results: BTreeMap<TopicPartition, Result<FoundOffset, ClientError>> = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(results);
    }
    let mut fresh = false;
    let retried = retry!(cluster, {
        let missing: Vec<TopicPartition> = wanted
            .keys()
            .filter(|partition| match results.get(partition) {
                Some(Err(error)) => error.is_retriable(),
                Some(Ok(_)) => false,
                None => true,
            })
            .cloned()
            .collect();
        let mut topics: Vec<Arc<str>> = missing.iter().map(|p| p.topic.clone()).collect();
        topics.dedup();
        if fresh || topics.iter().any(|topic| !cluster.known().topics.contains_key(topic)) {
            cluster.refresh(&topics, false).await?;
        }
        fresh = true;
        for (leader, partitions) in
            cluster.by_leader(missing.into_iter().map(|p| (p.topic, p.partition)))
        {
            let partitions: Vec<TopicPartition> =
                partitions.into_iter().map(|(t, p)| TopicPartition::new(t, p)).collect();
            match leader {
                Some(leader) => {
                    let found = ask(cluster, leader, &partitions, wanted, isolation_level).await?;
                    results.extend(found);
                }
                None => results.extend(partitions.into_iter().map(|partition| {
                    let error = leaderless(cluster, &partition);
                    (partition, Err(error))
                })),
            }
        }
        match results.values().find_map(|result| result.as_ref().err().filter(|e| e.is_retriable()))
        {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    });
    match retried {
        Err(error) if results.len() < wanted.len() => Err(error),
        // What could not be had in time has its error in its place.
        _ => Ok(results),
    }
}

fn leaderless(cluster: &Cluster, partition: &TopicPartition) -> ClientError {
    let known = cluster.known();
    let code = match known.topics.get(&partition.topic) {
        Some(topic) if !topic.error.is_none() => topic.error,
        Some(topic) if topic.partition(partition.partition).is_some() => {
            ErrorCode::LeaderNotAvailable
        }
        _ => ErrorCode::UnknownTopicOrPartition,
    };
    api_error(code, format!("partition {partition}"))
}

async fn ask(
    cluster: &Cluster,
    leader: BrokerId,
    partitions: &[TopicPartition],
    wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation_level: IsolationLevel,
) -> Result<Vec<(TopicPartition, Result<FoundOffset, ClientError>)>, ClientError> {
    let spec =
        |partition: &TopicPartition| wanted.get(partition).copied().unwrap_or(OffsetSpec::Latest);
    let version_min = partitions.iter().map(|p| spec(p).version_min()).max().unwrap_or(1);
    let connection = cluster.node(leader, Lane::General).await?;
    let version = connection.version_within::<ListOffsetsRequest>(version_min..=i16::MAX)?;
    let mut topics: BTreeMap<&str, Vec<ListOffsetsPartition>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(ListOffsetsPartition {
            partition_index: partition.partition,
            timestamp: spec(partition).number(),
            ..ListOffsetsPartition::default()
        });
    }
    let request = ListOffsetsRequest {
        replica_id: BrokerId::NONE,
        isolation_level: if version >= 2 { isolation_level.number() } else { 0 },
        topics: topics
            .into_iter()
            .map(|(name, partitions)| ListOffsetsTopic { name: Str::from(name), partitions })
            .collect(),
        timeout_ms: if version >= 10 {
            i32::try_from(cluster.config().request_timeout.as_millis()).unwrap_or(i32::MAX)
        } else {
            0
        },
    };
    let timeout = cluster.config().request_timeout;
    let response = connection.call_in(&request, version, timeout).await?;
    let mut found = Vec::with_capacity(partitions.len());
    for topic in response.topics {
        for answer in topic.partitions {
            let partition = TopicPartition::new(topic.name.as_str(), answer.partition_index);
            let result = ClientError::check(answer.error_code, None, || {
                format!("the offset of partition {partition}")
            });
            let result = result.map(|()| FoundOffset {
                offset: answer.offset,
                timestamp: Timestamp::new(answer.timestamp),
                leader_epoch: answer.leader_epoch,
            });
            found.push((partition, result));
        }
    }
    Ok(found)
}
