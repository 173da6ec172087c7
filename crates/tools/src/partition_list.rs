//! JSON files that list partitions: `{"version":1,"partitions":[{"topic":"t","partition":0,...}]}`.

use serde::Deserialize;

use crate::failure::Failure;

/// The newest version of the files; it may be left out.
const VERSION: i32 = 1;

/// A file.
#[derive(Debug, Deserialize)]
struct File<T> {
    version: Option<i32>,
    partitions: Option<Vec<T>>,
}

/// Reads the file at `path`.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(path: &str) -> Result<Vec<T>, Failure> {
    let text = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    parse(&text).map_err(|problem| Failure::Refused(format!("{path}: {problem}")))
}

/// The same; a file without partitions has none.
pub(crate) fn read_or_empty<T: for<'a> Deserialize<'a>>(path: &str) -> Result<Vec<T>, Failure> {
    let text = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let list =
        parse_some(&text).map_err(|problem| Failure::Refused(format!("{path}: {problem}")))?;
    Ok(list.unwrap_or_default())
}

fn parse<T: for<'a> Deserialize<'a>>(text: &[u8]) -> Result<Vec<T>, String> {
    parse_some(text)?.ok_or_else(|| "Missing partitions field".to_owned())
}

fn parse_some<T: for<'a> Deserialize<'a>>(text: &[u8]) -> Result<Option<Vec<T>>, String> {
    let file: File<T> = serde_json::from_slice(text)
        .map_err(|error| format!("this is not as expected: {error}"))?;
    match file.version {
        None | Some(VERSION) => {}
        Some(version) => return Err(format!("Not supported version field value {version}")),
    }
    Ok(file.partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct One {
        topic: String,
    }

    #[test]
    fn a_file_needs_partitions_and_a_known_version() {
        let good = parse::<One>(br#"{"partitions":[{"topic":"a","more":1}]}"#).unwrap();
        assert_eq!(good, [One { topic: "a".into() }]);
        for (text, says) in [
            ("{}", "Missing partitions field"),
            (r#"{"version":2,"partitions":[]}"#, "Not supported version field value 2"),
            ("[", "this is not as expected"),
        ] {
            assert!(parse::<One>(text.as_bytes()).unwrap_err().contains(says), "{text}");
        }
    }
}
