//! Segments that are whole, damaged in every place, old, and hostile.

use model::{Offset, Timestamp};
use records::{BatchBuilder, Compression, Producer};

use super::damage::{After, Damage};
use super::decoders::Form;
use super::*;
use segment::Findings;

const VIEW: View = View {
    deep: true,
    contents: Some(Decoder::Plain { key: Form::Text, value: Form::Text }),
    skips_metadata: false,
    bytes_max: None,
    skips_damage: false,
};

/// Bytes of each batch of these tests.
const SIZE: usize = 87;

/// A batch of two records, with `filler` in their values.
fn batch(base_offset: i64, filler: &str) -> Vec<u8> {
    let mut batch = BatchBuilder::new(Offset::new(base_offset), Compression::None);
    for index in 0..2 {
        let value = format!("{filler}-{index}");
        let headers = std::iter::empty();
        batch
            .append(Timestamp::new(1000 + index), Some(b"key"), Some(value.as_bytes()), headers)
            .unwrap();
    }
    batch.finish().unwrap().to_vec()
}

fn dump(bytes: &[u8], view: View) -> (String, Findings) {
    let mut out = Vec::new();
    let findings = segment::dump("0.log", &bytes.to_vec(), view, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), findings)
}

#[test]
fn a_whole_segment_has_a_line_for_each_batch_and_record() {
    let bytes = [batch(0, "a"), batch(2, "b")].concat();
    let (text, findings) = dump(&bytes, VIEW);
    assert!(findings.damage.is_empty() && findings.gaps.is_empty());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert!(lines[0].starts_with("baseOffset: 0 lastOffset: 1 count: 2 baseSequence: -1"));
    assert!(
        lines[3].contains(" position: 87 CreateTime: 1001 size: 87 magic: 2 compresscodec: none")
    );
    assert!(lines[3].ends_with(" isvalid: true"));
    assert_eq!(
        lines[5],
        "| offset: 3 CreateTime: 1001 keySize: 3 valueSize: 3 sequence: -1 headerKeys: [] key: key payload: b-1"
    );
}

#[test]
fn damage_in_the_middle_is_found_with_what_can_be_saved() {
    let batches = [batch(0, "a"), batch(2, "b"), batch(4, "c")];
    let (second, third) = (batches[0].len(), batches[0].len() + batches[1].len());
    for (at, what) in [(70, "a record"), (17, "the CRC"), (16, "the magic"), (11, "the length")] {
        let mut bytes = batches.concat();
        bytes[second + at] ^= 0x40;
        let (_, findings) = dump(&bytes, VIEW);
        let [Damage { position, last_whole, after, .. }] = &findings.damage[..] else {
            panic!("{what}: {findings:?}");
        };
        assert_eq!((*position, *last_whole), (second as u64, Some(1)), "{what}");
        assert_eq!(*after, After::Batch { position: third as u64, base_offset: 4 }, "{what}");
        let text = findings.damage[0].to_string();
        assert!(
            text.contains(
                "Records up to offset 1 are whole; the next readable batch begins at position"
            ),
            "{text}"
        );
        assert!(text.ends_with("87 bytes in between are damaged, with offsets 2 to 3."), "{text}");
    }
}

#[test]
fn printing_ends_where_kafka_ends_it_unless_damage_is_to_be_passed_over() {
    let mut bytes = [batch(0, "a"), batch(2, "b"), batch(4, "c")].concat();
    bytes[SIZE + 8] = 0x7f;
    let (text, _) = dump(&bytes, VIEW);
    assert!(
        text.ends_with("payload: a-1\nFound 174 invalid bytes at the end of 0.log\n"),
        "{text}"
    );
    let (text, findings) = dump(&bytes, View { skips_damage: true, ..VIEW });
    assert!(text.ends_with("payload: c-1\n"), "{text}");
    assert_eq!(findings.damage.len(), 1);
}

#[test]
fn a_torn_end_is_damage_but_not_where_max_bytes_cuts() {
    let bytes = [batch(0, "a"), batch(2, "b")].concat();
    let (text, findings) = dump(&bytes[..150], VIEW);
    assert!(text.ends_with("Found 63 invalid bytes at the end of 0.log\n"), "{text}");
    assert_eq!(findings.damage[0].after, After::End(150));
    let (text, findings) = dump(&bytes, View { bytes_max: Some(150), ..VIEW });
    assert!(text.ends_with("payload: a-1\n"), "{text}");
    assert!(findings.damage.is_empty());
}

