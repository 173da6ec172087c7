//! A consumer's membership in its group (classic protocol): joining, being assigned, heartbeats,
//! leaving.
//!
//! Joining and heartbeats run as tasks of their own, so that a caller may poll as briefly as it
//! likes. A rebalance is eager: all partitions are given up before a member joins again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use model::{BrokerId, ErrorCode, PartitionIndex, TopicPartition};
use parking_lot::Mutex;
use protocol::data::consumer_protocol_assignment;
use protocol::data::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use protocol::messages::join_group_request::JoinGroupRequestProtocol;
use protocol::messages::join_group_response::JoinGroupResponseMember;
use protocol::messages::leave_group_request::MemberIdentity;
use protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use protocol::messages::{
    HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
};
use protocol::{Message, Reader, Str};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::assignor::{self, Subscriber};
use crate::admin::assignment_of;
use crate::cluster::{Cluster, Lane, api_error};
use crate::config::AssignmentStrategy;
use crate::connection::Connection;
use crate::error::ClientError;
use crate::group_offsets::Member;
use crate::metadata::code;

/// The version of the subscription and assignment inside the group's requests.
const CONSUMER_PROTOCOL_VERSION: i16 = 1;
const PROTOCOL_TYPE: Str = Str::from_static("consumer");
/// A join may take as long as the slowest member takes to come; then some for the answer.
const JOIN_GRACE: Duration = Duration::from_secs(5);

/// What the group wants of the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// Nothing.
    None,
    /// Join again: the group rebalances.
    Rejoin,
    /// Join again as a new member: the group has forgotten this one.
    Lost,
}

/// What joining has led to.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) assignment: Vec<TopicPartition>,
    /// What the leader of the group shared out: topics and their partitions. Empty for others.
    pub(super) shared_out: BTreeMap<Arc<str>, usize>,
}

/// What the tasks of a membership share.
#[derive(Debug)]
pub(super) struct Shared {
    cluster: Cluster,
    group: Str,
    state: Mutex<State>,
    /// The group has called, or a join has ended.
    pub(super) changed: Notify,
}

#[derive(Debug)]
struct State {
    member: Member,
    coordinator: Option<BrokerId>,
    call: Call,
    last_poll: Instant,
}

/// A membership and its tasks.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) shared: Arc<Shared>,
    joining: Option<JoinHandle<Result<Joined, ClientError>>>,
    heartbeat: Option<JoinHandle<()>>,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Membership {
    pub(super) fn new(cluster: &Cluster, group: &str) -> Self {
        let instance_id = cluster.config().group_instance_id.as_deref().map(Str::from);
        let member = Member { instance_id, ..Member::outsider() };
        let state =
            State { member, coordinator: None, call: Call::Rejoin, last_poll: Instant::now() };
        let shared = Arc::new(Shared {
            cluster: cluster.clone(),
            group: Str::from(group),
            state: Mutex::new(state),
            changed: Notify::new(),
        });
        Self { shared, joining: None, heartbeat: None }
    }

    /// Who commits: the member.
    pub(super) fn member(&self) -> Member {
        self.shared.state.lock().member.clone()
    }

    /// Notes that the consumer is alive.
    pub(super) fn polled(&self) {
        self.shared.state.lock().last_poll = Instant::now();
    }

    /// What the group wants.
    pub(super) fn call(&self) -> Call {
        self.shared.state.lock().call
    }

    /// Makes the member join again at the next poll.
    pub(super) fn rejoin(&self) {
        self.shared.call(Call::Rejoin);
    }

    pub(super) fn is_joining(&self) -> bool {
        self.joining.is_some()
    }

    /// Begins to join with a subscription.
    pub(super) fn join(&mut self, topics: BTreeSet<Arc<str>>) {
        self.stop();
        {
            let mut state = self.shared.state.lock();
            if state.call == Call::Lost {
                let instance_id = state.member.instance_id.clone();
                state.member = Member { instance_id, ..Member::outsider() };
            }
            state.call = Call::None;
        }
        let shared = self.shared.clone();
        self.joining = Some(tokio::spawn(async move {
            let joined = shared.join(&topics).await;
            shared.changed.notify_one();
            joined
        }));
    }

    /// The outcome of joining, once there is one; heartbeats begin then.
    pub(super) async fn joined(&mut self) -> Option<Result<Joined, ClientError>> {
        if !self.joining.as_ref()?.is_finished() {
            return None;
        }
        let joined = self.joining.take()?.await;
        let joined = joined.unwrap_or(Err(ClientError::State("joining the group was aborted")));
        if joined.is_ok() {
            self.heartbeat = Some(tokio::spawn(self.shared.clone().beat()));
        } else {
            self.shared.state.lock().call = Call::Rejoin;
        }
        Some(joined)
    }

    /// Leaves the group, so that it need not wait for the session to time out. A static member does
    /// not: it is to come back.
    pub(super) async fn leave(&mut self) {
        self.stop();
        let member = self.member();
        if member.id.is_empty() || member.instance_id.is_some() {
            return;
        }
        if let Err(error) = self.shared.leave(&member, "the consumer is closed").await {
            tracing::debug!(%error, group = %self.shared.group, "leaving failed");
        }
    }

    fn stop(&mut self) {
        if let Some(task) = self.heartbeat.take() {
            task.abort();
        }
        if let Some(task) = self.joining.take() {
            task.abort();
        }
    }
}

