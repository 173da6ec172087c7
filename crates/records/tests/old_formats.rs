//! Message formats v0 and v1 against Apache Kafka 3.9's own classes (`java/OldFormats.java` made the
//! bytes of `java/old_formats.txt`): read here, made into batches, and made of batches.

use std::collections::HashMap;

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use records::{
    BatchBuilder, BatchError, BatchHeader, Batches, Compression, DownConversion, DownConvertError,
    OldFormat, ProduceError, ProduceLimits, Record, TargetCompression, TimestampBounds,
    TimestampType, convert_produced, down_convert, patch_base_offset_and_epoch, records_of,
    validate_produced, verify_crc,
};

const TIME: i64 = 1_700_000_000_000;
const APPENDED: i64 = TIME + 1_000;
const FORMATS: [OldFormat; 2] = [OldFormat::V0, OldFormat::V1];
const CODECS: [Compression; 4] =
    [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4];
const LIMIT: usize = 1 << 20;

fn golden() -> HashMap<&'static str, Bytes> {
    let unhex = |text: &str| -> Bytes {
        let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    };
    let lines = include_str!("java/old_formats.txt").lines();
    lines.filter_map(|line| line.split_once(' ')).map(|(name, hex)| (name, unhex(hex))).collect()
}

fn names() -> impl Iterator<Item = (OldFormat, Compression, String)> {
    let name = |(format, codec): (OldFormat, Compression)| {
        (format, codec, format!("v{}/{codec}", format.magic()))
    };
    FORMATS.into_iter().flat_map(|format| CODECS.map(|codec| (format, codec))).map(name)
}

fn limits() -> ProduceLimits {
    ProduceLimits {
        batch_bytes_max: LIMIT,
        zstd_allowed: true,
        timestamps: Some(TimestampBounds {
            now: Timestamp::new(TIME),
            before_max_ms: i64::MAX,
            after_max_ms: i64::MAX,
        }),
        keys_required: false,
        uncompressed_bytes_max: LIMIT,
    }
}

fn convert(bytes: &[u8]) -> Result<Bytes, ProduceError> {
    convert_to(bytes, None)
}

fn convert_to(bytes: &[u8], codec: Option<Compression>) -> Result<Bytes, ProduceError> {
    let target = TargetCompression { codec, level: None };
    let converted = convert_produced(&Bytes::copy_from_slice(bytes), &limits(), target)?;
    let batch = converted.expect("there are records").bytes;
    verify_crc(&batch).unwrap();
    Ok(batch)
}

fn conversion(format: OldFormat) -> DownConversion {
    DownConversion {
        format,
        first_offset: Offset::ZERO,
        bytes_max: LIMIT,
        uncompressed_bytes_max: LIMIT,
    }
}

fn down(batches: &[u8], format: OldFormat) -> Bytes {
    down_convert(batches, &conversion(format)).unwrap().bytes.into()
}

/// Every record of a buffer, whatever its format; the CRCs are checked.
fn read(buffer: &Bytes) -> Vec<Record> {
    let mut records = Vec::new();
    for batch in Batches::new(buffer) {
        let (_, bytes) = batch.unwrap();
        verify_crc(bytes).unwrap();
        records.extend(records_of(&buffer.slice_ref(bytes), LIMIT).unwrap().map(Result::unwrap));
    }
    records
}

/// A header without what depends on how well a codec was carried out.
fn comparable(mut header: BatchHeader) -> BatchHeader {
    (header.crc, header.batch_length) = (0, 0);
    header
}

type Told = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>);

fn told(records: &[Record]) -> Vec<Told> {
    let bytes = |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| bytes.to_vec());
    let told = |record: &Record| {
        (record.offset.get(), record.timestamp.get(), bytes(&record.key), bytes(&record.value))
    };
    records.iter().map(told).collect()
}

fn three_records(base_offset: i64, timestamps: [i64; 3]) -> Vec<Told> {
    let [first, second, third] = timestamps;
    vec![
        (base_offset, first, Some(b"key".to_vec()), Some(b"value".to_vec())),
        (base_offset + 1, second, None, Some(b"abc".repeat(16))),
        (base_offset + 2, third, Some(b"tomb".to_vec()), None),
    ]
}

fn timestamps(format: OldFormat) -> [i64; 3] {
    match format {
        OldFormat::V0 => [-1; 3],
        OldFormat::V1 => [TIME, TIME + 5, TIME - 10],
    }
}

#[test]
fn stored_messages_of_kafka_are_read() {
    let golden = golden();
    for (format, _, name) in names() {
        let records = read(&golden[format!("stored/{name}").as_str()]);
        assert_eq!(told(&records), three_records(1000, timestamps(format)), "{name}");
    }
    for codec in CODECS {
        let records = read(&golden[format!("stored-append-time/v1/{codec}").as_str()]);
        assert_eq!(told(&records), three_records(1000, [APPENDED; 3]), "{codec}");
    }
}

