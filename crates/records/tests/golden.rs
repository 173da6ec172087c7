//! Batches as Apache Kafka 4.3.1's `MemoryRecords` writes them, one per codec, all of the same three
//! records: read here, and without compression written the same to the byte.

use bytes::Bytes;
use model::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use records::{BatchBuilder, Compression, Producer, Record, records_of, verify_crc};

const FROM_JAVA: [(Compression, &str); 5] = [
    (
        Compression::None,
        "\
         00000000000003e80000008a0000000902a8fb98090000000000020000018bcfe568000000018bcf\
         e56805000000000000004d00030000000c000000032c000000066b65790a76616c75650404683102\
         78026e016c000a020160616263616263616263616263616263616263616263616263616263616263\
         616263616263616263616263616263616263001400130408746f6d620100\
    ",
    ),
    (
        Compression::Gzip,
        "\
         00000000000003e8000000730000000902f5df30e70001000000020000018bcfe568000000018bcf\
         e56805000000000000004d00030000000c000000031f8b08000000000000ffd361606060cb4eade4\
         2a4bcc294d6561c93064aa60ca63cc61e062624c484c4a260931883008b37094e4e72631320000a4\
         53107059000000\
    ",
    ),
    (
        Compression::Snappy,
        "\
         00000000000003e8000000770000000902d59d725d0002000000020000018bcfe568000000018bcf\
         e56805000000000000004d00030000000c0000000382534e41505059000000000100000001000000\
         32597c2c000000066b65790a76616c7565040468310278026e016c000a020160616263b203002c00\
         1400130408746f6d620100\
    ",
    ),
    (
        Compression::Lz4,
        "\
         00000000000003e800000072000000090280f5549d0003000000020000018bcfe568000000018bcf\
         e56805000000000000004d00030000000c0000000304224d1860408232000000ff112c000000066b\
         65790a76616c7565040468310278026e016c000a02016061626303001ac0001400130408746f6d62\
         010000000000\
    ",
    ),
    (
        Compression::Zstd,
        "\
         00000000000003e8000000710000000902fa27202e0004000000020000018bcfe568000000018bcf\
         e56805000000000000004d00030000000c0000000328b52ffd0058a40100c4022c000000066b6579\
         0a76616c7565040468310278026e016c000a020160616263001400130408746f6d620100010050d3\
         3d01010000\
    ",
    ),
];

const REPEATED: &[u8] = b"abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc";

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn builder(codec: Compression) -> BatchBuilder {
    let mut builder = BatchBuilder::new(Offset::new(1000), codec);
    builder.leader_epoch(LeaderEpoch::new(9)).producer(Producer {
        id: ProducerId::new(77),
        epoch: ProducerEpoch::new(3),
        base_sequence: Sequence::new(12),
    });
    let headers = [("h1", Some(&b"x"[..])), ("n", None)];
    let at = |ms: i64| Timestamp::new(1_700_000_000_000 + ms);
    builder.append(at(0), Some(b"key"), Some(b"value"), headers).unwrap();
    builder.append(at(5), None, Some(REPEATED), []).unwrap();
    builder.append(at(-10), Some(b"tomb"), None, []).unwrap();
    builder
}

fn read(batch: &Bytes) -> Vec<Record> {
    records_of(batch, 10_000).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_java_writes_is_read_in_every_codec() {
    let expected = read(&builder(Compression::None).finish().unwrap());
    assert_eq!(expected[2].offset, Offset::new(1002));
    assert_eq!(expected[2].sequence, Sequence::new(14));
    for (codec, hex) in FROM_JAVA {
        let batch = unhex(hex);
        verify_crc(&batch).unwrap();
        assert_eq!(read(&batch), expected, "{codec}");
    }
}

#[test]
fn without_compression_the_bytes_are_javas() {
    let (codec, hex) = FROM_JAVA[0];
    assert_eq!(builder(codec).finish().unwrap(), unhex(hex));
}
