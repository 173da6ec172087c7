//! Which partition a record goes to: the same as with Java's producer, so that records of one key
//! stay together whichever client sends them.

/// Java's murmur2, as its `Utils.murmur2`.
pub fn murmur2(data: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    let mut hash = SEED ^ data.len() as u32;
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !tail.is_empty() {
        for (at, byte) in tail.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^= hash >> 15;
    hash as i32
}

/// The partition of a key among `count` partitions.
pub(crate) fn partition_of_key(key: &[u8], count: usize) -> usize {
    // Java masks the sign off rather than taking the absolute value.
    (murmur2(key) & i32::MAX) as usize % count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    #[test]
    fn hashes_are_those_of_javas_utils() {
        for (key, hash) in [
            ("", 275_646_681),
            ("bf", -515_800_169),
            ("58cb", -107_802_838),
            ("441a98", -1_915_548_865),
            ("e01ca09c", 1_069_984_697),
            ("15d9287dca", -46_018_140),
            ("9cf63a76470989", -1_302_694_492),
            ("3458d772528c746d", 39_559_054),
            ("8f469db22fd7a8c017c21b4741e48258c9ca8cc214", -2_130_604_183),
        ] {
            assert_eq!(murmur2(&unhex(key)), hash, "{key}");
        }
        assert_eq!(partition_of_key(&unhex("bf"), 7), ((-515_800_169 & i32::MAX) % 7) as usize);
    }
}
