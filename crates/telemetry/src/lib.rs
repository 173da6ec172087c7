//! Metrics that clients push to the broker (KIP-714), so that an operator sees both sides.
//!
//! The way of a report: [`ClientInstances`] tells a client which subscriptions are for it, says
//! whether a report may come now, and keeps the newest values of each client; [`read_metrics`] reads
//! a report, which is an OpenTelemetry message. What asks and what keeps is bounded by the constants
//! of each module.
//!
//! Invariant: nothing here trusts a length or a count of a client's.

mod instances;
mod otlp;

pub use instances::{
    Assignment, Client, ClientInstances, ClientMetrics, GetError, INSTANCES_MAX, Push, PushError,
    Subscription,
};
pub use otlp::{MetricValue, MetricsReport, OtlpError, SERIES_MAX, Series, read_metrics};
