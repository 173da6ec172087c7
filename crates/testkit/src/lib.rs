//! Harness for tests: nodes as processes, free ports, temporary folders.
//!
//! A test starts [`KlammNode`] from the built binary, talks to it at [`KlammNode::bootstrap`], stops
//! it with SIGTERM or kills it with SIGKILL, and starts it again on the same folder and port.
//! [`Recorder`] stands between clients and a node and keeps one frame of each kind.
//! [`ApacheKafka`] is the same for a real Apache Kafka, the oracle of the suites and of the benchmarks.
//!
//! Invariants: nothing here waits by sleeping, a node is waited for by the line that it prints; no
//! process outlives the value that stands for it.

mod apache_kafka;
mod binary;
mod klamm_node;
mod ports;
mod process;
mod recorder;
mod usage;

pub use apache_kafka::ApacheKafka;
pub use binary::klamm_binary;
pub use klamm_node::{KlammNode, KlammNodeOptions};
pub use ports::free_port;
pub use process::ServerProcess;
pub use recorder::{Direction, RecordedFrame, Recorder};
pub use usage::{Usage, usage_of};
