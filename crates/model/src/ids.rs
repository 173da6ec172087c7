//! Identities that are numbers on the wire. Negative values are the protocol's way to say "none";
//! each type names its own.

/// Defines a newtype over a wire integer: private field, `new`, `get`, `Display`, conversions.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($inner);

        impl $name {
            /// Wraps the number as it stands on the wire or on disk.
            pub const fn new(value: $inner) -> Self {
                Self(value)
            }

            /// The number as it stands on the wire or on disk.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use number;

number! {
    /// A node of the cluster (`node.id`, formerly `broker.id`).
    BrokerId(i32)
}

impl BrokerId {
    /// No broker: a partition without a leader, a consumer in place of a replica.
    pub const NONE: Self = Self(-1);
}

number! {
    /// The index of a partition within its topic, from 0.
    PartitionIndex(i32)
}

number! {
    /// The identity of an idempotent or transactional producer (KIP-98).
    ProducerId(i64)
}

impl ProducerId {
    /// The producer is not idempotent.
    pub const NONE: Self = Self(-1);
}

number! {
    /// The incarnation of a producer id; an older one is fenced (KIP-98).
    ProducerEpoch(i16)
}

impl ProducerEpoch {
    /// The producer is not idempotent.
    pub const NONE: Self = Self(-1);
}

number! {
    /// The number of a record in what one producer sends to one partition (KIP-98).
    Sequence(i32)
}

impl Sequence {
    /// The batch carries no sequence.
    pub const NONE: Self = Self(-1);

    /// The sequence `count` records further. After `i32::MAX` comes 0, as in Kafka.
    pub const fn plus(self, count: i32) -> Self {
        let span = i32::MAX as i64 + 1;
        Self(((self.0 as i64 + count as i64) % span) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_wraps_to_zero_after_its_maximum() {
        assert_eq!(Sequence::new(i32::MAX).plus(1), Sequence::new(0));
        assert_eq!(Sequence::new(i32::MAX - 1).plus(3), Sequence::new(1));
        assert_eq!(Sequence::new(5).plus(2), Sequence::new(7));
    }
}
