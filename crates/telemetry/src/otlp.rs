//! Reads OpenTelemetry's `MetricsData`, the message in which clients report (OTLP metrics v1), with a
//! protobuf reader of its own.
//!
//! Only what is shown is read: names, units, labels, and the values of gauges, sums, histograms and
//! summaries. Unknown fields are passed over. The depth is that of the message, six levels; values
//! within values are not followed.

use std::collections::BTreeMap;

/// The most series that one report may have; more are counted and left out.
pub const SERIES_MAX: usize = 4096;
/// Labels of one series, or of the client, that are kept.
const LABELS_MAX: usize = 32;
/// The longest name, unit, label or value of a label that is kept; a series with a longer one is
/// left out.
const TEXT_BYTES_MAX: usize = 256;

/// Why a report is not OpenTelemetry's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OtlpError {
    /// The bytes end within a field.
    #[error("the report ends within a field")]
    Cut,
    /// A number takes more than ten bytes.
    #[error("a number in the report is too long")]
    Varint,
    /// A field is of a type that there is not, or not of the type that it must have.
    #[error("a field of the report is of type {0}, which it cannot be")]
    WireType(u8),
}

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricValue {
    /// What is measured now.
    Gauge(f64),
    /// A sum since the client began.
    Total {
        /// The sum.
        value: f64,
        /// Whether it never falls.
        is_monotonic: bool,
    },
    /// A sum since the last report.
    Delta {
        /// The sum.
        value: f64,
        /// Whether it is never negative.
        is_monotonic: bool,
    },
    /// A histogram or summary, of which count and sum are kept.
    Distribution {
        /// How many values were measured.
        count: f64,
        /// Their sum.
        sum: f64,
    },
}

/// One value of one metric of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The metric's name, as in `org.apache.kafka.producer.record.send.total`.
    pub name: String,
    /// The unit, often empty.
    pub unit: String,
    /// What tells it from other series of the name.
    pub labels: BTreeMap<String, String>,
    /// The value.
    pub value: MetricValue,
}

/// What a client reports.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MetricsReport {
    /// Labels of the client itself, such as its group.
    pub labels: BTreeMap<String, String>,
    /// The values.
    pub series: Vec<Series>,
    /// How many values were left out, for being too many or having names that are too long.
    pub left_out: usize,
}

/// Reads a report that is decompressed already.
pub fn read_metrics(bytes: &[u8]) -> Result<MetricsReport, OtlpError> {
    let mut report = MetricsReport::default();
    each_message(bytes, 1, |resource_metrics| {
        for_each(resource_metrics, |number, field| match (number, field) {
            (1, Field::Bytes(resource)) => each_message(resource, 1, |attribute| {
                add_label(&mut report.labels, attribute).map(|_| ())
            }),
            (2, Field::Bytes(scope)) => {
                each_message(scope, 2, |metric| read_metric(metric, &mut report))
            }
            _ => Ok(()),
        })
    })?;
    Ok(report)
}

/// How the points of a metric are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gauge,
    Sum { is_delta: bool, is_monotonic: bool },
    Histogram,
    Summary,
}

/// `AggregationTemporality`: the values are differences to the report before.
const DELTA: u64 = 1;

fn read_metric(bytes: &[u8], report: &mut MetricsReport) -> Result<(), OtlpError> {
    let (mut name, mut unit, mut data) = ("", "", None);
    for_each(bytes, |number, field| {
        match (number, field) {
            (1, Field::Bytes(text)) => name = text_of(text),
            (3, Field::Bytes(text)) => unit = text_of(text),
            (5, Field::Bytes(points)) => data = Some((Kind::Gauge, points)),
            (7, Field::Bytes(points)) => data = Some((sum_kind(points)?, points)),
            (9, Field::Bytes(points)) => data = Some((Kind::Histogram, points)),
            (11, Field::Bytes(points)) => data = Some((Kind::Summary, points)),
            _ => {}
        }
        Ok(())
    })?;
    let Some((kind, points)) = data else { return Ok(()) };
    each_message(points, 1, |point| {
        let read = read_point(point, kind)?;
        match read {
            Some((value, labels)) if report.series.len() < SERIES_MAX && is_kept(name, unit) => {
                let (name, unit) = (name.to_owned(), unit.to_owned());
                report.series.push(Series { name, unit, labels, value });
            }
            Some(_) | None => report.left_out += 1,
        }
        Ok(())
    })
}

fn is_kept(name: &str, unit: &str) -> bool {
    !name.is_empty() && name.len() <= TEXT_BYTES_MAX && unit.len() <= TEXT_BYTES_MAX
}