#[test]
fn every_flipped_bit_is_reported_or_harmless_and_nothing_panics() {
    let bytes = [batch(0, "a"), batch(2, "b"), batch(4, "c")].concat();
    for bit in SIZE * 8..2 * SIZE * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let (_, findings) = dump(&bytes, View { skips_damage: true, ..VIEW });
        // The CRC does not cover base offset and epoch; a leap of the offset is seen.
        let in_epoch = (SIZE + 12..SIZE + 16).contains(&(bit / 8));
        let in_offset = bit / 8 < SIZE + 8;
        let is_seen = !findings.damage.is_empty() || !findings.gaps.is_empty();
        assert_eq!(is_seen, !in_epoch, "bit {bit}");
        assert!(in_offset || findings.damage.len() <= 1, "bit {bit}");
    }
}

#[test]
fn hostile_files_are_bounded() {
    let mut lying = batch(0, "a");
    lying[8..12].copy_from_slice(&i32::MAX.to_be_bytes());
    let zeros = vec![0; 5000];
    let noise: Vec<u8> =
        (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    // Each position looks like a batch that goes on to the end.
    let twos = vec![2; 3000];
    for bytes in [lying, zeros, noise, twos, vec![], vec![1; 17]] {
        let (_, findings) = dump(&bytes, VIEW);
        assert_eq!(findings.damage.is_empty(), bytes.is_empty());
        let mut out = Vec::new();
        let index = Index { source: &bytes, base_offset: 0 };
        let _ = index::offsets("i", &index, &bytes, Check::Print, 1000, &mut out).unwrap();
        let _ = index::times("t", &index, &index, &bytes, Check::Print, &mut out).unwrap();
        let _ = small::transactions(&bytes, &mut out).unwrap();
        let _ = small::producers(&bytes, &mut out).unwrap();
    }
}

#[test]
fn messages_of_old_formats_are_shown_with_their_own_crc() {
    // Offset 7, magic 0, no codec, key null, value "v".
    let mut message = Vec::new();
    message.extend(7i64.to_be_bytes());
    message.extend(15i32.to_be_bytes());
    message.extend([0; 4]);
    message.extend([0, 0]);
    message.extend((-1i32).to_be_bytes());
    message.extend(1i32.to_be_bytes());
    message.push(b'v');
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &message[16..]) as u32;
    message[12..16].copy_from_slice(&crc.to_be_bytes());
    let (text, findings) = dump(&message, VIEW);
    assert!(findings.damage.is_empty());
    assert_eq!(
        text,
        format!(
            "offset: 7 position: 0 NoTimestampType: -1 size: 27 magic: 0 compresscodec: none crc: {crc} isvalid: true\n\
             | offset: 7 NoTimestampType: -1 keySize: -1 valueSize: 1 isValid: true crc: {crc} payload: v\n"
        )
    );
}

#[test]
fn an_index_that_disagrees_with_the_records_is_told() {
    let log = [batch(10, "a"), batch(12, "b")].concat();
    let entry =
        |offset: i32, position: i32| [offset.to_be_bytes(), position.to_be_bytes()].concat();
    let bytes = [entry(1, 0), entry(3, 87), entry(9, 87), entry(10, 90_000), entry(0, 0)].concat();
    let index = Index { source: &bytes, base_offset: 10 };
    let mut out = Vec::new();
    let found = index::offsets("i", &index, &log, Check::Print, 5000, &mut out).unwrap().unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].0, 20);
    assert_eq!(found[1], (19, "13".to_owned()));
    // Zeros are a preallocated end.
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 4);
}

#[test]
fn snapshots_of_kraft_are_named_by_offset_and_epoch() {
    assert_eq!(snapshot_id("00000000000000000042-0000000003.checkpoint"), Some((42, 3)));
    assert_eq!(snapshot_id("x.checkpoint"), None);
}

#[test]
fn sequences_wrap_around_as_in_kafka() {
    let mut builder = BatchBuilder::new(Offset::new(0), Compression::None);
    builder.producer(Producer {
        id: model::ProducerId::new(1),
        epoch: model::ProducerEpoch::new(0),
        base_sequence: model::Sequence::new(i32::MAX),
    });
    for _ in 0..2 {
        builder.append(Timestamp::new(1), None, None, std::iter::empty()).unwrap();
    }
    let (text, _) = dump(&builder.finish().unwrap(), VIEW);
    assert!(text.contains("baseSequence: 2147483647 lastSequence: 0 "), "{text}");
}
