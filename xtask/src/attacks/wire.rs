//! The few requests that attackers and their victim send, as bytes: old, plain versions, so that
//! nothing but the layout of the protocol guide is needed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

pub(super) const PRODUCE: i16 = 0;
pub(super) const FETCH: i16 = 1;
pub(super) const METADATA: i16 = 3;
pub(super) const FIND_COORDINATOR: i16 = 10;
pub(super) const JOIN_GROUP: i16 = 11;
pub(super) const API_VERSIONS: i16 = 18;
pub(super) const CREATE_TOPICS: i16 = 19;

/// The longest wait for an answer to a request that is answered at all.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// A request that is being written; the length is put before it at the end.
#[derive(Clone)]
pub(super) struct Frame(Vec<u8>);

impl Frame {
    /// Begins with a header of version 1.
    pub(super) fn new(key: i16, version: i16) -> Self {
        Self(Vec::new()).i16(key).i16(version).i32(7).text("attack")
    }

    pub(super) fn i8(mut self, value: i8) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub(super) fn i16(mut self, value: i16) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub(super) fn i32(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub(super) fn i64(mut self, value: i64) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub(super) fn text(self, value: &str) -> Self {
        let mut frame = self.i16(value.len() as i16);
        frame.0.extend(value.as_bytes());
        frame
    }

    pub(super) fn bytes(self, value: &[u8]) -> Self {
        let mut frame = self.i32(value.len() as i32);
        frame.0.extend(value);
        frame
    }

    /// The frame with its length.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = (self.0.len() as i32).to_be_bytes().to_vec();
        bytes.extend(self.0);
        bytes
    }
}

/// A connection that asks and waits.
pub(super) struct Client(TcpStream);

impl Client {
    pub(super) fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        stream.set_write_timeout(Some(ANSWER_TIME_MAX))?;
        Ok(Self(stream))
    }

    pub(super) fn send(&mut self, frame: &[u8]) -> Result<()> {
        Ok(self.0.write_all(frame)?)
    }

    /// The body of the next answer.
    pub(super) fn receive(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).context("no answer")?;
        let length = i32::from_be_bytes(length);
        ensure!((4..64 << 20).contains(&length), "an answer of {length} bytes");
        let mut body = vec![0; length as usize];
        self.0.read_exact(&mut body)?;
        Ok(body.split_off(4))
    }

    pub(super) fn ask(&mut self, frame: &[u8]) -> Result<Vec<u8>> {
        self.send(frame)?;
        self.receive()
    }

    pub(super) fn into_stream(self) -> TcpStream {
        self.0
    }
}

pub(super) fn api_versions() -> Vec<u8> {
    Frame::new(API_VERSIONS, 0).finish()
}

/// Creates topics of one partition; the answer has a code for each.
pub(super) fn create_topics(names: &[String]) -> Vec<u8> {
    let mut frame = Frame::new(CREATE_TOPICS, 0).i32(names.len() as i32);
    for name in names {
        frame = frame.text(name).i32(1).i16(1).i32(0).i32(0);
    }
    frame.i32(30_000).finish()
}

/// Writes one batch (format 2) with acks=1 to partition 0.
pub(super) fn produce(topic: &str, batch: &[u8]) -> Vec<u8> {
    let frame = Frame::new(PRODUCE, 3).i16(-1).i16(1).i32(30_000);
    frame.i32(1).text(topic).i32(1).i32(0).bytes(batch).finish()
}

/// Reads partition 0 from its start, as much as there is.
pub(super) fn fetch(topic: &str, bytes_max: i32) -> Vec<u8> {
    let frame = Frame::new(FETCH, 4).i32(-1).i32(0).i32(1).i32(bytes_max).i8(0);
    frame.i32(1).text(topic).i32(1).i32(0).i64(0).i32(bytes_max).finish()
}

/// Reads partition 0 from its start in a version from before record batches (message format v0).
pub(super) fn fetch_old(topic: &str, bytes_max: i32) -> Vec<u8> {
    let frame = Frame::new(FETCH, 1).i32(-1).i32(0).i32(1);
    frame.i32(1).text(topic).i32(1).i32(0).i64(0).i32(bytes_max).finish()
}

/// Asks until the node coordinates groups: their topic is made when the first one is asked for.
pub(super) fn wait_for_groups(client: &mut Client) -> Result<()> {
    let find = Frame::new(FIND_COORDINATOR, 0).text("first").finish();
    let end = Instant::now() + ANSWER_TIME_MAX;
    while Instant::now() < end {
        client.ask(&find)?;
        if client.ask(&join_group("first"))?.starts_with(&[0, 0]) {
            return Ok(());
        }
    }
    anyhow::bail!("no group can be joined")
}

/// Joins with the shortest session that a node allows.
pub(super) fn join_group(group: &str) -> Vec<u8> {
    let frame = Frame::new(JOIN_GROUP, 0).text(group).i32(6_000).text("");
    frame.text("consumer").i32(1).text("range").bytes(&[0; 8]).finish()
}
