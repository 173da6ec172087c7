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
    let unknown: Vec<char> = unknown.chars().map(|letter| letter.to_ascii_lowercase()).collect();
    known
        .filter_map(|name| Some((distance(&unknown, name, limit)?, name)))
        .min()
        .map(|(_, name)| name)
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the
/// other, if no more than `limit`. Unknown keys come from files and requests, many and long: nothing
/// is calculated for a name that is too far away already.
fn distance(from: &[char], to: &str, limit: usize) -> Option<usize> {
    let to: Vec<char> = to.chars().map(|letter| letter.to_ascii_lowercase()).collect();
    if from.len().abs_diff(to.len()) > limit {
        return None;
    }
    let mut before_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut current = before_last.clone();
    let (mut nearest_before, mut previous) = (0, None);
    for (row, &character) in from.iter().enumerate() {
        current[0] = row + 1;
        let mut nearest = row + 1;
        for (column, &other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(character != other);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = column > 0 && previous == Some(other) && to[column - 1] == character;
            if swapped && row > 0 {
                best = best.min(before_last[column - 1] + 1);
            }
            current[column + 1] = best;
            nearest = nearest.min(best);
        }
        // A row follows from the two before it, so that no later one can come nearer.
        if nearest.min(nearest_before) > limit {
            return None;
        }
        (nearest_before, previous) = (nearest, Some(character));
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut current);
    }
    Some(last[to.len()]).filter(|changes| *changes <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_changes_and_swaps() {
        let distance =
            |from: &str, to, limit| super::distance(&from.chars().collect::<Vec<_>>(), to, limit);
        assert_eq!(distance("", "abc", 3), Some(3));
        assert_eq!(distance("log.dris", "log.dirs", 1), Some(1));
        assert_eq!(distance("kitten", "sitting", 8), Some(3));
        assert_eq!(distance("kitten", "sitting", 2), None);
        assert_eq!(distance("abcdefgh", "stuvwxyz", 7), None);
    }

    #[test]
    fn long_keys_that_nobody_meant_cost_no_search() {
        let long = "x".repeat(30_000);
        for _ in 0..10_000 {
            assert_eq!(nearest_broker_key(&long), None);
        }
    }

    #[test]
    fn a_typing_slip_finds_the_key_that_was_meant() {
        assert_eq!(nearest_broker_key("num.partitons"), Some("num.partitions"));
        assert_eq!(nearest_broker_key("log.retention.hour"), Some("log.retention.hours"));
        assert_eq!(nearest_broker_key("advertised.listner"), Some("advertised.listeners"));
        assert_eq!(nearest_broker_key("something.else.entirely"), None);
    }
}
