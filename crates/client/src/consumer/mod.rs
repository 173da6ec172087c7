//! The consumer: chosen or assigned partitions, read from where one wants or left off.
//!
//! Everything that takes long (fetches, joining, heartbeats) runs as a task; [`Consumer::poll`] puts
//! their results together and hands out records. A poll that is dropped while it waits loses
//! nothing.

mod assignor;
mod fetched;
mod fetcher;
mod membership;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{LeaderEpoch, Offset, TopicPartition};
use tokio::time::Instant;

pub use fetched::ConsumerRecord;
use fetcher::{Fetcher, reset_spec};
use membership::{Call, Membership};

use crate::admin::{FoundOffset, OffsetSpec, list_offsets};
use crate::cluster::{Cluster, Lane, retry};
use crate::config::ClientConfig;
use crate::error::ClientError;
use crate::group_offsets::{self, CommittedOffset, Member, OffsetToCommit};

/// The shortest time that looking for positions and metadata gets, however brief the poll.
const SETUP_TIME_MIN: Duration = Duration::from_secs(1);

type TopicFilter = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What the consumer reads.
enum Subscription {
    None,
    /// Partitions that the caller chose.
    Partitions,
    /// Topics, shared with the group.
    Topics(BTreeSet<Arc<str>>),
    /// All topics that match, shared with the group.
    Matching(TopicFilter),
}

/// A consumer. [`Consumer::close`] it, or its group waits for its session to time out.
pub struct Consumer {
    cluster: Cluster,
    subscription: Subscription,
    fetcher: Fetcher,
    membership: Option<Membership>,
    /// What the group's leader shared out; other counts mean that it has to do it again.
    shared_out: BTreeMap<Arc<str>, usize>,
    metadata_due: Instant,
    commit_due: Instant,
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("fetcher", &self.fetcher).finish_non_exhaustive()
    }
}

