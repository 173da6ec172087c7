//! A cluster as the raw part sees it: frames go out, answers come back, and a closed connection is an
//! answer too.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use protocol_codegen::schema::{Message, Schema};

use super::value::{Decoder, Encoder, OwnWords, TopicIds, Value, varint};

/// Longest wait for an answer, on a machine under load.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// The same where silence would be no finding, and end the run.
const PLAIN_ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
/// Longest answer that is read.
const ANSWER_SIZE_MAX: usize = 64 << 20;

/// Longest time until a change of metadata shows.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(20);
/// A topic that is there for its configuration only.
pub(super) const BARRIER: &str = "barrier";

const API_VERSIONS: i16 = 18;
const DESCRIBE_CONFIGS: i16 = 32;
const DESCRIBE_LOG_DIRS: i16 = 35;
const INCREMENTAL_ALTER_CONFIGS: i16 = 44;
const METADATA: i16 = 3;
/// A version of Metadata that both have and that gives topic ids.
const METADATA_VERSION: i16 = 12;

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Closed,
    /// None in time, or none at all for a request that asks for none.
    Silence,
    Undecodable(String),
    Body(Value),
}

/// How a frame is spoilt before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    None,
    /// So many bytes are missing at the end, and the length says so.
    Truncated(usize),
    /// Bytes follow the body.
    Trailing,
    /// A tagged field that nobody knows ends the body.
    UnknownTag,
}

/// A request as it is sent to every cluster.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) key: i16,
    pub(super) version: i16,
    pub(super) body: Value,
    pub(super) twist: Twist,
    /// Whether an answer is to be expected.
    pub(super) is_answered: bool,
}

/// One broker, with a connection that is opened anew when it was closed.
pub(super) struct Peer<'a> {
    schemas: &'a [Schema],
    address: String,
    stream: Option<TcpStream>,
    correlation: i32,
    /// What the barrier was set to last.
    barrier: i64,
    /// The last frame that was sent.
    pub(super) frame: Vec<u8>,
    pub(super) ids: TopicIds,
    pub(super) words: OwnWords,
}

impl<'a> Peer<'a> {
    pub(super) fn new(schemas: &'a [Schema], address: String) -> Self {
        Self {
            schemas,
            address,
            stream: None,
            correlation: 0,
            barrier: 1 << 40,
            frame: Vec::new(),
            ids: TopicIds::new(),
            words: OwnWords::new(),
        }
    }

    /// Another connection to the same broker.
    pub(super) fn beside(&self) -> Self {
        let mut other = Self::new(self.schemas, self.address.clone());
        other.ids.clone_from(&self.ids);
        other.words.clone_from(&self.words);
        other
    }

    /// Sends a request and waits for its answer.
    pub(super) fn call(&mut self, call: &Call) -> Result<Answer> {
        if !self.send(call)? {
            return Ok(Answer::Closed);
        }
        if call.is_answered { self.answer(call) } else { Ok(Answer::Silence) }
    }

    /// Sends a request; gives whether the connection took it.
    pub(super) fn send(&mut self, call: &Call) -> Result<bool> {
        let [request, _] = messages(self.schemas, call.key)?;
        let (ids, words) = (&self.ids, &self.words);
        let encoder = Encoder { message: request, version: call.version, ids, words };
        let mut body = encoder.body(&call.body);
        match call.twist {
            Twist::None => {}
            Twist::Truncated(missing) => body.truncate(body.len().saturating_sub(missing)),
            Twist::Trailing => body.extend([0, 0, 0]),
            Twist::UnknownTag => {
                // A body without tagged fields of its own ends with the count of none.
                if body.last() == Some(&0) {
                    body.pop();
                    body.extend([1, 0xe7, 0x07, 2, 1, 2]);
                }
            }
        }
        self.write(call.key, call.version, request.is_flexible(call.version), &body)
    }

    /// Waits for the answer to the request that was sent last.
    pub(super) fn answer(&mut self, call: &Call) -> Result<Answer> {
        let [_, response] = messages(self.schemas, call.key)?;
        Ok(match self.read()? {
            Ok(bytes) => self
                .decode(call, response, &bytes)
                .unwrap_or_else(|error| Answer::Undecodable(format!("{error:#}"))),
            Err(answer) => answer,
        })
    }

    /// Sends any frame.
    pub(super) fn raw(&mut self, key: i16, version: i16, is_flexible: bool) -> Result<Answer> {
        if !self.write(key, version, is_flexible, &[0; 8])? {
            return Ok(Answer::Closed);
        }
        Ok(match self.read()? {
            Ok(bytes) => Answer::Body(Value::Bytes(bytes[4..].to_vec())),
            Err(answer) => answer,
        })
    }

    fn decode(&self, call: &Call, response: &Message, bytes: &[u8]) -> Result<Answer> {
        let mut decoder = Decoder { message: response, version: call.version, bytes };
        let correlation = decoder.take(4)?;
        ensure!(correlation == self.correlation.to_be_bytes(), "another correlation id");
        if response.is_flexible(call.version) && call.key != API_VERSIONS {
            ensure!(decoder.varint()? == 0, "tagged fields in the header");
        }
        decoder.body().map(Answer::Body)
    }

    fn write(&mut self, key: i16, version: i16, is_flexible: bool, body: &[u8]) -> Result<bool> {
        self.correlation += 1;
        let mut header = [key.to_be_bytes(), version.to_be_bytes()].concat();
        header.extend(self.correlation.to_be_bytes());
        header.extend(4i16.to_be_bytes());
        header.extend(b"same");
        if is_flexible {
            varint(0, &mut header);
        }
        let size = (header.len() + body.len()) as i32;
        self.frame = [&size.to_be_bytes(), header.as_slice(), body].concat();
        let frame = self.frame.clone();
        let is_taken = self.stream()?.write_all(&frame).is_ok();
        if !is_taken {
            self.stream = None;
        }
        Ok(is_taken)
    }

