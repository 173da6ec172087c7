//! How what a producer sent for one partition begins, before anything in it is believed: whether it
//! can be cut into batches at all, and whether it is the one batch that a request must carry.

use crate::MAGIC;
use crate::batches::Batches;
use crate::compression::Compression;
use crate::error::{BatchError, ProduceError};
use crate::header::{BatchHeader, LENGTH_PREFIX, MAGIC_AT};

/// The shortest message of the oldest format, without its offset and length.
const MESSAGE_LENGTH_MIN: i32 = 14;
/// Where the length lies in every format.
const LENGTH_AT: usize = 8;

/// How many bytes the first batch or message takes; `None` if it is not there as a whole. An error
/// means that no reader could tell where it ends.
pub fn first_frame(bytes: &[u8]) -> Result<Option<usize>, BatchError> {
    let Some(&length) = bytes.get(LENGTH_AT..).and_then(|rest| rest.first_chunk()) else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(length);
    if length < MESSAGE_LENGTH_MIN {
        return Err(BatchError::InvalidLength(length));
    }
    match bytes.get(MAGIC_AT).map(|magic| *magic as i8) {
        None => Ok(None),
        Some(0..=MAGIC) => {
            let size = LENGTH_PREFIX + length as usize;
            Ok((size <= bytes.len()).then_some(size))
        }
        Some(unknown) => Err(BatchError::UnknownMagic(unknown)),
    }
}

/// Checks that a request of version 3 and later carries one batch of the present format.
pub fn check_form(bytes: &[u8], zstd_allowed: bool) -> Result<(), ProduceError> {
    let size = first_frame(bytes)?.ok_or(ProduceError::Empty)?;
    if let Some(old @ (0 | 1)) = Batches::magic(bytes) {
        return Err(BatchError::OldFormat(old).into());
    }
    let codec = BatchHeader::parse(bytes).and_then(|header| header.compression());
    if codec == Ok(Compression::Zstd) && !zstd_allowed {
        return Err(ProduceError::ZstdTooEarly);
    }
    let rest = bytes.get(size..).unwrap_or_default();
    match first_frame(rest)? {
        Some(_) => Err(ProduceError::MoreThanOneBatch(rest.len())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of so many bytes behind its length, of which the first so many are there.
    fn frame(length: i32, magic: u8, size: usize) -> Vec<u8> {
        let mut bytes = [&[0; 8], length.to_be_bytes().as_slice(), &[0; 4], &[magic]].concat();
        bytes.resize(size, 0);
        bytes
    }

    #[test]
    fn a_frame_that_is_cut_short_is_none_and_one_without_an_end_is_damage() {
        assert_eq!(first_frame(&[]), Ok(None));
        assert_eq!(first_frame(&frame(60, 2, 16)), Ok(None));
        assert_eq!(first_frame(&frame(60, 2, 71)), Ok(None));
        assert_eq!(first_frame(&frame(60, 2, 72)), Ok(Some(72)));
        assert_eq!(first_frame(&frame(13, 2, 12)), Err(BatchError::InvalidLength(13)));
        assert_eq!(first_frame(&frame(60, 3, 30)), Err(BatchError::UnknownMagic(3)));
        assert_eq!(first_frame(&frame(60, 255, 30)), Err(BatchError::UnknownMagic(-1)));
        assert_eq!(first_frame(&frame(i32::MAX, 2, 72)), Ok(None));
    }

    #[test]
    fn a_request_carries_one_batch_of_the_present_format() {
        assert_eq!(check_form(&[], true), Err(ProduceError::Empty));
        assert_eq!(
            check_form(&frame(60, 1, 72), true),
            Err(ProduceError::Batch(BatchError::OldFormat(1)))
        );
        assert_eq!(check_form(&frame(60, 2, 72), true), Ok(()));
        let two = [frame(60, 2, 72), frame(60, 2, 72)].concat();
        assert_eq!(check_form(&two, true), Err(ProduceError::MoreThanOneBatch(72)));
    }
}
