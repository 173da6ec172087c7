//! Threads, metrics and the rest of a server.

use super::reasons::THREADS;
use crate::def::{ConfigDef, boolean, int, list, long, string};

const JMX: &str = "there is no JVM here to report from";
const PROVIDERS: &str =
    "values from elsewhere are not built yet, and Java classes cannot be loaded";

/// Threads, metrics and the rest of a server.
pub(super) const CONFIGS: &[ConfigDef] = &[
    boolean(
        "auto.include.jmx.reporter",
        "Whether metrics are shown by JMX although `metric.reporters` does not say so.",
    )
    .default("true")
    .meaningless(JMX),
    int("background.threads", "How many threads do housekeeping.")
        .default("10")
        .at_least(1)
        .cluster_wide()
        .meaningless(THREADS),
    list("config.providers", "Java classes that fetch values from elsewhere.")
        .default("")
        .cluster_wide()
        .refused(PROVIDERS),
    int("kafka.metrics.polling.interval.secs", "How often older reporters of metrics are called.")
        .default("10")
        .at_least(1)
        .meaningless(JMX),
    list("kafka.metrics.reporters", "Java classes of older reporters of metrics.")
        .default("")
        .meaningless(JMX),
    list("metric.reporters", "Java classes that report metrics.")
        .default("org.apache.kafka.common.metrics.JmxReporter")
        .cluster_wide()
        .meaningless(JMX),
    int("metrics.num.samples", "How many samples a metric is computed from.")
        .default("2")
        .at_least(1)
        .meaningless(JMX),
    string("metrics.recording.level", "How detailed metrics are.").default("INFO").meaningless(JMX),
    long("metrics.sample.window.ms", "How long a sample of a metric lasts.")
        .default("30000")
        .at_least(1)
        .meaningless(JMX),
    int("num.io.threads", "How many threads handle requests.")
        .default("8")
        .at_least(1)
        .cluster_wide()
        .meaningless(THREADS),
    int("num.network.threads", "How many threads read and write sockets.")
        .default("3")
        .at_least(1)
        .cluster_wide()
        .meaningless(THREADS),
    int("telemetry.max.bytes", "The largest report of a client's metrics.")
        .default("1048576")
        .at_least(1)
        .effective(),
];
