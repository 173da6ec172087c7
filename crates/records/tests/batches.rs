//! Headers, walking, patching, producing rules, bombs: one rule per test.

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::{
    BatchBody, BatchBuilder, BatchError, BatchHeader, Batches, Compression, HEADER_LENGTH,
    ProduceError, ProduceLimits, Producer, TimestampBounds, TimestampType,
    patch_base_offset_and_epoch, patch_log_append_time, patch_max_timestamp, patch_producer,
    records_of, validate_produced, verify_crc,
};

const NOW: i64 = 1_700_000_000_000;

fn limits() -> ProduceLimits {
    ProduceLimits {
        batch_bytes_max: 1 << 20,
        zstd_allowed: true,
        timestamps: Some(TimestampBounds {
            now: Timestamp::new(NOW),
            before_max_ms: i64::MAX,
            after_max_ms: 3_600_000,
        }),
        keys_required: false,
        uncompressed_bytes_max: 1 << 20,
    }
}

fn builder(codec: Compression) -> BatchBuilder {
    let mut builder = BatchBuilder::new(Offset::ZERO, codec);
    for n in 0..3 {
        builder.append(Timestamp::new(NOW + n), None, Some(b"value"), []).unwrap();
    }
    builder
}

/// Three records, then `change` to the finished bytes, then a right CRC.
fn batch_with(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut batch = builder(Compression::None).finish().unwrap().to_vec();
    change(&mut batch);
    let max = i64::from_be_bytes(batch[35..43].try_into().unwrap());
    patch_max_timestamp(&mut batch, Timestamp::new(max)).unwrap();
    batch
}

fn refusal(bytes: &[u8]) -> (ErrorCode, ProduceError) {
    let error = validate_produced(bytes, &limits()).unwrap_err();
    (error.code(), error)
}

#[test]
fn batches_of_a_buffer_come_in_order_and_a_cut_one_ends_it() {
    let one = builder(Compression::None).finish().unwrap();
    let two = builder(Compression::Lz4).finish().unwrap();
    let buffer = [&one[..], &two[..], &one[..40]].concat();
    let mut batches = Batches::new(&buffer);
    assert_eq!(batches.next().unwrap().unwrap().1, &one[..]);
    assert_eq!(batches.next().unwrap().unwrap().1, &two[..]);
    assert!(batches.next().unwrap().unwrap_err().is_truncated());
    assert_eq!(batches.next(), None);
    assert_eq!(batches.position(), one.len() + two.len());
}

#[test]
fn base_offset_and_epoch_change_without_the_crc() {
    let mut batch = builder(Compression::None).finish().unwrap().to_vec();
    let crc = BatchHeader::parse(&batch).unwrap().crc;
    patch_base_offset_and_epoch(&mut batch, Offset::new(90), LeaderEpoch::new(5)).unwrap();
    verify_crc(&batch).unwrap();
    let header = BatchHeader::parse(&batch).unwrap();
    assert_eq!((header.crc, header.last_offset()), (crc, Offset::new(92)));
    assert_eq!(header.partition_leader_epoch, LeaderEpoch::new(5));
}

#[test]
fn another_producer_can_be_written_over_the_first() {
    let producer = Producer {
        id: ProducerId::new(8),
        epoch: ProducerEpoch::new(1),
        base_sequence: Sequence::new(40),
    };
    let mut batch = builder(Compression::Zstd).finish().unwrap().to_vec();
    patch_producer(&mut batch, producer).unwrap();
    verify_crc(&batch).unwrap();
    let header = BatchHeader::parse(&batch).unwrap();
    assert_eq!((header.producer_id, header.producer_epoch), (producer.id, producer.epoch));
    assert_eq!(header.last_sequence(), Sequence::new(42));
}

