//! The way to the other voters. A quorum of one has none, so nobody can be reached.

use std::future::Future;
use std::io;

use openraft::error::{Fatal, RPCError, RaftError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::RPCOption;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, VoteRequest, VoteResponse,
};
use openraft::{EmptyNode, OptionalSend, RaftNetwork, RaftNetworkFactory, Snapshot};

use crate::node::{Types, Vote, VoterId};

/// Gives a way to each voter.
pub(crate) struct NoNetwork;

/// The way to one voter.
pub(crate) struct NoPeer(VoterId);

impl NoPeer {
    fn unreachable(&self) -> Unreachable {
        let reason = format!("there is no way to voter {}: this quorum has one", self.0);
        Unreachable::new(&io::Error::new(io::ErrorKind::HostUnreachable, reason))
    }
}

impl RaftNetworkFactory<Types> for NoNetwork {
    type Network = NoPeer;

    async fn new_client(&mut self, target: VoterId, _node: &EmptyNode) -> NoPeer {
        NoPeer(target)
    }
}

impl RaftNetwork<Types> for NoPeer {
    async fn append_entries(
        &mut self,
        _rpc: AppendEntriesRequest<Types>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<VoterId>, RPCError<VoterId, EmptyNode, RaftError<VoterId>>>
    {
        Err(self.unreachable().into())
    }

    async fn vote(
        &mut self,
        _rpc: VoteRequest<VoterId>,
        _option: RPCOption,
    ) -> Result<VoteResponse<VoterId>, RPCError<VoterId, EmptyNode, RaftError<VoterId>>> {
        Err(self.unreachable().into())
    }

    async fn full_snapshot(
        &mut self,
        _vote: Vote,
        _snapshot: Snapshot<Types>,
        _cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<VoterId>, StreamingError<Types, Fatal<VoterId>>> {
        Err(self.unreachable().into())
    }
}
