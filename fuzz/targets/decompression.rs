//! Each codec by itself: decompression stops at its bound, whatever the bytes claim, and what was
//! compressed comes back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use records::Compression;

const LIMIT: usize = 1 << 18;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let codec = Compression::ALL[usize::from(choice & 15) % Compression::ALL.len()];
    let level = match choice >> 4 {
        0..=7 => None,
        level => Some(i32::from(level) - 7),
    };
    if let Ok(found) = codec.decompress(data, LIMIT) {
        assert!(found.len() <= LIMIT, "{codec} goes beyond its bound");
        assert_eq!(codec.decompress(data, found.len()).as_ref(), Ok(&found), "just enough room");
        if let Some(less) = found.len().checked_sub(1) {
            assert!(codec.decompress(data, less).is_err(), "{codec}: a byte less is too little");
        }
        round_trip(codec, level, &found);
    }
    round_trip(codec, level, data);
});

fn round_trip(codec: Compression, level: Option<i32>, data: &[u8]) {
    let mut compressed = Vec::new();
    codec.compress(data, level, &mut compressed).expect("anything can be compressed");
    let again = codec.decompress(&compressed, data.len()).expect("and comes back");
    assert!(again == data, "{codec} changed what went through it");
}
