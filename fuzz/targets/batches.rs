//! Record batches as a producer sends them and as a disk gives them back.
//!
//! Nothing panics and nothing decompresses beyond its bound.

#![no_main]

use klamm_fuzz::mend_batches;
use libfuzzer_sys::fuzz_target;
use model::Timestamp;
use records::{BatchBody, Batches, ProduceLimits, TimestampBounds, validate_produced};

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
    let now = Timestamp::new(1_700_000_000_000);
    let limits = ProduceLimits {
        batch_bytes_max: 1 << 20,
        zstd_allowed: choice & 2 == 0,
        timestamps: (choice & 4 == 0).then_some(TimestampBounds {
            now,
            before_max_ms: i64::MAX,
            after_max_ms: 3_600_000,
        }),
    };
    let _ = validate_produced(&data, &limits);
});
