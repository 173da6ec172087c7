//! A node by script, and the calls of our own client that it is to answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use client::{Admin, ClientConfig, Consumer, IsolationLevel, OffsetSpec, Producer, ProducerRecord};
use model::{Offset, PartitionIndex, TopicPartition};
use protocol::messages::{DescribeClusterResponse, FindCoordinatorResponse, MetadataResponse};
use protocol::{ApiKey, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::{read_pairs, write_pairs};

/// Requests of more bytes than this are not ours.
const REQUEST_BYTES_MAX: usize = 1 << 20;
/// Calls that [`ask`] knows.
pub const CALLS: u8 = 8;
/// The call that writes records.
pub const PRODUCE: u8 = 2;

/// How an answer is sent.
const RAW: u8 = 1;
/// Addresses in it are made this node's, so that the client comes back.
const HERE: u8 = 2;

/// Answers in the order in which they are given: each a byte that says how, and its body.
#[derive(Debug, Default)]
pub struct Script {
    answers: VecDeque<(u8, Vec<u8>)>,
}

impl Script {
    /// Reads what [`Script::write`] has written, or anything.
    pub fn read(bytes: &[u8]) -> Self {
        let answers = read_pairs(bytes).into_iter();
        Self {
            answers: answers.map(|(how, body)| (how.first().copied().unwrap_or(0), body)).collect(),
        }
    }

    /// The script as an input of the target.
    pub fn write(self) -> Vec<u8> {
        let pairs: Vec<_> = self.answers.into_iter().map(|(how, body)| (vec![how], body)).collect();
        write_pairs(&pairs)
    }

    /// Notes what a real node answered, without its header, as a script has none; what is to be sent
    /// on, with its length.
    pub fn note(&mut self, request: &[u8], answer: &[u8], port: u16) -> Option<Vec<u8>> {
        let asked = Asked::of(request)?;
        let body = answer.get(asked.header().len()..).unwrap_or_default();
        self.answers.push_back((HERE, body.to_vec()));
        Some(asked.frame(HERE, body, port))
    }

    fn answer(&mut self, request: &[u8], port: u16) -> Option<Vec<u8>> {
        let (how, body) = self.answers.pop_front()?;
        let asked = Asked::of(request)?;
        Some(if how & RAW != 0 { body } else { asked.frame(how, &body, port) })
    }
}

struct Asked {
    api: ApiKey,
    version: i16,
    correlation_id: i32,
}

impl Asked {
    fn of(request: &[u8]) -> Option<Self> {
        let number =
            |at: usize| Some(i16::from_be_bytes([*request.get(at)?, *request.get(at + 1)?]));
        let correlation_id = request.get(4..8)?.first_chunk().map(|id| i32::from_be_bytes(*id))?;
        Some(Self { api: ApiKey::from_code(number(0)?)?, version: number(2)?, correlation_id })
    }

    fn frame(&self, how: u8, body: &[u8], port: u16) -> Vec<u8> {
        let patched = (how & HERE != 0).then(|| self.made_ours(body, port)).flatten();
        let body = patched.as_deref().unwrap_or(body);
        let header = self.header();
        let length = (header.len() + body.len()) as i32;
        [&length.to_be_bytes(), &header[..], body].concat()
    }

    fn header(&self) -> Vec<u8> {
        let mut header = self.correlation_id.to_be_bytes().to_vec();
        if self.api.response_header_version(self.version) > 0 {
            header.push(0);
        }
        header
    }

    /// The body with this node's address wherever there is one.
    fn made_ours(&self, body: &[u8], port: u16) -> Option<Bytes> {
        let body = Bytes::copy_from_slice(body);
        let (host, port) = ("127.0.0.1", i32::from(port));
        match self.api {
            ApiKey::Metadata => {
                let mut message = MetadataResponse::from_bytes(body, self.version).ok()?;
                for broker in &mut message.brokers {
                    (broker.host, broker.port) = (host.into(), port);
                }
                message.to_bytes(self.version).ok()
            }
            ApiKey::FindCoordinator => {
                let mut message = FindCoordinatorResponse::from_bytes(body, self.version).ok()?;
                (message.host, message.port) = (host.into(), port);
                for found in &mut message.coordinators {
                    (found.host, found.port) = (host.into(), port);
                }
                message.to_bytes(self.version).ok()
            }
            ApiKey::DescribeCluster => {
                let mut message = DescribeClusterResponse::from_bytes(body, self.version).ok()?;
                for broker in &mut message.brokers {
                    (broker.host, broker.port) = (host.into(), port);
                }
                message.to_bytes(self.version).ok()
            }
            _ => None,
        }
    }
}

/// Serves a script at an address of its own, to any number of connections.
pub async fn serve(script: Script) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().map_or(0, |address| address.port());
    let script = Arc::new(Mutex::new(script));
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let script = Arc::clone(&script);
            tokio::spawn(async move {
                let _ = talk(stream, |request| {
                    let answer = script.lock().expect("nobody panics").answer(&request, port);
                    std::future::ready(answer)
                })
                .await;
            });
        }
    });
    (format!("127.0.0.1:{port}"), task)
}