#[test]
fn log_append_time_replaces_every_records_timestamp() {
    let mut batch = builder(Compression::Gzip).finish().unwrap().to_vec();
    patch_log_append_time(&mut batch, Timestamp::new(42)).unwrap();
    verify_crc(&batch).unwrap();
    let body = BatchBody::decode(&batch, 1000).unwrap();
    assert_eq!(body.header().timestamp_type(), TimestampType::LogAppendTime);
    assert!(body.records().all(|record| record.unwrap().timestamp == Timestamp::new(42)));
}

#[test]
fn a_good_batch_is_accepted_in_every_codec() {
    for codec in Compression::ALL {
        let batch = builder(codec).finish().unwrap();
        let produced = validate_produced(&batch, &limits()).unwrap();
        assert_eq!(produced.max_timestamp, Timestamp::new(NOW + 2), "{codec}");
        assert_eq!(produced.header.record_count, 3);
    }
}

#[test]
fn a_wrong_crc_is_corrupt_message() {
    let mut batch = builder(Compression::None).finish().unwrap().to_vec();
    *batch.last_mut().unwrap() ^= 1;
    assert_eq!(refusal(&batch).0, ErrorCode::CorruptMessage);
}

#[test]
fn an_unknown_codec_is_unsupported_compression_type() {
    for codec in 5..8 {
        let batch = batch_with(|batch| batch[22] = codec);
        assert_eq!(refusal(&batch).0, ErrorCode::UnsupportedCompressionType);
    }
}

#[test]
fn zstd_is_refused_in_versions_that_do_not_know_it() {
    let batch = builder(Compression::Zstd).finish().unwrap();
    let limits = ProduceLimits { zstd_allowed: false, ..limits() };
    assert_eq!(validate_produced(&batch, &limits), Err(ProduceError::ZstdTooEarly));
}

#[test]
fn a_transactional_batch_without_a_producer_id_is_refused() {
    let mut without = builder(Compression::None);
    without.transactional();
    let batch = without.finish().unwrap();
    assert_eq!(
        refusal(&batch),
        (ErrorCode::InvalidRecord, ProduceError::TransactionalWithoutProducerId)
    );
    let mut with = builder(Compression::None);
    with.transactional().producer(Producer {
        id: ProducerId::new(1),
        epoch: ProducerEpoch::new(0),
        base_sequence: Sequence::new(0),
    });
    validate_produced(&with.finish().unwrap(), &limits()).unwrap();
}

#[test]
fn a_producer_id_without_epoch_or_sequence_is_refused() {
    for (epoch, sequence) in [(-1, 0), (0, -1)] {
        let mut builder = builder(Compression::None);
        builder.producer(Producer {
            id: ProducerId::new(1),
            epoch: ProducerEpoch::new(epoch),
            base_sequence: Sequence::new(sequence),
        });
        let batch = builder.finish().unwrap();
        assert!(matches!(refusal(&batch).1, ProduceError::InvalidSequence { .. }));
    }
}

#[test]
fn control_batches_of_clients_are_refused() {
    let mut control = builder(Compression::None);
    control.control();
    assert_eq!(refusal(&control.finish().unwrap()).1, ProduceError::ControlBatch);
}

#[test]
fn a_base_offset_other_than_zero_is_refused() {
    let mut batch = builder(Compression::None).finish().unwrap().to_vec();
    patch_base_offset_and_epoch(&mut batch, Offset::new(3), LeaderEpoch::NONE).unwrap();
    assert_eq!(refusal(&batch).1, ProduceError::BaseOffset(3));
}

#[test]
fn a_count_that_does_not_match_the_offsets_or_the_records_is_refused() {
    let fewer = batch_with(|batch| batch[60] = 2);
    assert_eq!(refusal(&fewer).1, ProduceError::InconsistentCount { count: 2, span: 3 });
    // Count and delta agree with each other but not with the three records that are there.
    for (delta, count) in [(1, 2), (3, 4)] {
        let lying = batch_with(|batch| (batch[26], batch[60]) = (delta, count));
        let (code, error) = refusal(&lying);
        assert_eq!(code, ErrorCode::InvalidRecord);
        assert!(matches!(error, ProduceError::Batch(BatchError::InvalidRecord { .. })));
    }
    let empty = BatchBuilder::new(Offset::ZERO, Compression::None).finish().unwrap();
    assert_eq!(refusal(&empty).1, ProduceError::InconsistentCount { count: 0, span: 1 });
}

