//! Positions of the assigned partitions, what was fetched ahead for them, and the fetches under way.
//!
//! At most one fetch per node is under way. It asks for every partition of the node, each from where
//! the records that are already here end; while one of them has enough waiting, the node is left in
//! peace, so that an idle partition's long wait never holds up a busy one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use model::{BrokerId, ErrorCode, LeaderEpoch, Offset, TopicId, TopicPartition};
use protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use protocol::messages::fetch_response::PartitionData;
use protocol::messages::{FetchRequest, FetchResponse};
use protocol::{Message, Str};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::fetched::{ConsumerRecord, Fetched};
use crate::admin::OffsetSpec;
use crate::cluster::{Cluster, Lane};
use crate::config::OffsetReset;
use crate::error::ClientError;
use crate::metadata::code;

/// The oldest version of the fetch request; before it, batches may be of older formats.
const FETCH_OLDEST: i16 = 4;
/// The newest version that speaks of topics by name; later ones speak of ids.
const FETCH_BY_NAME_MAX: i16 = 12;
/// Answers per partition that may wait for being read.
const FETCHED_AHEAD_MAX: usize = 2;

/// Where a partition is read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The next offset to hand out; `None` before it is known.
    pub(super) position: Option<Offset>,
    pub(super) leader_epoch: LeaderEpoch,
    /// Where to begin instead of at the committed offset.
    pub(super) reset: Option<OffsetSpec>,
    pub(super) paused: bool,
    /// Grows whenever the position is set; answers to earlier questions are ignored.
    turn: u64,
    ahead: VecDeque<Fetched>,
}

impl Reading {
    pub(super) fn seek(&mut self, offset: Offset, leader_epoch: LeaderEpoch) {
        self.forget();
        self.position = Some(offset);
        self.leader_epoch = leader_epoch;
    }

    /// Drops what is known, so that the position is looked for anew.
    pub(super) fn forget(&mut self) {
        self.turn += 1;
        self.ahead.clear();
        self.position = None;
        self.reset = None;
    }

    fn fetch_offset(&self) -> Option<Offset> {
        self.ahead.back().map(|fetched| fetched.end).or(self.position)
    }
}

/// A question for one partition, by which its answer is recognised.
#[derive(Debug)]
struct Asked {
    offset: Offset,
    turn: u64,
}

/// The answer of a node.
#[derive(Debug)]
pub(super) struct Answer {
    node: BrokerId,
    asked: BTreeMap<TopicPartition, Asked>,
    /// The names of the topics that were asked for by id.
    names: BTreeMap<TopicId, Str>,
    response: Result<FetchResponse, ClientError>,
}

#[derive(Debug)]
pub(super) struct Fetcher {
    cluster: Cluster,
    pub(super) readings: BTreeMap<TopicPartition, Reading>,
    asking: BTreeSet<BrokerId>,
    answers: mpsc::UnboundedSender<Answer>,
    pub(super) incoming: mpsc::UnboundedReceiver<Answer>,
    /// Metadata is stale: ask before fetching again, not before this time.
    pub(super) stale_since: Option<Instant>,
    failed: Option<ClientError>,
    next: usize,
}

impl Fetcher {
    pub(super) fn new(cluster: &Cluster) -> Self {
        let (answers, incoming) = mpsc::unbounded_channel();
        Self {
            cluster: cluster.clone(),
            readings: BTreeMap::new(),
            asking: BTreeSet::new(),
            answers,
            incoming,
            stale_since: None,
            failed: None,
            next: 0,
        }
    }

    /// Reads exactly `partitions` from now on; those that stay keep their positions.
    pub(super) fn assign(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        let mut readings = BTreeMap::new();
        for partition in partitions {
            let reading = self.readings.remove(&partition).unwrap_or_default();
            readings.insert(partition, reading);
        }
        self.readings = readings;
    }

