//! Connections that are held: an attack writes to all of them in turn and reads nothing.
//!
//! Invariant: the attack does not wane while it lasts, since whatever the node ends is replaced; and
//! after it the node must have ended every one of them, although they never fall silent.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// How long an attack that never ends by itself goes on.
pub(super) const DURATION: Duration = Duration::from_secs(4);
/// Connections of the attacks that hold many.
pub(super) const CONNECTIONS: usize = 400;
/// Between two writes to a connection.
const PACE: Duration = Duration::from_millis(20);
/// How long after the attack the node may take to end the last connection.
const CLOSED_TIME_MAX: Duration = Duration::from_secs(30);

/// Connections that are held open; those that are refused are left out.
pub(super) fn connections(address: &str, count: usize) -> Vec<TcpStream> {
    (0..count).filter_map(|_| TcpStream::connect(address).ok()).collect()
}

/// One connection, by its number, and how many bytes it took.
struct Held {
    number: usize,
    stream: TcpStream,
    sent: usize,
}

impl Held {
    fn open(address: &str, number: usize) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_nonblocking(true).ok()?;
        Some(Self { number, stream, sent: 0 })
    }

    /// Writes what comes next; whether the connection is still open. One that takes nothing is.
    fn write(&mut self, next: &[u8]) -> bool {
        match self.stream.write(next) {
            Ok(written) => {
                self.sent += written;
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// Writes `next(number, bytes sent)` to many connections again and again; says how often, and how many
/// the node ended, which must be all.
pub(super) fn write_until_closed<'bytes>(
    address: &str,
    next: &dyn Fn(usize, usize) -> &'bytes [u8],
) -> Result<String> {
    let mut held: Vec<Held> =
        (0..CONNECTIONS).filter_map(|number| Held::open(address, number)).collect();
    let end = Instant::now() + DURATION;
    let (mut writes, mut closed) = (0u64, 0u64);
    while !held.is_empty() {
        let open = held.len();
        ensure!(Instant::now() < end + CLOSED_TIME_MAX, "{open} connections are still open");
        let mut left = Vec::with_capacity(open);
        for mut connection in held {
            writes += 1;
            if connection.write(next(connection.number, connection.sent)) {
                left.push(connection);
                continue;
            }
            closed += 1;
            if Instant::now() < end {
                left.extend(Held::open(address, connection.number));
            }
        }
        held = left;
        std::thread::sleep(PACE);
    }
    Ok(format!("{writes} writes to {closed} connections, each closed by the node"))
}
