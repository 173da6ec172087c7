//! A node in the test's own process: enough of the protocol for the client, a log in memory, and
//! mishaps on demand. It judges sequences as a real node does, so what it holds at the end says
//! whether the producer kept its promises.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use bytes::{BufMut, Bytes, BytesMut};
use client::ClientConfig;
use model::{
    BrokerId, ErrorCode, LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, TopicId,
};
use protocol::messages::api_versions_response::ApiVersion;
use protocol::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use protocol::messages::*;
use protocol::{ApiKey, Message, Reader, Records, Str, frame};
use records::{BatchHeader, Batches, patch_base_offset_and_epoch};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to a produce request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    None,
    /// The connection ends before the request is looked at.
    LostRequest,
    /// The records are appended, and the connection ends before the answer.
    LostAnswer,
    /// The node says that it does not lead the partition.
    NotLeader,
}

/// The log of one partition and the producers that wrote to it.
#[derive(Debug, Default)]
pub(crate) struct FakeLog {
    pub(crate) batches: Vec<Bytes>,
    pub(crate) end: i64,
    next_sequence: HashMap<i64, i32>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) logs: Vec<FakeLog>,
    /// What happens to the produce requests to come; none once it is empty.
    pub(crate) mishaps: Vec<Mishap>,
    pub(crate) fetch_bytes_max: usize,
    /// The id of every topic; newer requests go by it unless it is zero.
    pub(crate) topic_id: TopicId,
    /// Highest version of ApiVersions that is understood, and whether the refusal says so.
    pub(crate) api_versions_max: i16,
    pub(crate) refusal_is_informative: bool,
    pub(crate) api_versions_asked: Vec<i16>,
    /// Requests that are never answered.
    pub(crate) silent_on: Option<ApiKey>,
    pub(crate) group: FakeGroup,
    next_producer_id: i64,
}

/// A group of one member, and what its heartbeats are answered with.
#[derive(Debug, Default)]
pub(crate) struct FakeGroup {
    /// The member ids with which joins came.
    pub(crate) joins: Vec<String>,
    /// How heartbeats to come are answered; well once it is empty.
    pub(crate) heartbeats: Vec<ErrorCode>,
    pub(crate) committed: BTreeMap<i32, i64>,
    /// How commits were signed: member and generation.
    pub(crate) commits: Vec<(String, i32)>,
    pub(crate) left: Vec<String>,
    generation: i32,
    members: i32,
}

/// The node; it lives as long as the test's runtime.
#[derive(Debug, Clone)]
pub(crate) struct FakeNode {
    pub(crate) state: Arc<Mutex<State>>,
    port: u16,
}

