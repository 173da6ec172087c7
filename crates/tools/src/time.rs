//! Times and durations as Kafka's tools read and write them.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use model::Timestamp;

use crate::failure::Failure;

/// Milliseconds since the epoch, now.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time such as `2026-01-31T12:00:00.000`, in UTC unless it has an offset of its own.
pub(crate) fn parse_date_time(text: &str) -> Result<Timestamp, Failure> {
    let bad = || {
        Failure::Usage(format!(
            "\"{text}\" is not a time; write it as YYYY-MM-DDThh:mm:ss.sss, with Z or +hh:mm after it if \
             wanted"
        ))
    };
    let (_, clock) = text.split_once('T').ok_or_else(bad)?;
    let zone = if clock.contains(['+', '-', 'Z']) { "" } else { "Z" };
    let time: jiff::Timestamp = format!("{text}{zone}").parse().map_err(|_| bad())?;
    Ok(Timestamp::new(time.as_millisecond()))
}

/// A duration such as `P1DT2H`, in milliseconds; days have 24 hours.
pub(crate) fn parse_duration_ms(text: &str) -> Result<i64, Failure> {
    let bad = || Failure::Usage(format!("\"{text}\" is not a duration; write it as PnDTnHnMnS"));
    let span: jiff::Span = text.parse().map_err(|_| bad())?;
    if span.get_years() != 0 || span.get_months() != 0 || span.get_weeks() != 0 {
        return Err(bad());
    }
    let hours = i64::from(span.get_days()) * 24 + i64::from(span.get_hours());
    let minutes = hours * 60 + span.get_minutes();
    let seconds = minutes * 60 + span.get_seconds();
    Ok(seconds * 1000 + span.get_milliseconds())
}

/// A time in the local zone by a pattern of Java's `SimpleDateFormat`: `yyyy MM dd HH mm ss SSS`,
/// and `'quoted'` text. Other letters are refused.
pub(crate) fn format(pattern: &str, ms: i64) -> Result<String, Failure> {
    format_in(pattern, ms, &TimeZone::system())
}

fn format_in(pattern: &str, ms: i64, zone: &TimeZone) -> Result<String, Failure> {
    let time = jiff::Timestamp::from_millisecond(ms)
        .map_err(|error| Failure::Refused(error.to_string()))?
        .to_zoned(zone.clone());
    let mut text = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            text.extend(std::iter::from_fn(|| letters.next_if(|next| *next != '\'')));
            letters.next();
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            text.push(letter);
            continue;
        }
        let mut width = 1;
        while letters.next_if_eq(&letter).is_some() {
            width += 1;
        }
        let value = match letter {
            'y' if width == 2 => i64::from(time.year()) % 100,
            'y' => i64::from(time.year()),
            'M' if width <= 2 => i64::from(time.month()),
            'd' => i64::from(time.day()),
            'H' => i64::from(time.hour()),
            'm' => i64::from(time.minute()),
            's' => i64::from(time.second()),
            'S' => i64::from(time.millisecond()),
            _ => {
                return Err(Failure::Usage(format!(
                    "--date-format: {letter} is not known here; use yyyy MM dd HH mm ss SSS"
                )));
            }
        };
        text.push_str(&format!("{value:0width$}"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_time_is_utc_unless_it_says_more() {
        for (text, ms) in [
            ("1970-01-01T00:00:01.500", 1500),
            ("1970-01-01T00:00:01.500Z", 1500),
            ("1970-01-01T01:00:01.500+01:00", 1500),
            ("1970-01-01T01:00:01.500+01", 1500),
            ("1970-01-01T00:00:01", 1000),
        ] {
            assert_eq!(parse_date_time(text).unwrap().get(), ms, "{text}");
        }
        for text in ["1970-01-01", "1970-13-01T00:00:00.000", "x"] {
            assert!(parse_date_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn duration_has_days_to_seconds() {
        for (text, ms) in [("P1D", 86_400_000), ("PT1H2M3S", 3_723_000), ("PT0.5S", 500)] {
            assert_eq!(parse_duration_ms(text).unwrap(), ms, "{text}");
        }
        for text in ["P1Y", "P1M", "1D", ""] {
            assert!(parse_duration_ms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pattern_of_simple_date_format_is_followed() {
        let format = |pattern| format_in(pattern, 1_500, &TimeZone::UTC);
        assert_eq!(format("yyyy-MM-dd HH:mm:ss:SSS").unwrap(), "1970-01-01 00:00:01:500");
        assert_eq!(format("yy 'at' H").unwrap(), "70 at 0");
        assert!(format("EEE").is_err());
    }
}