#[test]
fn headers_of_old_messages_tell_what_can_be_told_without_decompressing() {
    let golden = golden();
    let of = |name: &str| BatchHeader::parse_any_format(&golden[name]).unwrap();
    let wrapper = of("stored-append-time/v1/gzip");
    assert_eq!(wrapper.magic, 1);
    assert_eq!(
        (wrapper.base_offset, wrapper.last_offset()),
        (Offset::new(1002), Offset::new(1002))
    );
    assert_eq!(wrapper.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(wrapper.max_timestamp, Timestamp::new(APPENDED));
    assert_eq!(wrapper.compression(), Ok(Compression::Gzip));
    assert_eq!(wrapper.size_in_bytes(), golden["stored-append-time/v1/gzip"].len());
    let plain = of("stored/v0/none");
    assert_eq!((plain.base_offset, plain.record_count), (Offset::new(1000), 1));
    assert_eq!(plain.max_timestamp, Timestamp::NONE);
    assert_eq!(plain.old_format(), Some(OldFormat::V0));
}

#[test]
fn produced_messages_become_the_batch_that_kafka_makes_of_them() {
    let golden = golden();
    for (format, codec, name) in names() {
        let mut batch = convert(&golden[format!("produced/{name}").as_str()]).unwrap().to_vec();
        let of_kafka = &golden[format!("up/{name}").as_str()];
        patch_base_offset_and_epoch(&mut batch, Offset::new(500), LeaderEpoch::new(7)).unwrap();
        let batch = Bytes::from(batch);
        if codec == Compression::None {
            assert_eq!(batch, of_kafka, "{name}");
        }
        let header = |bytes| BatchHeader::parse(bytes).unwrap();
        let (mine, kafkas) = (header(&batch), header(of_kafka));
        assert_eq!(comparable(mine), comparable(kafkas), "{name}");
        assert_eq!(told(&read(&batch)), three_records(500, timestamps(format)), "{name}");
    }
}

#[test]
fn batches_are_served_as_the_messages_that_kafka_makes_of_them() {
    let golden = golden();
    let asked = |format| DownConversion { first_offset: Offset::new(1001), ..conversion(format) };
    let mut cases: Vec<_> = names()
        .map(|(format, codec, name)| {
            (format, codec, format!("batch/{codec}"), format!("down/{name}"))
        })
        .collect();
    cases.extend(CODECS.map(|codec| {
        let (from, to) =
            (format!("batch-append-time/{codec}"), format!("down-append-time/v1/{codec}"));
        (OldFormat::V1, codec, from, to)
    }));
    for (format, codec, from, to) in cases {
        let converted = down_convert(&golden[from.as_str()], &asked(format)).unwrap();
        assert_eq!(converted.next_offset, Some(Offset::new(1003)));
        let (mine, kafkas) = (Bytes::from(converted.bytes), &golden[to.as_str()]);
        if codec == Compression::None {
            assert_eq!(mine, kafkas, "{to}");
            continue;
        }
        let header = |bytes| BatchHeader::parse_any_format(bytes).unwrap();
        assert_eq!(comparable(header(&mine)), comparable(header(kafkas)), "{to}");
        assert_eq!(told(&read(&mine)), told(&read(kafkas)), "{to}");
    }
}

#[test]
fn lz4_frames_of_v0_have_the_checksum_of_old_clients() {
    let golden = golden();
    for (format, checksum) in [(OldFormat::V0, 0x1a), (OldFormat::V1, 0x82)] {
        let mine = down(&golden["batch/lz4"], format);
        let frame = mine.windows(4).position(|four| four == [0x04, 0x22, 0x4d, 0x18]).unwrap();
        assert_eq!(mine[frame + 6], checksum);
    }
}

#[test]
fn zstd_cannot_be_served_in_old_formats_but_what_comes_before_it_is() {
    let golden = golden();
    let zstd = &golden["batch/zstd"];
    let error = down_convert(zstd, &conversion(OldFormat::V1)).unwrap_err();
    assert_eq!(error, DownConvertError::Zstd);
    assert_eq!(error.code(), ErrorCode::UnsupportedCompressionType);
    let mixed = [&golden["batch/gzip"][..], &zstd[..]].concat();
    let converted = down_convert(&mixed, &conversion(OldFormat::V1)).unwrap();
    assert_eq!(read(&converted.bytes.into()).len(), 3);
}

#[test]
fn markers_are_left_out_and_the_reader_gets_past_them() {
    let mut builder = BatchBuilder::new(Offset::new(9), Compression::None);
    builder.control();
    builder.append(Timestamp::new(1), Some(&[0, 0, 0, 1]), Some(&[0; 6]), []).unwrap();
    let marker = builder.finish().unwrap();
    let converted = down_convert(&marker, &conversion(OldFormat::V1)).unwrap();
    assert!(converted.bytes.is_empty());
    assert_eq!(converted.next_offset, Some(Offset::new(10)));
}

#[test]
fn damage_is_found_before_a_new_checksum_could_hide_it() {
    let golden = golden();
    for name in ["batch/none", "batch/lz4", "stored/v1/none"] {
        let mut bytes = golden[name].to_vec();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let error = down_convert(&bytes[..], &conversion(OldFormat::V0));
        let first_is_whole = name == "stored/v1/none";
        assert_eq!(error.is_err(), !first_is_whole, "{name}");
        if let Err(error) = error {
            assert_eq!(error.code(), ErrorCode::CorruptMessage, "{name}");
        }
    }
}

#[test]
fn conversion_stops_at_the_limit_but_not_before_the_first_message() {
    let golden = golden();
    let two = [&golden["batch/none"][..], &golden["batch/none"][..]].concat();
    let limited = |bytes_max| {
        let conversion = DownConversion { bytes_max, ..conversion(OldFormat::V1) };
        read(&down_convert(&two, &conversion).unwrap().bytes.into()).len()
    };
    assert_eq!(limited(1), 1);
    assert_eq!(limited(130), 2);
    assert_eq!(limited(LIMIT), 6);
}

#[test]
fn records_without_key_are_named_one_by_one_where_keys_are_required() {
    let golden = golden();
    let limits = ProduceLimits { keys_required: true, ..limits() };
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::Zstd);
    for key in [Some(&b"k"[..]), None, Some(&b""[..]), None] {
        builder.append(Timestamp::new(TIME), key, Some(b"v"), []).unwrap();
    }
    let cases = [
        (golden["produced/v1/gzip"].clone(), vec![1]),
        (golden["produced/v0/none"].clone(), vec![1]),
        (builder.finish().unwrap(), vec![1, 3]),
    ];
    for (bytes, expected) in cases {
        let error = convert_produced(&bytes, &limits, TargetCompression::default()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidRecord);
        let ProduceError::Records { rejected, errors, .. } = error else { panic!("{error}") };
        assert_eq!(errors.iter().map(|error| error.index).collect::<Vec<_>>(), expected);
        assert_eq!(rejected, expected.len());
    }
}

