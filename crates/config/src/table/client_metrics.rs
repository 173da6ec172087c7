//! Subscriptions to clients' metrics.

use super::reasons::TELEMETRY;
use crate::def::{ConfigDef, int, list};

/// Subscriptions to clients' metrics.
pub(super) const CONFIGS: &[ConfigDef] = &[
    int("interval.ms", "How often clients send their metrics.")
        .default("300000")
        .meaningless(TELEMETRY),
    list("match", "Which clients the subscription is for.").default("").meaningless(TELEMETRY),
    list("metrics", "Which metrics clients send.").default("").meaningless(TELEMETRY),
];