/// Answers the requests of a connection until there is no answer.
pub async fn talk<F: Future<Output = Option<Vec<u8>>>>(
    mut stream: TcpStream,
    mut answer: impl FnMut(Bytes) -> F,
) -> std::io::Result<()> {
    // The end of a connection leaves nothing behind: there are very many.
    stream.set_zero_linger()?;
    loop {
        let length = usize::try_from(stream.read_i32().await?).unwrap_or(usize::MAX);
        if length > REQUEST_BYTES_MAX {
            return Ok(());
        }
        let mut request = vec![0; length];
        stream.read_exact(&mut request).await?;
        let Some(answer) = answer(request.into()).await else { return Ok(()) };
        stream.write_all(&answer).await?;
    }
}

fn config(address: &str) -> ClientConfig {
    let mut config = ClientConfig::towards(address).expect("an address");
    for (key, value) in [
        ("request.timeout.ms", "2000"),
        ("default.api.timeout.ms", "4000"),
        ("delivery.timeout.ms", "4000"),
        ("socket.connection.setup.timeout.ms", "1000"),
        ("auto.offset.reset", "earliest"),
        ("group.id", "g"),
    ] {
        config.set(key, value).expect("a key that there is");
    }
    config
}

/// Does one of [`CALLS`] calls and what belongs to it; every outcome is fine.
pub async fn ask(choice: u8, address: &str) {
    let config = config(address);
    let partition = TopicPartition { topic: "t".into(), partition: PartitionIndex::new(0) };
    let topics = ["t".to_owned()];
    match choice % CALLS {
        0 => consume(&config, |consumer| consumer.assign(std::slice::from_ref(&partition))).await,
        1 => consume(&config, |consumer| consumer.subscribe(&topics)).await,
        PRODUCE => {
            let Ok(producer) = Producer::new(&config) else { return };
            for _ in 0..2 {
                let record = ProducerRecord {
                    topic: "t",
                    partition: None,
                    timestamp: None,
                    key: Some(b"key"),
                    value: Some(b"value"),
                    headers: &[("h", None)],
                };
                if let Ok(delivery) = producer.send(&record).await {
                    let _ = delivery.wait().await;
                }
            }
            producer.close().await;
        }
        call => {
            let Ok(admin) = Admin::new(&config) else { return };
            administer(call, &admin, partition).await;
        }
    }
}

async fn consume(
    config: &ClientConfig,
    begin: impl FnOnce(&mut Consumer) -> Result<(), client::ClientError>,
) {
    let Ok(mut consumer) = Consumer::new(config) else { return };
    if begin(&mut consumer).is_err() {
        return;
    }
    for _ in 0..3 {
        for record in consumer.poll(Duration::from_secs(4)).await.unwrap_or_default() {
            assert!(record.offset >= Offset::ZERO, "an offset that cannot be");
        }
    }
    let _ = consumer.commit().await;
    let _ = consumer.close().await;
}

async fn administer(call: u8, admin: &Admin, partition: TopicPartition) {
    let (topics, groups) = (["t".to_owned()], ["g".to_owned()]);
    match call {
        3 => {
            let _ = admin.list_topics().await;
            let _ = admin.describe_topics(&topics).await;
        }
        4 => {
            let _ = admin.list_groups(&[]).await;
            let _ = admin.describe_groups(&groups).await;
            let _ = admin.group_offsets("g", None).await;
        }
        5 => {
            let wanted = BTreeMap::from([(partition, OffsetSpec::Latest)]);
            let _ = admin.list_offsets(&wanted, IsolationLevel::ReadCommitted).await;
        }
        6 => {
            let _ = admin.describe_cluster().await;
            let _ = admin.describe_quorum().await;
            let _ = admin.describe_features(None).await;
        }
        _ => {
            let topic = client::ConfigResource::new(client::ResourceType::Topic, "t");
            let _ = admin.describe_configs(&[topic], true).await;
            let _ = admin.list_nodes(client::EndpointType::Brokers, true).await;
        }
    }
}
