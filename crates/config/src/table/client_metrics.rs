//! Subscriptions to clients' metrics.

use super::rules::is_client_match;
use crate::def::{ConfigDef, int, list};

/// Subscriptions to clients' metrics.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int("interval.ms", "How often clients send their metrics.")
        .default("300000")
        .range(100, 3_600_000)
        .effective(),
    list("match", "Which clients the subscription is for: `attribute=pattern`, all of which fit.")
        .default("")
        .rule(
            is_client_match,
            "pairs such as client_id=orders-.*, of client_instance_id, client_id, \
             client_software_name, client_software_version, client_source_address and \
             client_source_port, each with a pattern",
        )
        .effective(),
    list("metrics", "How the names of the metrics begin that clients send; `*` means all.")
        .default("")
        .effective(),
];
