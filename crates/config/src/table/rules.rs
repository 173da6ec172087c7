//! Rules of values that are neither a range nor a list of words.

/// gzip's levels, or -1 for its own choice.
pub(super) fn is_gzip_level(value: &str) -> bool {
    value.parse::<i32>().is_ok_and(|level| level == -1 || (1..=9).contains(&level))
}

/// `*`, `none`, nothing, or `partition:broker` pairs.
pub(super) fn is_replica_list(value: &str) -> bool {
    let is_pair = |pair: &str| {
        pair.split_once(':').is_some_and(|(partition, broker)| {
            partition.trim().parse::<u32>().is_ok() && broker.trim().parse::<u32>().is_ok()
        })
    };
    matches!(value, "" | "*" | "none") || value.split(',').all(is_pair)
}

/// Which clients a subscription to metrics is for.
pub(super) fn is_client_match(value: &str) -> bool {
    crate::client_metrics::ClientMatch::parse(value).is_some()
}

/// How many connections single addresses may have.
pub(super) fn is_connections_by_ip(value: &str) -> bool {
    crate::broker::ConnectionsByIp::parse(value).is_some()
}

/// Where a share group begins: a word, or so long ago.
pub(super) fn is_offset_reset(value: &str) -> bool {
    let is_duration = |text: &str| {
        let mut characters = text.chars();
        characters.next() == Some('P')
            && text.chars().any(|character| character.is_ascii_digit())
            && characters.all(|c| c.is_ascii_digit() || "DTHMS.".contains(c))
    };
    matches!(value, "latest" | "earliest")
        || value.strip_prefix("by_duration:").is_some_and(is_duration)
}
