//! What committed entries do: their records are applied to the image, which is published, with
//! what changed, to everybody who follows. Nothing here touches a disk but snapshots, which the
//! pool for blocking work writes and reads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use metadata::{MetadataDelta, MetadataImage, MetadataRecord};
use openraft::storage::RaftStateMachine;
use openraft::{
    AnyError, EntryPayload, OptionalSend, RaftSnapshotBuilder, Snapshot, StorageIOError,
};
use tokio::sync::watch;

use crate::changes::{ChangeStream, Mailbox, MetadataChange};
use crate::error::DiskError;
use crate::log_store::{Patience, patiently};
use crate::node::{
    Entry, LogId, Outcome, Proposal, SnapshotFile, SnapshotMeta, StorageError, StoredMembership,
    Types,
};
use crate::snapshot::{Applied, SnapshotFolder};

const RECEIVED_FILE: &str = "received.tmp";

/// The applied state, shared by the state machine (which alone changes it) and its readers.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    images: watch::Sender<Arc<MetadataImage>>,
}

#[derive(Debug)]
struct State {
    applied: Applied,
    /// Bytes of records since the last snapshot.
    bytes_since_snapshot: usize,
    subscribers: Vec<Weak<Mailbox>>,
}

impl Shared {
    pub(crate) fn new(applied: Applied) -> Self {
        let (images, _) = watch::channel(Arc::new(applied.image.clone()));
        let state = State { applied, bytes_since_snapshot: 0, subscribers: Vec::new() };
        Self { state: Mutex::new(state), images }
    }

    /// The image to decide on, and the number of proposals that made it.
    pub(crate) fn decision_base(&self) -> (MetadataImage, u64) {
        let state = self.lock();
        (state.applied.image.clone(), state.applied.proposals)
    }

