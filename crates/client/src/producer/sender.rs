//! The task behind a producer: takes batches from the queues, sends them to the partitions' leaders,
//! and decides what each answer means for its batches.
//!
//! One round: expire, seal, take at most one batch per partition for each leader that may have
//! another request under way, hand the requests to the leaders' own tasks (which connect, so that a
//! node that does not answer holds up nobody else), then wait for whatever comes next.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::{
    BrokerId, ErrorCode, Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Timestamp,
    TopicId,
};
use protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use protocol::messages::produce_response::PartitionProduceResponse;
use protocol::messages::{InitProducerIdRequest, ProduceRequest, ProduceResponse};
use protocol::{Message, Records, Str};
use records::{Compression, Producer};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Shared;
use super::batch::Batch;
use crate::cluster::{Backoff, Lane, api_error};
use crate::config::Acks;
use crate::error::ClientError;
use crate::metadata::code;

/// The newest version of the produce request that speaks of topics by name.
const PRODUCE_BY_NAME_MAX: i16 = 12;

/// A batch on its way to a leader.
#[derive(Debug)]
struct Sent {
    topic: Arc<str>,
    partition: usize,
    batch: Batch,
}

/// One produce request, and later its answer.
#[derive(Debug)]
struct Order {
    request: ProduceRequest,
    batches: Vec<Sent>,
}

/// What comes back to the sender.
#[derive(Debug)]
enum Event {
    Answered { leader: BrokerId, batches: Vec<Sent>, answer: Result<ProduceResponse, ClientError> },
    Refreshed,
}

/// A leader's task and the requests under way to it.
#[derive(Debug)]
struct Leader {
    orders: mpsc::UnboundedSender<Order>,
    in_flight: usize,
}

#[derive(Debug)]
struct Sender {
    shared: Arc<Shared>,
    events: mpsc::UnboundedSender<Event>,
    leaders: HashMap<BrokerId, Leader>,
    producer: Option<(ProducerId, ProducerEpoch)>,
    /// A batch with a sequence was lost: what follows needs a new producer id.
    renew: bool,
    in_flight: usize,
    refreshing: bool,
    refreshed: Instant,
    metadata_backoff: Backoff,
}

/// Runs until the producer is dropped.
pub(super) async fn run(shared: Arc<Shared>) {
    let (events, mut incoming) = mpsc::unbounded_channel();
    let metadata_backoff = shared.cluster.backoff();
    let mut sender = Sender {
        shared,
        events,
        leaders: HashMap::new(),
        producer: None,
        renew: false,
        in_flight: 0,
        refreshing: false,
        refreshed: Instant::now(),
        metadata_backoff,
    };
    loop {
        let next = sender.round().await;
        let shared = sender.shared.clone();
        tokio::select! {
            () = shared.wake.notified() => {}
            event = incoming.recv() => {
                if let Some(event) = event {
                    sender.handle(event);
                }
                while let Ok(event) = incoming.try_recv() {
                    sender.handle(event);
                }
            }
            () = sleep_until(next) => {}
        }
        if shared.accumulator.lock().closed {
            break;
        }
    }
    sender.abandon(&ClientError::State("the producer was closed before the record was sent"));
}

async fn sleep_until(next: Option<Instant>) {
    match next {
        Some(next) => tokio::time::sleep_until(next).await,
        None => std::future::pending().await,
    }
}

impl Sender {
    /// One look at the queues; returns when to look again at the latest.
    async fn round(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let config = self.shared.cluster.config().clone();
        let mut next = {
            let mut accumulator = self.shared.accumulator.lock();
            if accumulator.starving > 0 {
                accumulator.seal_all();
            }
            accumulator.seal_lingered(config.linger, now)
        };
        self.expire(now);
        if self.shared.idempotent && !self.ready_to_number().await {
            return Some(earlier(next, now + config.retry_backoff));
        }
        let mut leaderless = false;
        // Records may have come since it was found that none wait, and a producer id not asked for.
        if self.shared.idempotent && self.producer.is_none() {
            return next;
        }
        let orders = self.take(now, &mut next, &mut leaderless);
        for (leader, batches) in orders {
            self.dispatch(leader, batches);
        }
        if leaderless || self.refreshed + config.metadata_max_age <= now {
            self.refresh(leaderless);
        }
        Some(earlier(next, self.refreshed + config.metadata_max_age))
    }

