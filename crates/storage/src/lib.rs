//! The partition log in Kafka's disk format, over a file system seam.
