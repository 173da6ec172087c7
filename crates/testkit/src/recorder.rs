//! A recorder between clients and a node: forwards every byte, and keeps the first frame of each kind
//! that passes, for the golden files of the protocol crate.
//!
//! Invariant: of each (request or response, key, version) one frame is kept, the first that is short or else
//! the shortest; what is forwarded is what came, whether or not it is understood.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Longer frames give way to shorter ones; they hold records, and say no more about the protocol.
const SHORT_FRAME: usize = 1024;

/// Longer frames are not kept at all.
const FRAME_BYTES_MAX: usize = 8192;

/// No frame of a suite is longer; what claims to be is no frame.
const FRAME_LENGTH_MAX: usize = 256 << 20;

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the client.
    Request,
    /// To the client.
    Response,
}

/// One recorded frame, without its length.
#[derive(Debug, Clone)]
pub struct RecordedFrame {
    /// Which way it went.
    pub direction: Direction,
    /// The API's number.
    pub key: i16,
    /// The version that the request named.
    pub version: i16,
    /// Header and body.
    pub bytes: Vec<u8>,
}

type Frames = Arc<Mutex<BTreeMap<(i16, i16, Direction), Vec<u8>>>>;

/// A recorder that listens; dropping it ends the listening.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    frames: Frames,
    ended: Arc<AtomicBool>,
}

impl Recorder {
    /// Listens on a free port and forwards to that port of the node.
    pub fn start(node_port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let recorder = Self { address, frames: Frames::default(), ended: Arc::default() };
        let (frames, ended) = (Arc::clone(&recorder.frames), Arc::clone(&recorder.ended));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                // A client that the node refuses sees its connection closed, as without a recorder.
                if let Ok(client) = client {
                    drop(connect(client, node_port, &frames));
                }
            }
        });
        Ok(recorder)
    }

    /// The port where clients connect.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was recorded so far, in the order of keys and versions.
    pub fn frames(&self) -> Vec<RecordedFrame> {
        let frames = lock(&self.frames);
        let recorded = frames.iter().map(|(&(key, version, direction), bytes)| RecordedFrame {
            direction,
            key,
            version,
            bytes: bytes.clone(),
        });
        recorded.collect()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        // The thread that accepts looks at the flag when somebody connects.
        drop(TcpStream::connect(self.address));
    }
}

/// The two directions of one connection, which share what was asked.
struct Connection {
    frames: Frames,
    asked: Mutex<HashMap<[u8; 4], (i16, i16)>>,
}

fn connect(client: TcpStream, node_port: u16, frames: &Frames) -> io::Result<()> {
    let node = TcpStream::connect(("127.0.0.1", node_port))?;
    client.set_nodelay(true)?;
    node.set_nodelay(true)?;
    let connection =
        Arc::new(Connection { frames: Arc::clone(frames), asked: Mutex::new(HashMap::new()) });
    for (from, to, direction) in [
        (client.try_clone()?, node.try_clone()?, Direction::Request),
        (node, client, Direction::Response),
    ] {
        let connection = Arc::clone(&connection);
        std::thread::spawn(move || {
            // Either side closing ends both, as it does without a recorder.
            drop(forward(&from, &to, direction, &connection));
            drop(from.shutdown(Shutdown::Read));
            drop(to.shutdown(Shutdown::Write));
        });
    }
    Ok(())
}

fn forward(
    mut from: &TcpStream,
    mut to: &TcpStream,
    direction: Direction,
    connection: &Connection,
) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let size = u32::from_be_bytes(length) as usize;
        if size > FRAME_LENGTH_MAX {
            to.write_all(&length)?;
            io::copy(&mut from, &mut to)?;
            return Ok(());
        }
        let mut frame = vec![0; size];
        from.read_exact(&mut frame)?;
        connection.record(direction, &frame);
        to.write_all(&[&length[..], &frame].concat())?;
    }
}

impl Connection {
    fn record(&self, direction: Direction, frame: &[u8]) {
        let (key, version) = match (direction, frame) {
            (Direction::Request, &[k0, k1, v0, v1, c0, c1, c2, c3, ..]) => {
                let kind = (i16::from_be_bytes([k0, k1]), i16::from_be_bytes([v0, v1]));
                lock(&self.asked).insert([c0, c1, c2, c3], kind);
                kind
            }
            (Direction::Response, &[c0, c1, c2, c3, ..]) => {
                match lock(&self.asked).remove(&[c0, c1, c2, c3]) {
                    Some(kind) => kind,
                    None => return,
                }
            }
            _ => return,
        };
        if frame.len() <= FRAME_BYTES_MAX {
            let mut frames = lock(&self.frames);
            let kept = frames.entry((key, version, direction)).or_default();
            if kept.is_empty() || (kept.len() > SHORT_FRAME && frame.len() < kept.len()) {
                *kept = frame.to_vec();
            }
        }
    }
}

/// A thread that panicked leaves whole entries behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
