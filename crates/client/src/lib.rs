//! Our own Kafka client: connections, metadata, producer, consumer, admin.
