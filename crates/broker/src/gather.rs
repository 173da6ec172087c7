//! What was read of a log, in one piece, for those who look inside.

use std::io;

use bytes::{Bytes, BytesMut};
use protocol::{Chunk, Records};

/// The bytes of what was read. May wait for the disk.
pub(crate) fn gather(records: Records) -> io::Result<Bytes> {
    let chunks = match records {
        Records::Null => return Ok(Bytes::new()),
        Records::Bytes(bytes) => return Ok(bytes),
        Records::Chunks(chunks) => chunks,
    };
    let mut gathered = BytesMut::new();
    for chunk in chunks {
        match chunk {
            Chunk::Bytes(bytes) => gathered.extend_from_slice(&bytes),
            Chunk::File(range) => {
                let start = gathered.len();
                gathered.resize(start + usize::try_from(range.length).unwrap_or(0), 0);
                let mut filled = start;
                while filled < gathered.len() {
                    let position = range.position + (filled - start) as u64;
                    match range.file.read_at(position, &mut gathered[filled..])? {
                        0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                        read => filled += read,
                    }
                }
            }
        }
    }
    Ok(gathered.freeze())
}
