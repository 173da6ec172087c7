//! Producer ids and transactions.

use crate::def::{ConfigDef, int};

/// Producer ids and transactions.
pub(super) const CONFIGS: &[ConfigDef] = &[int(
    "producer.id.expiration.ms",
    "How long an idempotent producer that is silent is remembered.",
)
.default("86400000")
.at_least(1)
.cluster_wide()
.effective()];
