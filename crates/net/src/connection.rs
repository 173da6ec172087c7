//! One connection: frames in, responses out, in order.
//!
//! Invariants: a response leaves only after those of all earlier requests; at most
//! [`IN_FLIGHT_MAX`] requests of a connection are under way; a frame takes memory, and its share of
//! the memory for requests, as its bytes arrive, never on the word of its length field.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use protocol::Chunk;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::delivery::Delivery;
use crate::listener::ConnectionLimits;
use crate::memory::{Grant, Hold};
use crate::send;

/// Requests of one connection that may be under way at once. Kafka's clients keep up to five.
const IN_FLIGHT_MAX: usize = 32;
/// Room made for bytes of a frame whose length is not known yet; also the size up to which a frame
/// needs no share of the memory for requests.
const SMALL_FRAME: usize = 4 * 1024;
/// The first share of a larger frame.
const FIRST_SHARE: usize = 16 * 1024;
/// Each further share is so many times what has arrived: growing copies, and so it may not be too often.
const SHARE_GROWTH: usize = 3;
/// The largest share.
const SHARE_MAX: usize = 1024 * 1024;
/// How long a frame that holds memory may stand still before its connection is closed.
const FRAME_STALL_MAX: Duration = Duration::from_secs(30);
const LENGTH_PREFIX: usize = 4;

/// Where a request came from.
#[derive(Debug)]
pub struct ConnectionContext {
    /// The name of the listener that accepted the connection.
    pub listener: Arc<str>,
    /// This end; the address that the client reached us at.
    pub local: SocketAddr,
    /// The client's end.
    pub peer: SocketAddr,
    /// What the client says that it runs; the service notes it when it is told.
    pub software: OnceLock<ClientSoftware>,
    /// How the client takes its answers.
    pub delivery: Delivery,
}

/// What a client says that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSoftware {
    /// The name of its library.
    pub name: Box<str>,
    /// The version of its library.
    pub version: Box<str>,
}

/// The response to a request: a whole frame with its length, `None` where the protocol has none
/// (produce with acks=0).
pub type Reply = Result<Option<Vec<Chunk>>, ServiceError>;

/// The connection cannot go on: the bytes are no request, or the request has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ServiceError(pub String);

/// What answers the frames of a connection.
pub trait Service: Send + Sync + 'static {
    /// Takes a request. What must happen in the order of the requests has happened when this
    /// returns; the future does the rest and is polled only when all earlier responses are out.
    /// Whoever keeps bytes of the frame beyond the response keeps `memory` with them.
    fn start(
        self: &Arc<Self>,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
        memory: Hold,
    ) -> Result<Pin<Box<dyn Future<Output = Reply> + Send>>, ServiceError>;
}

type Growing = Pin<Box<dyn Future<Output = Grant> + Send>>;

struct InFlight {
    reply: Pin<Box<dyn Future<Output = Reply> + Send>>,
    _memory: Hold,
}

/// A frame whose length is known.
struct Frame {
    length: usize,
    /// How many of its bytes may be read.
    granted: usize,
    memory: Grant,
}

/// What became of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Delivered {
    Whole,
    /// The client went away, or took nothing for as long as it may.
    Gone,
}

/// The frame at the head of `incoming`.
enum Head {
    /// Its length is still to come.
    Unknown,
    /// It waits for the next share of the memory for requests; nothing is read meanwhile.
    WaitsForMemory(Frame, Growing),
    /// Its bytes are being read.
    Arriving(Frame),
}