    /// Fails what has waited for longer than `delivery.timeout.ms`.
    fn expire(&mut self, now: Instant) {
        let timeout = self.shared.cluster.config().delivery_timeout;
        let mut expired = Vec::new();
        {
            let mut accumulator = self.shared.accumulator.lock();
            let queues = accumulator.topics.values_mut().flat_map(|topic| &mut topic.partitions);
            for queue in queues {
                let late = |batch: &Batch| batch.created + timeout <= now;
                while queue.ready.front().is_some_and(late) {
                    expired.extend(queue.ready.pop_front());
                }
            }
        }
        for batch in expired {
            let error = ClientError::Timeout {
                what: "delivering the record".into(),
                ms: timeout.as_millis() as u64,
            };
            self.fail(batch, error);
        }
    }

    /// Whether batches may be numbered: the producer has an id, and not one to be given up.
    async fn ready_to_number(&mut self) -> bool {
        if self.renew {
            if self.in_flight > 0 {
                return false;
            }
            self.producer = None;
        }
        if self.producer.is_some() {
            return true;
        }
        let idle = {
            let accumulator = self.shared.accumulator.lock();
            accumulator.undecided.is_empty()
        };
        if idle {
            return true;
        }
        match self.init_producer_id().await {
            Ok(producer) => {
                self.producer = Some(producer);
                self.renumber(producer);
                self.renew = false;
                true
            }
            Err(error) => {
                if !error.is_retriable() {
                    self.abandon(&error);
                }
                false
            }
        }
    }

    async fn init_producer_id(&self) -> Result<(ProducerId, ProducerEpoch), ClientError> {
        let request = InitProducerIdRequest {
            transaction_timeout_ms: i32::MAX,
            producer_id: ProducerId::NONE,
            producer_epoch: ProducerEpoch::NONE,
            ..InitProducerIdRequest::default()
        };
        let response = self.shared.cluster.any().await?.call(&request).await?;
        ClientError::check(response.error_code, None, || "asking for a producer id".to_owned())?;
        Ok((response.producer_id, response.producer_epoch))
    }

    /// Numbers everything that waits from 0 on, under a new producer id. Nothing is under way.
    fn renumber(&self, (id, epoch): (ProducerId, ProducerEpoch)) {
        let mut accumulator = self.shared.accumulator.lock();
        for queue in accumulator.topics.values_mut().flat_map(|topic| &mut topic.partitions) {
            queue.next_sequence = 0;
            for batch in queue.ready.iter_mut().filter(|batch| batch.sequence.is_some()) {
                let base_sequence = Sequence::new(queue.next_sequence);
                batch.renumber(Producer { id, epoch, base_sequence });
                queue.next_sequence = base_sequence.plus(batch.record_count).get();
            }
        }
    }

