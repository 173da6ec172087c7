//! One shard at work: requests, timers and commits, one after the other.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use coordinator::{Effects, GroupShard, Now, Reply, Request, Ticket, Token};
use model::{ErrorCode, GROUP_METADATA_TOPIC, TopicId};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{error, info};

use super::{batches, load, settings};
use crate::append::{Append, AppendFailure, AppendOutcome};
use crate::partition::Partition;
use crate::{Broker, clock};

/// Messages that are worked off before what they append goes to the disk together.
const MESSAGES_PER_STEP_MAX: usize = 128;

/// Whether a shard can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadState {
    /// It is reading its partition.
    Loading,
    /// It serves.
    Active,
    /// It cannot serve; the log says why.
    Failed,
}

/// What a shard is sent.
pub(super) enum Message {
    /// A request and where its answer goes.
    Request(Box<Request>, oneshot::Sender<Reply>),
    /// A look at the shard as it is.
    Look(Box<dyn FnOnce(&GroupShard) + Send>),
    /// These topics are gone.
    TopicsDeleted(Arc<[(Arc<str>, TopicId)]>),
}

/// Appends on their way to being committed.
struct InFlight {
    outcome: AppendOutcome,
    tickets: Vec<Ticket>,
}

struct Task {
    broker: Arc<Broker>,
    partition: Arc<Partition>,
    shard: GroupShard,
    started: Instant,
    last_token: u64,
    replies: HashMap<Token, oneshot::Sender<Reply>>,
    in_flight: VecDeque<InFlight>,
}

/// Starts a shard; it ends when nobody can send to it any more, or when `stop` becomes true.
pub(super) fn start(
    broker: Arc<Broker>,
    partition: Arc<Partition>,
    messages: mpsc::Receiver<Message>,
    mut stop: watch::Receiver<bool>,
) -> watch::Receiver<LoadState> {
    let (state, watched) = watch::channel(LoadState::Loading);
    tokio::spawn(async move {
        let loaded = tokio::select! {
            loaded = Task::load(broker, partition) => loaded,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match loaded {
            Some(mut task) => {
                state.send_replace(LoadState::Active);
                task.serve(messages, stop).await;
                task.unload();
            }
            None => {
                state.send_replace(LoadState::Failed);
                // Whoever asks is told by the state; nobody waits in the queue.
            }
        }
    });
    watched
}

impl Task {
    async fn load(broker: Arc<Broker>, partition: Arc<Partition>) -> Option<Self> {
        let started = Instant::now();
        let shard = GroupShard::new(group_config(&broker, &partition));
        let loads = broker.groups().loads();
        let shard = match load::load(&partition, shard, &loads).await {
            Ok(shard) => shard,
            Err(error) => {
                error!(
                    partition = %partition.topic_partition(), %error,
                    "the groups of this partition cannot be served"
                );
                return None;
            }
        };
        if shard.group_count() > 0 {
            info!(
                partition = %partition.topic_partition(),
                groups = shard.group_count(),
                ms = started.elapsed().as_millis(),
                "loaded groups"
            );
        }
        let mut task = Self {
            broker,
            partition,
            shard,
            started,
            last_token: 0,
            replies: HashMap::new(),
            in_flight: VecDeque::new(),
        };
        let mut effects = Effects::default();
        task.shard.loaded(task.now(), &mut effects);
        task.carry_out(effects);
        Some(task)
    }

    async fn serve(
        &mut self,
        mut messages: mpsc::Receiver<Message>,
        mut stop: watch::Receiver<bool>,
    ) {
        loop {
            let mut effects = Effects::default();
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                message = messages.recv() => {
                    let Some(message) = message else { return };
                    self.shard.set_config(group_config(&self.broker, &self.partition));
                    self.take(message, &mut effects);
                    for _ in 1..MESSAGES_PER_STEP_MAX {
                        let Ok(message) = messages.try_recv() else { break };
                        self.take(message, &mut effects);
                    }
                }
                outcome = oldest(&mut self.in_flight) => {
                    let Some(outcome) = outcome else { return };
                    self.settle(outcome, &mut effects);
                }
                () = wait_until(self.started, self.shard.next_deadline()) => {
                    self.shard.set_clock(self.broker.partitions().clock().look());
                    self.shard.tick(self.now(), &mut effects);
                }
            }
            self.carry_out(effects);
        }
    }

    fn take(&mut self, message: Message, effects: &mut Effects) {
        match message {
            Message::Request(request, reply) => {
                self.last_token += 1;
                let token = Token(self.last_token);
                self.replies.insert(token, reply);
                self.shard.handle(self.now(), token, *request, effects);
            }
            Message::Look(look) => look(&self.shard),
            Message::TopicsDeleted(topics) => {
                self.shard.topics_deleted(self.now(), &topics, effects);
            }
        }
    }

    fn settle(&mut self, outcome: Result<(), AppendFailure>, effects: &mut Effects) {
        let Some(settled) = self.in_flight.pop_front() else { return };
        let now = self.now();
        for ticket in settled.tickets {
            match &outcome {
                Ok(()) => self.shard.committed(now, ticket, effects),
                Err(failure) => self.shard.failed(now, ticket, failure.code, effects),
            }
        }
    }

    /// Sends answers, and appends until nothing more is to be appended.
    fn carry_out(&mut self, mut effects: Effects) {
        loop {
            for (token, reply) in effects.replies.drain(..) {
                if let Some(sender) = self.replies.remove(&token) {
                    // A client that is gone misses its answer.
                    let _ = sender.send(reply);
                }
            }
            if effects.appends.is_empty() {
                return;
            }
            let now = self.now();
            let limit = self.partition.settings().log.max_message_bytes as usize;
            let packed = batches::pack(std::mem::take(&mut effects.appends), now.wall, limit);
            for batch in packed.batches {
                match Append::of_coordinator(&self.partition, batch.bytes, now.wall) {
                    Ok(append) => {
                        let outcome = self.broker.partitions().append(append);
                        self.in_flight.push_back(InFlight { outcome, tickets: batch.tickets });
                    }
                    Err(failure) => {
                        for ticket in batch.tickets {
                            self.shard.failed(now, ticket, failure.code, &mut effects);
                        }
                    }
                }
            }
            for ticket in packed.too_large {
                self.shard.failed(now, ticket, ErrorCode::MessageTooLarge, &mut effects);
            }
        }
    }

    fn unload(mut self) {
        let mut effects = Effects::default();
        self.shard.unload(self.now(), &mut effects);
        self.carry_out(effects);
    }

    fn now(&self) -> Now {
        let ticks_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { wall: clock::now(), ticks_ms }
    }
}

fn group_config(broker: &Broker, partition: &Partition) -> coordinator::GroupConfig {
    let max_message_bytes = partition.settings().log.max_message_bytes as usize;
    let image = broker.image();
    let topic = image.topic(GROUP_METADATA_TOPIC);
    let partition_count = topic.map_or(1, |topic| topic.partitions.len());
    settings::group_config(broker.node(), &broker.settings(), max_message_bytes, partition_count)
}

/// Waits for the oldest append. `None` when the node stops and nobody will ever know.
async fn oldest(in_flight: &mut VecDeque<InFlight>) -> Option<Result<(), AppendFailure>> {
    match in_flight.front_mut() {
        Some(oldest) => (&mut oldest.outcome).await.ok().map(|outcome| outcome.map(|_| ())),
        None => std::future::pending().await,
    }
}

async fn wait_until(started: Instant, deadline_ms: Option<u64>) {
    match deadline_ms.and_then(|ms| started.checked_add(Duration::from_millis(ms))) {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
