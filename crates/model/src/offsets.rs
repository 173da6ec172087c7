//! Positions in a partition's log and the terms of its leaders.

use crate::ids::number;

number! {
    /// The position of a record in its partition: dense when appended, with holes after compaction.
    Offset(i64)
}

impl Offset {
    /// The first offset of a new partition.
    pub const ZERO: Self = Self(0);
    /// No offset: nothing committed, nothing known.
    pub const NONE: Self = Self(-1);

    /// The offset right after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The offset `count` records further.
    pub const fn plus(self, count: i64) -> Self {
        Self(self.0 + count)
    }

    /// How many offsets lie between `earlier` and this one; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The offset, unless it is the protocol's "none" (any negative number).
    pub const fn known(self) -> Option<Self> {
        if self.0 < 0 { None } else { Some(self) }
    }
}

number! {
    /// The term of a partition's leader; it grows with every change of leader (KIP-101).
    LeaderEpoch(i32)
}

impl LeaderEpoch {
    /// No epoch: a client that does not know one, a batch from before epochs.
    pub const NONE: Self = Self(-1);

    /// The epoch of the next leader.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The epoch, unless it is the protocol's "none" (any negative number).
    pub const fn known(self) -> Option<Self> {
        if self.0 < 0 { None } else { Some(self) }
    }
}
