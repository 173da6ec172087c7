//! What is built reads back, in every codec; and nothing that bytes say makes the readers panic.

use bytes::Bytes;
use model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use records::{
    BatchBody, BatchBuilder, BatchHeader, Batches, Compression, Header, Producer, Record,
    records_of, validate_produced, verify_crc,
};

const LIMIT: usize = 1 << 20;

type Plain = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn plain_record() -> impl Strategy<Value = Plain> {
    let bytes = || option::of(vec(any::<u8>(), 0..40));
    (0..4_000_000_000_000i64, bytes(), bytes(), vec(("[a-zé]{0,6}", bytes()), 0..3))
}

fn codec() -> impl Strategy<Value = Compression> {
    (0..5u8).prop_map(|id| Compression::from_codec_id(id).unwrap())
}

fn build(base_offset: i64, codec: Compression, records: &[Plain]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::new(base_offset), codec);
    builder.leader_epoch(LeaderEpoch::new(7)).producer(Producer {
        id: ProducerId::new(4),
        epoch: ProducerEpoch::new(2),
        base_sequence: Sequence::new(i32::MAX - 1),
    });
    for (timestamp, key, value, headers) in records {
        let headers = headers.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
        builder
            .append(Timestamp::new(*timestamp), key.as_deref(), value.as_deref(), headers)
            .unwrap();
    }
    builder.finish().unwrap()
}

fn expected(base_offset: i64, records: &[Plain]) -> Vec<Record> {
    let shared = |bytes: &Option<Vec<u8>>| bytes.clone().map(Bytes::from);
    let record = |(index, (timestamp, key, value, headers)): (usize, &Plain)| Record {
        offset: Offset::new(base_offset + index as i64),
        timestamp: Timestamp::new(*timestamp),
        sequence: Sequence::new(i32::MAX - 1).plus(index as i32),
        key: shared(key),
        value: shared(value),
        headers: headers
            .iter()
            .map(|(key, value)| Header { key: key.clone(), value: shared(value) })
            .collect(),
    };
    records.iter().enumerate().map(record).collect()
}

/// Reads everything there is to read, as far as it goes.
fn read_all(bytes: &[u8]) {
    let _ = BatchHeader::parse(bytes).map(|header| (header.last_sequence(), header.next_offset()));
    let _ = verify_crc(bytes);
    for codec in Compression::ALL {
        if let Ok(out) = codec.decompress(bytes, LIMIT) {
            assert!(out.len() <= LIMIT);
        }
    }
    for (_, batch) in Batches::new(bytes).map_while(Result::ok) {
        if let Ok(body) = BatchBody::decode(batch, LIMIT) {
            for record in body.records().flatten() {
                record.headers.for_each(drop);
            }
        }
        let shared = Bytes::copy_from_slice(batch);
        if let Ok(records) = records_of(&shared, LIMIT) {
            records.for_each(drop);
        }
    }
    let limits = records::ProduceLimits {
        batch_bytes_max: LIMIT,
        zstd_allowed: true,
        timestamps: Some(records::TimestampBounds {
            now: Timestamp::new(0),
            before_max_ms: i64::MAX,
            after_max_ms: i64::MAX,
        }),
        keys_required: false,
        uncompressed_bytes_max: 1 << 20,
    };
    let _ = validate_produced(bytes, &limits);
}

proptest! {
    #[test]
    fn what_is_built_reads_back(
        base_offset in 0..i64::MAX - 100,
        codec in codec(),
        records in vec(plain_record(), 1..20),
    ) {
        let batch = build(base_offset, codec, &records);
        verify_crc(&batch).unwrap();
        let owned: Vec<Record> =
            records_of(&batch, LIMIT).unwrap().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(&owned, &expected(base_offset, &records));
        let body = BatchBody::decode(&batch, LIMIT).unwrap();
        prop_assert_eq!(body.records().count(), records.len());
        prop_assert_eq!(body.header().size_in_bytes(), batch.len());
        prop_assert_eq!(body.header().next_offset(), Offset::new(base_offset + records.len() as i64));
    }

    #[test]
    fn any_flipped_byte_under_the_crc_is_noticed(
        records in vec(plain_record(), 1..5), at in any::<prop::sample::Index>(), flip in 1u8..,
    ) {
        let mut batch = build(0, Compression::None, &records).to_vec();
        let at = 17 + at.index(batch.len() - 17);
        batch[at] ^= flip;
        prop_assert!(verify_crc(&batch).is_err());
    }

    #[test]
    fn damaged_batches_never_panic(
        codec in codec(),
        records in vec(plain_record(), 1..5),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut batch = build(0, codec, &records).to_vec();
        for (at, byte) in damage {
            let at = at.index(batch.len());
            batch[at] = byte;
        }
        read_all(&batch);
        read_all(&batch[..keep.index(batch.len())]);
        read_all(&batch[batch.len().min(61)..]);
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }
}

#[test]
fn lz4_reads_back_at_every_level_and_its_levels_compress_more_than_its_fast_mode() {
    let words = |n: u32| format!("sensor-{} reads {} in room {}; ", n % 97, n * n % 1013, n % 7);
    let data: Vec<u8> = (0..20_000).flat_map(|n| words(n).into_bytes()).collect();
    let size = |level: Option<i32>| {
        let mut compressed = Vec::new();
        Compression::Lz4.compress(&data, level, &mut compressed).unwrap();
        assert!(Compression::Lz4.decompress(&compressed, data.len()).unwrap() == data, "{level:?}");
        compressed.len()
    };
    let fast = size(None);
    assert_eq!(fast, size(Some(9)), "9 is the default, as in Kafka");
    for level in (1..=17).filter(|level| *level != 9) {
        assert!(size(Some(level)) < fast, "level {level}");
    }
}
