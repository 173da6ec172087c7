//! Record batches as a producer sends them and as a disk gives them back.
//!
//! Nothing panics and nothing decompresses beyond its bound.

#![no_main]

use bytes::Bytes;
use klamm_fuzz::mend_batches;
use libfuzzer_sys::fuzz_target;
use model::{Offset, Timestamp};
use records::{
    BatchBody, Batches, Compression, DownConversion, OldFormat, ProduceLimits, TargetCompression,
    TimestampBounds, convert_produced, down_convert, validate_produced,
};

/// Small, so that a bomb is seen as one.
const UNCOMPRESSED_BYTES_MAX: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut data = data.to_vec();
    if choice & 1 == 0 {
        mend_batches(&mut data);
    }
    for batch in Batches::new(&data) {
        let Ok((_, bytes)) = batch else { break };
        let _ = records::verify_crc(bytes);
        let Ok(body) = BatchBody::decode(bytes, UNCOMPRESSED_BYTES_MAX) else { continue };
        for record in body.records() {
            let Ok(record) = record else { break };
            let _ = record.key.and_then(records::control_type);
        }
    }
    convert(&data);
    let now = Timestamp::new(1_700_000_000_000);
    let limits = ProduceLimits {
        batch_bytes_max: 1 << 20,
        zstd_allowed: choice & 2 == 0,
        timestamps: (choice & 4 == 0).then_some(TimestampBounds {
            now,
            before_max_ms: i64::MAX,
            after_max_ms: 3_600_000,
        }),
        keys_required: choice & 8 != 0,
        uncompressed_bytes_max: UNCOMPRESSED_BYTES_MAX,
    };
    let _ = validate_produced(&data, &limits);
    produce(Bytes::from(data), &limits, choice);
});

/// What was stored, for readers of the old formats.
fn convert(data: &[u8]) {
    for format in [OldFormat::V0, OldFormat::V1] {
        let conversion = DownConversion {
            format,
            first_offset: Offset::new(1),
            bytes_max: 1 << 20,
            uncompressed_bytes_max: UNCOMPRESSED_BYTES_MAX,
        };
        let _ = down_convert(data, &conversion);
    }
}

/// What was sent, with a codec of the topic's own; what comes of it is one whole batch.
fn produce(data: Bytes, limits: &ProduceLimits, choice: u8) {
    let codec = match choice >> 4 {
        0 => Some(Compression::None),
        1 => Some(Compression::Gzip),
        2 => Some(Compression::Snappy),
        3 => Some(Compression::Lz4),
        4 => Some(Compression::Zstd),
        _ => None,
    };
    let target = TargetCompression { codec, level: None };
    if let Ok(Some(converted)) = convert_produced(&data, limits, target) {
        let mut batches = Batches::new(&converted.bytes);
        let (header, bytes) = batches.next().expect("a batch").expect("which is whole");
        records::verify_crc(bytes).expect("its checksum is right");
        assert!(batches.next().is_none(), "there is one batch");
        assert_eq!(header.record_count, converted.batch.header.record_count);
    }
}