#[test]
fn a_record_whose_fields_do_not_fill_it_is_refused() {
    // The first record: length, attributes, two deltas, no key, five bytes of value, no headers.
    let first = HEADER_LENGTH;
    for (at, byte) in [(first + 4, 20), (first + 5, 8), (first + 11, 2), (first + 11, 1)] {
        let (code, error) = refusal(&batch_with(|batch| batch[at] = byte));
        assert_eq!(code, ErrorCode::InvalidRecord, "{error}");
    }
}

#[test]
fn more_or_less_than_one_batch_is_refused() {
    let batch = builder(Compression::None).finish().unwrap();
    assert_eq!(refusal(&[]).1, ProduceError::Empty);
    assert_eq!(refusal(&batch[..batch.len() - 1]).0, ErrorCode::InvalidRecord);
    let two = [&batch[..], &batch[..]].concat();
    assert_eq!(refusal(&two).1, ProduceError::MoreThanOneBatch(batch.len()));
}

#[test]
fn a_batch_above_max_message_bytes_is_message_too_large() {
    let batch = builder(Compression::None).finish().unwrap();
    let limits = ProduceLimits { batch_bytes_max: batch.len() - 1, ..limits() };
    let error = validate_produced(&batch, &limits).unwrap_err();
    assert_eq!(error.code(), ErrorCode::MessageTooLarge);
}

#[test]
fn timestamps_outside_of_the_bounds_are_refused_and_none_is_fine() {
    let at = |timestamp, codec| {
        let mut builder = BatchBuilder::new(Offset::ZERO, codec);
        builder.append(Timestamp::new(timestamp), None, None, []).unwrap();
        builder.finish().unwrap()
    };
    let bounds = TimestampBounds { now: Timestamp::new(NOW), before_max_ms: 10, after_max_ms: 5 };
    let limits = ProduceLimits { timestamps: Some(bounds), ..limits() };
    for codec in [Compression::None, Compression::Snappy] {
        for fine in [-1, NOW - 10, NOW, NOW + 5] {
            validate_produced(&at(fine, codec), &limits).unwrap();
        }
        for wrong in [NOW - 11, NOW + 6] {
            let error = validate_produced(&at(wrong, codec), &limits).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidTimestamp);
            let append_time = ProduceLimits { timestamps: None, ..limits };
            validate_produced(&at(wrong, codec), &append_time).unwrap();
        }
    }
}

#[test]
fn a_producer_may_not_claim_log_append_time() {
    let mut batch = builder(Compression::None).finish().unwrap().to_vec();
    patch_log_append_time(&mut batch, Timestamp::new(NOW)).unwrap();
    assert_eq!(refusal(&batch).0, ErrorCode::InvalidTimestamp);
}

#[test]
fn a_wrong_max_timestamp_is_found_and_can_be_put_right() {
    let mut batch = batch_with(|batch| batch[35..43].copy_from_slice(&5i64.to_be_bytes()));
    let produced = validate_produced(&batch, &limits()).unwrap();
    assert_eq!(produced.header.max_timestamp, Timestamp::new(5));
    patch_max_timestamp(&mut batch, produced.max_timestamp).unwrap();
    verify_crc(&batch).unwrap();
    assert_eq!(BatchHeader::parse(&batch).unwrap().max_timestamp, Timestamp::new(NOW + 2));
}

