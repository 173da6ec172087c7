//! A whole broker without a socket: frames go to its service as a connection would hand them over.
#![allow(dead_code)] // Each test binary uses its part.

use std::collections::HashMap;
use std::sync::Arc;

use broker::{Broker, BrokerParts, FolderParts, Identity, Partitions};
use bytes::{Bytes, BytesMut};
use config::NodeConfig;
use metadata::{ControllerDefaults, Endpoint, RegisterBroker, StartKind, UnfenceBroker};
use model::{BrokerId, Uuid};
use net::{ConnectionContext, Service};
use protocol::messages::ApiVersionsRequest;
use protocol::{Chunk, Message, Reader, Request, frame};
use quorum::{Options, Quorum};
use storage::LogDirectory;
use storage::fs::{FileSystem, SimulatedFileSystem};
use tokio::sync::watch;

pub(crate) const CLUSTER_ID: &str = "klamm-test-cluster-id0";
const FOLDER: &str = "/data";

/// A broker on a disk in memory, in a cluster of its own.
pub(crate) struct Node {
    pub(crate) broker: Arc<Broker>,
    quorum: Arc<Quorum>,
    connection: Arc<ConnectionContext>,
    stopping: watch::Sender<bool>,
}

/// What a client begins with.
pub(crate) fn versions_request() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: "test".into(),
        client_software_version: "1.0".into(),
        ..Default::default()
    }
}

impl Node {
    /// A node with Kafka's defaults.
    pub(crate) async fn start() -> Self {
        Self::start_with(ControllerDefaults::default()).await
    }

    pub(crate) async fn start_with(defaults: ControllerDefaults) -> Self {
        Self::start_configured(defaults, NodeConfig::default_loopback()).await
    }

    pub(crate) async fn start_configured(
        defaults: ControllerDefaults,
        mut node: NodeConfig,
    ) -> Self {
        node.log_dirs = vec![FOLDER.into()];
        let disk = Arc::new(SimulatedFileSystem::new());
        disk.create_directories(FOLDER.as_ref()).unwrap();
        let directory_id = Uuid::from_random([5; 16]);
        let broker_id = BrokerId::new(1);
        let cluster_id: Arc<str> = CLUSTER_ID.into();
        let options = Options { file_system: disk.clone(), defaults, ..Options::default() };
        let identity =
            quorum::Identity { node_id: broker_id, directory_id, cluster_id: cluster_id.clone() };
        let quorum = Quorum::start("/data/klamm-metadata".as_ref(), identity, options).await;
        let quorum = Arc::new(quorum.unwrap());
        let register = RegisterBroker {
            broker_id,
            incarnation_id: Uuid::from_random([6; 16]),
            cluster_id: Some(cluster_id.clone()),
            endpoints: vec![Endpoint {
                name: "PLAINTEXT".into(),
                host: "node-1".into(),
                port: 9092,
                security_protocol: 0,
            }],
            rack: Some("rack-1".into()),
            directories: vec![directory_id],
            machine_id: Uuid::ZERO,
            start: StartKind::Fresh,
        };
        let broker_epoch = quorum.submit(register).await.unwrap().unwrap().broker_epoch;
        let directory = LogDirectory::open(disk, FOLDER.into()).unwrap();
        let folders =
            vec![FolderParts { directory, id: directory_id, clean: true, holds_metadata: true }];
        let node = Arc::new(node);
        let partitions = Partitions::new(node.clone(), folders, 0).unwrap();
        let identity = Identity { broker_id, cluster_id, broker_epoch };
        let (_, applied) =
            broker::apply_metadata(quorum.clone(), partitions.clone(), &identity, None)
                .await
                .unwrap();
        quorum.submit(UnfenceBroker { broker_id, broker_epoch }).await.unwrap().unwrap();
        let broker = Broker::new(BrokerParts {
            identity,
            node,
            quorum: quorum.clone(),
            partitions,
            applied,
            advertised: HashMap::new(),
            first_fetch_session: 1,
        });
        broker.wait_until_unfenced().await;
        let (stopping, stop) = watch::channel(false);
        broker.start_background(stop);
        let connection = Arc::new(ConnectionContext {
            listener: "PLAINTEXT".into(),
            local: "127.0.0.1:39092".parse().unwrap(),
            peer: "127.0.0.1:50000".parse().unwrap(),
            software: Default::default(),
            delivery: Default::default(),
        });
        Self { broker, quorum, connection, stopping }
    }

    /// Sends a request as bytes of this version and reads the bytes that come back.
    pub(crate) async fn call<R: Request>(&self, version: i16, request: R) -> R::Response {
        let frame = frame::encode_request(7, Some(&"test".into()), &request, version).unwrap();
        // The connection takes the length off.
        let frame = joined(frame).slice(4..);
        let reply = self
            .broker
            .start(&self.connection, frame, net::Hold::default())
            .expect("the request is taken");
        let reply = joined(reply.await.expect("there is an answer").expect("which is not empty"));
        let mut reader = Reader::new(reply.slice(4..));
        let header_version = R::KEY.response_header_version(version);
        assert_eq!(frame::decode_response_header(&mut reader, header_version), Ok(7));
        let response = R::Response::decode(&mut reader, version).expect("the answer is readable");
        reader.finish().expect("nothing is left over");
        response
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Sends a frame of which nobody knows what it is; an answer must name the request's number.
    pub(crate) async fn send(&self, frame: Bytes) {
        let sent = frame.get(4..8).map(Bytes::copy_from_slice);
        if let Some(reply) = self.answer(frame).await {
            assert_eq!(reply.get(..4), sent.as_deref());
        }
    }

    /// The answer to a frame, both without their lengths; `None` where there is none, or the
    /// connection ends.
    pub(crate) async fn answer(&self, frame: Bytes) -> Option<Bytes> {
        let reply = self.broker.start(&self.connection, frame, net::Hold::default()).ok()?;
        Some(joined(reply.await.ok()??).slice(4..))
    }

    pub(crate) async fn stop(self) {
        self.stopping.send_replace(true);
        self.quorum.shutdown().await;
    }
}

fn joined(chunks: Vec<Chunk>) -> Bytes {
    let mut bytes = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(part) => bytes.extend_from_slice(&part),
            Chunk::File(range) => {
                let mut part = vec![0; range.length as usize];
                let read = range.file.read_at(range.position, &mut part).expect("is readable");
                assert_eq!(read, part.len());
                bytes.extend_from_slice(&part);
            }
        }
    }
    bytes.freeze()
}
