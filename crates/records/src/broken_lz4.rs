//! The LZ4 frames of message format v0, whose header has a wrong checksum (KAFKA-3160): Kafka's
//! clients before 0.10 took the frame's magic into it, and would refuse the right one.

use crate::compression::Compression;
use crate::error::BatchError;

const FLAGS_AT: usize = 4;
/// Magic, flags and block size.
const FIXED_LENGTH: usize = 6;
/// The flag that says that the content's size follows.
const CONTENT_SIZE_BIT: u8 = 0x08;
const CONTENT_SIZE_LENGTH: usize = 8;
/// The longest header, with its checksum.
pub(crate) const HEADER_LENGTH_MAX: usize = FIXED_LENGTH + CONTENT_SIZE_LENGTH + 1;

/// Splits a frame into its header, with the checksum put right, and what follows the header.
pub(crate) fn repair(frame: &[u8]) -> Result<([u8; HEADER_LENGTH_MAX], usize, &[u8]), BatchError> {
    let cut = || BatchError::Decompression {
        codec: Compression::Lz4,
        reason: "the frame ends inside its header".to_owned(),
    };
    let length = checksum_at(frame).ok_or_else(cut)?;
    let (fields, rest) = frame.split_at_checked(length).ok_or_else(cut)?;
    let (_, blocks) = rest.split_first().ok_or_else(cut)?;
    let mut header = [0; HEADER_LENGTH_MAX];
    header[..length].copy_from_slice(fields);
    header[length] = checksum(&fields[FLAGS_AT..]);
    Ok((header, length + 1, blocks))
}

/// Gives a frame the checksum that old clients expect.
pub(crate) fn spoil(frame: &mut [u8]) {
    if let Some(at) = checksum_at(frame)
        && at < frame.len()
    {
        frame[at] = checksum(&frame[..at]);
    }
}

fn checksum_at(frame: &[u8]) -> Option<usize> {
    let content_size = frame.get(FLAGS_AT)? & CONTENT_SIZE_BIT != 0;
    Some(FIXED_LENGTH + if content_size { CONTENT_SIZE_LENGTH } else { 0 })
}

/// The second byte of xxHash32 with seed 0, of fewer than 16 bytes.
fn checksum(bytes: &[u8]) -> u8 {
    const PRIME_1: u32 = 0x9E37_79B1;
    const PRIME_2: u32 = 0x85EB_CA77;
    const PRIME_3: u32 = 0xC2B2_AE3D;
    const PRIME_4: u32 = 0x27D4_EB2F;
    const PRIME_5: u32 = 0x1656_67B1;
    let mut hash = PRIME_5.wrapping_add(bytes.len() as u32);
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let lane = u32::from_le_bytes(*word).wrapping_mul(PRIME_3);
        hash = hash.wrapping_add(lane).rotate_left(17).wrapping_mul(PRIME_4);
    }
    for byte in rest {
        let lane = u32::from(*byte).wrapping_mul(PRIME_5);
        hash = hash.wrapping_add(lane).rotate_left(11).wrapping_mul(PRIME_1);
    }
    hash = (hash ^ (hash >> 15)).wrapping_mul(PRIME_2);
    hash = (hash ^ (hash >> 13)).wrapping_mul(PRIME_3);
    hash ^= hash >> 16;
    (hash >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_of_ordinary_frame_header_is_that_of_lz4() {
        // Independent blocks of 64 KiB, nothing else: every Java client's frame begins with this.
        assert_eq!(checksum(&[0x60, 0x40]), 0x82);
        assert_eq!(checksum(&[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40]), 0x1a);
    }
}
