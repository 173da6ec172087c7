//! The codecs of record batches. Output is what Java's clients write (gzip, snappy in Java's
//! framing, lz4 frames of 64 KiB independent blocks, zstd); input is that and what other clients
//! write. Decompression stops at the caller's bound, whatever the data claims.

use std::fmt;
use std::io::{Read, Write};
use std::str::FromStr;

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

use crate::broken_lz4;
use crate::error::{BatchError, BuildError};
use crate::message::OldFormat;
use crate::snappy::{self, SnappyError};

/// What is decompressed grows by doubling up to here, with the old and the new memory side by side
/// while it moves. A larger batch, which is no honest client's, gets room up to its bound at once:
/// memory that nothing is written to costs nothing.
const GROWN_BYTES_MAX: usize = 1 << 20;
/// Kafka's default of `compression.lz4.level`.
const LZ4_LEVEL_DEFAULT: i32 = 9;
/// Below this the library would use its fast mode.
const LZ4_HIGH_LEVEL_MIN: i32 = 3;
/// The library knows no higher one.
const LZ4_HIGH_LEVEL_MAX: i32 = 12;

/// How the records of a batch are compressed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4 frames.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// Every codec, in the order of their ids.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The number in a batch's attributes.
    pub const fn codec_id(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// The codec of a number in a batch's attributes.
    pub const fn from_codec_id(id: u8) -> Option<Self> {
        match id {
            0 => Some(Self::None),
            1 => Some(Self::Gzip),
            2 => Some(Self::Snappy),
            3 => Some(Self::Lz4),
            4 => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Kafka's name, as in `compression.type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Appends `data`, compressed, to `out`. `level` is that of `compression.gzip.level`,
    /// `compression.lz4.level` or `compression.zstd.level`; snappy has none.
    pub fn compress(
        self,
        data: &[u8],
        level: Option<i32>,
        out: &mut Vec<u8>,
    ) -> Result<(), BuildError> {
        let result = match self {
            Self::None => {
                out.extend_from_slice(data);
                Ok(())
            }
            Self::Gzip => gzip(data, level, out),
            Self::Snappy => snappy::compress(data, out),
            Self::Lz4 => lz4(data, level.unwrap_or(LZ4_LEVEL_DEFAULT), out),
            Self::Zstd => {
                let level = level.unwrap_or(zstd::DEFAULT_COMPRESSION_LEVEL);
                zstd::stream::copy_encode(data, &mut *out, level)
            }
        };
        result.map_err(|source| BuildError::Compression { codec: self, source })
    }

    /// Decompresses `data` to at most `limit` bytes. Memory grows with what really comes out.
    pub fn decompress(self, data: &[u8], limit: usize) -> Result<Vec<u8>, BatchError> {
        match self {
            Self::None if data.len() > limit => Err(BatchError::DecompressedTooLarge { limit }),
            Self::None => Ok(data.to_vec()),
            Self::Gzip => self.read_all(MultiGzDecoder::new(data), data.len(), limit),
            Self::Lz4 => self.read_all(FrameDecoder::new(data), data.len(), limit),
            Self::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(data)
                    .map_err(|error| self.failure(&error))?;
                self.read_all(decoder, data.len(), limit)
            }
            Self::Snappy => snappy::decompress(data, limit).map_err(|error| match error {
                SnappyError::TooLarge => BatchError::DecompressedTooLarge { limit },
                SnappyError::Malformed(reason) => BatchError::Decompression { codec: self, reason },
            }),
        }
    }

    /// Appends `data`, compressed as the wrapped messages of an old format are, to `out`.
    pub(crate) fn compress_message(
        self,
        data: &[u8],
        format: OldFormat,
        out: &mut Vec<u8>,
    ) -> Result<(), BuildError> {
        let start = out.len();
        self.compress(data, None, out)?;
        if self == Self::Lz4 && format == OldFormat::V0 {
            broken_lz4::spoil(&mut out[start..]);
        }
        Ok(())
    }

    /// Decompresses the wrapped messages of an old format to at most `limit` bytes.
    pub(crate) fn decompress_message(
        self,
        data: &[u8],
        format: OldFormat,
        limit: usize,
    ) -> Result<Vec<u8>, BatchError> {
        if self != Self::Lz4 || format != OldFormat::V0 {
            return self.decompress(data, limit);
        }
        let (header, length, blocks) = broken_lz4::repair(data)?;
        let frame = header[..length].chain(blocks);
        self.read_all(FrameDecoder::new(frame), data.len(), limit)
    }

    fn read_all(
        self,
        source: impl Read,
        compressed: usize,
        limit: usize,
    ) -> Result<Vec<u8>, BatchError> {
        let bound = limit.saturating_add(1);
        let first = bound.min(GROWN_BYTES_MAX);
        let mut out = Vec::with_capacity(compressed.saturating_mul(2).min(first));
        let mut source = source.take(first as u64);
        source.read_to_end(&mut out).map_err(|error| self.failure(&error))?;
        if out.len() == first && first < bound {
            // Without the room at once it grows as before.
            let _ = out.try_reserve_exact(bound - first);
            source.set_limit((bound - first) as u64);
            source.read_to_end(&mut out).map_err(|error| self.failure(&error))?;
        }
        if out.len() > limit {
            return Err(BatchError::DecompressedTooLarge { limit });
        }
        Ok(out)
    }

    fn failure(self, error: &std::io::Error) -> BatchError {
        BatchError::Decompression { codec: self, reason: error.to_string() }
    }
}

fn gzip(data: &[u8], level: Option<i32>, out: &mut Vec<u8>) -> std::io::Result<()> {
    let level = level
        .and_then(|level| u32::try_from(level).ok())
        .map_or_else(flate2::Compression::default, |level| flate2::Compression::new(level.min(9)));
    let mut encoder = GzEncoder::new(out, level);
    encoder.write_all(data)?;
    encoder.finish()?;
    Ok(())
}

/// As Kafka's, the default level is the fast mode; every other compresses more and takes longer.
fn lz4(data: &[u8], level: i32, out: &mut Vec<u8>) -> std::io::Result<()> {
    if level != LZ4_LEVEL_DEFAULT {
        return lz4_high(data, level, out);
    }
    let info = FrameInfo::new()
        .block_size(BlockSize::Max64KB)
        .block_mode(BlockMode::Independent)
        .block_checksums(false)
        .content_checksum(false);
    let mut encoder = FrameEncoder::with_frame_info(info, out);
    encoder.write_all(data)?;
    encoder.finish()?;
    Ok(())
}

fn lz4_high(data: &[u8], level: i32, out: &mut Vec<u8>) -> std::io::Result<()> {
    let level = level.clamp(LZ4_HIGH_LEVEL_MIN, LZ4_HIGH_LEVEL_MAX) as u32;
    let mut encoder = lz4::EncoderBuilder::new()
        .level(level)
        .block_size(lz4::BlockSize::Max64KB)
        .block_mode(lz4::BlockMode::Independent)
        .checksum(lz4::ContentChecksum::NoChecksum)
        .build(out)?;
    encoder.write_all(data)?;
    encoder.finish().1
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name is that of no codec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no compression codec: expected none, gzip, snappy, lz4 or zstd")]
pub struct UnknownCompression(pub String);

impl FromStr for Compression {
    type Err = UnknownCompression;

    fn from_str(name: &str) -> Result<Self, UnknownCompression> {
        Self::ALL
            .into_iter()
            .find(|codec| codec.name() == name)
            .ok_or_else(|| UnknownCompression(name.to_owned()))
    }
}
