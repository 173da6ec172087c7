//! Record batches (format 2) made by hand: a plain one, and one that decompresses to far too much.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// `attributes` of a batch compressed with gzip.
const GZIP: i16 = 1;

/// A batch of one record with a value of this many bytes.
pub(super) fn plain(value_bytes: usize) -> Vec<u8> {
    // attributes, timestamp delta, offset delta, no key, the value, no headers
    let mut body = vec![0, 0, 0, 1];
    body.extend(varint(value_bytes as u64 * 2));
    body.resize(body.len() + value_bytes, b'v');
    body.push(0);
    let mut record = varint(body.len() as u64 * 2);
    record.extend(body);
    batch(0, &record)
}

/// A batch whose records are zeros beyond measure: about a thousandth of it is sent.
pub(super) fn bomb(uncompressed_bytes: u64) -> Result<Vec<u8>> {
    let pipe = format!("head -c {uncompressed_bytes} /dev/zero | gzip -9");
    let output = Command::new("sh").args(["-c", &pipe]).stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "`{pipe}` ended with {}", output.status);
    Some(output.stdout)
        .filter(|bytes| !bytes.is_empty())
        .context("gzip wrote nothing")
        .map(|records| batch(GZIP, &records))
}

fn batch(attributes: i16, records: &[u8]) -> Vec<u8> {
    let mut covered = attributes.to_be_bytes().to_vec();
    covered.extend(0i32.to_be_bytes()); // last offset delta
    covered.extend(now_ms().to_be_bytes());
    covered.extend(now_ms().to_be_bytes());
    covered.extend((-1i64).to_be_bytes()); // producer id
    covered.extend((-1i16).to_be_bytes()); // producer epoch
    covered.extend((-1i32).to_be_bytes()); // base sequence
    covered.extend(1i32.to_be_bytes()); // record count
    covered.extend(records);
    let mut bytes = 0i64.to_be_bytes().to_vec();
    bytes.extend((covered.len() as i32 + 9).to_be_bytes());
    bytes.extend((-1i32).to_be_bytes()); // leader epoch
    bytes.push(2); // magic
    bytes.extend(crc32c(&covered).to_be_bytes());
    bytes.extend(covered);
    bytes
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.as_millis() as i64)
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// CRC-32C, bit by bit: these are few and small.
fn crc32c(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standards_example() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