pub(crate) async fn serve<S: Service>(
    stream: TcpStream,
    context: ConnectionContext,
    service: Arc<S>,
    limits: Arc<ConnectionLimits>,
    mut stop: watch::Receiver<bool>,
) {
    let context = Arc::new(context);
    let mut connection = Connection {
        stream,
        context: Arc::clone(&context),
        service,
        limits,
        incoming: BytesMut::new(),
        head: Head::Unknown,
        frame_began: None,
        in_flight: VecDeque::new(),
    };
    tokio::select! {
        end = connection.run() => match end {
            Ok(()) => debug!(peer = %context.peer, "connection closed"),
            Err(reason) => {
                warn!(peer = %context.peer, listener = %context.listener, %reason, "connection ended");
            }
        },
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

struct Connection<S> {
    stream: TcpStream,
    context: Arc<ConnectionContext>,
    service: Arc<S>,
    limits: Arc<ConnectionLimits>,
    incoming: BytesMut,
    head: Head,
    /// Since when the frame at the head is on its way, a byte at a time perhaps.
    frame_began: Option<Instant>,
    in_flight: VecDeque<InFlight>,
}

impl<S: Service> Connection<S> {
    async fn run(&mut self) -> Result<(), String> {
        let mut last_active = Instant::now();
        loop {
            self.start_whole_frames()?;
            let deadline = self.deadline(last_active);
            let may_read = self.in_flight.len() < IN_FLIGHT_MAX
                && !matches!(self.head, Head::WaitsForMemory(..));
            let room = self.room_wanted();
            tokio::select! {
                biased;
                reply = next_reply(&mut self.in_flight) => {
                    self.in_flight.pop_front();
                    if let Some(chunks) = reply.map_err(|error| error.0)?
                        && self.deliver(chunks).await? == Delivered::Gone
                    {
                        return Ok(());
                    }
                    last_active = Instant::now();
                    self.frame_began = None; // Nothing was read meanwhile.
                }
                frame = more_memory(&mut self.head) => {
                    self.head = Head::Arriving(frame);
                    last_active = Instant::now();
                }
                more = read_more(&mut self.stream, &mut self.incoming, room), if may_read => {
                    match more {
                        Ok(0) | Err(_) => return Ok(()),
                        Ok(_) => last_active = Instant::now(),
                    }
                }
                () = until(deadline) => {
                    debug!(peer = %self.context.peer, "idle connection closed");
                    return Ok(());
                }
            }
        }
    }

    /// Sends an answer, unless whoever lent memory to it gives up on the client.
    async fn deliver(&mut self, chunks: Vec<Chunk>) -> Result<Delivered, String> {
        let delivery = &self.context.delivery;
        delivery.taken();
        let sent = tokio::select! {
            biased;
            sent = send::send(&mut self.stream, chunks, self.limits.idle_max, delivery) => sent,
            () = delivery.given_up() => {
                return Err("the client takes nothing of an answer, and others wait for the memory \
                            that it holds"
                    .to_owned());
            }
        };
        delivery.finished();
        // Of a client that went away nothing more is known, and nothing is owed to it.
        Ok(if sent.is_ok() { Delivered::Whole } else { Delivered::Gone })
    }

    /// Hands every frame that is there as a whole to the service, and sees to it that more of the
    /// next one may be read.
    fn start_whole_frames(&mut self) -> Result<(), String> {
        while self.in_flight.len() < IN_FLIGHT_MAX {
            let frame = match std::mem::replace(&mut self.head, Head::Unknown) {
                Head::Arriving(frame) => frame,
                Head::Unknown => match self.next_length()? {
                    Some(length) => {
                        Frame { length, granted: SMALL_FRAME, memory: Grant::default() }
                    }
                    None => break,
                },
                waiting @ Head::WaitsForMemory(..) => {
                    self.head = waiting;
                    break;
                }
            };
            if self.incoming.len() < frame.length {
                self.head = self.grow(frame);
                break;
            }
            self.frame_began = None;
            let bytes = self.incoming.split_to(frame.length).freeze();
            let memory = Hold::new(frame.memory);
            let reply = self.service.start(&self.context, bytes, memory.clone());
            let reply = reply.map_err(|error| error.0)?;
            self.in_flight.push_back(InFlight { reply, _memory: memory });
        }
        if self.incoming.is_empty() {
            self.incoming = BytesMut::new(); // An idle connection holds no buffer.
        }
        if !self.incoming.is_empty() || !matches!(self.head, Head::Unknown) {
            self.frame_began.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Lets more of a frame be read, once what it was granted is there.
    fn grow(&self, mut frame: Frame) -> Head {
        if self.incoming.len() < frame.granted {
            return Head::Arriving(frame);
        }
        let share = (SHARE_GROWTH * self.incoming.len()).clamp(FIRST_SHARE, SHARE_MAX);
        let share = share.min(frame.length - self.incoming.len());
        frame.granted = self.incoming.len() + share;
        if self.limits.memory.try_grow(&mut frame.memory, share) {
            return Head::Arriving(frame);
        }
        let growing = self.limits.memory.grow(&frame.memory, share);
        Head::WaitsForMemory(frame, Box::pin(growing))
    }

    /// When the connection is closed if nothing more comes, or not enough: a frame must be whole within
    /// the idle time, so that nobody holds memory for ever by sending a byte now and then.
    fn deadline(&self, last_active: Instant) -> Option<Instant> {
        let idle = self.idle_limit().map(|limit| last_active + limit);
        let may_come = self.in_flight.len() < IN_FLIGHT_MAX;
        let began = self.frame_began.filter(|_| may_come);
        let slow = began.zip(self.limits.idle_max).map(|(began, limit)| began + limit);
        idle.into_iter().chain(slow).min()
    }

    /// How long nothing may happen; a frame that holds memory may not stand still for long.
    fn idle_limit(&self) -> Option<Duration> {
        let idle_max = self.limits.idle_max.filter(|_| self.in_flight.is_empty());
        match &self.head {
            Head::Arriving(frame) if frame.granted > SMALL_FRAME && self.in_flight.is_empty() => {
                Some(idle_max.unwrap_or(FRAME_STALL_MAX).min(FRAME_STALL_MAX))
            }
            _ => idle_max,
        }
    }

    /// Takes the length prefix off what was read, once it is there.
    fn next_length(&mut self) -> Result<Option<usize>, String> {
        let Some(prefix) = self.incoming.first_chunk::<LENGTH_PREFIX>().copied() else {
            return Ok(None);
        };
        let claimed = i32::from_be_bytes(prefix);
        match usize::try_from(claimed) {
            Ok(length) if length <= self.limits.request_bytes_max => {
                self.incoming.advance(LENGTH_PREFIX);
                Ok(Some(length))
            }
            _ => Err(self.explain_length(claimed, &prefix)),
        }
    }

    /// How many bytes the next read may take: never more than the frame was granted, since room that
    /// is made becomes memory in time.
    fn room_wanted(&self) -> usize {
        match &self.head {
            Head::Arriving(frame) => {
                frame.granted.saturating_sub(self.incoming.len()).max(SMALL_FRAME)
            }
            _ => SMALL_FRAME,
        }
    }

    fn explain_length(&self, claimed: i32, prefix: &[u8; LENGTH_PREFIX]) -> String {
        if prefix.starts_with(&[0x16, 0x03]) {
            return format!(
                "the client speaks TLS, but listener {} is not encrypted; set the client's \
                 security.protocol to PLAINTEXT",
                self.context.listener
            );
        }
        if prefix.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
            return "the client does not speak Kafka's protocol (it sent text, such as HTTP)"
                .to_owned();
        }
        format!(
            "request of {claimed} bytes: at most {} are allowed (socket.request.max.bytes)",
            self.limits.request_bytes_max
        )
    }
}

/// The oldest request's response; never, if none is under way.
async fn next_reply(in_flight: &mut VecDeque<InFlight>) -> Reply {
    match in_flight.front_mut() {
        Some(oldest) => oldest.reply.as_mut().await,
        None => std::future::pending().await,
    }
}

/// The frame at the head with the memory that it waits for; never, if it waits for none.
async fn more_memory(head: &mut Head) -> Frame {
    let Head::WaitsForMemory(_, growing) = head else { return std::future::pending().await };
    let grant = growing.as_mut().await;
    match std::mem::replace(head, Head::Unknown) {
        Head::WaitsForMemory(mut frame, _) => {
            frame.memory.merge(grant);
            frame
        }
        // It was waiting a moment ago and nobody else has it.
        Head::Unknown | Head::Arriving(_) => unreachable!("the frame that waited is gone"),
    }
}

/// Reads what is there, at most `room` bytes. Room is made only when something is, so an idle
/// connection has none.
async fn read_more(
    stream: &mut TcpStream,
    incoming: &mut BytesMut,
    room: usize,
) -> std::io::Result<usize> {
    stream.readable().await?;
    incoming.reserve(room);
    stream.read_buf(&mut incoming.limit(room)).await
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
