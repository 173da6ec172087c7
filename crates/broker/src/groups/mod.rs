//! The coordinator's shell: a task per partition of `__consumer_offsets` that this node leads, each
//! with a [`coordinator::GroupShard`]. The shard decides; the task reads the clock, appends, waits
//! for the commit, and passes answers on.
//!
//! Invariant: a shard's records reach its partition in the order in which the shard gave them, and
//! what a shard answers is committed.

mod batches;
mod load;
mod settings;
mod survey;
mod task;
mod topic;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use coordinator::{GroupShard, Reply, Request, partition_for};
use metadata::{MetadataDelta, MetadataImage};
use model::{ErrorCode, GROUP_METADATA_TOPIC, PartitionIndex, TopicId};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tracing::warn;

use crate::Broker;
pub(crate) use survey::Survey;
use survey::ask_all;
use task::{LoadState, Message};

/// Requests that wait for a shard; further ones wait on their connections.
const SHARD_QUEUE_MAX: usize = 256;
/// How long a request waits for a shard that is being loaded before it is told to come again.
const LOAD_WAIT: Duration = Duration::from_millis(1_000);
/// Partitions that are read at the same time when the node starts.
const LOADS_AT_ONCE: usize = 4;

/// A shard as the others see it.
#[derive(Debug, Clone)]
struct Shard {
    topic_id: TopicId,
    messages: mpsc::Sender<Message>,
    state: watch::Receiver<LoadState>,
}

#[derive(Debug, Default)]
struct Shards {
    by_partition: HashMap<PartitionIndex, Shard>,
    /// The image that the shards have been brought to.
    image: Arc<MetadataImage>,
    /// Tells shards that the node stops; set when shards may be started.
    stop: Option<watch::Receiver<bool>>,
}

/// The groups that this node coordinates.
#[derive(Debug)]
pub(crate) struct Groups {
    shards: Mutex<Shards>,
    loads: Arc<Semaphore>,
}

impl Default for Groups {
    fn default() -> Self {
        Self { shards: Mutex::default(), loads: Arc::new(Semaphore::new(LOADS_AT_ONCE)) }
    }
}

