//! jute, in which ZooKeeper writes its files: big-endian numbers, and lengths before what has one.
//!
//! Invariant: no length is believed beyond the bytes that are there.

use bytes::{Buf, Bytes, TryGetError};

/// Why bytes are not what they should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum JuteError {
    #[error("it is cut short")]
    Cut(#[from] TryGetError),
    #[error("a length of {0} does not fit the bytes that are there")]
    Length(i32),
    #[error("a path is not UTF-8")]
    Text,
    #[error("{0} is not a kind of transaction that is known")]
    Kind(i32),
}

/// A buffer; none and an empty one are the same to us.
pub(super) fn take_buffer(bytes: &mut Bytes) -> Result<Bytes, JuteError> {
    match bytes.try_get_i32()? {
        -1 => Ok(Bytes::new()),
        length => match usize::try_from(length) {
            Ok(wanted) if wanted <= bytes.len() => Ok(bytes.split_to(wanted)),
            _ => Err(JuteError::Length(length)),
        },
    }
}

pub(super) fn take_text(bytes: &mut Bytes) -> Result<String, JuteError> {
    let text = take_buffer(bytes)?;
    std::str::from_utf8(&text).map(str::to_owned).map_err(|_| JuteError::Text)
}

/// The count of a vector whose elements have at least this many bytes.
pub(super) fn take_count(bytes: &mut Bytes, element_min: usize) -> Result<usize, JuteError> {
    match bytes.try_get_i32()? {
        -1 => Ok(0),
        count => match usize::try_from(count) {
            Ok(wanted) if wanted <= bytes.len() / element_min => Ok(wanted),
            _ => Err(JuteError::Length(count)),
        },
    }
}

/// Passes over a list of access rights.
pub(super) fn skip_rights(bytes: &mut Bytes) -> Result<(), JuteError> {
    for _ in 0..take_count(bytes, 12)? {
        bytes.try_get_i32()?;
        take_buffer(bytes)?;
        take_buffer(bytes)?;
    }
    Ok(())
}

/// What ZooKeeper checks its files with.
pub(super) fn adler32(bytes: &[u8]) -> u32 {
    /// As many bytes as the sums take before they must be reduced.
    const CHUNK: usize = 5552;
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1u32, 0u32);
    for chunk in bytes.chunks(CHUNK) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_adlers() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn lengths_beyond_the_bytes_are_refused() {
        for length in [-2, 5, i32::MAX] {
            let mut bytes = Bytes::from(length.to_be_bytes().to_vec());
            assert!(matches!(take_buffer(&mut bytes), Err(JuteError::Length(_))));
            let mut bytes = Bytes::from(length.to_be_bytes().to_vec());
            assert!(matches!(take_count(&mut bytes, 4), Err(JuteError::Length(_))));
        }
    }
}