    /// Takes at most one batch per partition, for leaders that may have another request under way.
    fn take(
        &mut self,
        now: Instant,
        next: &mut Option<Instant>,
        leaderless: &mut bool,
    ) -> BTreeMap<BrokerId, Vec<Sent>> {
        let shared = self.shared.clone();
        let config = shared.cluster.config();
        let metadata = shared.cluster.known();
        let mut orders: BTreeMap<BrokerId, (usize, Vec<Sent>)> = BTreeMap::new();
        let mut accumulator = shared.accumulator.lock();
        for topic in accumulator.topics.values_mut() {
            let name = topic.name.clone();
            for (partition, queue) in topic.partitions.iter_mut().enumerate() {
                let Some(batch) = queue.ready.front() else { continue };
                if queue.draining || queue.in_flight >= config.max_in_flight {
                    continue;
                }
                if let Some(until) = queue.paused_until.filter(|until| *until > now) {
                    *next = Some(earlier(*next, until));
                    continue;
                }
                let index = PartitionIndex::new(partition as i32);
                let Some(leader) = metadata.leader(&name, index) else {
                    *leaderless = true;
                    continue;
                };
                let busy = self
                    .leaders
                    .get(&leader)
                    .is_some_and(|leader| leader.in_flight >= config.max_in_flight);
                let (bytes, batches) = orders.entry(leader).or_default();
                let fits = batches.is_empty() || *bytes + batch.size() <= config.max_request_size;
                if busy || !fits {
                    continue;
                }
                *bytes += batch.size();
                let Some(mut batch) = queue.ready.pop_front() else { continue };
                queue.in_flight += 1;
                self.in_flight += 1;
                if self.shared.idempotent && batch.sequence.is_none() {
                    let sequence = Sequence::new(queue.next_sequence);
                    batch.sequence = Some(sequence.get());
                    queue.next_sequence = sequence.plus(batch.record_count).get();
                }
                batches.push(Sent { topic: name.clone(), partition, batch });
            }
        }
        let orders = orders.into_iter().map(|(leader, (_, batches))| (leader, batches));
        orders.filter(|(_, batches)| !batches.is_empty()).collect()
    }