impl Consumer {
    /// A consumer towards `bootstrap.servers`. Nothing is connected yet.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        let cluster = Cluster::new(config)?;
        Ok(Self {
            fetcher: Fetcher::new(&cluster),
            subscription: Subscription::None,
            membership: None,
            shared_out: BTreeMap::new(),
            metadata_due: Instant::now(),
            commit_due: Instant::now() + config.auto_commit_interval,
            cluster,
        })
    }

    /// The cluster's connections and metadata.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Reads topics together with the other members of `group.id`.
    pub fn subscribe(&mut self, topics: &[String]) -> Result<(), ClientError> {
        let topics = topics.iter().map(|topic| topic.as_str().into()).collect();
        self.become_member(Subscription::Topics(topics))
    }

    /// As [`Consumer::subscribe`], for all topics that the filter accepts, later ones too.
    pub fn subscribe_matching(
        &mut self,
        filter: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<(), ClientError> {
        self.become_member(Subscription::Matching(Box::new(filter)))
    }

    fn become_member(&mut self, subscription: Subscription) -> Result<(), ClientError> {
        let Some(group) = &self.cluster.config().group_id else {
            return Err(ClientError::State(
                "set group.id to subscribe to topics, or assign partitions",
            ));
        };
        if matches!(self.subscription, Subscription::Partitions) {
            return Err(ClientError::State("the consumer has chosen its partitions already"));
        }
        match &self.membership {
            Some(membership) => membership.rejoin(),
            None => self.membership = Some(Membership::new(&self.cluster, group)),
        }
        self.subscription = subscription;
        self.metadata_due = Instant::now();
        Ok(())
    }

    /// Reads exactly these partitions, alone. Offsets are committed for `group.id`, if there is one.
    pub fn assign(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        if self.membership.is_some() {
            return Err(ClientError::State("the consumer has subscribed to topics already"));
        }
        self.subscription = Subscription::Partitions;
        self.metadata_due = Instant::now();
        self.fetcher.assign(partitions.iter().cloned());
        Ok(())
    }

    /// The partitions that the consumer reads at the moment.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.fetcher.readings.keys().cloned().collect()
    }

    /// Goes on at `offset` of a partition that the consumer reads.
    pub fn seek(&mut self, partition: &TopicPartition, offset: Offset) -> Result<(), ClientError> {
        self.reading(partition)?.seek(offset, LeaderEpoch::NONE);
        Ok(())
    }

    /// Goes on at the offset that `spec` names once the next poll has found it.
    pub fn seek_to(
        &mut self,
        partition: &TopicPartition,
        spec: OffsetSpec,
    ) -> Result<(), ClientError> {
        let reading = self.reading(partition)?;
        reading.forget();
        reading.reset = Some(spec);
        Ok(())
    }

    /// Stops handing out records of a partition, or goes on with it.
    pub fn set_paused(
        &mut self,
        partition: &TopicPartition,
        paused: bool,
    ) -> Result<(), ClientError> {
        self.reading(partition)?.paused = paused;
        Ok(())
    }

    fn reading(
        &mut self,
        partition: &TopicPartition,
    ) -> Result<&mut fetcher::Reading, ClientError> {
        self.fetcher
            .readings
            .get_mut(partition)
            .ok_or(ClientError::State("the consumer does not read that partition"))
    }

    /// The offset of the next record that [`Consumer::poll`] hands out, once it is known.
    pub fn position(&self, partition: &TopicPartition) -> Option<Offset> {
        self.fetcher.readings.get(partition)?.position
    }

    /// Waits for at most `timeout` for records, and hands out up to `max.poll.records`. Joins the
    /// group, commits and looks for positions as needed.
    pub async fn poll(&mut self, timeout: Duration) -> Result<Vec<ConsumerRecord>, ClientError> {
        if matches!(self.subscription, Subscription::None) {
            return Err(ClientError::State("subscribe to topics or assign partitions first"));
        }
        let deadline = Instant::now() + timeout;
        let max = self.cluster.config().max_poll_records;
        loop {
            let setup = deadline.max(Instant::now() + SETUP_TIME_MIN);
            match tokio::time::timeout_at(setup, self.prepare()).await {
                Ok(prepared) => prepared?,
                Err(_) => return Ok(Vec::new()),
            }
            self.fetcher.ask();
            let records = self.fetcher.collect(max)?;
            if !records.is_empty() {
                self.fetcher.ask();
                return Ok(records);
            }
            if Instant::now() >= deadline {
                return Ok(records);
            }
            self.wait(deadline).await;
        }
    }

    /// Waits until there is something to do.
    async fn wait(&mut self, deadline: Instant) {
        let changed = async {
            match &self.membership {
                Some(membership) => membership.shared.changed.notified().await,
                None => std::future::pending().await,
            }
        };
        let mut until = deadline.min(self.metadata_due);
        if let Some(since) = self.fetcher.stale_since {
            until = until.min(since + self.cluster.config().retry_backoff);
        }
        tokio::select! {
            answer = self.fetcher.incoming.recv() => {
                if let Some(answer) = answer {
                    self.fetcher.take_in(answer);
                }
            }
            () = changed => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }

    /// Everything that has to be right before records can come.
    async fn prepare(&mut self) -> Result<(), ClientError> {
        while let Ok(answer) = self.fetcher.incoming.try_recv() {
            self.fetcher.take_in(answer);
        }
        self.refresh_metadata().await?;
        self.follow_group().await?;
        self.commit_by_itself();
        self.find_positions().await
    }

    async fn refresh_metadata(&mut self) -> Result<(), ClientError> {
        let now = Instant::now();
        let config = self.cluster.config();
        let stale = self.fetcher.stale_since.is_some_and(|at| at + config.retry_backoff <= now);
        if self.metadata_due > now && !stale {
            return Ok(());
        }
        let refreshed = match &self.subscription {
            Subscription::Matching(_) => self.cluster.refresh_all().await,
            Subscription::Topics(topics) => {
                let topics: Vec<Arc<str>> = topics.iter().cloned().collect();
                self.cluster.refresh(&topics, config.allow_auto_create_topics).await
            }
            _ => {
                let topics = self.fetcher.topics();
                self.cluster.refresh(&topics, config.allow_auto_create_topics).await
            }
        };
        let metadata = match refreshed {
            Ok(metadata) => metadata,
            // A cluster that was there comes back; one that never was is told at once.
            Err(error) if error.is_retriable() && !self.cluster.known().nodes.is_empty() => {
                self.fetcher.stale_since = Some(now);
                self.metadata_due = now + config.retry_backoff_max;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.fetcher.stale_since = None;
        let topics = self.subscribed();
        let missing = topics.iter().any(|topic| {
            metadata.topics.get(topic).is_none_or(|topic| topic.partitions.is_empty())
        });
        let age = if missing { config.retry_backoff_max } else { config.metadata_max_age };
        self.metadata_due = now + age;
        if self.counts_changed(&topics)
            && let Some(membership) = &self.membership
        {
            membership.rejoin();
        }
        Ok(())
    }

    /// The topics that the consumer subscribes to, as far as they are known.
    fn subscribed(&self) -> BTreeSet<Arc<str>> {
        match &self.subscription {
            Subscription::None => BTreeSet::new(),
            Subscription::Partitions => self.fetcher.topics().into_iter().collect(),
            Subscription::Topics(topics) => topics.clone(),
            Subscription::Matching(filter) => {
                let exclude = self.cluster.config().exclude_internal_topics;
                let known = self.cluster.known();
                let topics = known.topics.values().filter(|topic| filter(&topic.name));
                let topics = topics.filter(|topic| !(exclude && topic.is_internal));
                topics.map(|topic| topic.name.clone()).collect()
            }
        }
    }

    /// Whether the leader of the group would share out something else now.
    fn counts_changed(&self, topics: &BTreeSet<Arc<str>>) -> bool {
        let known = self.cluster.known();
        let count = |topic| known.topics.get(topic).map_or(0, |topic| topic.partitions.len());
        !self.shared_out.is_empty()
            && (topics.iter().any(|topic| {
                let now = count(topic);
                now > 0 && self.shared_out.get(topic) != Some(&now)
            }) || self.shared_out.keys().any(|topic| count(topic) == 0))
    }

    /// Joins the group when it calls, and takes over what it assigns.
    async fn follow_group(&mut self) -> Result<(), ClientError> {
        let Some(membership) = &mut self.membership else { return Ok(()) };
        membership.polled();
        if let Some(joined) = membership.joined().await {
            let joined = joined?;
            self.shared_out = joined.shared_out;
            self.fetcher.assign(joined.assignment);
            self.commit_due = Instant::now() + self.cluster.config().auto_commit_interval;
            return Ok(());
        }
        let call = membership.call();
        if call == Call::None || membership.is_joining() {
            return Ok(());
        }
        if call == Call::Rejoin && self.cluster.config().enable_auto_commit {
            // Best effort: what is not committed is read again.
            if let Err(error) = self.commit().await {
                tracing::debug!(%error, "committing before a rebalance failed");
            }
        }
        self.fetcher.assign([]);
        let topics = self.subscribed();
        if let Some(membership) = &mut self.membership {
            membership.join(topics);
        }
        Ok(())
    }

    /// Finds where to begin with partitions that have no position: at the committed offset, else
    /// where `auto.offset.reset` says.
    async fn find_positions(&mut self) -> Result<(), ClientError> {
        let unknown = |reading: &fetcher::Reading| reading.position.is_none();
        if !self.fetcher.readings.values().any(unknown) {
            return Ok(());
        }
        let readings = self.fetcher.readings.iter();
        let uncommitted: Vec<TopicPartition> = readings
            .filter(|(_, reading)| unknown(reading) && reading.reset.is_none())
            .map(|(partition, _)| partition.clone())
            .collect();
        if self.cluster.config().group_id.is_some() && !uncommitted.is_empty() {
            let committed = self.committed(&uncommitted).await?;
            for (partition, committed) in committed {
                if let Some(reading) = self.fetcher.readings.get_mut(&partition) {
                    reading.seek(committed.offset, committed.leader_epoch);
                }
            }
        }
        let default = reset_spec(self.cluster.config().auto_offset_reset);
        let mut wanted = BTreeMap::new();
        for (partition, reading) in self.fetcher.readings.iter().filter(|(_, r)| unknown(r)) {
            let spec = reading.reset.or(default).ok_or_else(|| ClientError::NoOffset {
                topic: partition.topic.clone(),
                partition: partition.partition.get(),
            })?;
            wanted.insert(partition.clone(), spec);
        }
        let found = self.list_offsets(&wanted).await?;
        let mut too_late = BTreeMap::new();
        for (partition, found) in found {
            let found = found?;
            match found.offset.known() {
                Some(offset) => {
                    if let Some(reading) = self.fetcher.readings.get_mut(&partition) {
                        reading.seek(offset, found.leader_epoch);
                    }
                }
                // No record is that late: go on at the end.
                None => {
                    too_late.insert(partition, OffsetSpec::Latest);
                }
            }
        }
        for (partition, found) in self.list_offsets(&too_late).await? {
            let offset = found?.offset;
            if let Some(reading) = self.fetcher.readings.get_mut(&partition) {
                reading.seek(offset, LeaderEpoch::NONE);
            }
        }
        Ok(())
    }

    /// Offsets of any partitions: first, last, by time.
    pub async fn list_offsets(
        &self,
        wanted: &BTreeMap<TopicPartition, OffsetSpec>,
    ) -> Result<BTreeMap<TopicPartition, Result<FoundOffset, ClientError>>, ClientError> {
        list_offsets(&self.cluster, wanted, self.cluster.config().isolation_level).await
    }

    /// What the group has committed for partitions; those without are left out.
    pub async fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
        let group = self.group()?;
        retry!(self.cluster, {
            let id = self.cluster.coordinator(group).await?;
            let connection = self.cluster.node(id, Lane::General).await?;
            group_offsets::fetch(&connection, group, Some(partitions)).await
        })
    }

    fn group(&self) -> Result<&str, ClientError> {
        let group = self.cluster.config().group_id.as_deref();
        group.ok_or(ClientError::State("set group.id to commit offsets"))
    }

    /// Where the consumer stands in each partition.
    fn positions(&self) -> BTreeMap<TopicPartition, OffsetToCommit> {
        let readings = self.fetcher.readings.iter();
        readings
            .filter_map(|(partition, reading)| {
                let mut offset = OffsetToCommit::at(reading.position?);
                offset.leader_epoch = reading.leader_epoch;
                Some((partition.clone(), offset))
            })
            .collect()
    }

    /// Commits where the consumer stands: after the records that were handed out.
    pub async fn commit(&mut self) -> Result<(), ClientError> {
        let positions = self.positions();
        self.commit_offsets(&positions).await
    }

    /// Commits the given offsets, each that of the next record to read.
    pub async fn commit_offsets(
        &self,
        offsets: &BTreeMap<TopicPartition, OffsetToCommit>,
    ) -> Result<(), ClientError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let member = self.membership.as_ref().map_or_else(Member::outsider, Membership::member);
        commit(&self.cluster, self.group()?, &member, offsets).await
    }

    /// Commits in the background when `auto.commit.interval.ms` is over.
    fn commit_by_itself(&mut self) {
        let config = self.cluster.config();
        let now = Instant::now();
        let Some(group) = config.group_id.clone().filter(|_| config.enable_auto_commit) else {
            return;
        };
        if self.commit_due > now {
            return;
        }
        self.commit_due = now + config.auto_commit_interval;
        let positions = self.positions();
        if positions.is_empty() || self.membership.as_ref().is_some_and(|m| m.is_joining()) {
            return;
        }
        let member = self.membership.as_ref().map_or_else(Member::outsider, Membership::member);
        let cluster = self.cluster.clone();
        tokio::spawn(async move {
            // What is not committed now is with the next one.
            if let Err(error) = commit(&cluster, &group, &member, &positions).await {
                tracing::warn!(%error, %group, "committing offsets failed");
            }
        });
    }

    /// Commits, if it does so by itself, and leaves the group.
    pub async fn close(mut self) -> Result<(), ClientError> {
        let config = self.cluster.config();
        let mut result = Ok(());
        if config.enable_auto_commit && config.group_id.is_some() {
            result = self.commit().await;
        }
        if let Some(membership) = &mut self.membership {
            membership.leave().await;
        }
        result
    }
}

async fn commit(
    cluster: &Cluster,
    group: &str,
    member: &Member,
    offsets: &BTreeMap<TopicPartition, OffsetToCommit>,
) -> Result<(), ClientError> {
    retry!(cluster, {
        let id = cluster.coordinator(group).await?;
        let connection = cluster.node(id, Lane::General).await?;
        let results = group_offsets::commit(&connection, group, member, offsets).await?;
        results.into_values().collect::<Result<(), ClientError>>()
    })
}
