//! The nearest known key to one that is unknown.

use crate::table;

/// A key further away than this many changes is no help.
const FARTHEST: usize = 8;

/// The known broker key nearest to an unknown one, if it is near enough to be meant.
pub(crate) fn nearest_broker_key(unknown: &str) -> Option<&'static str> {
    nearest(unknown, table::broker_configs().map(|def| def.name))
}

/// The known topic key nearest to an unknown one, if it is near enough to be meant.
pub(crate) fn nearest_topic_key(unknown: &str) -> Option<&'static str> {
    nearest(unknown, table::topic_configs().map(|def| def.name))
}

/// The name nearest to an unknown one, if it is near enough to be meant.
pub fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (unknown.len() / 3).clamp(1, FARTHEST);
    known
        .map(|name| (distance(&unknown.to_ascii_lowercase(), &name.to_ascii_lowercase()), name))
        .filter(|&(changes, _)| changes <= limit)
        .min()
        .map(|(_, name)| name)
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the
/// other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (row, character) in from.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, &other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(character != other);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = column > 0 && previous == Some(other) && to[column - 1] == character;
            if swapped && row > 0 {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        previous = Some(character);
        before_last = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_changes_and_swaps() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("log.dris", "log.dirs"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_typing_slip_finds_the_key_that_was_meant() {
        assert_eq!(nearest_broker_key("num.partitons"), Some("num.partitions"));
        assert_eq!(nearest_broker_key("log.retention.hour"), Some("log.retention.hours"));
        assert_eq!(nearest_broker_key("advertised.listner"), Some("advertised.listeners"));
        assert_eq!(nearest_broker_key("something.else.entirely"), None);
    }
}
