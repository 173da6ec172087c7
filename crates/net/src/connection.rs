//! One connection: frames in, responses out, in order.
//!
//! Invariants: a response leaves only after those of all earlier requests; at most
//! [`IN_FLIGHT_MAX`] requests of a connection are under way; a frame takes memory as its bytes
//! arrive, never on the word of its length field.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use protocol::Chunk;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::listener::ConnectionLimits;
use crate::send;

/// Requests of one connection that may be under way at once. Kafka's clients keep up to five.
const IN_FLIGHT_MAX: usize = 32;
/// Room made for bytes of a frame whose length is not known yet; also the size above which a frame
/// first waits for its share of the memory for requests.
const SMALL_FRAME: usize = 4 * 1024;
/// The most room made at a time for a frame whose bytes are still to come.
const READ_STEP: usize = 1024 * 1024;
const LENGTH_PREFIX: usize = 4;

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct ConnectionContext {
    /// The name of the listener that accepted the connection.
    pub listener: Arc<str>,
    /// This end; the address that the client reached us at.
    pub local: SocketAddr,
    /// The client's end.
    pub peer: SocketAddr,
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
    fn start(
        self: &Arc<Self>,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
    ) -> Result<Pin<Box<dyn Future<Output = Reply> + Send>>, ServiceError>;
}

type Reserving = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>;

struct InFlight {
    reply: Pin<Box<dyn Future<Output = Reply> + Send>>,
    _memory: Option<OwnedSemaphorePermit>,
}

/// The frame at the head of `incoming`.
enum Head {
    /// Its length is still to come.
    Unknown,
    /// It waits for its share of the memory for requests; nothing is read meanwhile.
    WaitsForMemory(usize, Reserving),
    /// Its bytes are being read.
    Arriving(usize, Option<OwnedSemaphorePermit>),
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
    in_flight: VecDeque<InFlight>,
}

impl<S: Service> Connection<S> {
    async fn run(&mut self) -> Result<(), String> {
        let mut last_active = Instant::now();
        loop {
            self.start_whole_frames()?;
            let idle_limit = self.limits.idle_max.filter(|_| self.in_flight.is_empty());
            let may_read = self.in_flight.len() < IN_FLIGHT_MAX
                && !matches!(self.head, Head::WaitsForMemory(..));
            let room = self.room_wanted();
            tokio::select! {
                biased;
                reply = next_reply(&mut self.in_flight) => {
                    self.in_flight.pop_front();
                    if let Some(chunks) = reply.map_err(|error| error.0)?
                        && send::send(&mut self.stream, chunks).await.is_err()
                    {
                        return Ok(()); // The client went away; nothing is owed to it.
                    }
                    last_active = Instant::now();
                }
                permit = memory(&mut self.head) => {
                    if let Head::WaitsForMemory(length, _) = self.head {
                        self.head = Head::Arriving(length, permit);
                    }
                }
                more = read_more(&mut self.stream, &mut self.incoming, room), if may_read => {
                    match more {
                        Ok(0) | Err(_) => return Ok(()),
                        Ok(_) => last_active = Instant::now(),
                    }
                }
                () = idle(last_active, idle_limit) => {
                    debug!(peer = %self.context.peer, "idle connection closed");
                    return Ok(());
                }
            }
        }
    }

    /// Hands every frame that is there as a whole to the service.
    fn start_whole_frames(&mut self) -> Result<(), String> {
        while self.in_flight.len() < IN_FLIGHT_MAX {
            if matches!(self.head, Head::Unknown) {
                let Some(length) = self.next_length()? else { break };
                self.head = if length <= SMALL_FRAME {
                    Head::Arriving(length, None)
                } else {
                    let memory = self.limits.memory.clone();
                    let reserving = async move { memory.reserve(length).await };
                    Head::WaitsForMemory(length, Box::pin(reserving))
                };
            }
            match &mut self.head {
                Head::Arriving(length, permit) if self.incoming.len() >= *length => {
                    let (length, memory) = (*length, permit.take());
                    self.head = Head::Unknown;
                    let frame = self.incoming.split_to(length).freeze();
                    let reply =
                        self.service.start(&self.context, frame).map_err(|error| error.0)?;
                    self.in_flight.push_back(InFlight { reply, _memory: memory });
                }
                _ => break,
            }
        }
        if self.incoming.is_empty() {
            self.incoming = BytesMut::new(); // An idle connection holds no buffer.
        }
        Ok(())
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

    /// How much room the next read needs: the rest of the frame, in bounded steps.
    fn room_wanted(&self) -> usize {
        match &self.head {
            Head::Arriving(length, _) => {
                length.saturating_sub(self.incoming.len()).clamp(SMALL_FRAME, READ_STEP)
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

/// The memory that the frame at the head waits for; never, if it waits for none.
async fn memory(head: &mut Head) -> Option<OwnedSemaphorePermit> {
    match head {
        Head::WaitsForMemory(_, reserving) => reserving.as_mut().await,
        _ => std::future::pending().await,
    }
}

/// Reads what is there. Room is made only when something is, so an idle connection has none.
async fn read_more(
    stream: &mut TcpStream,
    incoming: &mut BytesMut,
    room: usize,
) -> std::io::Result<usize> {
    stream.readable().await?;
    incoming.reserve(room);
    stream.read_buf(incoming).await
}

async fn idle(last_active: Instant, limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep_until(last_active + limit).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