impl Shared {
    fn call(&self, call: Call) {
        self.state.lock().call = call;
        self.changed.notify_one();
    }

    /// A connection to the group's coordinator.
    pub(super) async fn coordinator(&self) -> Result<Connection, ClientError> {
        let known = self.state.lock().coordinator;
        let id = match known {
            Some(id) => id,
            None => self.cluster.coordinator(&self.group).await?,
        };
        let connection = self.cluster.node(id, Lane::Group).await;
        self.state.lock().coordinator = connection.is_ok().then_some(id);
        connection
    }

    pub(super) fn forget_coordinator(&self) {
        self.state.lock().coordinator = None;
    }

    /// Joins until it succeeds or fails for good.
    async fn join(&self, topics: &BTreeSet<Arc<str>>) -> Result<Joined, ClientError> {
        let mut backoff = self.cluster.backoff();
        loop {
            let error = match self.join_once(topics).await {
                Ok(joined) => return Ok(joined),
                Err(error) => error,
            };
            match error.code() {
                // The id that came with the answer is used for the next attempt (KIP-394).
                Some(ErrorCode::MemberIdRequired) => continue,
                Some(ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration) => {
                    let mut state = self.state.lock();
                    state.member.generation = -1;
                    if error.code() == Some(ErrorCode::UnknownMemberId) {
                        state.member.id = Str::EMPTY;
                    }
                }
                Some(ErrorCode::RebalanceInProgress) => {}
                Some(
                    ErrorCode::NotCoordinator
                    | ErrorCode::CoordinatorNotAvailable
                    | ErrorCode::CoordinatorLoadInProgress,
                ) => self.forget_coordinator(),
                _ if error.is_network() => self.forget_coordinator(),
                _ if error.is_retriable() => {}
                _ => return Err(error),
            }
            tokio::time::sleep(backoff.next_pause()).await;
        }
    }

