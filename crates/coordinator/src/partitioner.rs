//! Which partition of `__consumer_offsets` keeps a group: Java's `String.hashCode` over the UTF-16
//! code units, as every Kafka broker and tool computes it.

use model::PartitionIndex;

/// The partition that keeps the group, of `count` partitions. A count below one counts as one.
pub fn partition_for(group: &str, count: i32) -> PartitionIndex {
    let hash = group
        .encode_utf16()
        .fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Java's absolute value of the smallest number is negative; Kafka takes 0 instead.
    let positive = hash.checked_abs().unwrap_or(0);
    PartitionIndex::new(positive % count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_is_that_of_javas_hash_code() {
        // Hash codes printed by jshell.
        for (group, hash) in [
            ("", 0),
            ("my-group", -1_906_497_762),
            ("console-consumer-12345", 158_455_506),
            ("gruppe-ä-😀", -1_164_736_450),
        ] {
            let hash: i32 = hash;
            assert_eq!(partition_for(group, 50).get(), hash.abs() % 50, "{group}");
        }
    }

    #[test]
    fn smallest_hash_code_goes_to_partition_zero() {
        // "polygenelubricants" is the well-known string whose hash code is Integer.MIN_VALUE.
        assert_eq!(partition_for("polygenelubricants", 50).get(), 0);
        assert_eq!(partition_for("polygenelubricants", 7).get(), 0);
    }

    #[test]
    fn count_below_one_counts_as_one() {
        assert_eq!(partition_for("g", 0).get(), 0);
        assert_eq!(partition_for("g", -3).get(), 0);
    }
}
