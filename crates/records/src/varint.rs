//! Zigzag varints, in which records count.

/// Appends a 64-bit varint. A 32-bit one has the same bytes.
pub(crate) fn write(buffer: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        buffer.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    buffer.push(rest as u8);
}

/// Bytes that [`write`] appends.
pub(crate) const fn size(value: i64) -> usize {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    let bits = 64 - (zigzag | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Takes a 64-bit varint off the front of `bytes`; `None` when it does not end within ten bytes or
/// the input.
#[inline]
pub(crate) fn read_long(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0u64;
    let mut shift = 0;
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
        shift += 7;
        if shift > 63 {
            return None;
        }
    }
}

/// Takes a 32-bit varint off the front of `bytes`.
#[inline]
pub(crate) fn read(bytes: &mut &[u8]) -> Option<i32> {
    i32::try_from(read_long(bytes)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_reads_back_in_as_many_bytes_as_size_says(value: i64) {
            let mut buffer = Vec::new();
            write(&mut buffer, value);
            prop_assert_eq!(buffer.len(), size(value));
            let mut bytes = buffer.as_slice();
            prop_assert_eq!(read_long(&mut bytes), Some(value));
            prop_assert!(bytes.is_empty());
        }
    }

    #[test]
    fn an_endless_varint_is_refused() {
        assert_eq!(read_long(&mut [0xff; 32].as_slice()), None);
        assert_eq!(read(&mut [0x80].as_slice()), None);
        assert_eq!(size(i64::MIN), 10);
    }
}