    fn read(&mut self) -> Result<std::result::Result<Vec<u8>, Answer>> {
        Ok(read_frame(self.stream()?).map_err(|error| {
            self.stream = None;
            let waited = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            if waited { Answer::Silence } else { Answer::Closed }
        }))
    }

    fn stream(&mut self) -> Result<&mut TcpStream> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address).context("cannot connect")?;
                stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        Ok(self.stream.insert(stream))
    }

    /// The APIs that are served, with their first and last versions.
    pub(super) fn served(&mut self) -> Result<BTreeMap<i16, (i16, i16)>> {
        let answer = self.plain(API_VERSIONS, 0, Value::Struct(Vec::new()))?;
        let number = |value: &Value, name| match value.get(name) {
            Some(Value::Number(number)) => *number as i16,
            _ => -1,
        };
        let apis = answer.get("api_keys").map(Value::elements).unwrap_or_default();
        let range = |api| (number(api, "min_version"), number(api, "max_version"));
        Ok(apis.iter().map(|api| (number(api, "api_key"), range(api))).collect())
    }

    /// Learns the ids of all topics.
    pub(super) fn learn_ids(&mut self) -> Result<()> {
        let body = Value::Struct(vec![("topics".into(), Value::Null)]);
        let answer = self.plain(METADATA, METADATA_VERSION, body)?;
        self.ids.clear();
        for topic in answer.get("topics").map(Value::elements).unwrap_or_default() {
            if let (Some(Value::Text(name)), Some(Value::Bytes(id))) =
                (topic.get("name"), topic.get("topic_id"))
            {
                self.ids.insert(name.clone(), id.as_slice().try_into()?);
            }
        }
        Ok(())
    }

    /// Learns the path of the folder with the logs.
    pub(super) fn learn_folder(&mut self) -> Result<()> {
        let body = Value::Struct(vec![("topics".into(), Value::List(Vec::new()))]);
        let answer = self.plain(DESCRIBE_LOG_DIRS, 1, body)?;
        let folder = answer.get("results").map(Value::elements).unwrap_or_default().first();
        if let Some(Value::Text(path)) = folder.and_then(|folder| folder.get("log_dir")) {
            self.words.insert("log dir".to_owned(), path.clone());
        }
        Ok(())
    }

    /// Returns when every part of the node knows all changes of metadata that were answered.
    ///
    /// What is set here lies behind them in the log of metadata. Seen once, it says that the
    /// requests see those changes; seen again, that whoever is told of changes was told: the node
    /// turns to the next change only then.
    pub(super) fn settle(&mut self) -> Result<()> {
        for _ in 0..2 {
            self.barrier += 1;
            self.plain(INCREMENTAL_ALTER_CONFIGS, 0, set_barrier(self.barrier))?;
            let wanted = Value::Text(self.barrier.to_string());
            let begin = Instant::now();
            loop {
                let answer = self.plain(DESCRIBE_CONFIGS, 1, ask_barrier())?;
                let found = answer.get("results").and_then(|it| it.elements().first());
                let configs = found.and_then(|it| it.get("configs")).map(Value::elements);
                if configs.and_then(|it| it.first()?.get("value")) == Some(&wanted) {
                    break;
                }
                ensure!(begin.elapsed() < SETTLE_TIME_MAX, "a change does not show: {answer}");
            }
        }
        Ok(())
    }

    /// A call that must be answered.
    pub(super) fn plain(&mut self, key: i16, version: i16, body: Value) -> Result<Value> {
        let call = Call { key, version, body, twist: Twist::None, is_answered: true };
        self.stream()?.set_read_timeout(Some(PLAIN_ANSWER_TIME_MAX))?;
        let answer = self.call(&call)?;
        self.stream()?.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        match answer {
            Answer::Body(value) => Ok(value),
            other => anyhow::bail!("API {key} v{version} at {}: {other:?}", self.address),
        }
    }
}

/// A request that sets the configuration of the barrier, or asks for it.
fn barrier(configs: &str, config: Value) -> Value {
    let resource = Value::Struct(vec![
        ("resource_type".into(), Value::Number(2)),
        ("resource_name".into(), Value::Text(BARRIER.into())),
        (configs.into(), Value::List(vec![config])),
    ]);
    Value::Struct(vec![
        ("resources".into(), Value::List(vec![resource])),
        ("validate_only".into(), Value::Number(0)),
        ("include_synonyms".into(), Value::Number(0)),
    ])
}

fn set_barrier(value: i64) -> Value {
    let config = Value::Struct(vec![
        ("name".into(), Value::Text("retention.ms".into())),
        ("config_operation".into(), Value::Number(0)),
        ("value".into(), Value::Text(value.to_string())),
    ]);
    barrier("configs", config)
}

fn ask_barrier() -> Value {
    barrier("configuration_keys", Value::Text("retention.ms".into()))
}

fn read_frame(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size)).unwrap_or(usize::MAX);
    if !(4..=ANSWER_SIZE_MAX).contains(&size) {
        return Err(std::io::Error::other("an impossible size"));
    }
    let mut bytes = vec![0; size];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The request and the response of an API.
pub(super) fn messages(schemas: &[Schema], key: i16) -> Result<[&Message; 2]> {
    let schema = schemas.get(key as usize).context("no such API")?;
    let [request, response] = &schema.messages[..] else { anyhow::bail!("not an API") };
    Ok([request, response])
}