#[test]
fn old_message_formats_are_named_and_unknown_ones_corrupt() {
    for (magic, code) in [
        (0, ErrorCode::InvalidRecord),
        (1, ErrorCode::InvalidRecord),
        (3, ErrorCode::CorruptMessage),
        (0xff, ErrorCode::CorruptMessage),
    ] {
        // An old message may be shorter than the header of a batch.
        let mut message = vec![0; 26];
        message[16] = magic;
        assert_eq!(refusal(&message).0, code);
    }
}

#[test]
fn impossible_header_numbers_are_refused_before_anything_is_done_with_them() {
    let with = |at: usize, bytes: &[u8]| {
        let mut batch = builder(Compression::None).finish().unwrap().to_vec();
        batch[at..at + bytes.len()].copy_from_slice(bytes);
        BatchHeader::parse(&batch).unwrap_err()
    };
    assert_eq!(with(8, &48i32.to_be_bytes()), BatchError::InvalidLength(48));
    assert_eq!(with(8, &(-1i32).to_be_bytes()), BatchError::InvalidLength(-1));
    assert!(matches!(with(23, &(-1i32).to_be_bytes()), BatchError::InvalidHeader { .. }));
    assert!(matches!(with(57, &(-1i32).to_be_bytes()), BatchError::InvalidHeader { .. }));
    assert!(matches!(with(0, &(-1i64).to_be_bytes()), BatchError::InvalidHeader { .. }));
    assert!(matches!(with(0, &i64::MAX.to_be_bytes()), BatchError::InvalidHeader { .. }));
}

#[test]
fn a_bomb_stops_at_the_callers_bound() {
    let zeroes = vec![0; 4 << 20];
    for codec in Compression::ALL {
        let mut bomb = Vec::new();
        codec.compress(&zeroes, None, &mut bomb).unwrap();
        let limit = zeroes.len() - 1;
        assert_eq!(
            codec.decompress(&bomb, limit),
            Err(BatchError::DecompressedTooLarge { limit }),
            "{codec}"
        );
        assert_eq!(codec.decompress(&bomb, zeroes.len()).unwrap(), zeroes);
    }
}

#[test]
fn a_snappy_block_that_claims_too_much_is_refused() {
    // A raw block whose varint claims 2 GiB and that holds one literal byte.
    let claim = [0xff, 0xff, 0xff, 0xff, 0x07, 0x00, b'x'];
    let error = Compression::Snappy.decompress(&claim, usize::MAX).unwrap_err();
    assert!(matches!(error, BatchError::Decompression { .. }), "{error}");
}

#[test]
fn snappy_without_javas_framing_is_read_too() {
    let raw = snap::raw::Encoder::new().compress_vec(b"as librdkafka may send it").unwrap();
    let out = Compression::Snappy.decompress(&raw, 100).unwrap();
    assert_eq!(out, b"as librdkafka may send it");
}

#[test]
fn a_compacted_batch_keeps_its_holes() {
    let mut builder = BatchBuilder::new(Offset::new(100), Compression::None);
    builder.append_at(Offset::new(104), Timestamp::new(1), Some(b"k"), None, []).unwrap();
    assert!(builder.append_at(Offset::new(104), Timestamp::new(1), None, None, []).is_err());
    builder.extend_to(Offset::new(109)).unwrap();
    let batch = builder.finish().unwrap();
    let header = BatchHeader::parse(&batch).unwrap();
    assert_eq!((header.record_count, header.last_offset()), (1, Offset::new(109)));
    let record = records_of(&batch, 100).unwrap().next().unwrap().unwrap();
    assert_eq!(record.offset, Offset::new(104));
}

#[test]
fn a_huge_record_count_over_few_bytes_ends_with_the_bytes() {
    let mut batch = builder(Compression::None).finish().unwrap().to_vec();
    batch[57..61].copy_from_slice(&i32::MAX.to_be_bytes());
    let batch = Bytes::from(batch);
    let records: Vec<_> = records_of(&batch, 1000).unwrap().collect();
    assert_eq!(records.len(), 4);
    assert!(records[3].is_err());
    assert!(batch.len() > HEADER_LENGTH);
}