    /// Asks every node that has something to give and is not asked already.
    pub(super) fn ask(&mut self) {
        if self.stale_since.is_some() {
            return;
        }
        let known = self.cluster.known();
        let mut per_node: BTreeMap<BrokerId, Vec<(&TopicPartition, &Reading)>> = BTreeMap::new();
        for (partition, reading) in &self.readings {
            if reading.paused || reading.position.is_none() {
                continue;
            }
            match known.leader(&partition.topic, partition.partition) {
                Some(leader) => per_node.entry(leader).or_default().push((partition, reading)),
                None => self.stale_since = Some(Instant::now()),
            }
        }
        for (node, partitions) in per_node {
            let filled = |(_, reading): &(_, &Reading)| reading.ahead.len() >= FETCHED_AHEAD_MAX;
            if self.asking.contains(&node) || partitions.iter().any(filled) {
                continue;
            }
            let (request, asked) = self.question(&partitions);
            self.asking.insert(node);
            tokio::spawn(fetch(self.cluster.clone(), node, request, asked, self.answers.clone()));
        }
    }

    fn question(
        &self,
        partitions: &[(&TopicPartition, &Reading)],
    ) -> (FetchRequest, BTreeMap<TopicPartition, Asked>) {
        let config = self.cluster.config();
        let mut asked = BTreeMap::new();
        let mut topics: BTreeMap<&str, Vec<FetchPartition>> = BTreeMap::new();
        for (partition, reading) in partitions {
            let Some(offset) = reading.fetch_offset() else { continue };
            topics.entry(&partition.topic).or_default().push(FetchPartition {
                partition: partition.partition,
                fetch_offset: offset,
                partition_max_bytes: config.max_partition_fetch_bytes,
                ..FetchPartition::default()
            });
            asked.insert((*partition).clone(), Asked { offset, turn: reading.turn });
        }
        let known = self.cluster.known();
        let topic = |(topic, partitions)| FetchTopic {
            topic: Str::from(topic),
            topic_id: known.topics.get(topic).map(|topic| topic.id).unwrap_or_default(),
            partitions,
        };
        let wait_ms = i32::try_from(config.fetch_max_wait.as_millis()).unwrap_or(i32::MAX);
        let request = FetchRequest {
            replica_id: BrokerId::NONE,
            max_wait_ms: wait_ms,
            min_bytes: config.fetch_min_bytes,
            max_bytes: config.fetch_max_bytes,
            isolation_level: config.isolation_level.number(),
            session_id: 0,
            session_epoch: -1,
            topics: topics.into_iter().map(topic).collect(),
            ..FetchRequest::default()
        };
        (request, asked)
    }

