//! Requests in, answers out: what a Kafka broker does for its clients.
//!
//! The way of a request: `dispatch` (one table: key, versions, handler) → `handlers/` (one file per
//! API key) → `partitions` (what this node holds) → `partition` (leader and log under one lock) →
//! `disk` (the threads that append and sync). Metadata changes come the other way: the quorum's
//! changes are applied to the partitions by `metadata_applier`, and only then shown to clients.
//!
//! Invariant: a handler never waits for a disk on a reactor thread.

mod append;
mod background;
mod broker;
mod cleaner;
mod client_telemetry;
mod clock;
mod conversion;
mod disk;
mod dispatch;
mod fetch_session;
mod gather;
mod groups;
mod handlers;
mod metadata_applier;
mod metrics;
mod news;
mod old_formats;
mod partition;
mod partitions;
mod producer_ids;
mod recent;
mod topic_settings;

pub use broker::{Broker, BrokerParts, Identity};
pub use cleaner::CleanerFigures;
pub use clock::NodeClock;
pub use metadata_applier::{Applying, apply_metadata};
pub use metrics::{complaints, markdown as metrics_markdown, metrics_page};
pub use partitions::{FolderParts, Partitions};