    async fn join_once(&self, topics: &BTreeSet<Arc<str>>) -> Result<Joined, ClientError> {
        let config = self.cluster.config();
        let connection = self.coordinator().await?;
        let version = connection.version::<JoinGroupRequest>()?;
        let member = self.state.lock().member.clone();
        let subscription = subscription(topics)?;
        let protocol = |strategy: &AssignmentStrategy| JoinGroupRequestProtocol {
            name: Str::from_static(strategy.name()),
            metadata: subscription.clone(),
        };
        let ms = |time: Duration| i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        let request = JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: ms(config.session_timeout),
            rebalance_timeout_ms: ms(config.max_poll_interval),
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone().filter(|_| version >= 5),
            protocol_type: PROTOCOL_TYPE,
            protocols: config.assignment_strategies.iter().map(protocol).collect(),
            reason: None,
        };
        let timeout = config.request_timeout.max(config.max_poll_interval + JOIN_GRACE);
        let response = connection.call_in(&request, version, timeout).await?;
        if code(response.error_code) == ErrorCode::MemberIdRequired {
            self.state.lock().member.id = response.member_id.detach();
        }
        ClientError::check(response.error_code, None, || format!("joining group {}", self.group))?;
        {
            let mut state = self.state.lock();
            state.member.id = response.member_id.detach();
            state.member.generation = response.generation_id;
        }
        self.sync(&connection, response).await
    }

    async fn sync(
        &self,
        connection: &Connection,
        joined: JoinGroupResponse,
    ) -> Result<Joined, ClientError> {
        let mut shared_out = BTreeMap::new();
        let mut assignments = Vec::new();
        if joined.leader == joined.member_id && !joined.skip_assignment {
            (assignments, shared_out) = self.share_out(&joined).await?;
        }
        let member = self.state.lock().member.clone();
        let version = connection.version::<SyncGroupRequest>()?;
        let request = SyncGroupRequest {
            group_id: self.group.clone(),
            generation_id: member.generation,
            member_id: member.id,
            group_instance_id: member.instance_id.filter(|_| version >= 3),
            protocol_type: (version >= 5).then_some(PROTOCOL_TYPE),
            protocol_name: joined.protocol_name.filter(|_| version >= 5),
            assignments,
        };
        let config = self.cluster.config();
        let timeout = config.request_timeout.max(config.max_poll_interval + JOIN_GRACE);
        let response = connection.call_in(&request, version, timeout).await?;
        ClientError::check(response.error_code, None, || {
            format!("waiting for the assignment of group {}", self.group)
        })?;
        let assignment = assignment_of(response.assignment).unwrap_or_default();
        Ok(Joined { assignment, shared_out })
    }

    /// Shares out the partitions of all topics that any member subscribed to.
    async fn share_out(
        &self,
        joined: &JoinGroupResponse,
    ) -> Result<(Vec<SyncGroupRequestAssignment>, BTreeMap<Arc<str>, usize>), ClientError> {
        let name = joined.protocol_name.as_deref().unwrap_or_default();
        let strategies = &self.cluster.config().assignment_strategies;
        let strategy = strategies.iter().find(|strategy| strategy.name() == name);
        let strategy = *strategy.ok_or_else(|| {
            let context = format!("group {} agreed on assignor {name}", self.group);
            api_error(ErrorCode::InconsistentGroupProtocol, context)
        })?;
        let subscribers: Vec<Subscriber> = joined.members.iter().map(subscriber).collect();
        let all: BTreeSet<Arc<str>> =
            subscribers.iter().flat_map(|member| member.topics.iter().cloned()).collect();
        let all: Vec<Arc<str>> = all.into_iter().collect();
        let create = self.cluster.config().allow_auto_create_topics;
        let metadata = self.cluster.refresh(&all, create).await?;
        let topics: BTreeMap<Arc<str>, usize> = all
            .iter()
            .filter_map(|topic| metadata.topics.get(topic))
            .filter(|topic| topic.error.is_none())
            .map(|topic| (topic.name.clone(), topic.partitions.len()))
            .collect();
        let assignments = assignor::assign(strategy, subscribers, &topics)
            .into_iter()
            .map(|(member_id, partitions)| {
                let assignment = assignment(&partitions)?;
                Ok(SyncGroupRequestAssignment { member_id, assignment })
            })
            .collect::<Result<_, ClientError>>()?;
        Ok((assignments, topics))
    }

    /// Tells the coordinator from time to time that the member lives, until the group calls.
    async fn beat(self: Arc<Self>) {
        let config = self.cluster.config();
        let mut heard = Instant::now();
        loop {
            tokio::time::sleep(config.heartbeat_interval).await;
            let (member, last_poll) = {
                let state = self.state.lock();
                (state.member.clone(), state.last_poll)
            };
            if last_poll.elapsed() > config.max_poll_interval {
                tracing::warn!(group = %self.group, "no poll within max.poll.interval.ms; leaving the group");
                // Whether or not it is heard, the member is out.
                let _ = self.leave(&member, "no poll within max.poll.interval.ms").await;
                return self.call(Call::Lost);
            }
            let error = match self.beat_once(&member).await {
                Ok(()) => {
                    heard = Instant::now();
                    continue;
                }
                Err(error) => error,
            };
            match error.code() {
                Some(ErrorCode::RebalanceInProgress) => {
                    heard = Instant::now();
                    self.call(Call::Rejoin);
                }
                Some(
                    ErrorCode::UnknownMemberId
                    | ErrorCode::IllegalGeneration
                    | ErrorCode::FencedInstanceId,
                ) => return self.call(Call::Lost),
                _ => self.forget_coordinator(),
            }
            if heard.elapsed() > config.session_timeout {
                return self.call(Call::Lost);
            }
        }
    }

    async fn beat_once(&self, member: &Member) -> Result<(), ClientError> {
        let connection = self.coordinator().await?;
        let version = connection.version::<HeartbeatRequest>()?;
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: member.generation,
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone().filter(|_| version >= 3),
        };
        let timeout = self.cluster.config().request_timeout;
        let response = connection.call_in(&request, version, timeout).await?;
        ClientError::check(response.error_code, None, || format!("heartbeat to {}", self.group))
    }

    /// Not on the group's own connection, where the node may have parked a join.
    async fn leave(&self, member: &Member, reason: &'static str) -> Result<(), ClientError> {
        let id = self.cluster.coordinator(&self.group).await?;
        let connection = self.cluster.node(id, Lane::General).await?;
        let version = connection.version::<LeaveGroupRequest>()?;
        let mut request =
            LeaveGroupRequest { group_id: self.group.clone(), ..LeaveGroupRequest::default() };
        if version >= 3 {
            request.members = vec![MemberIdentity {
                member_id: member.id.clone(),
                group_instance_id: member.instance_id.clone(),
                reason: (version >= 5).then_some(Str::from_static(reason)),
            }];
        } else {
            request.member_id = member.id.clone();
        }
        let timeout = self.cluster.config().request_timeout;
        let response = connection.call_in(&request, version, timeout).await?;
        ClientError::check(response.error_code, None, || format!("leaving group {}", self.group))
    }
}

