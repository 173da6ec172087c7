//! The command-line tools of Kafka 2.0 and 2.7, those that speak to brokers, with the flags that they had.

use std::time::Duration;

use anyhow::{Result, bail};

use super::install::Installed;
use super::target::Broker;
use crate::command::transcript;

/// Each tool starts a Java machine; this is for a machine under load.
const TOOL_TIME_MAX: Duration = Duration::from_secs(120);

const PRODUCER: &str = "kafka.tools.ConsoleProducer";
const CONSUMER: &str = "kafka.tools.ConsoleConsumer";
const GROUPS: &str = "kafka.admin.ConsumerGroupCommand";
const OFFSETS: &str = "kafka.tools.GetOffsetShell";
const DELETE_RECORDS: &str = "kafka.admin.DeleteRecordsCommand";
const LOG_DIRS: &str = "kafka.admin.LogDirsCommand";
const API_VERSIONS: &str = "kafka.admin.BrokerApiVersionsCommand";
const CONFIGS: &str = "kafka.admin.ConfigCommand";
const TOPICS: &str = "kafka.admin.TopicCommand";
const PRODUCER_PERFORMANCE: &str = "org.apache.kafka.tools.ProducerPerformance";
const CONSUMER_PERFORMANCE: &str = "kafka.tools.ConsumerPerformance";
const END_TO_END: &str = "kafka.tools.EndToEndLatency";
const VERIFIABLE_PRODUCER: &str = "org.apache.kafka.tools.VerifiableProducer";
const VERIFIABLE_CONSUMER: &str = "org.apache.kafka.tools.VerifiableConsumer";

/// A command line: the tool, its words, what it reads, and what it must print. `BROKER` stands for the address of
/// the node and `FILE` for a file with the offsets before which to delete; one blank stands for any number.
type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);

const RECORDS: &[Row] = &[
    (
        PRODUCER,
        "--broker-list BROKER --topic lines --property parse.key=true --property key.separator=:",
        "a:1\nb:2\nc:3\na:4\n",
        &[],
    ),
    (
        CONSUMER,
        "--bootstrap-server BROKER --topic lines --group readers --from-beginning --max-messages 4 \
         --property print.key=true --property key.separator=:",
        "",
        &["a:1 b:2 c:3 a:4", "Processed a total of 4 messages"],
    ),
    (PRODUCER, "--broker-list BROKER --topic single --compression-codec lz4", "x0\nx1\nx2\n", &[]),
    (
        CONSUMER,
        "--bootstrap-server BROKER --topic single --partition 0 --offset 1 --max-messages 2",
        "",
        &["x1 x2", "Processed a total of 2 messages"],
    ),
    (OFFSETS, "--broker-list BROKER --topic single --time -1", "", &["single:0:3"]),
    (OFFSETS, "--broker-list BROKER --topic single --time -2", "", &["single:0:0"]),
    (
        CONSUMER,
        "--bootstrap-server BROKER --topic single --group tail --from-beginning --max-messages 3",
        "",
        &["x0 x1 x2"],
    ),
    (GROUPS, "--bootstrap-server BROKER --list", "", &["readers", "tail"]),
    (
        GROUPS,
        "--bootstrap-server BROKER --describe --group tail",
        "",
        &["CURRENT-OFFSET", "single 0 3 3 0"],
    ),
    (GROUPS, "--bootstrap-server BROKER --describe --group tail --state", "", &["Empty"]),
    (
        GROUPS,
        "--bootstrap-server BROKER --describe --group tail --members",
        "",
        &["no active members"],
    ),
    (
        GROUPS,
        "--bootstrap-server BROKER --reset-offsets --group tail --topic single --to-earliest --execute",
        "",
        &["single 0 0"],
    ),
    (
        CONSUMER,
        "--bootstrap-server BROKER --topic single --group tail --max-messages 3",
        "",
        &["x0 x1 x2"],
    ),
    (
        GROUPS,
        "--bootstrap-server BROKER --delete --group tail",
        "",
        &["Deletion of requested consumer groups ('tail') was successful."],
    ),
    (
        DELETE_RECORDS,
        "--bootstrap-server BROKER --offset-json-file FILE",
        "",
        &["partition: single-0 low_watermark: 2"],
    ),
    (OFFSETS, "--broker-list BROKER --topic single --time -2", "", &["single:0:2"]),
    (
        LOG_DIRS,
        "--bootstrap-server BROKER --describe --topic-list single",
        "",
        &["\"partition\":\"single-0\"", "\"offsetLag\":0", "\"error\":null"],
    ),
    (
        API_VERSIONS,
        "--bootstrap-server BROKER",
        "",
        &["Produce(0): 0 to ", "ApiVersions(18): 0 to "],
    ),
];