    /// Compresses batches and hands them to their leader's task as one request.
    fn dispatch(&mut self, leader: BrokerId, mut sent: Vec<Sent>) {
        let config = self.shared.cluster.config();
        let metadata = self.shared.cluster.known();
        let mut topics: Vec<TopicProduceData> = Vec::new();
        let mut failed = Vec::new();
        let mut at = 0;
        while at < sent.len() {
            let Sent { topic, partition, batch } = &mut sent[at];
            batch.attempts += 1;
            let sequence = batch.sequence.map(Sequence::new);
            let producer = self
                .producer
                .zip(sequence)
                .map(|((id, epoch), base_sequence)| Producer { id, epoch, base_sequence });
            match batch.bytes(producer) {
                Ok(bytes) => {
                    let data = PartitionProduceData {
                        index: PartitionIndex::new(*partition as i32),
                        records: Records::Bytes(bytes),
                    };
                    match topics.last_mut().filter(|last| *last.name == **topic) {
                        Some(last) => last.partition_data.push(data),
                        None => topics.push(TopicProduceData {
                            name: Str::from(&**topic),
                            topic_id: metadata.topics.get(topic).map(|t| t.id).unwrap_or_default(),
                            partition_data: vec![data],
                        }),
                    }
                    at += 1;
                }
                Err(error) => failed.push((sent.swap_remove(at), ClientError::from(error))),
            }
        }
        let request = ProduceRequest {
            transactional_id: None,
            acks: config.acks.number(),
            timeout_ms: i32::try_from(config.request_timeout.as_millis()).unwrap_or(i32::MAX),
            topic_data: topics,
        };
        for (sent, error) in failed {
            self.answered(&sent);
            self.fail(sent.batch, error);
        }
        if sent.is_empty() {
            return;
        }
        let (shared, events) = (&self.shared, &self.events);
        let leader_task = self.leaders.entry(leader).or_insert_with(|| {
            let (orders, queue) = mpsc::unbounded_channel();
            tokio::spawn(serve(shared.clone(), leader, queue, events.clone()));
            Leader { orders, in_flight: 0 }
        });
        leader_task.in_flight += 1;
        // The leader's task lives as long as its queue; bounded by max.in.flight.
        let _ = leader_task.orders.send(Order { request, batches: sent });
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Refreshed => {
                self.refreshing = false;
                self.refreshed = Instant::now();
            }
            Event::Answered { leader, batches, answer } => {
                if let Some(leader) = self.leaders.get_mut(&leader) {
                    leader.in_flight = leader.in_flight.saturating_sub(1);
                }
                self.settle(batches, answer);
                self.shared.freed.notify_waiters();
            }
        }
    }

    fn settle(&mut self, batches: Vec<Sent>, answer: Result<ProduceResponse, ClientError>) {
        for sent in &batches {
            self.answered(sent);
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                for sent in batches {
                    self.unsettled(sent, error.clone());
                }
                self.refresh(true);
                return;
            }
        };
        let found: HashMap<(&str, usize), &PartitionProduceResponse> = answer
            .responses
            .iter()
            .flat_map(|topic| {
                let name = topic.name.as_str();
                let partitions = topic.partition_responses.iter();
                partitions.map(move |answer| ((name, answer.index.get() as usize), answer))
            })
            .collect();
        for sent in batches {
            let topic = sent.topic.clone();
            match found.get(&(&*topic, sent.partition)) {
                Some(answer) => self.settle_one(sent, answer),
                // With acks=0 nobody answers.
                None if self.shared.cluster.config().acks == Acks::None => {
                    self.succeed(sent.batch, Offset::NONE, None);
                }
                None => {
                    let context = format!("producing to {}-{}", sent.topic, sent.partition);
                    self.unsettled(sent, api_error(ErrorCode::UnknownServerError, context));
                }
            }
        }
    }

    fn settle_one(&mut self, sent: Sent, answer: &PartitionProduceResponse) {
        let error = ClientError::check(answer.error_code, answer.error_message.as_deref(), || {
            format!("producing to {}-{}", sent.topic, sent.partition)
        });
        let Err(error) = error else {
            let append_time = Some(Timestamp::new(answer.log_append_time_ms));
            let append_time = append_time.filter(|time| *time != Timestamp::NONE);
            return self.succeed(sent.batch, answer.base_offset, append_time);
        };
        match code(answer.error_code) {
            // It is there already: an answer was lost, and the retry was recognised.
            ErrorCode::DuplicateSequenceNumber => self.succeed(sent.batch, Offset::NONE, None),
            ErrorCode::OutOfOrderSequenceNumber if self.follows_another(&sent) => {
                self.send_again(sent);
            }
            ErrorCode::NotLeaderOrFollower
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::KafkaStorageError => {
                self.unsettled(sent, error);
                self.refresh(true);
            }
            _ => self.unsettled(sent, error),
        }
    }

    /// Whether an earlier batch of the partition has to be sent again, so that this one came too
    /// early.
    fn follows_another(&self, sent: &Sent) -> bool {
        let mut accumulator = self.shared.accumulator.lock();
        accumulator.queue(&sent.topic, sent.partition).is_some_and(|queue| {
            queue.ready.front().is_some_and(|front| front.order < sent.batch.order)
        })
    }

    /// Sends a batch again if that may help and there is time, else fails it.
    fn unsettled(&mut self, sent: Sent, error: ClientError) {
        let config = self.shared.cluster.config();
        let in_time = sent.batch.created + config.delivery_timeout > Instant::now();
        if error.is_retriable() && in_time && sent.batch.attempts <= config.retries {
            self.send_again(sent);
        } else {
            self.fail(sent.batch, error);
        }
    }

    fn send_again(&mut self, Sent { topic, partition, batch }: Sent) {
        let config = self.shared.cluster.config();
        let doublings = batch.attempts.saturating_sub(1).min(10);
        let pause = (config.retry_backoff * (1 << doublings)).min(config.retry_backoff_max);
        let mut accumulator = self.shared.accumulator.lock();
        if let Some(queue) = accumulator.queue(&topic, partition) {
            queue.draining = queue.in_flight > 0;
            queue.paused_until = Some(Instant::now() + pause);
            queue.put_back(batch);
        }
    }

    fn answered(&mut self, sent: &Sent) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let mut accumulator = self.shared.accumulator.lock();
        if let Some(queue) = accumulator.queue(&sent.topic, sent.partition) {
            queue.answered();
        }
    }

    fn succeed(&mut self, batch: Batch, base_offset: Offset, append_time: Option<Timestamp>) {
        self.shared.accumulator.lock().forget(&batch);
        batch.decide(Ok((base_offset, append_time)));
    }

    fn fail(&mut self, batch: Batch, error: ClientError) {
        // Its numbers are a hole now, over which no node would let the next batch.
        self.renew |= batch.sequence.is_some();
        self.shared.accumulator.lock().forget(&batch);
        self.shared.freed.notify_waiters();
        batch.decide(Err(error));
    }

    /// Fails everything that waits.
    fn abandon(&mut self, error: &ClientError) {
        let batches = self.shared.accumulator.lock().take_all();
        for batch in batches {
            self.fail(batch, error.clone());
        }
    }

    /// Asks for the leaders again, in the background; `urgent` makes later ones wait longer.
    fn refresh(&mut self, urgent: bool) {
        if std::mem::replace(&mut self.refreshing, true) {
            return;
        }
        if !urgent {
            self.metadata_backoff = self.shared.cluster.backoff();
        }
        let pause = if urgent { self.metadata_backoff.next_pause() } else { Default::default() };
        let (shared, events) = (self.shared.clone(), self.events.clone());
        tokio::spawn(async move {
            let topics: Vec<Arc<str>> = shared.accumulator.lock().topics.keys().cloned().collect();
            match shared.cluster.refresh(&topics, false).await {
                Ok(metadata) => {
                    let mut accumulator = shared.accumulator.lock();
                    for topic in
                        metadata.topics.values().filter(|topic| topics.contains(&topic.name))
                    {
                        accumulator.learn(topic);
                    }
                }
                Err(error) => tracing::debug!(%error, "refreshing metadata failed"),
            }
            // The next look waits for this pause, so that a missing leader is not asked for in a loop.
            tokio::time::sleep(pause).await;
            // The sender may have ended.
            let _ = events.send(Event::Refreshed);
        });
    }
}

