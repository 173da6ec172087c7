//! Wall-clock time as Kafka writes it.

use crate::ids::number;

number! {
    /// Milliseconds since 1970-01-01 UTC.
    Timestamp(i64)
}

impl Timestamp {
    /// No time: a record without a timestamp.
    pub const NONE: Self = Self(-1);

    /// A clock that shows an earlier time was never set: 2001-01-01, since many clocks begin in
    /// 1970, 1980 or 2000.
    pub const SET_FROM: Self = Self(978_307_200_000);

    /// Whether a clock that somebody has set may have given this stamp.
    pub fn is_of_set_clock(self) -> bool {
        self >= Self::SET_FROM
    }

    /// The instant `ms` milliseconds later, held at the ends of the range.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
