//! [`Quorum`]: starting, asking, stopping.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use metadata::{
    Command, ControllerDefaults, FormatCluster, MetadataImage, MetadataRecord, Request, Response,
};
use model::{BrokerId, Timestamp};
use openraft::{Config, EmptyNode, SnapshotPolicy};
use storage::fs::{FileSystem, RealFileSystem};
use tokio::sync::{mpsc, oneshot, watch};

use crate::changes::ChangeStream;
use crate::disk::{LogFiles, identity};
use crate::error::{DiskError, QuorumError, SubmitError};
use crate::log_store::{LogStore, Patience};
use crate::network::NoNetwork;
use crate::node::{Identity, Raft, SnapshotMeta, VoterId};
use crate::proposer::{Proposer, Submission, WAITING_MAX};
use crate::snapshot::SnapshotFolder;
use crate::state_machine::{Shared, StateMachine};
use crate::status::{QuorumStatus, VoterStatus};

/// How long a start may take until this node leads and has applied its log.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How the quorum keeps its log.
#[derive(Debug, Clone)]
pub struct Options {
    /// The disk.
    pub file_system: Arc<dyn FileSystem>,
    /// What the controller's configuration says about topics.
    pub defaults: ControllerDefaults,
    /// Entries after which a snapshot is written.
    pub snapshot_entries: u64,
    /// Bytes of records after which a snapshot is written.
    pub snapshot_bytes: usize,
    /// Bytes after which the log goes on in a new file.
    pub segment_bytes: u64,
    /// What a new cluster begins with; an old one has it already.
    pub first_records: Vec<MetadataRecord>,
    /// Entries before a snapshot that are kept, so that a follower a little behind needs no
    /// snapshot.
    pub entries_kept: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            file_system: Arc::new(RealFileSystem),
            defaults: ControllerDefaults::default(),
            snapshot_entries: 10_000,
            snapshot_bytes: 8 * 1024 * 1024,
            segment_bytes: 4 * 1024 * 1024,
            first_records: Vec::new(),
            entries_kept: 1000,
        }
    }
}

/// This node's part of the metadata quorum.
pub struct Quorum {
    voter: VoterId,
    raft: Raft,
    shared: Arc<Shared>,
    submissions: mpsc::Sender<Submission>,
    patience: Arc<Patience>,
    snapshots: SnapshotFolder,
    log_thread: Mutex<Option<JoinHandle<()>>>,
}

impl Quorum {
    /// Opens the metadata folder, forming a new cluster of one when it is empty, and returns once
    /// this node leads and its image is up to date.
    pub async fn start(
        folder: &Path,
        identity: Identity,
        options: Options,
    ) -> Result<Self, QuorumError> {
        let voter = identity.voter();
        let opened = open(folder.to_owned(), identity.clone(), options.clone());
        let (files, snapshot_folder, newest) = tokio::task::spawn_blocking(opened)
            .await
            .map_err(|error| QuorumError::Raft(error.to_string()))??;
        let (applied, newest) = match newest {
            Some((applied, path)) => {
                let meta: SnapshotMeta = applied.meta();
                (applied, Some((meta, path)))
            }
            None => Default::default(),
        };
        let shared = Arc::new(Shared::new(applied));
        let (log_store, patience, log_thread) = LogStore::start(files)
            .map_err(|error| QuorumError::Raft(format!("no thread for the log: {error}")))?;
        let folder_of_snapshots = snapshot_folder.clone();
        let state_machine =
            StateMachine::new(shared.clone(), folder_of_snapshots, newest, patience.clone());
        let config = Arc::new(raft_config(&options)?);
        let raft = Raft::new(voter, config, NoNetwork, log_store, state_machine)
            .await
            .map_err(|error| QuorumError::Raft(error.to_string()))?;
        let (submissions, queue) = mpsc::channel(WAITING_MAX);
        let proposer = Proposer {
            voter,
            raft: raft.clone(),
            shared: shared.clone(),
            defaults: options.defaults,
            snapshot_bytes: options.snapshot_bytes,
            queue,
        };
        tokio::spawn(proposer.run());
        let log_thread = Mutex::new(Some(log_thread));
        let snapshots = snapshot_folder;
        let quorum = Self { voter, raft, shared, submissions, patience, snapshots, log_thread };
        match quorum.lead(folder, &identity, options.first_records).await {
            Ok(()) => {
                quorum.patience.set(true);
                Ok(quorum)
            }
            Err(error) => {
                quorum.shutdown().await;
                Err(error)
            }
        }
    }

