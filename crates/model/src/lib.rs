//! The words every other crate speaks: newtypes of Kafka's quantities and the table of its error
//! codes. No crate of ours lies below this one, and nothing here touches a socket, a file or a
//! clock.

mod clock;
mod error_code;
mod ids;
mod name;
mod offsets;
mod time;
mod uuid;

pub use clock::{Clock, ClockHistory, ClockReading};
pub use error_code::ErrorCode;
pub use ids::{BrokerId, PartitionIndex, ProducerEpoch, ProducerId, Sequence};
pub use name::{GROUP_METADATA_TOPIC, TRANSACTION_STATE_TOPIC};
pub use name::{InvalidTopicName, TopicPartition, is_internal_topic, validate_topic_name};
pub use offsets::{LeaderEpoch, Offset};
pub use time::Timestamp;
pub use uuid::{InvalidUuid, TopicId, Uuid};
