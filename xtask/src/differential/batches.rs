//! Record batches, sound and spoilt, written byte by byte.

use super::generate::FIRST_TIMESTAMP;

/// What a consumer sends when it joins: it wants the topic `one`.
pub(super) const SUBSCRIPTION: [u8; 15] =
    [0, 0, 0, 0, 0, 1, 0, 3, b'o', b'n', b'e', 0xff, 0xff, 0xff, 0xff];

/// Where the part of a batch begins that its checksum covers.
const CHECKED_FROM: usize = 21;
/// CRC-32C of batches, and CRC-32 of the message sets before them, bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;
const POLYNOMIAL_OF_OLD: u32 = 0xedb8_8320;

/// A batch of so many records, with keys or without, one millisecond apart.
pub(super) fn batch(timestamp: i64, count: usize, has_keys: bool) -> Vec<u8> {
    let mut records = Vec::new();
    for index in 0..count {
        let mut record = vec![0];
        signed(index as i64, &mut record);
        signed(index as i64, &mut record);
        if has_keys {
            signed(1, &mut record);
            record.push(b'a' + index as u8);
        } else {
            signed(-1, &mut record);
        }
        let value = format!("value {}", timestamp - FIRST_TIMESTAMP);
        signed(value.len() as i64, &mut record);
        record.extend(value.bytes());
        signed(0, &mut record);
        signed(record.len() as i64, &mut records);
        records.extend(record);
    }
    let last = count as i64 - 1;
    let mut batch = 0i64.to_be_bytes().to_vec();
    batch.extend((49 + records.len() as i32).to_be_bytes());
    batch.extend((-1i32).to_be_bytes()); // leader epoch
    batch.push(2);
    batch.extend([0; 4]); // checksum
    batch.extend(0i16.to_be_bytes()); // attributes
    batch.extend((last as i32).to_be_bytes());
    batch.extend(timestamp.to_be_bytes());
    batch.extend((timestamp + last).to_be_bytes());
    batch.extend((-1i64).to_be_bytes()); // producer
    batch.extend((-1i16).to_be_bytes());
    batch.extend((-1i32).to_be_bytes());
    batch.extend((count as i32).to_be_bytes());
    batch.extend(records);
    with_checksum(batch)
}

/// A message set of format v0 or v1, with offsets from 0, one millisecond apart.
pub(super) fn message_set(format: u8, timestamp: i64, count: u64, has_keys: bool) -> Vec<u8> {
    let mut set = Vec::new();
    for index in 0..count {
        let mut message = vec![format, 0];
        if format == 1 {
            message.extend((timestamp + index as i64).to_be_bytes());
        }
        if has_keys {
            message.extend(1i32.to_be_bytes());
            message.push(b'a' + index as u8);
        } else {
            message.extend((-1i32).to_be_bytes());
        }
        let value = format!("value {}", timestamp - FIRST_TIMESTAMP);
        message.extend((value.len() as i32).to_be_bytes());
        message.extend(value.bytes());
        set.extend((index as i64).to_be_bytes());
        set.extend((message.len() as i32 + 4).to_be_bytes());
        set.extend(checksum(&message, POLYNOMIAL_OF_OLD).to_be_bytes());
        set.extend(message);
    }
    set
}

/// The batch with one byte replaced.
pub(super) fn with_byte(mut batch: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    if let Some(there) = batch.get_mut(at) {
        *there = byte;
    }
    batch
}

/// The batch with the checksum that fits it.
pub(super) fn with_checksum(mut batch: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&batch[CHECKED_FROM..], POLYNOMIAL);
    batch[CHECKED_FROM - 4..CHECKED_FROM].copy_from_slice(&sum.to_be_bytes());
    batch
}

fn checksum(bytes: &[u8], polynomial: u32) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ polynomial } else { sum >> 1 };
        }
    }
    !sum
}

/// A signed number of variable length.
fn signed(value: i64, out: &mut Vec<u8>) {
    let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
    while zigzag >= 0x80 {
        out.push(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    out.push(zigzag as u8);
}