    /// Has a command decided and committed, and gives its answer.
    pub async fn submit<R: Request>(&self, request: R) -> Result<R::Answer, SubmitError> {
        let response = self.submit_command(request.into()).await?;
        R::answer(response)
            .ok_or_else(|| SubmitError::Internal("the answer is another command's".into()))
    }

    /// The newest committed image.
    pub fn image(&self) -> Arc<MetadataImage> {
        self.shared.image()
    }

    /// Follows the newest image.
    pub fn watch_image(&self) -> watch::Receiver<Arc<MetadataImage>> {
        self.shared.watch()
    }

    /// Follows what changes, beginning with everything there is.
    pub fn changes(&self) -> ChangeStream {
        self.shared.subscribe()
    }

    /// The state of the quorum.
    pub fn status(&self, now: Timestamp) -> QuorumStatus {
        let metrics = self.raft.metrics().borrow().clone();
        let offset = |index: Option<u64>| index.map_or(0, |index| index as i64 + 1);
        let membership = metrics.membership_config.membership();
        let describe = |voter: VoterId| {
            let is_this = voter == self.voter;
            let replicated = metrics.replication.as_ref().and_then(|all| all.get(&voter));
            VoterStatus {
                node_id: BrokerId::new(voter.node_id),
                directory_id: voter.directory(),
                log_end_offset: match replicated {
                    _ if is_this => offset(metrics.last_log_index),
                    Some(log_id) => offset(log_id.map(|log_id| log_id.index)),
                    None => -1,
                },
                last_fetch_timestamp: if is_this { now } else { Timestamp::NONE },
                last_caught_up_timestamp: if is_this { now } else { Timestamp::NONE },
            }
        };
        QuorumStatus {
            leader: metrics.current_leader.map(|leader| BrokerId::new(leader.node_id)),
            leader_epoch: i32::try_from(metrics.current_term).unwrap_or(i32::MAX),
            high_watermark: offset(metrics.last_applied.map(|applied| applied.index)),
            voters: membership.voter_ids().map(describe).collect(),
            observers: membership.learner_ids().map(describe).collect(),
        }
    }

    /// Waits until the quorum stops, and says why: its disk failed, or it was shut down.
    pub async fn stopped(&self) -> String {
        let mut metrics = self.raft.metrics();
        let failed = metrics.wait_for(|metrics| metrics.running_state.is_err()).await;
        match failed {
            Ok(metrics) => match &metrics.running_state {
                Err(error) => error.to_string(),
                Ok(()) => "it was shut down".into(),
            },
            Err(_) => "it was shut down".into(),
        }
    }