    pub(crate) fn image(&self) -> Arc<MetadataImage> {
        self.images.borrow().clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Arc<MetadataImage>> {
        self.images.subscribe()
    }

    pub(crate) fn bytes_since_snapshot(&self) -> usize {
        self.lock().bytes_since_snapshot
    }

    /// Follows the changes from now on.
    pub(crate) fn subscribe(&self) -> ChangeStream {
        let mut state = self.lock();
        // The very image that readers see: who compares by identity finds it the newest.
        let image = self.image();
        let delta = MetadataDelta::of_everything(&image);
        let mailbox = Arc::new(Mailbox::holding(MetadataChange { image, delta }));
        state.subscribers.retain(|subscriber| subscriber.strong_count() > 0);
        state.subscribers.push(Arc::downgrade(&mailbox));
        ChangeStream::new(mailbox)
    }

    /// Ends every stream of changes.
    pub(crate) fn close(&self) {
        for subscriber in self.lock().subscribers.drain(..).filter_map(|it| it.upgrade()) {
            subscriber.close();
        }
    }

    fn publish(&self, state: &State, delta: MetadataDelta) {
        let image = Arc::new(state.applied.image.clone());
        // The image first: who follows the changes and compares must not find an older one.
        self.images.send_replace(image.clone());
        for subscriber in state.subscribers.iter().filter_map(Weak::upgrade) {
            subscriber.put(image.clone(), delta.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state changes only as a whole, so one left by a panic is whole, too.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// openraft's view of the state.
pub(crate) struct StateMachine {
    shared: Arc<Shared>,
    folder: SnapshotFolder,
    newest: Arc<Mutex<Option<(SnapshotMeta, PathBuf)>>>,
    patience: Arc<Patience>,
}

impl StateMachine {
    pub(crate) fn new(
        shared: Arc<Shared>,
        folder: SnapshotFolder,
        newest: Option<(SnapshotMeta, PathBuf)>,
        patience: Arc<Patience>,
    ) -> Self {
        Self { shared, folder, newest: Arc::new(Mutex::new(newest)), patience }
    }
}

impl State {
    fn apply(&mut self, entry: Entry, delta: &mut MetadataDelta) -> Result<Outcome, AnyError> {
        let outcome = match entry.payload {
            EntryPayload::Blank => Outcome::Void,
            EntryPayload::Membership(membership) => {
                self.applied.membership = StoredMembership::new(Some(entry.log_id), membership);
                Outcome::Void
            }
            EntryPayload::Normal(proposal) => self.apply_proposal(proposal, delta)?,
        };
        self.applied.last = Some(entry.log_id);
        Ok(outcome)
    }

    fn apply_proposal(
        &mut self,
        proposal: Proposal,
        delta: &mut MetadataDelta,
    ) -> Result<Outcome, AnyError> {
        if proposal.decided_after != self.applied.proposals {
            return Ok(Outcome::Void);
        }
        let length = proposal.records.len();
        let records =
            MetadataRecord::decode_all(proposal.records).map_err(|error| AnyError::new(&error))?;
        self.applied.image.replay_all(&records, delta).map_err(|error| AnyError::new(&error))?;
        self.applied.proposals += 1;
        self.bytes_since_snapshot += length;
        Ok(Outcome::Applied)
    }
}

/// The state after these entries, which follow it.
pub(crate) fn replayed(applied: Applied, entries: Vec<Entry>) -> Result<Applied, AnyError> {
    let mut state = State { applied, bytes_since_snapshot: 0, subscribers: Vec::new() };
    let mut delta = MetadataDelta::default();
    for entry in entries {
        state.apply(entry, &mut delta)?;
    }
    Ok(state.applied)
}

impl RaftStateMachine<Types> for StateMachine {
    type SnapshotBuilder = SnapshotBuilder;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        let state = self.shared.lock();
        Ok((state.applied.last, state.applied.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Outcome>, StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut state = self.shared.lock();
        let mut delta = MetadataDelta::default();
        let mut outcomes = Vec::new();
        for entry in entries {
            let log_id = entry.log_id;
            let outcome = state.apply(entry, &mut delta);
            outcomes.push(outcome.map_err(|error| StorageIOError::apply(log_id, error))?);
        }
        if outcomes.contains(&Outcome::Applied) {
            self.shared.publish(&state, delta);
        }
        Ok(outcomes)
    }

    async fn get_snapshot_builder(&mut self) -> SnapshotBuilder {
        SnapshotBuilder {
            shared: self.shared.clone(),
            folder: self.folder.clone(),
            newest: self.newest.clone(),
            patience: self.patience.clone(),
        }
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<SnapshotFile>, StorageError> {
        Ok(Box::new(SnapshotFile { path: self.folder.path.join(RECEIVED_FILE) }))
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        snapshot: Box<SnapshotFile>,
    ) -> Result<(), StorageError> {
        let folder = self.folder.clone();
        let name = format!("{}.snapshot", meta.snapshot_id);
        let (applied, path) = blocking(move || {
            let applied = folder.read(&snapshot.path)?;
            let path = folder.publish(&snapshot.path, &name)?;
            Ok((applied, path))
        })
        .await
        .map_err(|error| StorageIOError::write_snapshot(Some(meta.signature()), error))?;
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some((meta.clone(), path));
        let mut state = self.shared.lock();
        let delta = MetadataDelta::between(&state.applied.image, &applied.image);
        state.applied = applied;
        state.bytes_since_snapshot = 0;
        self.shared.publish(&state, delta);
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<Types>>, StorageError> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(newest.map(|(meta, path)| Snapshot { meta, snapshot: Box::new(SnapshotFile { path }) }))
    }
}

/// Writes the state as it is when it is asked to.
pub(crate) struct SnapshotBuilder {
    shared: Arc<Shared>,
    folder: SnapshotFolder,
    newest: Arc<Mutex<Option<(SnapshotMeta, PathBuf)>>>,
    patience: Arc<Patience>,
}

impl RaftSnapshotBuilder<Types> for SnapshotBuilder {
    async fn build_snapshot(&mut self) -> Result<Snapshot<Types>, StorageError> {
        let applied = {
            let mut state = self.shared.lock();
            state.bytes_since_snapshot = 0;
            state.applied.clone()
        };
        let meta = applied.meta();
        let (folder, patience) = (self.folder.clone(), self.patience.clone());
        let path = blocking(move || patiently(&patience, || folder.write(&applied)))
            .await
            .map_err(|error| StorageIOError::write_snapshot(Some(meta.signature()), error))?;
        let newest = Some((meta.clone(), path.clone()));
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = newest;
        tracing::info!(snapshot = %path.display(), "wrote metadata snapshot");
        Ok(Snapshot { meta, snapshot: Box::new(SnapshotFile { path }) })
    }
}

/// Runs disk work on the pool for blocking work.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DiskError> + Send + 'static,
) -> Result<T, AnyError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| AnyError::new(&error)),
        Err(error) => Err(AnyError::new(&error)),
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use protocol::data::TopicRecord;

    use super::*;
    use crate::node::log_id;

    fn create(decided_after: u64, index: u64, name: &str) -> Entry {
        let record =
            TopicRecord { name: name.into(), topic_id: model::Uuid::from_bytes([index as u8; 16]) };
        let mut records = BytesMut::new();
        MetadataRecord::encode_all([&record.into()], &mut records).unwrap();
        let proposal = Proposal { decided_after, records: records.freeze() };
        Entry { log_id: log_id(1, index), payload: EntryPayload::Normal(proposal) }
    }

    #[tokio::test]
    async fn a_proposal_decided_on_an_older_image_does_nothing() {
        let shared = Arc::new(Shared::new(Applied::default()));
        let folder = SnapshotFolder::new(
            Arc::new(storage::fs::SimulatedFileSystem::new()),
            PathBuf::from("/"),
        );
        let mut machine = StateMachine::new(shared.clone(), folder, None, Arc::default());
        let blank = Entry { log_id: log_id(1, 0), payload: EntryPayload::Blank };
        let entries = [blank, create(0, 1, "first"), create(0, 2, "first"), create(1, 3, "second")];
        let outcomes = machine.apply(entries).await.unwrap();
        let expected = [Outcome::Void, Outcome::Applied, Outcome::Void, Outcome::Applied];
        assert_eq!(outcomes, expected);
        assert_eq!(shared.image().topic_count(), 2);
        assert_eq!(shared.decision_base().1, 2);
    }
}
