//! The features of Kafka's that this version supports, and the levels at which each may be finalized.
//!
//! Only what is served is named. `transaction.version` is not, as a client that sees it finalized
//! sends transactions; nor are `group.version`, `share.version` and `streams.version`, which promise
//! the newer group protocols, nor `kraft.version` and `eligible.leader.replicas.version`, which
//! promise changes of the quorum's voters and leaders out of the in-sync set. A feature that is not
//! named counts as one of level 0, in Kafka as well.
//!
//! `metadata.version` says which metadata records a cluster of Kafka's may write. Tools and operators
//! read it to learn how new a cluster is, and set it after an upgrade, so that the whole range of
//! Kafka 4.3 is supported. Our quorum is not shared with Kafka's nodes: the level is kept and shown,
//! and changes nothing else.

/// The name of the feature that every cluster has.
pub(crate) const METADATA_VERSION: &str = "metadata.version";

/// A feature and the levels at which it may be finalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupportedFeature {
    /// Kafka's name of it.
    pub name: &'static str,
    /// The lowest level.
    pub level_min: i16,
    /// The highest level.
    pub level_max: i16,
}

impl SupportedFeature {
    /// Whether the feature may be finalized at this level.
    pub fn contains(&self, level: i16) -> bool {
        (self.level_min..=self.level_max).contains(&level)
    }
}

/// What is supported, by name. Levels of `metadata.version`: 7 is 3.3-IV3, 30 is 4.3-IV0.
pub const SUPPORTED_FEATURES: [SupportedFeature; 1] =
    [SupportedFeature { name: METADATA_VERSION, level_min: 7, level_max: 30 }];

/// Features of Kafka's that are known and not supported: they stay at level 0.
pub(crate) const UNSUPPORTED_FEATURES: [&str; 6] = [
    "eligible.leader.replicas.version",
    "group.version",
    "kraft.version",
    "share.version",
    "streams.version",
    "transaction.version",
];

/// The levels of `metadata.version` that brought new or changed records: from one of them, or from
/// one after it, there is no way back to a level before it.
const LEVELS_WITH_NEW_RECORDS: [i16; 9] = [7, 8, 11, 13, 14, 15, 17, 23, 30];

/// The supported feature of this name.
pub(crate) fn supported(name: &str) -> Option<&'static SupportedFeature> {
    SUPPORTED_FEATURES.iter().find(|feature| feature.name == name)
}

/// Whether a cluster at the higher level may have records that the lower level does not know.
pub(crate) fn are_records_new(lower: i16, higher: i16) -> bool {
    LEVELS_WITH_NEW_RECORDS.iter().any(|level| *level > lower && *level <= higher)
}