    /// Stops. What was answered is safe; commands under way get no answer.
    pub async fn shutdown(&self) {
        self.patience.set(false);
        if let Err(error) = self.raft.shutdown().await {
            tracing::warn!(%error, "metadata quorum did not stop cleanly");
        }
        self.shared.close();
        let thread = self.log_thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let snapshots = self.snapshots.clone();
            let joined = tokio::task::spawn_blocking(move || {
                snapshots.close();
                thread.join()
            });
            let joined = joined.await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::warn!("thread of the metadata log did not end cleanly");
            }
        }
    }

    /// Becomes the leader of a quorum of one without waiting for an election timeout, and checks
    /// that the log is of the right cluster.
    async fn lead(
        &self,
        folder: &Path,
        identity: &Identity,
        records: Vec<MetadataRecord>,
    ) -> Result<(), QuorumError> {
        let failed = |error: &dyn std::fmt::Display| QuorumError::Raft(error.to_string());
        let initialized = self.raft.is_initialized().await.map_err(|error| failed(&error))?;
        if !initialized {
            let members = std::collections::BTreeMap::from([(self.voter, EmptyNode::new())]);
            self.raft.initialize(members).await.map_err(|error| failed(&error))?;
        } else if !self.votes() {
            let directory = identity.directory_id;
            return Err(QuorumError::NotAVoter { folder: folder.to_owned(), directory });
        } else if self.raft.metrics().borrow().current_leader != Some(self.voter) {
            self.raft.trigger().elect().await.map_err(|error| failed(&error))?;
        }
        let voter = self.voter;
        self.raft
            .wait(Some(START_TIMEOUT))
            .metrics(
                |metrics| {
                    metrics.current_leader == Some(voter)
                        && metrics.last_applied.map(|id| id.index) == metrics.last_log_index
                        && metrics.last_applied.is_some()
                },
                "leads and has applied its log",
            )
            .await
            .map_err(|error| match &self.raft.metrics().borrow().running_state {
                Err(fatal) => failed(fatal),
                Ok(()) => failed(&error),
            })?;
        let format = FormatCluster { cluster_id: identity.cluster_id.clone(), records };
        let found = self.submit(format).await.map_err(|error| failed(&error))?;
        if found != identity.cluster_id {
            return Err(QuorumError::ClusterId {
                folder: folder.to_owned(),
                found: found.to_string(),
                expected: identity.cluster_id.to_string(),
            });
        }
        Ok(())
    }

    fn votes(&self) -> bool {
        let metrics = self.raft.metrics().borrow().clone();
        metrics.membership_config.voter_ids().any(|voter| voter == self.voter)
    }

    async fn submit_command(&self, command: Command) -> Result<Response, SubmitError> {
        let stopped = || SubmitError::Stopped("it was shut down".into());
        let (answer, answered) = oneshot::channel();
        self.submissions.send(Submission { command, answer }).await.map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl std::fmt::Debug for Quorum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quorum").field("voter", &self.voter).finish_non_exhaustive()
    }
}

type Opened = (LogFiles, SnapshotFolder, Option<(crate::snapshot::Applied, std::path::PathBuf)>);

/// The blocking part of a start.
fn open(
    folder: std::path::PathBuf,
    identity: Identity,
    options: Options,
) -> impl FnOnce() -> Result<Opened, QuorumError> + Send + 'static {
    move || {
        let file_system = options.file_system;
        file_system.create_directories(&folder).map_err(DiskError::io("create", &folder))?;
        if let Some(parent) = folder.parent() {
            file_system.sync_directory(parent).map_err(DiskError::io("sync", parent))?;
        }
        identity::claim(&*file_system, &folder, &identity)?;
        let snapshots = SnapshotFolder::new(file_system.clone(), folder.clone());
        let newest = snapshots.load_newest()?;
        let files = LogFiles::open(file_system, folder, options.segment_bytes)?;
        if let Some((applied, path)) = &newest
            && *applied.membership.log_id() > applied.last
        {
            let reason = "its membership is newer than its last entry";
            return Err(DiskError::damaged(path, 0, reason).into());
        }
        files.check_snapshot(newest.as_ref().and_then(|(applied, _)| applied.last))?;
        Ok((files, snapshots, newest))
    }
}

fn raft_config(options: &Options) -> Result<Config, QuorumError> {
    let config = Config {
        cluster_name: "klamm-metadata".into(),
        heartbeat_interval: 500,
        election_timeout_min: 1500,
        election_timeout_max: 3000,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(options.snapshot_entries),
        max_in_snapshot_log_to_keep: options.entries_kept,
        ..Config::default()
    };
    config.validate().map_err(|error| QuorumError::Raft(error.to_string()))
}
