//! Why a configuration has no meaning here, or is refused, where several themes share the reason.

pub(super) const CONSUMER: &str = "the consumer group protocol is not built yet";
pub(super) const ELECTION: &str = "a node alone has no other replica to elect";
pub(super) const FORMAT: &str = "records are stored in format v2, as in Kafka 4";
pub(super) const NO_PEERS: &str = "a node alone has no other nodes to talk to";
pub(super) const SHARE: &str = "share groups are not built yet";
pub(super) const STREAMS: &str = "the streams group protocol is not built yet";
pub(super) const THREADS: &str = "threads follow the number of cores";
pub(super) const THROTTLES: &str = "throttled replication is not built yet";
pub(super) const TIERED: &str = "remote storage is not built yet";
pub(super) const GROWING: &str = "segments grow as they are written";