fn sum_kind(sum: &[u8]) -> Result<Kind, OtlpError> {
    let (mut is_delta, mut is_monotonic) = (false, false);
    for_each(sum, |number, field| {
        match (number, field) {
            (2, Field::Number(temporality)) => is_delta = temporality == DELTA,
            (3, Field::Number(monotonic)) => is_monotonic = monotonic != 0,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Kind::Sum { is_delta, is_monotonic })
}

type Point = (MetricValue, BTreeMap<String, String>);

/// Reads one point; `None` when it has no value, or labels that are not kept.
fn read_point(bytes: &[u8], kind: Kind) -> Result<Option<Point>, OtlpError> {
    // A histogram's points have their labels elsewhere.
    let labels_at = if kind == Kind::Histogram { 9 } else { 7 };
    let (mut labels, mut value, mut count, mut sum) = (BTreeMap::new(), None, 0.0, 0.0);
    let mut whole = true;
    let is_distribution = matches!(kind, Kind::Histogram | Kind::Summary);
    for_each(bytes, |number, field| {
        match (number, field) {
            (at, Field::Bytes(attribute)) if at == labels_at => {
                whole &= add_label(&mut labels, attribute)?;
            }
            (4, Field::Fixed64(bits)) if is_distribution => count = bits as f64,
            (5, Field::Fixed64(bits)) if is_distribution => sum = f64::from_bits(bits),
            (4, Field::Fixed64(bits)) => value = Some(f64::from_bits(bits)),
            (6, Field::Fixed64(bits)) if !is_distribution => value = Some(bits as i64 as f64),
            _ => {}
        }
        Ok(())
    })?;
    let value = match kind {
        Kind::Histogram | Kind::Summary => Some(MetricValue::Distribution { count, sum }),
        Kind::Gauge => value.map(MetricValue::Gauge),
        Kind::Sum { is_delta: true, is_monotonic } => {
            value.map(|value| MetricValue::Delta { value, is_monotonic })
        }
        Kind::Sum { is_delta: false, is_monotonic } => {
            value.map(|value| MetricValue::Total { value, is_monotonic })
        }
    };
    Ok(value.filter(|_| whole).map(|value| (value, labels)))
}

/// Adds a `KeyValue`; tells whether it could be kept.
fn add_label(labels: &mut BTreeMap<String, String>, bytes: &[u8]) -> Result<bool, OtlpError> {
    let (mut key, mut value) = ("", String::new());
    for_each(bytes, |number, field| {
        match (number, field) {
            (1, Field::Bytes(text)) => key = text_of(text),
            (2, Field::Bytes(any)) => value = label_value(any)?,
            _ => {}
        }
        Ok(())
    })?;
    if key.is_empty() || key.len() > TEXT_BYTES_MAX || value.len() > TEXT_BYTES_MAX {
        return Ok(false);
    }
    if labels.len() == LABELS_MAX && !labels.contains_key(key) {
        return Ok(false);
    }
    labels.insert(key.to_owned(), value);
    Ok(true)
}

/// Reads an `AnyValue` as text. Lists, maps and bytes are not shown.
fn label_value(bytes: &[u8]) -> Result<String, OtlpError> {
    let mut value = String::new();
    for_each(bytes, |number, field| {
        match (number, field) {
            (1, Field::Bytes(text)) => value = text_of(text).to_owned(),
            (2, Field::Number(number)) => value = (number != 0).to_string(),
            (3, Field::Number(number)) => value = (number as i64).to_string(),
            (4, Field::Fixed64(bits)) => value = f64::from_bits(bits).to_string(),
            _ => {}
        }
        Ok(())
    })?;
    Ok(value)
}

/// Text that is not UTF-8 counts as none.
fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// A field of a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Field<'a> {
    Number(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// Visits each message within a message that has this number.
fn each_message<'a>(
    bytes: &'a [u8],
    wanted: u64,
    mut visit: impl FnMut(&'a [u8]) -> Result<(), OtlpError>,
) -> Result<(), OtlpError> {
    for_each(bytes, |number, field| match field {
        Field::Bytes(message) if number == wanted => visit(message),
        _ => Ok(()),
    })
}

/// Visits each field of a message. Every step takes at least a byte, so that it ends.
fn for_each<'a>(
    mut bytes: &'a [u8],
    mut visit: impl FnMut(u64, Field<'a>) -> Result<(), OtlpError>,
) -> Result<(), OtlpError> {
    while !bytes.is_empty() {
        let tag = take_varint(&mut bytes)?;
        let field = match (tag & 7) as u8 {
            0 => Field::Number(take_varint(&mut bytes)?),
            1 => Field::Fixed64(u64::from_le_bytes(take_array(&mut bytes)?)),
            2 => {
                let length = usize::try_from(take_varint(&mut bytes)?).unwrap_or(usize::MAX);
                let (field, rest) = bytes.split_at_checked(length).ok_or(OtlpError::Cut)?;
                bytes = rest;
                Field::Bytes(field)
            }
            5 => {
                take_array::<4>(&mut bytes)?;
                Field::Fixed32
            }
            other => return Err(OtlpError::WireType(other)),
        };
        visit(tag >> 3, field)?;
    }
    Ok(())
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], OtlpError> {
    let (array, rest) = bytes.split_first_chunk::<N>().ok_or(OtlpError::Cut)?;
    *bytes = rest;
    Ok(*array)
}

fn take_varint(bytes: &mut &[u8]) -> Result<u64, OtlpError> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let [byte] = take_array(bytes)?;
        // What does not fit into 64 bits falls away, as in protobuf's own readers.
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(OtlpError::Varint)
}

#[cfg(test)]
mod tests;
