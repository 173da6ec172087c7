//! Batches made into messages of formats v0 and v1, for consumers that know no other.
//!
//! What the old formats cannot say is left out: headers, producers, and the markers of transactions.
//! The codec stays; zstd, which these formats never had, cannot be served at all. Messages that are
//! old enough already are passed on as they are. CRCs are checked first: the new ones would hide
//! that something was damaged.

use model::{Offset, Timestamp};

use crate::UNCOMPRESSED_BYTES_MAX;
use crate::batches::Batches;
use crate::compression::Compression;
use crate::error::{BatchError, DownConvertError};
use crate::header::{BatchHeader, TimestampType, verify_crc};
use crate::message::{self, MessageFields, OldFormat};
use crate::record::{BatchBody, RecordView};

/// The largest message that is made; its length field has 31 bits, and no reader takes as much.
const MESSAGE_BYTES_MAX: usize = 1 << 30;

/// What a consumer of an old format asks for.
#[derive(Debug, Clone, Copy)]
pub struct DownConversion {
    /// The newest format that it knows.
    pub format: OldFormat,
    /// The offset that it asked for. Plain messages before it are left out: some clients of old do
    /// not expect them.
    pub first_offset: Offset,
    /// Stop before more bytes than this, but not before the first message.
    pub bytes_max: usize,
    /// How many bytes a batch may decompress to. The messages in a wrapper may take five times as
    /// much, if the records are tiny, as long as that is not more than [`UNCOMPRESSED_BYTES_MAX`].
    pub uncompressed_bytes_max: usize,
}

/// Messages that were made of batches.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DownConverted {
    /// The messages.
    pub bytes: Vec<u8>,
    /// The offset after the last batch that was looked at, whether anything came of it or not.
    pub next_offset: Option<Offset>,
}

/// Converts `batches`, of which the last may be cut.
pub fn down_convert(
    batches: &[u8],
    conversion: &DownConversion,
) -> Result<DownConverted, DownConvertError> {
    let mut converted = DownConverted::default();
    for batch in Batches::new(batches) {
        let (header, bytes) = match batch {
            Ok(batch) => batch,
            Err(BatchError::Truncated { .. }) => break,
            Err(error) => return Err(error.into()),
        };
        let before = converted.bytes.len();
        match convert_batch(&header, bytes, conversion, &mut converted.bytes) {
            Ok(Fits::Yes) => converted.next_offset = Some(header.next_offset()),
            Ok(Fits::No) => break,
            // What comes before it is good; asked for alone it is an error.
            Err(_) if before > 0 => {
                converted.bytes.truncate(before);
                break;
            }
            Err(error) => return Err(error),
        }
        if converted.bytes.len() >= conversion.bytes_max {
            break;
        }
    }
    Ok(converted)
}

#[derive(Debug, PartialEq, Eq)]
enum Fits {
    Yes,
    No,
}

fn convert_batch(
    header: &BatchHeader,
    bytes: &[u8],
    conversion: &DownConversion,
    out: &mut Vec<u8>,
) -> Result<Fits, DownConvertError> {
    if header.is_control() {
        return Ok(Fits::Yes);
    }
    let codec = header.compression()?;
    if codec == Compression::Zstd {
        return Err(DownConvertError::Zstd);
    }
    if header.old_format().is_some_and(|format| format <= conversion.format) {
        if !out.is_empty() && out.len() + bytes.len() > conversion.bytes_max {
            return Ok(Fits::No);
        }
        out.extend_from_slice(bytes);
        return Ok(Fits::Yes);
    }
    verify_crc(bytes)?;
    let body = BatchBody::decode(bytes, conversion.uncompressed_bytes_max)?;
    match codec {
        Compression::None => plain(&body, conversion, out),
        codec => wrapped(&body, codec, conversion, out),
    }
}

/// One message for each record.
fn plain(
    body: &BatchBody<'_>,
    conversion: &DownConversion,
    out: &mut Vec<u8>,
) -> Result<Fits, DownConvertError> {
    for record in body.records() {
        let record = record?;
        if record.offset < conversion.first_offset {
            continue;
        }
        let size = message_size(conversion.format, &record)?;
        if !out.is_empty() && out.len() + size > conversion.bytes_max {
            return Ok(Fits::No);
        }
        let offset = record.offset.get();
        write(body.header(), conversion.format, offset, &record, out);
    }
    Ok(Fits::Yes)
}

/// One wrapper of all records.
fn wrapped(
    body: &BatchBody<'_>,
    codec: Compression,
    conversion: &DownConversion,
    out: &mut Vec<u8>,
) -> Result<Fits, DownConvertError> {
    let format = conversion.format;
    // Small records grow: what a message takes besides its key and value, a record hardly needs. So
    // a batch that is within its own bound may be above it here.
    let inner_max = conversion.uncompressed_bytes_max.max(UNCOMPRESSED_BYTES_MAX);
    let mut size = 0;
    for record in body.records() {
        size += message_size(format, &record?)?;
        if size > inner_max.min(MESSAGE_BYTES_MAX) {
            return Err(DownConvertError::TooLarge);
        }
    }
    let mut inner = Vec::with_capacity(size);
    let mut base_offset = None;
    let mut last_offset = Offset::ZERO;
    let mut max_timestamp = Timestamp::NONE;
    for record in body.records() {
        let record = record?;
        let base = *base_offset.get_or_insert(record.offset);
        let offset = match format {
            OldFormat::V0 => record.offset.get(),
            OldFormat::V1 => record.offset.since(base),
        };
        write(body.header(), format, offset, &record, &mut inner);
        last_offset = record.offset;
        max_timestamp = max_timestamp.max(record.timestamp);
    }
    if inner.is_empty() {
        return Ok(Fits::Yes);
    }
    let mut value = Vec::new();
    codec
        .compress_message(&inner, format, &mut value)
        .map_err(|error| DownConvertError::Build(error.to_string()))?;
    if !out.is_empty() && out.len() + format.overhead() + value.len() > conversion.bytes_max {
        return Ok(Fits::No);
    }
    let fields = MessageFields {
        offset: last_offset.get(),
        format,
        compression: codec,
        timestamp_type: body.header().timestamp_type(),
        timestamp: max_timestamp,
    };
    message::write(out, fields, None, Some(&value));
    Ok(Fits::Yes)
}

fn message_size(format: OldFormat, record: &RecordView<'_>) -> Result<usize, DownConvertError> {
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let size = format.overhead() + length(record.key) + length(record.value);
    if size > MESSAGE_BYTES_MAX {
        return Err(DownConvertError::TooLarge);
    }
    Ok(size)
}

fn write(
    header: &BatchHeader,
    format: OldFormat,
    offset: i64,
    record: &RecordView<'_>,
    out: &mut Vec<u8>,
) {
    // A v0 message that is read for v1 has no type of its own.
    let timestamp_type = match header.old_format() {
        Some(OldFormat::V0) => TimestampType::CreateTime,
        _ => header.timestamp_type(),
    };
    let fields = MessageFields {
        offset,
        format,
        compression: Compression::None,
        timestamp_type,
        timestamp: record.timestamp,
    };
    message::write(out, fields, record.key, record.value);
}
