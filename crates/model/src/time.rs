//! Wall-clock time as Kafka writes it.

use crate::ids::number;

number! {
    /// Milliseconds since 1970-01-01 UTC.
    Timestamp(i64)
}

impl Timestamp {
    /// No time: a record without a timestamp.
    pub const NONE: Self = Self(-1);

    /// The instant `ms` milliseconds later, held at the ends of the range.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