impl FakeNode {
    pub(crate) async fn start(partitions: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = State {
            logs: (0..partitions).map(|_| FakeLog::default()).collect(),
            mishaps: Vec::new(),
            fetch_bytes_max: usize::MAX,
            topic_id: TopicId::from_bytes([7; 16]),
            api_versions_max: 4,
            refusal_is_informative: true,
            api_versions_asked: Vec::new(),
            silent_on: None,
            group: FakeGroup::default(),
            next_producer_id: 1000,
        };
        let node = Self {
            state: Arc::new(Mutex::new(state)),
            port: listener.local_addr().unwrap().port(),
        };
        let accepting = node.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let node = accepting.clone();
                // A connection that ends is what many tests are about.
                tokio::spawn(async move { node.serve(socket).await.ok() });
            }
        });
        node
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn config(&self, properties: &[(&str, &str)]) -> ClientConfig {
        let mut config = ClientConfig::towards(&self.address()).unwrap();
        config.set("retry.backoff.ms", "1").unwrap().set("retry.backoff.max.ms", "5").unwrap();
        for (name, value) in properties {
            config.set(name, value).unwrap();
        }
        config
    }

    async fn serve(&self, mut socket: TcpStream) -> std::io::Result<()> {
        loop {
            let length = socket.read_i32().await? as usize;
            let mut bytes = BytesMut::zeroed(length);
            socket.read_exact(&mut bytes).await?;
            let mut reader = Reader::new(bytes.freeze());
            let head = frame::decode_request_header(&mut reader).unwrap();
            let key = head.api.unwrap();
            if self.state.lock().unwrap().silent_on == Some(key) {
                continue;
            }
            let Some((body, version)) = self.answer(key, head.version, reader) else {
                return Ok(());
            };
            let mut writer = BytesMut::new();
            let tags = usize::from(key.response_header_version(version) > 0);
            writer.put_i32((4 + tags + body.len()) as i32);
            writer.put_i32(head.correlation_id);
            writer.put_bytes(0, tags);
            writer.extend_from_slice(&body);
            socket.write_all(&writer).await?;
        }
    }

    /// The answer's body and version; `None` ends the connection.
    fn answer(&self, key: ApiKey, version: i16, mut reader: Reader) -> Option<(Bytes, i16)> {
        let mut state = self.state.lock().unwrap();
        let state = &mut *state;
        let body = match key {
            ApiKey::ApiVersions => return Some(state.api_versions(version)),
            ApiKey::Metadata => {
                let request = MetadataRequest::decode(&mut reader, version).unwrap();
                self.metadata(request, state).to_bytes(version)
            }
            ApiKey::InitProducerId => {
                state.next_producer_id += 1;
                InitProducerIdResponse {
                    producer_id: ProducerId::new(state.next_producer_id),
                    producer_epoch: ProducerEpoch::new(0),
                    ..InitProducerIdResponse::default()
                }
                .to_bytes(version)
            }
            ApiKey::Produce => {
                let request = ProduceRequest::decode(&mut reader, version).unwrap();
                state.produce(request)?.to_bytes(version)
            }
            ApiKey::ListOffsets => {
                let request = ListOffsetsRequest::decode(&mut reader, version).unwrap();
                state.list_offsets(request).to_bytes(version)
            }
            ApiKey::Fetch => {
                let request = FetchRequest::decode(&mut reader, version).unwrap();
                state.fetch(request).to_bytes(version)
            }
            ApiKey::FindCoordinator => FindCoordinatorResponse {
                coordinators: vec![find_coordinator_response::Coordinator {
                    node_id: BrokerId::new(1),
                    host: Str::from("127.0.0.1"),
                    port: i32::from(self.port),
                    ..Default::default()
                }],
                ..FindCoordinatorResponse::default()
            }
            .to_bytes(version),
            ApiKey::JoinGroup => {
                let request = JoinGroupRequest::decode(&mut reader, version).unwrap();
                state.group.join(request).to_bytes(version)
            }
            ApiKey::SyncGroup => {
                let request = SyncGroupRequest::decode(&mut reader, version).unwrap();
                let assignment = request.assignments.into_iter().next().unwrap().assignment;
                SyncGroupResponse { assignment, ..Default::default() }.to_bytes(version)
            }
            ApiKey::Heartbeat => {
                let answers = &mut state.group.heartbeats;
                let answer = if answers.is_empty() { ErrorCode::None } else { answers.remove(0) };
                HeartbeatResponse { error_code: answer.code(), ..Default::default() }
                    .to_bytes(version)
            }
            ApiKey::LeaveGroup => {
                let request = LeaveGroupRequest::decode(&mut reader, version).unwrap();
                let members = request.members.iter();
                state.group.left.extend(members.map(|member| member.member_id.to_string()));
                LeaveGroupResponse::default().to_bytes(version)
            }
            ApiKey::OffsetCommit => {
                let request = OffsetCommitRequest::decode(&mut reader, version).unwrap();
                state.group.commit(request).to_bytes(version)
            }
            ApiKey::OffsetFetch => {
                let request = OffsetFetchRequest::decode(&mut reader, version).unwrap();
                state.group.offsets(request).to_bytes(version)
            }
            other => panic!("{other:?} is not faked"),
        };
        Some((body.unwrap(), version))
    }

    fn metadata(&self, request: MetadataRequest, state: &State) -> MetadataResponse {
        let partition = |index: usize| MetadataResponsePartition {
            partition_index: PartitionIndex::new(index as i32),
            leader_id: BrokerId::new(1),
            leader_epoch: LeaderEpoch::new(3),
            ..MetadataResponsePartition::default()
        };
        let topics = request.topics.unwrap_or_default().into_iter();
        MetadataResponse {
            brokers: vec![MetadataResponseBroker {
                node_id: BrokerId::new(1),
                host: Str::from("127.0.0.1"),
                port: i32::from(self.port),
                ..MetadataResponseBroker::default()
            }],
            controller_id: BrokerId::new(1),
            topics: topics
                .map(|topic| MetadataResponseTopic {
                    name: topic.name,
                    topic_id: state.topic_id,
                    partitions: (0..state.logs.len()).map(partition).collect(),
                    ..MetadataResponseTopic::default()
                })
                .collect(),
            ..MetadataResponse::default()
        }
    }
}

