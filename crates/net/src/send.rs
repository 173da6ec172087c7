//! Writes a response: bytes from memory, and ranges of files by `sendfile` without a copy.
//!
//! A reactor thread never waits for a disk: a piece of a file whose pages are not in memory is
//! sent from the pool for blocking work.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use protocol::{Chunk, FileRange, FileRegion};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::delivery::Delivery;

/// The most of a file that is sent in one go, so that one reader does not hold up the others.
const PIECE: u64 = 1024 * 1024;
/// The most buffers handed to one write.
const VECTORS_MAX: usize = 16;

/// Sends all chunks of a response. A client that takes nothing for as long as `patience` is given up;
/// what it takes is noted in `delivery`.
pub(crate) async fn send(
    stream: &mut TcpStream,
    chunks: Vec<Chunk>,
    patience: Option<Duration>,
    delivery: &Delivery,
) -> io::Result<()> {
    let pace = Pace { patience, delivery };
    let mut memory: Vec<Bytes> = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => memory.push(bytes),
            Chunk::File(range) => {
                send_bytes(stream, &mut memory, pace).await?;
                send_range(stream, range, pace).await?;
            }
        }
    }
    send_bytes(stream, &mut memory, pace).await
}

/// How a client may take an answer, and how it does.
#[derive(Clone, Copy)]
struct Pace<'a> {
    patience: Option<Duration>,
    delivery: &'a Delivery,
}

impl Pace<'_> {
    /// Waits for one step of sending, as long as the client may take.
    async fn step<T>(self, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        let done = match self.patience {
            None => step.await,
            Some(patience) => tokio::time::timeout(patience, step)
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        };
        self.delivery.taken();
        done
    }
}

async fn send_bytes(
    stream: &mut TcpStream,
    memory: &mut Vec<Bytes>,
    pace: Pace<'_>,
) -> io::Result<()> {
    let mut first = 0;
    while first < memory.len() {
        let slices: Vec<IoSlice<'_>> =
            memory[first..].iter().take(VECTORS_MAX).map(|bytes| IoSlice::new(bytes)).collect();
        let mut written = pace.step(stream.write_vectored(&slices)).await?;
        if written == 0 && memory[first..].iter().any(|bytes| !bytes.is_empty()) {
            return Err(io::ErrorKind::WriteZero.into());
        }
        while first < memory.len() && written >= memory[first].len() {
            written -= memory[first].len();
            first += 1;
        }
        if first < memory.len() {
            memory[first].advance(written);
        }
    }
    memory.clear();
    Ok(())
}

async fn send_range(stream: &mut TcpStream, range: FileRange, pace: Pace<'_>) -> io::Result<()> {
    let mut position = range.position;
    let end = range.position + range.length;
    while position < end {
        let piece = (end - position).min(PIECE);
        let sent = pace.step(platform::send_piece(stream, &range.file, position, piece)).await?;
        if sent == 0 {
            // The file ends before the range does: the frame's length cannot be kept.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        position += sent;
    }
    Ok(())
}

/// Sends a piece through user space: for files that the system cannot send by itself.
async fn copy_piece(
    stream: &mut TcpStream,
    file: &Arc<dyn FileRegion>,
    position: u64,
    length: u64,
) -> io::Result<u64> {
    let file = Arc::clone(file);
    let buffer = tokio::task::spawn_blocking(move || {
        let mut buffer = vec![0; length.min(PIECE) as usize];
        let read = file.read_at(position, &mut buffer)?;
        buffer.truncate(read);
        io::Result::Ok(buffer)
    })
    .await
    .map_err(io::Error::other)??;
    stream.write_all(&buffer).await?;
    Ok(buffer.len() as u64)
}

#[cfg(target_os = "linux")]
mod platform {
    use std::io::{self, IoSliceMut};
    use std::os::fd::AsFd;

    use rustix::io::{Errno, ReadWriteFlags};
    use tokio::io::Interest;

    use super::{Arc, FileRegion, TcpStream, copy_piece};

    /// Whether a page is in memory is asked once for this many bytes; the kernel reads ahead in
    /// runs of about this size.
    const PROBE_STEP: u64 = 128 * 1024;

    pub(super) async fn send_piece(
        stream: &mut TcpStream,
        region: &Arc<dyn FileRegion>,
        position: u64,
        length: u64,
    ) -> io::Result<u64> {
        let Some(file) = region.file() else {
            return copy_piece(stream, region, position, length).await;
        };
        if in_memory(file, position, length) {
            let attempt = || send_now(&*stream, file, position, length);
            return stream.async_io(Interest::WRITABLE, attempt).await;
        }
        warm(region, position, length).await?;
        stream.async_io(Interest::WRITABLE, || send_now(&*stream, file, position, length)).await
    }

    fn send_now(
        stream: &TcpStream,
        file: &std::fs::File,
        position: u64,
        length: u64,
    ) -> io::Result<u64> {
        let mut offset = position;
        let sent = rustix::fs::sendfile(stream.as_fd(), file, Some(&mut offset), length as usize)?;
        Ok(sent as u64)
    }

    /// Whether the range can be sent without waiting for the disk, by asking for one byte of each
    /// run of pages. A kernel that cannot tell counts as "no".
    fn in_memory(file: &std::fs::File, position: u64, length: u64) -> bool {
        let last = position + length - 1;
        let mut probes = (position..last).step_by(PROBE_STEP as usize).chain([last]);
        probes.all(|at| {
            let mut byte = [0u8; 1];
            let mut buffers = [IoSliceMut::new(&mut byte)];
            loop {
                match rustix::io::preadv2(file, &mut buffers, at, ReadWriteFlags::NOWAIT) {
                    Err(Errno::INTR) => {}
                    outcome => return outcome == Ok(1),
                }
            }
        })
    }

    /// Brings a range into memory on a thread that may wait.
    async fn warm(region: &Arc<dyn FileRegion>, position: u64, length: u64) -> io::Result<()> {
        const STEP: usize = 64 * 1024;
        let region = Arc::clone(region);
        let read = move || {
            let mut buffer = vec![0; STEP];
            let mut at = position;
            while at < position + length {
                let wanted = (position + length - at).min(STEP as u64) as usize;
                match region.read_at(at, &mut buffer[..wanted])? {
                    0 => break,
                    read => at += read as u64,
                }
            }
            Ok(())
        };
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    pub(super) use super::copy_piece as send_piece;
}
