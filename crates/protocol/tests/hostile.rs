//! Bytes that nobody should send: they are refused, quickly and without memory.

mod common;

use bytes::Bytes;
use common::{codecs, for_each_sample, messages};
use proptest::prelude::*;
use protocol_codegen::sample::{self, Random};

/// Patterns that claim the greatest lengths: 32 bits, 16 bits, and as a variable-length integer.
const ABSURD: &[&[u8]] = &[
    &i32::MAX.to_be_bytes(),
    &i16::MAX.to_be_bytes(),
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\x7f",
];

/// Negative lengths other than -1.
const NEGATIVE: &[&[u8]] = &[&i32::MIN.to_be_bytes(), &(-2i32).to_be_bytes(), &[0x80, 0]];

/// What decoding a sample of a few hundred bytes may take at most, whatever the bytes say.
const MEMORY_MAX: usize = 1 << 20;

#[global_allocator]
static ALLOCATOR: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, usize::MAX);

#[test]
fn hostile_bytes_are_refused_without_panic_and_without_memory() {
    // One test, as the limit of the allocator counts for all that runs at the same time.
    absurd_lengths_allocate_nothing();
    random_bytes_never_panic();
    altered_samples_never_panic();
}

fn absurd_lengths_allocate_nothing() {
    for_each_sample(2, |codec, version, bytes| {
        for position in 0..bytes.len() {
            for pattern in ABSURD.iter().chain(NEGATIVE) {
                let mut altered = bytes.to_vec();
                altered.truncate(position);
                altered.extend_from_slice(pattern);
                altered
                    .extend_from_slice(bytes.get(position + pattern.len()..).unwrap_or_default());
                let altered = Bytes::from(altered);
                // Beyond the limit the allocator fails, which aborts the test.
                ALLOCATOR.set_limit(ALLOCATOR.allocated() + MEMORY_MAX).unwrap();
                let _ = (codec.decode)(altered, version);
                ALLOCATOR.set_limit(usize::MAX).unwrap();
            }
        }
    });
}

fn random_bytes_never_panic() {
    let all: Vec<_> = codecs().into_iter().zip(versions()).collect();
    proptest!(ProptestConfig::with_cases(200), |(bytes in prop::collection::vec(any::<u8>(), 0..200))| {
        let bytes = Bytes::from(bytes);
        for (codec, versions) in &all {
            for version in versions.clone() {
                let _ = (codec.decode)(bytes.clone(), version);
            }
        }
    });
}

/// The versions of every message, and one beyond each end.
fn versions() -> Vec<std::ops::RangeInclusive<i16>> {
    let mut ranges = Vec::new();
    let messages = messages();
    for codec in codecs() {
        let message = messages.iter().find(|message| message.name == codec.name).unwrap();
        ranges.push(message.versions.start() - 1..=message.versions.end() + 1);
    }
    ranges
}

fn altered_samples_never_panic() {
    let (codecs, messages) = (codecs(), messages());
    proptest!(ProptestConfig::with_cases(3000), |(
        index in 0..messages.len(),
        version in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    )| {
        let message = &messages[index];
        let codec = codecs.iter().find(|codec| codec.name == message.name).unwrap();
        let versions: Vec<i16> = message.versions.clone().collect();
        let version = *version.get(&versions);
        let mut bytes = sample::bytes(message, version, &mut Random::new(seed));
        for (position, byte) in changes {
            if !bytes.is_empty() {
                let position = position.index(bytes.len());
                bytes[position] = byte;
            }
        }
        // What is understood can be written again.
        if let Ok(encoded) = (codec.again)(bytes.into(), version) {
            prop_assert!(encoded.is_ok(), "{} v{version}: {encoded:?}", message.name);
        }
    });
}
