//! Messages of formats v0 and v1, plain and wrapped, as old producers send and old brokers stored
//! them.
//!
//! What becomes of a set is one batch of the records that the set itself reads as, and what becomes
//! of the batch for an old consumer reads as the same records again.

#![no_main]

use bytes::Bytes;
use klamm_fuzz::mend_messages;
use libfuzzer_sys::fuzz_target;
use model::Offset;
use records::{
    BatchBody, Batches, Compression, DownConversion, OldFormat, ProduceLimits, TargetCompression,
    convert_produced, down_convert,
};

/// Small, so that a bomb is seen as one.
const UNCOMPRESSED_BYTES_MAX: usize = 1 << 20;

/// Key and value of each record of whole batches or messages.
type Contents = Vec<(Option<Vec<u8>>, Option<Vec<u8>>)>;

/// What a reader takes from `bytes`; `None` if a part of it makes no sense.
fn contents(bytes: &[u8]) -> Option<Contents> {
    let mut found = Vec::new();
    for batch in Batches::new(bytes) {
        let batch = match batch {
            Ok((_, batch)) => batch,
            Err(error) if error.is_truncated() => break,
            Err(_) => return None,
        };
        let body = BatchBody::decode(batch, UNCOMPRESSED_BYTES_MAX).ok()?;
        for record in body.records() {
            let record = record.ok()?;
            found.push((record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec)));
        }
    }
    Some(found)
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut data = data.to_vec();
    if choice & 1 == 0 {
        mend_messages(&mut data);
    }
    for batch in Batches::new(&data) {
        let Ok((_, bytes)) = batch else { break };
        let _ = records::verify_crc(bytes);
        let Ok(body) = BatchBody::decode(bytes, UNCOMPRESSED_BYTES_MAX) else { continue };
        let _ = body.message_crcs().count();
        let _ = body.records().take_while(Result::is_ok).count();
    }
    let limits = ProduceLimits {
        batch_bytes_max: 1 << 20,
        zstd_allowed: true,
        timestamps: None,
        keys_required: false,
        uncompressed_bytes_max: UNCOMPRESSED_BYTES_MAX,
    };
    let codecs = [None, Some(Compression::None), Some(Compression::Lz4), Some(Compression::Gzip)];
    let target = TargetCompression { codec: codecs[usize::from(choice >> 1 & 3)], level: None };
    let data = Bytes::from(data);
    let Ok(Some(converted)) = convert_produced(&data, &limits, target) else { return };
    let read = contents(&converted.bytes).expect("what was made can be read");
    assert_eq!(read.len(), converted.batch.header.record_count as usize);
    // The offsets in a set from a producer may be anything, those of a stored one may not.
    if let Some(stored) = contents(&data) {
        assert_eq!(stored, read, "two readers of one set");
    }
    let format = if choice & 8 == 0 { OldFormat::V0 } else { OldFormat::V1 };
    let conversion = DownConversion {
        format,
        first_offset: Offset::ZERO,
        bytes_max: usize::MAX,
        uncompressed_bytes_max: UNCOMPRESSED_BYTES_MAX,
    };
    if converted.batch.header.is_control() {
        return;
    }
    if let Ok(old) = down_convert(&converted.bytes, &conversion) {
        assert_eq!(contents(&old.bytes), Some(read), "the way down and up again");
    }
});
