//! A frame: length, CRC-32C of the payload, payload. Log, snapshots and small files are made of
//! frames. A frame is written in one piece and synced before the next one is written, so only the
//! last one of a file can be torn.

use bytes::{BufMut, Bytes, BytesMut};

/// Bytes before the payload.
pub(crate) const HEADER_LENGTH: usize = 4 + 4;
/// Longest payload: an entry of the log is far smaller, so a longer one is garbage.
pub(crate) const PAYLOAD_LENGTH_MAX: usize = 64 * 1024 * 1024;

/// Appends a frame whose payload `fill` writes.
pub(crate) fn put(buffer: &mut BytesMut, fill: impl FnOnce(&mut BytesMut)) {
    let start = buffer.len();
    buffer.put_u64(0);
    fill(buffer);
    let payload = &buffer[start + HEADER_LENGTH..];
    let (length, checksum) = (payload.len() as u32, checksum(payload));
    buffer[start..start + 4].copy_from_slice(&length.to_be_bytes());
    buffer[start + 4..start + HEADER_LENGTH].copy_from_slice(&checksum.to_be_bytes());
}

/// What stands at the front of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// A whole frame with this payload.
    Frame(Bytes),
    /// Nothing.
    End,
    /// No frame, for this reason.
    Invalid(&'static str),
}

/// Takes the frame at the front, if it is whole. Bytes that are no frame stay.
pub(crate) fn take(bytes: &mut Bytes) -> Parsed {
    if bytes.is_empty() {
        return Parsed::End;
    }
    if bytes.len() < HEADER_LENGTH {
        return Parsed::Invalid("the length and checksum of a frame are cut");
    }
    let number =
        |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let (length, expected) = (number(0) as usize, number(4));
    if length == 0 || length > PAYLOAD_LENGTH_MAX {
        return Parsed::Invalid("the length of a frame is out of range");
    }
    if length > bytes.len() - HEADER_LENGTH {
        return Parsed::Invalid("a frame is longer than the file");
    }
    if checksum(&bytes[HEADER_LENGTH..HEADER_LENGTH + length]) != expected {
        return Parsed::Invalid("the checksum of a frame does not fit its contents");
    }
    let mut frame = bytes.split_to(HEADER_LENGTH + length);
    Parsed::Frame(frame.split_off(HEADER_LENGTH))
}

fn checksum(payload: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, payload) as u32
}