impl State {
    fn api_versions(&mut self, version: i16) -> (Bytes, i16) {
        self.api_versions_asked.push(version);
        let known = |key: ApiKey, max_version: i16| ApiVersion {
            api_key: key.code(),
            min_version: 0,
            max_version,
        };
        let api_versions = known(ApiKey::ApiVersions, self.api_versions_max);
        if version > self.api_versions_max {
            let response = ApiVersionsResponse {
                error_code: ErrorCode::UnsupportedVersion.code(),
                api_keys: if self.refusal_is_informative { vec![api_versions] } else { vec![] },
                ..ApiVersionsResponse::default()
            };
            return (response.to_bytes(0).unwrap(), 0);
        }
        let response = ApiVersionsResponse {
            api_keys: vec![
                api_versions,
                known(ApiKey::Metadata, 12),
                known(ApiKey::Produce, 13),
                known(ApiKey::Fetch, 18),
                known(ApiKey::ListOffsets, 7),
                known(ApiKey::InitProducerId, 4),
                known(ApiKey::FindCoordinator, 4),
                known(ApiKey::JoinGroup, 7),
                known(ApiKey::SyncGroup, 5),
                known(ApiKey::Heartbeat, 4),
                known(ApiKey::LeaveGroup, 4),
                known(ApiKey::OffsetCommit, 8),
                known(ApiKey::OffsetFetch, 8),
            ],
            ..ApiVersionsResponse::default()
        };
        (response.to_bytes(version).unwrap(), version)
    }

    fn produce(&mut self, request: ProduceRequest) -> Option<ProduceResponse> {
        let mishap = if self.mishaps.is_empty() { Mishap::None } else { self.mishaps.remove(0) };
        if mishap == Mishap::LostRequest {
            return None;
        }
        let mut response = ProduceResponse::default();
        for topic in request.topic_data {
            let mut partition_responses = Vec::new();
            for data in topic.partition_data {
                let index = data.index;
                let result = match mishap {
                    Mishap::NotLeader => Err(ErrorCode::NotLeaderOrFollower),
                    _ => self.append(index, data.records.as_bytes().unwrap()),
                };
                partition_responses.push(PartitionProduceResponse {
                    index,
                    error_code: result.err().unwrap_or(ErrorCode::None).code(),
                    base_offset: result.map_or(Offset::NONE, Offset::new),
                    log_append_time_ms: -1,
                    ..PartitionProduceResponse::default()
                });
            }
            let (name, topic_id) = (topic.name, topic.topic_id);
            let answer = TopicProduceResponse { name, topic_id, partition_responses };
            response.responses.push(answer);
        }
        (mishap != Mishap::LostAnswer).then_some(response)
    }

