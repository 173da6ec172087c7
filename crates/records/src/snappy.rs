//! Snappy as Java's clients frame it (the "xerial" framing), and raw snappy as some others send it.
//!
//! A stream begins with a magic and two versions, then come blocks: four bytes of length, then raw
//! snappy. Each block says how much it decompresses to; that claim is compared with what snappy can
//! reach at best before it is believed.

use snap::raw::{Decoder, Encoder, decompress_len, max_compress_len};

const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const VERSION: i32 = 1;
const STREAM_HEADER_LENGTH: usize = 16;
/// Bytes per block; Java's default.
const BLOCK_LENGTH: usize = 32 * 1024;
/// At best three bytes of snappy (a copy) stand for 64.
const EXPANSION_MAX: usize = 64;

/// Why a snappy stream cannot be read.
#[derive(Debug)]
pub(crate) enum SnappyError {
    TooLarge,
    Malformed(String),
}

/// Appends `data` to `out` in Java's framing.
pub(crate) fn compress(data: &[u8], out: &mut Vec<u8>) -> Result<(), std::io::Error> {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&VERSION.to_be_bytes());
    let mut encoder = Encoder::new();
    for block in data.chunks(BLOCK_LENGTH) {
        let length_at = out.len();
        let block_at = length_at + 4;
        out.resize(block_at + max_compress_len(block.len()), 0);
        let length = encoder.compress(block, &mut out[block_at..])?;
        out[length_at..block_at].copy_from_slice(&(length as u32).to_be_bytes());
        out.truncate(block_at + length);
    }
    Ok(())
}

/// Decompresses either framing to at most `limit` bytes.
pub(crate) fn decompress(data: &[u8], limit: usize) -> Result<Vec<u8>, SnappyError> {
    let mut out = Vec::new();
    let mut decoder = Decoder::new();
    if !data.starts_with(&MAGIC) {
        block(&mut decoder, data, &mut out, limit)?;
        return Ok(out);
    }
    let malformed = |reason: &str| SnappyError::Malformed(reason.to_owned());
    let mut rest = data
        .get(STREAM_HEADER_LENGTH..)
        .ok_or_else(|| malformed("the stream ends inside its header"))?;
    while !rest.is_empty() {
        let (length, after) =
            rest.split_first_chunk::<4>().ok_or_else(|| malformed("a block length is cut"))?;
        let (bytes, after) = after
            .split_at_checked(u32::from_be_bytes(*length) as usize)
            .ok_or_else(|| malformed("a block is longer than the stream"))?;
        block(&mut decoder, bytes, &mut out, limit)?;
        rest = after;
    }
    Ok(out)
}

fn block(
    decoder: &mut Decoder,
    bytes: &[u8],
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<(), SnappyError> {
    let malformed = |error: snap::Error| SnappyError::Malformed(error.to_string());
    let claimed = decompress_len(bytes).map_err(malformed)?;
    if claimed > bytes.len().saturating_mul(EXPANSION_MAX) {
        return Err(SnappyError::Malformed("a block claims an impossible length".to_owned()));
    }
    let start = out.len();
    if claimed > limit.saturating_sub(start) {
        return Err(SnappyError::TooLarge);
    }
    out.resize(start + claimed, 0);
    let written = decoder.decompress(bytes, &mut out[start..]).map_err(malformed)?;
    out.truncate(start + written);
    Ok(())
}
