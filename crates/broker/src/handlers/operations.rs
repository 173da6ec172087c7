//! What a client may do, as the bits that answers carry (KIP-430): with no authorizer, everything
//! that there is to do with a resource of its kind.

/// On a cluster: create, alter, describe, cluster action, describe configs, alter configs,
/// idempotent write.
pub(crate) const CLUSTER: i32 = bits(&[5, 7, 8, 9, 10, 11, 12]);
/// On a topic: read, write, create, delete, alter, describe, describe configs, alter configs.
pub(crate) const TOPIC: i32 = bits(&[3, 4, 5, 6, 7, 8, 10, 11]);
/// On a group: read, delete, describe, describe configs, alter configs.
pub(crate) const GROUP: i32 = bits(&[3, 6, 8, 10, 11]);

/// One bit for each of Kafka's numbers of operations.
const fn bits(operations: &[u32]) -> i32 {
    let (mut bits, mut index) = (0, 0);
    while index < operations.len() {
        bits |= 1 << operations[index];
        index += 1;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_the_bits_that_kafka_answers_with() {
        assert_eq!((CLUSTER, TOPIC, GROUP), (8096, 3576, 3400));
    }
}