    /// Appends one batch as a leader does, sequences judged.
    fn append(&mut self, partition: PartitionIndex, batch: &Bytes) -> Result<i64, ErrorCode> {
        let header = BatchHeader::parse(batch).unwrap();
        let log = &mut self.logs[partition.get() as usize];
        if header.has_producer_id() {
            let next = log.next_sequence.entry(header.producer_id.get()).or_insert(0);
            if header.base_sequence.get() < *next {
                return Err(ErrorCode::DuplicateSequenceNumber);
            }
            if header.base_sequence.get() > *next {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
            *next += header.record_count;
        }
        let base = log.end;
        let mut batch = batch.to_vec();
        patch_base_offset_and_epoch(&mut batch, Offset::new(base), LeaderEpoch::new(3)).unwrap();
        log.end += i64::from(header.record_count);
        log.batches.push(batch.into());
        Ok(base)
    }

    fn list_offsets(&self, request: ListOffsetsRequest) -> ListOffsetsResponse {
        let topic = |topic: list_offsets_request::ListOffsetsTopic| ListOffsetsTopicResponse {
            name: topic.name,
            partitions: topic
                .partitions
                .iter()
                .map(|partition| {
                    let end = self.logs[partition.partition_index.get() as usize].end;
                    ListOffsetsPartitionResponse {
                        partition_index: partition.partition_index,
                        offset: Offset::new(if partition.timestamp == -2 { 0 } else { end }),
                        ..ListOffsetsPartitionResponse::default()
                    }
                })
                .collect(),
        };
        ListOffsetsResponse {
            topics: request.topics.into_iter().map(topic).collect(),
            ..ListOffsetsResponse::default()
        }
    }

    /// As a node does: from the batch that holds the offset on, cut at the byte limit but for the
    /// first batch.
    fn fetch(&self, request: FetchRequest) -> FetchResponse {
        let partition = |asked: &fetch_request::FetchPartition| {
            let log = &self.logs[asked.partition.get() as usize];
            let mut bytes = BytesMut::new();
            let mut first = 0;
            for batch in &log.batches {
                let (header, batch) = Batches::new(batch).next().unwrap().unwrap();
                if header.last_offset() >= asked.fetch_offset {
                    first = first.max(if bytes.is_empty() { batch.len() } else { 0 });
                    bytes.extend_from_slice(batch);
                }
            }
            bytes.truncate(self.fetch_bytes_max.max(first));
            let out = asked.fetch_offset.get() > log.end;
            PartitionData {
                partition_index: asked.partition,
                error_code: if out { ErrorCode::OffsetOutOfRange.code() } else { 0 },
                records: Records::Bytes(bytes.freeze()),
                ..PartitionData::default()
            }
        };
        let topic = |topic: &fetch_request::FetchTopic| FetchableTopicResponse {
            topic: topic.topic.clone(),
            topic_id: topic.topic_id,
            partitions: topic.partitions.iter().map(partition).collect(),
        };
        FetchResponse {
            responses: request.topics.iter().map(topic).collect(),
            ..FetchResponse::default()
        }
    }
}

impl FakeGroup {
    /// The member joins at once, and leads; a first join is sent back for its id (KIP-394).
    fn join(&mut self, request: JoinGroupRequest) -> JoinGroupResponse {
        self.joins.push(request.member_id.to_string());
        if request.member_id.is_empty() {
            self.members += 1;
            return JoinGroupResponse {
                error_code: ErrorCode::MemberIdRequired.code(),
                member_id: Str::from(format!("member{}", self.members)),
                ..JoinGroupResponse::default()
            };
        }
        self.generation += 1;
        let protocol = &request.protocols[0];
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: Some(request.protocol_type),
            protocol_name: Some(protocol.name.clone()),
            leader: request.member_id.clone(),
            members: vec![join_group_response::JoinGroupResponseMember {
                member_id: request.member_id.clone(),
                metadata: protocol.metadata.clone(),
                ..Default::default()
            }],
            member_id: request.member_id,
            ..JoinGroupResponse::default()
        }
    }

    fn commit(&mut self, request: OffsetCommitRequest) -> OffsetCommitResponse {
        let signature = (request.member_id.to_string(), request.generation_id_or_member_epoch);
        self.commits.push(signature);
        let mut response = OffsetCommitResponse::default();
        for topic in request.topics {
            let mut answered = offset_commit_response::OffsetCommitResponseTopic {
                name: topic.name,
                ..Default::default()
            };
            for partition in topic.partitions {
                let index = partition.partition_index;
                self.committed.insert(index.get(), partition.committed_offset.get());
                answered.partitions.push(offset_commit_response::OffsetCommitResponsePartition {
                    partition_index: index,
                    ..Default::default()
                });
            }
            response.topics.push(answered);
        }
        response
    }

    fn offsets(&self, request: OffsetFetchRequest) -> OffsetFetchResponse {
        let group = request.groups.into_iter().next().unwrap();
        let mut found = offset_fetch_response::OffsetFetchResponseGroup {
            group_id: group.group_id,
            ..Default::default()
        };
        for topic in group.topics.unwrap() {
            let partition = |index: &PartitionIndex| {
                let offset = self.committed.get(&index.get()).copied().unwrap_or(-1);
                offset_fetch_response::OffsetFetchResponsePartitions {
                    partition_index: *index,
                    committed_offset: Offset::new(offset),
                    ..Default::default()
                }
            };
            found.topics.push(offset_fetch_response::OffsetFetchResponseTopics {
                name: topic.name,
                partitions: topic.partition_indexes.iter().map(partition).collect(),
                ..Default::default()
            });
        }
        OffsetFetchResponse { groups: vec![found], ..OffsetFetchResponse::default() }
    }
}