fn subscription(topics: &BTreeSet<Arc<str>>) -> Result<Bytes, ClientError> {
    let subscription = ConsumerProtocolSubscription {
        topics: topics.iter().map(|topic| Str::from(&**topic)).collect(),
        ..ConsumerProtocolSubscription::default()
    };
    versioned(&subscription)
}

fn assignment(partitions: &[TopicPartition]) -> Result<Bytes, ClientError> {
    let mut topics: BTreeMap<&str, Vec<PartitionIndex>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition);
    }
    let topic = |(topic, partitions)| consumer_protocol_assignment::TopicPartition {
        topic: Str::from(topic),
        partitions,
    };
    versioned(&ConsumerProtocolAssignment {
        assigned_partitions: topics.into_iter().map(topic).collect(),
        user_data: None,
    })
}

fn versioned<M: Message>(message: &M) -> Result<Bytes, ClientError> {
    let mut bytes = BytesMut::new();
    bytes.put_i16(CONSUMER_PROTOCOL_VERSION);
    bytes.extend_from_slice(&message.to_bytes(CONSUMER_PROTOCOL_VERSION)?);
    Ok(bytes.freeze())
}

/// A member whose subscription cannot be read gets nothing rather than ending the group.
fn subscriber(member: &JoinGroupResponseMember) -> Subscriber {
    let mut reader = Reader::new(member.metadata.clone());
    let version = reader.get::<i16>().ok();
    let newest = *ConsumerProtocolSubscription::VERSIONS.end();
    let subscription = version
        .and_then(|v| ConsumerProtocolSubscription::decode(&mut reader, v.min(newest)).ok())
        .unwrap_or_default();
    Subscriber {
        member_id: member.member_id.clone(),
        instance_id: member.group_instance_id.clone(),
        topics: subscription.topics.iter().map(|topic| topic.as_str().into()).collect(),
    }
}