impl Groups {
    /// Keeps the shards in step with the metadata until `stop` becomes true.
    pub(crate) fn start(broker: &Arc<Broker>, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
        broker.groups().shards.lock().stop = Some(stop.clone());
        broker.groups().follow_image(broker);
        let (broker, mut stop) = (Arc::clone(broker), stop.clone());
        let mut applied = broker.applied();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    changed = applied.changed() => if changed.is_err() { return },
                    _ = stop.wait_for(|stop| *stop) => return,
                }
                applied.mark_unchanged();
                broker.groups().follow_image(&broker);
            }
        })
    }

    /// Starts shards for partitions that are new, ends those of partitions that are gone, and lets
    /// all forget the offsets of deleted topics.
    fn follow_image(&self, broker: &Arc<Broker>) {
        let mut shards = self.shards.lock();
        let Some(stop) = shards.stop.clone() else { return };
        let image = broker.image();
        if Arc::ptr_eq(&image, &shards.image) {
            return;
        }
        let delta = MetadataDelta::between(&shards.image, &image);
        shards.image = Arc::clone(&image);
        let topic = image.topic(GROUP_METADATA_TOPIC);
        let current = topic.map(|topic| topic.id);
        // A shard ends when nobody can send to it any more.
        shards.by_partition.retain(|_, shard| Some(shard.topic_id) == current);
        for (index, assigned) in topic.into_iter().flat_map(|topic| topic.indexed()) {
            let Some(topic_id) = current else { continue };
            if assigned.leader != Some(broker.identity().broker_id) {
                shards.by_partition.remove(&index);
                continue;
            }
            if shards.by_partition.contains_key(&index) {
                continue;
            }
            if let Some(partition) = broker.partitions().by_id(topic_id, index) {
                let (messages, receiver) = mpsc::channel(SHARD_QUEUE_MAX);
                let state = task::start(Arc::clone(broker), partition, receiver, stop.clone());
                shards.by_partition.insert(index, Shard { topic_id, messages, state });
            }
        }
        if !delta.deleted_topics.is_empty() {
            let deleted: Arc<[_]> =
                delta.deleted_topics.iter().map(|(id, name)| (Arc::clone(name), *id)).collect();
            for shard in shards.by_partition.values() {
                forget_topics(shard.messages.clone(), Arc::clone(&deleted));
            }
        }
    }

    /// The partition that keeps a group; `None` while there is no topic of groups.
    pub(crate) fn partition_of(
        &self,
        image: &MetadataImage,
        group: &str,
    ) -> Option<PartitionIndex> {
        let count = image.topic(GROUP_METADATA_TOPIC)?.indexed().count();
        Some(partition_for(group, i32::try_from(count).unwrap_or(i32::MAX)))
    }

    /// Whether this node keeps the group: not while the folder of its partition is missing.
    pub(crate) fn coordinates(&self, group: &str) -> bool {
        let shards = self.shards.lock();
        let index = self.partition_of(&shards.image, group);
        index.is_some_and(|index| shards.by_partition.contains_key(&index))
    }

    /// The shard of a group, once it is loaded.
    async fn shard_of(&self, group: &str) -> Result<Shard, ErrorCode> {
        let mut shard = {
            let shards = self.shards.lock();
            let index = self
                .partition_of(&shards.image, group)
                .ok_or(ErrorCode::CoordinatorNotAvailable)?;
            shards.by_partition.get(&index).cloned().ok_or(ErrorCode::NotCoordinator)?
        };
        shard.wait_until_loaded().await?;
        Ok(shard)
    }

    /// Puts a request to the shard of its group.
    pub(crate) async fn request(&self, group: &str, request: Request) -> Result<Reply, ErrorCode> {
        let shard = self.shard_of(group).await?;
        let (sender, reply) = oneshot::channel();
        let message = Message::Request(Box::new(request), sender);
        shard.messages.send(message).await.map_err(|_| ErrorCode::NotCoordinator)?;
        reply.await.map_err(|_| ErrorCode::NotCoordinator)
    }

    /// Looks at the shard of a group.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        group: &str,
        look: impl FnOnce(&GroupShard) -> T + Send + 'static,
    ) -> Result<T, ErrorCode> {
        self.shard_of(group).await?.look(look).await
    }

    /// How many partitions may be read at the same time.
    fn loads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.loads)
    }

    /// Looks at all shards of this node.
    pub(crate) async fn look_at_all<T: Send + 'static>(
        &self,
        look: impl Fn(&GroupShard) -> T + Clone + Send + 'static,
    ) -> Result<Vec<T>, ErrorCode> {
        let mut shards: Vec<_> =
            self.shards.lock().by_partition.iter().map(|(i, s)| (*i, s.clone())).collect();
        shards.sort_by_key(|(index, _)| *index);
        let mut seen = Vec::with_capacity(shards.len());
        for (_, mut shard) in shards {
            let looked = match shard.wait_until_loaded().await {
                Ok(()) => shard.look(look.clone()).await,
                Err(error) => Err(error),
            };
            match looked {
                Ok(looked) => seen.push(looked),
                // It is another's by now, or the log says why it cannot be read.
                Err(ErrorCode::NotCoordinator) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(seen)
    }

    /// The groups of the shards that answer soon: all are counted, and as many shown, with their
    /// offsets, as there is room for.
    pub(crate) async fn survey(&self, mut room: usize) -> Survey {
        let mut shards: Vec<_> =
            self.shards.lock().by_partition.iter().map(|(i, s)| (*i, s.clone())).collect();
        shards.sort_by_key(|(index, _)| *index);
        let all = shards.len();
        shards.retain(|(_, shard)| *shard.state.borrow() == LoadState::Active);
        let asked = shards.into_iter().map(|(_, shard)| (shard, ())).collect();
        let counted = ask_all(asked, |shard, ()| shard.count_groups()).await;
        let mut survey = Survey { silent_shards: all - counted.len(), ..Survey::default() };
        // Who gets room does not depend on who is quicker, so that it is the same with each scrape.
        let mut asked = Vec::new();
        for (shard, counts) in counted {
            let groups = counts.groups().min(room);
            room -= groups;
            let offsets = counts.offsets.min(room);
            room -= offsets;
            survey.groups_left_out += counts.groups() - groups;
            survey.offsets_left_out += counts.offsets - offsets;
            for (state, count) in counts.by_state {
                *survey.by_state.entry(state).or_default() += count;
            }
            if groups > 0 {
                asked.push((shard, groups + offsets));
            }
        }
        let asked_shards = asked.len();
        let surveyed = ask_all(asked, |shard, room| shard.survey(room)).await;
        survey.silent_shards += asked_shards - surveyed.len();
        survey.groups = surveyed.into_iter().flat_map(|(_, groups)| groups).collect();
        survey
    }

    /// Makes sure that there is a topic of groups, and that this node's shards of it are there.
    pub(crate) async fn ensure_topic(&self, broker: &Arc<Broker>) -> Result<(), ErrorCode> {
        if broker.image().topic(GROUP_METADATA_TOPIC).is_none() {
            topic::create(broker).await?;
        }
        self.follow_image(broker);
        Ok(())
    }
}

impl Shard {
    async fn wait_until_loaded(&mut self) -> Result<(), ErrorCode> {
        let loaded = self.state.wait_for(|state| *state != LoadState::Loading);
        match tokio::time::timeout(LOAD_WAIT, loaded).await {
            Err(_) => Err(ErrorCode::CoordinatorLoadInProgress),
            Ok(Ok(state)) if *state == LoadState::Active => Ok(()),
            Ok(_) => Err(ErrorCode::NotCoordinator),
        }
    }

    async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&GroupShard) -> T + Send + 'static,
    ) -> Result<T, ErrorCode> {
        let (sender, seen) = oneshot::channel();
        let look = Box::new(move |shard: &GroupShard| {
            // Whoever asked may be gone, before or meanwhile.
            if !sender.is_closed() {
                let _ = sender.send(look(shard));
            }
        });
        self.messages.send(Message::Look(look)).await.map_err(|_| ErrorCode::NotCoordinator)?;
        seen.await.map_err(|_| ErrorCode::NotCoordinator)
    }
}

/// Sends a shard the topics that were deleted, when it has room; a shard that ends needs to know
/// nothing.
fn forget_topics(messages: mpsc::Sender<Message>, deleted: Arc<[(Arc<str>, TopicId)]>) {
    tokio::spawn(async move {
        if messages.send(Message::TopicsDeleted(deleted)).await.is_err() {
            warn!("a shard of groups ended before it heard of deleted topics");
        }
    });
}
