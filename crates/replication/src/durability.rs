//! What a record must have survived before it counts as committed
//! (`klamm.acks.all.durability`).

use std::fmt;
use std::str::FromStr;

/// What makes a record committed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The loss of any one machine: two machines hold the record, or the leader has synced it.
    #[default]
    AnyFailure,
    /// Kafka's rule: every in-sync replica has written the record, none need have synced it.
    PageCache,
    /// Every in-sync replica has synced the record.
    Synced,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnyFailure => "any-failure",
            Self::PageCache => "page-cache",
            Self::Synced => "synced",
        })
    }
}

/// The text names no durability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDurability(pub String);

impl fmt::Display for UnknownDurability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is none of any-failure, page-cache, synced", self.0)
    }
}

impl std::error::Error for UnknownDurability {}

impl FromStr for Durability {
    type Err = UnknownDurability;

    fn from_str(text: &str) -> Result<Self, UnknownDurability> {
        [Self::AnyFailure, Self::PageCache, Self::Synced]
            .into_iter()
            .find(|durability| durability.to_string() == text)
            .ok_or_else(|| UnknownDurability(text.to_owned()))
    }
}