#[test]
fn what_breaks_the_rules_of_old_formats_is_refused() {
    let golden = golden();
    let of = |name: &str| golden[name].clone();
    let code = |bytes: &[u8]| convert(bytes).unwrap_err().code();
    let two_wrappers = [of("produced/v1/gzip"), of("produced/v1/gzip")].concat();
    assert_eq!(code(&two_wrappers), ErrorCode::InvalidRecord);
    let mixed = [of("produced/v1/none"), of("produced/v0/none")].concat();
    assert_eq!(code(&mixed), ErrorCode::InvalidRecord);
    assert_eq!(code(&of("stored-append-time/v1/none")), ErrorCode::InvalidTimestamp);
    let mut damaged = of("produced/v1/snappy").to_vec();
    damaged[40] ^= 1;
    assert_eq!(code(&damaged), ErrorCode::CorruptMessage);
    let small = ProduceLimits { uncompressed_bytes_max: 100, ..limits() };
    let bomb = convert_produced(&of("produced/v1/gzip"), &small, TargetCompression::default());
    assert_eq!(bomb, Err(BatchError::DecompressedTooLarge { limit: 100 }.into()));
    let strict = validate_produced(&of("produced/v1/none"), &limits()).unwrap_err();
    assert_eq!(strict, BatchError::OldFormat(1).into());
}

#[test]
fn cut_message_at_the_end_is_left_out_and_none_at_all_is_no_error() {
    let golden = golden();
    let produced = &golden["produced/v1/none"];
    let cut = convert(&produced[..produced.len() - 1]).unwrap();
    assert_eq!(read(&cut).len(), 2);
    for nothing in [&[][..], &produced[..20], &produced[..30]] {
        let bytes = Bytes::copy_from_slice(nothing);
        assert_eq!(convert_produced(&bytes, &limits(), TargetCompression::default()), Ok(None));
    }
}

#[test]
fn wrapper_with_offset_0_counts_from_0() {
    let golden = golden();
    for codec in CODECS.into_iter().skip(1) {
        let mut bytes = golden[format!("produced/v1/{codec}").as_str()].to_vec();
        bytes[..8].copy_from_slice(&[0; 8]);
        let batch = convert(&bytes).unwrap();
        assert_eq!(told(&read(&batch)), three_records(0, timestamps(OldFormat::V1)));
        let mut impossible = bytes;
        impossible[7] = 1;
        assert_eq!(convert(&impossible).unwrap_err().code(), ErrorCode::InvalidRecord);
    }
}

