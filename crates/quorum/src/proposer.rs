//! Gathers commands into entries. openraft appends and syncs one entry per proposal, so while one
//! is under way the commands that arrive wait, are decided together on the image that it leaves,
//! and become the next: the more arrive, the more share a sync.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use metadata::{
    Command, ControllerDefaults, DecisionContext, MetadataDelta, MetadataRecord, Response, decide,
};
use model::{BrokerId, Timestamp};
use openraft::error::{ClientWriteError, RaftError};
use tokio::sync::{mpsc, oneshot};

use crate::error::SubmitError;
use crate::node::{Outcome, Proposal, Raft, VoterId};
use crate::state_machine::Shared;

/// Most commands in one entry.
const COMMANDS_PER_ENTRY_MAX: usize = 1000;
/// About the most bytes in one entry.
const ENTRY_BYTES: usize = 1024 * 1024;
/// Longest records of one command; far below what one frame of the log may hold.
const COMMAND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Commands that wait beyond those of the next entry; more wait with their submitters.
pub(crate) const WAITING_MAX: usize = 1000;

/// A command and where its answer goes.
pub(crate) struct Submission {
    pub(crate) command: Command,
    pub(crate) answer: oneshot::Sender<Result<Response, SubmitError>>,
}

/// Decides and proposes, one entry at a time.
pub(crate) struct Proposer {
    pub(crate) voter: VoterId,
    pub(crate) raft: Raft,
    pub(crate) shared: Arc<Shared>,
    pub(crate) defaults: ControllerDefaults,
    pub(crate) snapshot_bytes: usize,
    pub(crate) queue: mpsc::Receiver<Submission>,
}

/// Commands decided together.
#[derive(Default)]
struct Round {
    records: BytesMut,
    decided: Vec<(Submission, Response)>,
}

impl Proposer {
    /// Works until every submitter is gone.
    pub(crate) async fn run(mut self) {
        let mut waiting = VecDeque::new();
        loop {
            if waiting.is_empty() {
                let Some(submission) = self.queue.recv().await else { return };
                waiting.push_back(submission);
            }
            while waiting.len() < COMMANDS_PER_ENTRY_MAX {
                let Ok(submission) = self.queue.try_recv() else { break };
                waiting.push_back(submission);
            }
            self.propose(&mut waiting).await;
        }
    }

    /// Takes as many commands as fit one entry, and answers them. When another leader's entry came
    /// in between, they go back and are decided anew.
    async fn propose(&self, waiting: &mut VecDeque<Submission>) {
        if let Some(leader) = self.other_leader() {
            for submission in waiting.drain(..) {
                let _ = submission.answer.send(Err(SubmitError::NotLeader { leader }));
            }
            return;
        }
        let (round, decided_after) = self.decide(waiting);
        if round.records.is_empty() {
            return answer_all(round.decided);
        }
        let proposal = Proposal { decided_after, records: round.records.freeze() };
        match self.raft.client_write(proposal).await {
            Ok(response) => match response.data {
                Outcome::Applied => answer_all(round.decided),
                Outcome::Void => {
                    for (submission, _) in round.decided.into_iter().rev() {
                        waiting.push_front(submission);
                    }
                }
            },
            Err(error) => {
                let error = submit_error(error);
                for (submission, _) in round.decided {
                    let _ = submission.answer.send(Err(error.clone()));
                }
            }
        }
        self.compact_if_long().await;
    }

    fn decide(&self, waiting: &mut VecDeque<Submission>) -> (Round, u64) {
        let (mut image, decided_after) = self.shared.decision_base();
        let mut round = Round::default();
        let mut random = rand::random::<[u8; 16]>;
        let mut context =
            DecisionContext { defaults: &self.defaults, now: now(), random: &mut random };
        while let Some(submission) = waiting.pop_front() {
            let decision = decide(&image, &submission.command, &mut context);
            let encoded = match encode(&decision.records) {
                Ok(encoded) => encoded,
                Err(error) => {
                    let _ = submission.answer.send(Err(error));
                    continue;
                }
            };
            if !round.records.is_empty() && round.records.len() + encoded.len() > ENTRY_BYTES {
                waiting.push_front(submission);
                break;
            }
            if let Err(error) = image.replay_all(&decision.records, &mut MetadataDelta::default()) {
                // A decision that does not fit its own image is our mistake. Later commands were
                // to be decided on an image that is now half changed, so they wait.
                tracing::error!(%error, command = ?submission.command, "decided wrongly");
                let _ = submission.answer.send(Err(SubmitError::Internal(error.to_string())));
                break;
            }
            round.records.extend_from_slice(&encoded);
            round.decided.push((submission, decision.response));
        }
        (round, decided_after)
    }

    /// The leader, if it is not this node; `Some(None)` when there is none.
    fn other_leader(&self) -> Option<Option<BrokerId>> {
        let leader = self.raft.metrics().borrow().current_leader;
        if leader == Some(self.voter) {
            return None;
        }
        Some(leader.map(|leader| BrokerId::new(leader.node_id)))
    }

    /// openraft counts entries; a few huge ones make a long log, too.
    async fn compact_if_long(&self) {
        if self.shared.bytes_since_snapshot() >= self.snapshot_bytes
            && let Err(error) = self.raft.trigger().snapshot().await
        {
            tracing::warn!(%error, "cannot write a metadata snapshot");
        }
    }
}

fn encode(records: &[MetadataRecord]) -> Result<Bytes, SubmitError> {
    let mut buffer = BytesMut::new();
    MetadataRecord::encode_all(records, &mut buffer)
        .map_err(|error| SubmitError::Internal(error.to_string()))?;
    if buffer.len() > COMMAND_BYTES_MAX {
        return Err(SubmitError::TooLarge { found: buffer.len(), limit: COMMAND_BYTES_MAX });
    }
    Ok(buffer.freeze())
}

fn answer_all(decided: Vec<(Submission, Response)>) {
    for (submission, response) in decided {
        // Who asked may be gone; what was asked is done all the same.
        let _ = submission.answer.send(Ok(response));
    }
}

fn submit_error(
    error: RaftError<VoterId, ClientWriteError<VoterId, openraft::EmptyNode>>,
) -> SubmitError {
    match error {
        RaftError::APIError(ClientWriteError::ForwardToLeader(forward)) => {
            let leader = forward.leader_id.map(|leader| BrokerId::new(leader.node_id));
            SubmitError::NotLeader { leader }
        }
        RaftError::APIError(ClientWriteError::ChangeMembershipError(error)) => {
            SubmitError::Internal(error.to_string())
        }
        RaftError::Fatal(error) => SubmitError::Stopped(error.to_string()),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
