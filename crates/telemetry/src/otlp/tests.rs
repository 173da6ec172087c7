//! The reader of reports against messages that are put together here field by field.

use super::*;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field that is a message, a text or bytes.
fn inner(number: u64, contents: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(contents.len() as u64), contents.to_vec()].concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn fixed(field: u64, bits: u64) -> Vec<u8> {
    [varint(field << 3 | 1), bits.to_le_bytes().to_vec()].concat()
}

fn label(at: u64, key: &str, value: &str) -> Vec<u8> {
    let value = inner(2, &inner(1, value.as_bytes()));
    inner(at, &[inner(1, key.as_bytes()), value].concat())
}

/// A report of one metric, as the Java client wraps each.
fn report(metric: &[u8]) -> Vec<u8> {
    let resource = inner(1, &label(1, "group_id", "g"));
    let scope = inner(2, &inner(2, metric));
    inner(1, &[resource, scope].concat())
}

fn gauge(name: &str, value: f64) -> Vec<u8> {
    let point = [fixed(3, 1), fixed(4, value.to_bits()), label(7, "topic", "t")].concat();
    [inner(1, name.as_bytes()), inner(5, &inner(1, &point))].concat()
}

fn sum(name: &str, value: i64, temporality: u64) -> Vec<u8> {
    let point = [fixed(2, 1), fixed(3, 2), fixed(6, value as u64)].concat();
    let sum = [inner(1, &point), number(2, temporality), number(3, 1)].concat();
    [inner(1, name.as_bytes()), inner(3, b"s"), inner(7, &sum)].concat()
}

#[test]
fn gauges_sums_and_distributions_are_read_with_their_labels() {
    let histogram = [fixed(4, 3), fixed(5, 1.5f64.to_bits()), label(9, "topic", "t")].concat();
    let histogram = [inner(1, b"latency"), inner(9, &inner(1, &histogram))].concat();
    let bytes = [
        report(&gauge("rate", 2.5)),
        report(&sum("sent", -7, 1)),
        report(&sum("sent.in.all", 7, 2)),
        report(&histogram),
    ]
    .concat();
    let read = read_metrics(&bytes).unwrap();
    assert_eq!(read.left_out, 0);
    assert_eq!(read.labels, BTreeMap::from([("group_id".to_owned(), "g".to_owned())]));
    let values: Vec<_> = read
        .series
        .iter()
        .map(|series| (series.name.as_str(), series.labels.len(), series.value))
        .collect();
    let expected = [
        ("rate", 1, MetricValue::Gauge(2.5)),
        ("sent", 0, MetricValue::Delta { value: -7.0, is_monotonic: true }),
        ("sent.in.all", 0, MetricValue::Total { value: 7.0, is_monotonic: true }),
        ("latency", 1, MetricValue::Distribution { count: 3.0, sum: 1.5 }),
    ];
    assert_eq!(values, expected);
    assert_eq!(read.series[1].unit, "s");
    assert_eq!(read.series[0].labels["topic"], "t");
}

#[test]
fn every_cut_of_a_report_is_an_error_or_a_shorter_report() {
    let bytes = [report(&gauge("rate", 2.5)), report(&sum("sent", 7, 1))].concat();
    let whole = report(&gauge("rate", 2.5)).len();
    for end in 0..bytes.len() {
        let read = read_metrics(&bytes[..end]);
        match end {
            0 => assert_eq!(read, Ok(MetricsReport::default())),
            _ if end == whole => assert_eq!(read.unwrap().series.len(), 1),
            _ => assert!(read.is_err(), "{end}"),
        }
    }
}

#[test]
fn lengths_and_types_that_cannot_be_are_refused() {
    assert_eq!(read_metrics(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(OtlpError::Cut));
    assert_eq!(read_metrics(&[0x0b]), Err(OtlpError::WireType(3)));
    assert_eq!(read_metrics(&[0xff; 11]), Err(OtlpError::Varint));
    // A length beyond every address.
    let huge = [vec![0x0a], vec![0xff; 9], vec![0x01]].concat();
    assert_eq!(read_metrics(&huge), Err(OtlpError::Cut));
}

#[test]
fn what_is_too_much_is_counted_and_left_out() {
    let many: Vec<u8> = (0..SERIES_MAX + 5).flat_map(|_| report(&gauge("rate", 1.0))).collect();
    let read = read_metrics(&many).unwrap();
    assert_eq!((read.series.len(), read.left_out), (SERIES_MAX, 5));
    let long = read_metrics(&report(&gauge(&"x".repeat(TEXT_BYTES_MAX + 1), 1.0))).unwrap();
    assert_eq!((long.series.len(), long.left_out), (0, 1));
    let labels: Vec<u8> = (0..=LABELS_MAX)
        .flat_map(|label_number| label(7, &label_number.to_string(), "v"))
        .collect();
    let point = [fixed(4, 0), labels].concat();
    let crowded = [inner(1, b"rate"), inner(5, &inner(1, &point))].concat();
    assert_eq!(read_metrics(&report(&crowded)).unwrap().left_out, 1);
}