type Plain = (i64, Option<Vec<u8>>, Option<Vec<u8>>);

fn plain_records() -> impl Strategy<Value = Vec<Plain>> {
    let bytes = || option::of(vec(any::<u8>(), 0..40));
    vec((0..4_000_000_000_000i64, bytes(), bytes()), 1..20)
}

fn build(codec: Compression, records: &[Plain]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::ZERO, codec);
    for (timestamp, key, value) in records {
        let headers = [("dropped", Some(&b"by old formats"[..]))];
        let timestamp = Timestamp::new(*timestamp);
        builder.append(timestamp, key.as_deref(), value.as_deref(), headers).unwrap();
    }
    builder.finish().unwrap()
}

#[test]
fn tiny_records_that_grow_in_an_old_format_are_served_within_the_bound_they_came_in() {
    let mut builder = BatchBuilder::new(Offset::ZERO, Compression::Gzip);
    for _ in 0..20_000 {
        builder.append(Timestamp::new(0), None, None, []).unwrap();
    }
    let batch = builder.finish().unwrap();
    // The records take 180 KB, and 700 KB as messages of format v1.
    for format in FORMATS {
        let bounded = |uncompressed_bytes_max| {
            let conversion = DownConversion { uncompressed_bytes_max, ..conversion(format) };
            down_convert(&batch, &conversion)
        };
        assert_eq!(read(&bounded(200_000).unwrap().bytes.into()).len(), 20_000);
        let refused = bounded(150_000).unwrap_err();
        assert_eq!(refused, BatchError::DecompressedTooLarge { limit: 150_000 }.into());
        assert_eq!(refused.code(), ErrorCode::MessageTooLarge);
    }
    assert_eq!(DownConvertError::TooLarge.code(), ErrorCode::MessageTooLarge);
}

proptest! {
    #[test]
    fn records_survive_the_way_to_an_old_format_and_back(
        records in plain_records(),
        codec in 0..4u8,
        target in 0..5u8,
    ) {
        let batch = build(Compression::from_codec_id(codec).unwrap(), &records);
        for format in FORMATS {
            let messages = down(&batch, format);
            let back = convert_to(&messages, Compression::from_codec_id(target)).unwrap();
            let mut expected = told(&read(&batch));
            if format == OldFormat::V0 {
                expected.iter_mut().for_each(|record| record.1 = -1);
            }
            prop_assert_eq!(told(&read(&messages)), expected.clone());
            prop_assert_eq!(told(&read(&back)), expected);
        }
    }

    #[test]
    fn another_codec_changes_no_record(
        records in plain_records(),
        codec in 0..5u8,
        target in 0..5u8,
    ) {
        let batch = build(Compression::from_codec_id(codec).unwrap(), &records);
        let target = Compression::from_codec_id(target).unwrap();
        let anew = convert_to(&batch, Some(target)).unwrap();
        prop_assert_eq!(read(&anew), read(&batch));
        prop_assert_eq!(BatchHeader::parse(&anew).unwrap().compression(), Ok(target));
        let produced = validate_produced(&anew, &limits()).unwrap();
        prop_assert_eq!(produced.max_timestamp, produced.header.max_timestamp);
    }

    #[test]
    fn hostile_messages_never_panic(
        name in 0..16usize,
        changes in vec((any::<usize>(), any::<u8>()), 0..6),
        cut in any::<usize>(),
    ) {
        let golden = golden();
        let (_, _, case) = names().nth(name % 8).unwrap();
        let kind = if name < 8 { "stored" } else { "produced" };
        let mut bytes = golden[format!("{kind}/{case}").as_str()].to_vec();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(cut % (bytes.len() * 2) + 1);
        let bytes = Bytes::from(bytes);
        let _ = convert_produced(&bytes, &limits(), TargetCompression::default());
        for format in FORMATS {
            let _ = down_convert(&bytes, &conversion(format));
        }
        for (_, batch) in Batches::new(&bytes).flatten() {
            if let Ok(records) = records_of(&bytes.slice_ref(batch), LIMIT) {
                records.for_each(drop);
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..200), magic in 0..3u8) {
        let mut bytes = bytes;
        if let Some(at) = bytes.get_mut(16) {
            *at = magic;
        }
        let bytes = Bytes::from(bytes);
        let _ = convert_produced(&bytes, &limits(), TargetCompression::default());
        let _ = down_convert(&bytes, &conversion(OldFormat::V0));
    }
}
