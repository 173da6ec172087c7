//! The CRC of a batch whose bytes come in pieces: for those who do not hold a batch whole.

use crc_fast::{CrcAlgorithm, Digest};

use crate::error::BatchError;
use crate::header::{self, BatchHeader};
use crate::message;

/// Adds up the bytes of one batch of any format, all of them and in order.
#[derive(Debug)]
pub struct BatchChecksum {
    digest: Digest,
    /// Bytes at the front that the CRC does not cover.
    uncovered: usize,
    stored: u32,
}

impl BatchChecksum {
    /// For the batch with this header.
    pub fn new(header: &BatchHeader) -> Self {
        let (algorithm, uncovered) = match header.old_format() {
            Some(_) => (CrcAlgorithm::Crc32IsoHdlc, message::COVERED_AT),
            None => (CrcAlgorithm::Crc32Iscsi, header::COVERED_AT),
        };
        Self { digest: Digest::new(algorithm), uncovered, stored: header.crc }
    }

    /// Adds the next bytes of the batch, from its first on.
    pub fn update(&mut self, bytes: &[u8]) {
        let skipped = self.uncovered.min(bytes.len());
        self.uncovered -= skipped;
        self.digest.update(&bytes[skipped..]);
    }

    /// Whether the bytes are those that were written.
    pub fn verify(self) -> Result<(), BatchError> {
        let (stored, computed) = (self.stored, self.digest.finalize() as u32);
        if stored != computed {
            return Err(BatchError::Crc { stored, computed });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::{Offset, Timestamp};

    use super::*;
    use crate::message::{MessageFields, OldFormat};
    use crate::{BatchBuilder, Compression, TimestampType};

    fn in_pieces(batch: &[u8], piece: usize) -> Result<(), BatchError> {
        let header = BatchHeader::parse_any_format(batch).unwrap();
        let mut checksum = BatchChecksum::new(&header);
        batch.chunks(piece).for_each(|bytes| checksum.update(bytes));
        checksum.verify()
    }

    #[test]
    fn checksum_of_pieces_is_that_of_the_whole_in_every_format() {
        let mut builder = BatchBuilder::new(Offset::ZERO, Compression::None);
        builder.append(Timestamp::new(1), None, Some(b"some value"), []).unwrap();
        let mut batches = vec![builder.finish().unwrap().to_vec()];
        for format in [OldFormat::V0, OldFormat::V1] {
            let fields = MessageFields {
                offset: 3,
                format,
                compression: Compression::None,
                timestamp_type: TimestampType::CreateTime,
                timestamp: Timestamp::new(1),
            };
            let mut message = Vec::new();
            message::write(&mut message, fields, Some(b"key"), Some(b"some value"));
            batches.push(message);
        }
        for mut batch in batches {
            for piece in [1, 7, 20, batch.len()] {
                assert_eq!(in_pieces(&batch, piece), Ok(()));
            }
            let last = batch.len() - 1;
            batch[last] ^= 1;
            assert!(matches!(in_pieces(&batch, 10), Err(BatchError::Crc { .. })));
        }
    }
}