const PERFORMANCE: &[Row] = &[
    (
        PRODUCER_PERFORMANCE,
        "--topic fast --num-records 10000 --record-size 100 --throughput -1 \
         --producer-props bootstrap.servers=BROKER acks=all",
        "",
        &["10000 records sent"],
    ),
    (
        CONSUMER_PERFORMANCE,
        "--broker-list BROKER --topic fast --messages 10000",
        "",
        &["data.consumed.in.MB", ", 10000, "],
    ),
    (
        VERIFIABLE_PRODUCER,
        "--broker-list BROKER --topic verified --max-messages 100",
        "",
        &["\"sent\":100", "\"acked\":100"],
    ),
    (
        VERIFIABLE_CONSUMER,
        "--broker-list BROKER --topic verified --group-id verifier --max-messages 100",
        "",
        &["\"name\":\"records_consumed\"", "\"count\":100", "\"success\":true"],
    ),
];

/// What spoke to ZooKeeper before Kafka 2.2 and 2.6; and the end-to-end test, which in 2.0 looks for its place in
/// the log only after it has written, and waits for ever.
const ADMINISTRATION: &[Row] = &[
    (END_TO_END, "BROKER slow 50 all 100", "", &["Percentiles: 50th = "]),
    (
        TOPICS,
        "--bootstrap-server BROKER --create --topic made --partitions 3 --replication-factor 1 \
         --config retention.ms=86400000",
        "",
        &["Created topic made."],
    ),
    (TOPICS, "--bootstrap-server BROKER --list", "", &["made"]),
    (
        TOPICS,
        "--bootstrap-server BROKER --describe --topic made",
        "",
        &["PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=86400000", "Partition: 2"],
    ),
    (TOPICS, "--bootstrap-server BROKER --alter --topic made --partitions 4", "", &[]),
    (TOPICS, "--bootstrap-server BROKER --describe --topic made", "", &["PartitionCount: 4"]),
    (
        CONFIGS,
        "--bootstrap-server BROKER --alter --entity-type topics --entity-name made \
         --add-config max.message.bytes=123456",
        "",
        &["Completed updating config for topic made."],
    ),
    (
        CONFIGS,
        "--bootstrap-server BROKER --describe --entity-type topics --entity-name made",
        "",
        &["max.message.bytes=123456", "retention.ms=86400000"],
    ),
    (
        CONFIGS,
        "--bootstrap-server BROKER --describe --all --topic made",
        "",
        &["cleanup.policy=delete", "DEFAULT_CONFIG"],
    ),
    (
        CONFIGS,
        "--bootstrap-server BROKER --alter --entity-type brokers --entity-default \
         --add-config log.retention.ms=7200000",
        "",
        &["Completed updating default config for brokers in the cluster."],
    ),
    (TOPICS, "--bootstrap-server BROKER --delete --topic made", "", &[]),
];

pub(super) fn run(client: &Installed, broker: &mut Broker, topics: bool) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("offsets.json");
    let wanted = r#"{"version":1,"partitions":[{"topic":"single","partition":0,"offset":2}]}"#;
    std::fs::write(&file, wanted)?;
    let file = file.display().to_string();
    let mut checks = 0;
    let administration = if topics { ADMINISTRATION } else { &[] };
    for (class, words, input, expected) in [RECORDS, PERFORMANCE, administration].concat() {
        let mut java = client.java(class);
        for word in words.split_whitespace() {
            java.arg(word.replace("BROKER", &broker.bootstrap()).replace("FILE", &file));
        }
        let printed = transcript(java, input, TOOL_TIME_MAX)?;
        let squeezed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in expected {
            if !squeezed.contains(text.trim_end()) {
                bail!("{class} {words}: `{text}` is missing in\n{printed}");
            }
            checks += 1;
        }
    }
    Ok(format!("{checks} checks"))
}