/// Sends the requests for one leader in their order, each without waiting for the answers before.
async fn serve(
    shared: Arc<Shared>,
    leader: BrokerId,
    mut orders: mpsc::UnboundedReceiver<Order>,
    events: mpsc::UnboundedSender<Event>,
) {
    let config = shared.cluster.config();
    let oldest = if config.compression_type == Compression::Zstd { 7 } else { 3 };
    while let Some(Order { request, batches }) = orders.recv().await {
        let names: HashMap<TopicId, Str> = request
            .topic_data
            .iter()
            .filter(|topic| !topic.topic_id.is_zero())
            .map(|topic| (topic.topic_id, topic.name.clone()))
            .collect();
        let by_id = names.len() == request.topic_data.len();
        let newest = if by_id { *ProduceRequest::VERSIONS.end() } else { PRODUCE_BY_NAME_MAX };
        let begun = async {
            let connection = shared.cluster.node(leader, Lane::Produce).await?;
            let version = connection.version_within::<ProduceRequest>(oldest..=newest)?;
            if config.acks == Acks::None {
                connection.tell(&request, version).await?;
                return Ok(None);
            }
            connection.begin(&request, version, config.request_timeout).await.map(Some)
        };
        let events = events.clone();
        match begun.await {
            Ok(Some(answer)) => {
                tokio::spawn(async move {
                    let answer = answer.await.map(|answer| name_topics(answer, &names));
                    // The sender may have ended.
                    let _ = events.send(Event::Answered { leader, batches, answer });
                });
            }
            begun => {
                let answer = begun.map(|_| ProduceResponse::default());
                let _ = events.send(Event::Answered { leader, batches, answer });
            }
        }
    }
}

/// Puts names where a node answers by the ids that the request named.
fn name_topics(mut answer: ProduceResponse, names: &HashMap<TopicId, Str>) -> ProduceResponse {
    for topic in &mut answer.responses {
        if let Some(name) = names.get(&topic.topic_id) {
            topic.name = name.clone();
        }
    }
    answer
}

fn earlier(next: Option<Instant>, at: Instant) -> Instant {
    next.map_or(at, |next| next.min(at))
}
