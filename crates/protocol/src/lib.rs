//! Kafka's wire schemas in our own notation and the codec generated from them.