    /// Takes an answer in.
    pub(super) fn take_in(&mut self, answer: Answer) {
        self.asking.remove(&answer.node);
        let response = answer.response.and_then(|response| {
            ClientError::check(response.error_code, None, || "fetching".to_owned())?;
            Ok(response)
        });
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                self.stale_since = Some(Instant::now());
                if !error.is_retriable() {
                    self.failed = Some(error);
                }
                return;
            }
        };
        for topic in response.responses {
            let name = match answer.names.get(&topic.topic_id) {
                Some(name) => name,
                None => &topic.topic,
            };
            for data in topic.partitions {
                let partition = TopicPartition::new(name.as_str(), data.partition_index);
                if let Some(asked) = answer.asked.get(&partition) {
                    self.take_in_partition(partition, asked, data);
                }
            }
        }
    }

    fn take_in_partition(&mut self, partition: TopicPartition, asked: &Asked, data: PartitionData) {
        let config = self.cluster.config();
        let Some(reading) = self.readings.get_mut(&partition) else { return };
        if reading.turn != asked.turn || reading.fetch_offset() != Some(asked.offset) {
            return;
        }
        match code(data.error_code) {
            ErrorCode::None => {}
            ErrorCode::OffsetOutOfRange => {
                if reading.ahead.is_empty() {
                    match config.auto_offset_reset {
                        OffsetReset::None => {
                            self.failed = Some(ClientError::NoOffset {
                                topic: partition.topic,
                                partition: partition.partition.get(),
                            });
                        }
                        reset => {
                            reading.forget();
                            reading.reset = reset_spec(reset);
                        }
                    }
                }
                return;
            }
            error if error.is_retriable() => {
                self.stale_since = Some(Instant::now());
                return;
            }
            _ => {
                let context = || format!("fetching {partition}");
                self.failed = ClientError::check(data.error_code, None, context).err();
                return;
            }
        }
        let Some(bytes) = data.records.as_bytes().filter(|bytes| !bytes.is_empty()).cloned() else {
            return;
        };
        let context = format!("reading {partition} at offset {}; seek past it", asked.offset);
        let (check_crcs, isolation) = (config.check_crcs, config.isolation_level);
        let aborted = data.aborted_transactions;
        match Fetched::new(partition, bytes, asked.offset, check_crcs, isolation, aborted) {
            Ok(fetched) => reading.ahead.extend(fetched),
            Err(error) => {
                self.failed = Some(ClientError::Batch { context: context.into(), error });
            }
        }
    }

    /// Hands out up to `max` records of what is here, taking turns among partitions.
    pub(super) fn collect(&mut self, max: usize) -> Result<Vec<ConsumerRecord>, ClientError> {
        let mut records = Vec::new();
        let count = self.readings.len();
        let start = self.next.checked_rem(count).unwrap_or(0);
        let order: Vec<usize> = (start..count).chain(0..start).collect();
        let mut readings: Vec<&mut Reading> = self.readings.values_mut().collect();
        for index in order {
            let reading = &mut readings[index];
            if reading.paused {
                continue;
            }
            while records.len() < max
                && let Some(fetched) = reading.ahead.front_mut()
            {
                let more = fetched.take(max - records.len(), &mut records);
                let more = match more {
                    Ok(more) => more,
                    // What was read before the bad batch goes out first.
                    Err(_) if !records.is_empty() => {
                        reading.position = Some(fetched.position);
                        return Ok(records);
                    }
                    Err(error) => return Err(error),
                };
                reading.position = Some(fetched.position);
                if fetched.leader_epoch.known().is_some() {
                    reading.leader_epoch = fetched.leader_epoch;
                }
                if !more {
                    reading.ahead.pop_front();
                }
            }
            if records.len() >= max {
                self.next = index + 1;
                break;
            }
        }
        if records.is_empty()
            && let Some(error) = self.failed.take()
        {
            return Err(error);
        }
        Ok(records)
    }

    /// The topics that are read.
    pub(super) fn topics(&self) -> Vec<Arc<str>> {
        let mut topics: Vec<Arc<str>> =
            self.readings.keys().map(|partition| partition.topic.clone()).collect();
        topics.dedup();
        topics
    }
}

/// The offset that a policy asks for.
pub(super) fn reset_spec(reset: OffsetReset) -> Option<OffsetSpec> {
    match reset {
        OffsetReset::Earliest => Some(OffsetSpec::Earliest),
        OffsetReset::Latest => Some(OffsetSpec::Latest),
        OffsetReset::None => None,
    }
}

async fn fetch(
    cluster: Cluster,
    node: BrokerId,
    mut request: FetchRequest,
    asked: BTreeMap<TopicPartition, Asked>,
    answers: mpsc::UnboundedSender<Answer>,
) {
    let config = cluster.config();
    let has_id = |topic: &&FetchTopic| !topic.topic_id.is_zero();
    let names: BTreeMap<TopicId, Str> = request
        .topics
        .iter()
        .filter(has_id)
        .map(|topic| (topic.topic_id, topic.topic.clone()))
        .collect();
    let by_id = names.len() == request.topics.len();
    let newest = if by_id { *FetchRequest::VERSIONS.end() } else { FETCH_BY_NAME_MAX };
    let response = async {
        let connection = cluster.node(node, Lane::Fetch).await?;
        let version = connection.version_within::<FetchRequest>(FETCH_OLDEST..=newest)?;
        if version >= 11 {
            request.rack_id = Str::from(&config.client_rack);
        }
        let timeout = config.request_timeout + config.fetch_max_wait;
        connection.call_in(&request, version, timeout).await
    };
    let response = response.await;
    // The consumer may be gone.
    let _ = answers.send(Answer { node, asked, names, response });
}
