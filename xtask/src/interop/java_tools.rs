//! Apache Kafka's own command-line tools: topics, console producer and consumer, consumer groups,
//! configurations, offsets, and the two performance tests.

use std::time::Duration;

use anyhow::{Result, bail};

use super::install::Installed;
use super::target::Broker;
use crate::command::transcript;

/// Each tool starts a Java machine; this is for a machine under load.
const TOOL_TIME_MAX: Duration = Duration::from_secs(120);

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const PRODUCER: &str = "org.apache.kafka.tools.ConsoleProducer";
const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const CONFIGS: &str = "kafka.admin.ConfigCommand";
const OFFSETS: &str = "org.apache.kafka.tools.GetOffsetShell";
const PRODUCER_PERFORMANCE: &str = "org.apache.kafka.tools.ProducerPerformance";
const CONSUMER_PERFORMANCE: &str = "org.apache.kafka.tools.ConsumerPerformance";

/// The tools, and how many checks held so far.
struct Tools<'a> {
    client: &'a Installed,
    bootstrap: String,
    checks: u32,
}

impl Tools<'_> {
    /// Runs a tool with `words` separated by blanks; its output must hold every one of `expected`.
    fn check(
        &mut self,
        class: &str,
        words: &str,
        input: &str,
        expected: &[&str],
    ) -> Result<String> {
        let mut java = self.client.java(class);
        java.args(["--bootstrap-server", &self.bootstrap]).args(words.split_whitespace());
        let printed = transcript(java, input, TOOL_TIME_MAX)?;
        for text in expected {
            // Columns are padded; one blank stands for any number.
            let squeezed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
            if !squeezed.contains(text) {
                bail!("{class} {words}: `{text}` is missing in\n{printed}");
            }
            self.checks += 1;
        }
        Ok(printed)
    }
}

pub(super) fn run(client: &Installed, broker: &mut Broker) -> Result<String> {
    let mut tools = Tools { client, bootstrap: broker.bootstrap(), checks: 0 };
    topics(&mut tools)?;
    console(&mut tools)?;
    groups(&mut tools)?;
    configs(&mut tools)?;
    performance(&mut tools)?;
    tools.check(TOPICS, "--delete --topic lines", "", &[])?;
    if tools.check(TOPICS, "--list", "", &[])?.lines().any(|line| line == "lines") {
        bail!("a deleted topic is still listed");
    }
    Ok(format!("{} checks", tools.checks))
}

fn topics(tools: &mut Tools<'_>) -> Result<()> {
    let create = "--create --topic lines --partitions 3 --config retention.ms=86400000";
    tools.check(TOPICS, create, "", &["Created topic lines."])?;
    tools.check(TOPICS, "--list", "", &["lines"])?;
    let expected =
        ["PartitionCount: 3", "ReplicationFactor: 1", "retention.ms=86400000", "Partition: 2"];
    tools.check(TOPICS, "--describe --topic lines", "", &expected)?;
    tools.check(TOPICS, "--alter --topic lines --partitions 4", "", &[])?;
    tools.check(TOPICS, "--describe --topic lines", "", &["PartitionCount: 4"])?;
    Ok(())
}

fn console(tools: &mut Tools<'_>) -> Result<()> {
    let input = "a:1\nb:2\nc:3\na:4\n";
    let parse = "--topic lines --reader-property parse.key=true --reader-property key.separator=:";
    tools.check(PRODUCER, parse, input, &[])?;
    let read = "--topic lines --from-beginning --max-messages 4 --formatter-property print.key=true \
                --formatter-property key.separator=: --group readers";
    let read = tools.check(CONSUMER, read, "", &["a:1", "b:2", "c:3", "a:4"])?;
    let (one, four) = (read.find("a:1"), read.find("a:4"));
    if one > four {
        bail!("two records of one key came in another order:\n{read}");
    }
    tools.check(
        TOPICS,
        "--create --topic single --partitions 1",
        "",
        &["Created topic single."],
    )?;
    tools.check(PRODUCER, "--topic single --compression-codec zstd", "x0\nx1\nx2\n", &[])?;
    let from = "--topic single --partition 0 --offset 1 --max-messages 2";
    tools.check(CONSUMER, from, "", &["x1 x2", "Processed a total of 2 messages"])?;
    tools.check(OFFSETS, "--topic single", "", &["single:0:3"])?;
    tools.check(OFFSETS, "--topic single --time earliest", "", &["single:0:0"])?;
    Ok(())
}

fn groups(tools: &mut Tools<'_>) -> Result<()> {
    tools.check(
        CONSUMER,
        "--topic single --group tail --from-beginning --max-messages 3",
        "",
        &["x0 x1 x2"],
    )?;
    tools.check(GROUPS, "--list", "", &["readers", "tail"])?;
    let described = tools.check(GROUPS, "--describe --group tail", "", &["tail single 0 3 3 0"])?;
    if !described.contains("CURRENT-OFFSET") {
        bail!("no columns in\n{described}");
    }
    tools.check(GROUPS, "--describe --group tail --state", "", &["Empty"])?;
    tools.check(GROUPS, "--describe --group tail --members", "", &[])?;
    let reset = "--reset-offsets --group tail --topic single --to-earliest --execute";
    tools.check(GROUPS, reset, "", &["tail single 0 0"])?;
    tools.check(CONSUMER, "--topic single --group tail --max-messages 3", "", &["x0 x1 x2"])?;
    let delete = "--delete-offsets --group tail --topic single";
    tools.check(GROUPS, delete, "", &["Request succeeded", "single"])?;
    tools.check(GROUPS, "--delete --group tail", "", &["was successful"])?;
    Ok(())
}

fn configs(tools: &mut Tools<'_>) -> Result<()> {
    let topic = "--entity-type topics --entity-name lines";
    let alter = format!("--alter {topic} --add-config max.message.bytes=123456,segment.ms=3600000");
    tools.check(CONFIGS, &alter, "", &["Completed updating config for topic lines."])?;
    let describe = format!("--describe {topic}");
    tools.check(CONFIGS, &describe, "", &["max.message.bytes=123456", "segment.ms=3600000"])?;
    let delete = format!("--alter {topic} --delete-config segment.ms");
    tools.check(CONFIGS, &delete, "", &["Completed updating config for topic lines."])?;
    if tools.check(CONFIGS, &describe, "", &[])?.contains("segment.ms=3600000") {
        bail!("a deleted configuration is still there");
    }
    let all = format!("--describe --all {topic}");
    tools.check(CONFIGS, &all, "", &["cleanup.policy=delete", "DEFAULT_CONFIG"])?;
    let broker =
        "--alter --entity-type brokers --entity-default --add-config log.retention.ms=7200000";
    tools.check(
        CONFIGS,
        broker,
        "",
        &["Completed updating default config for brokers in the cluster."],
    )?;
    let describe = "--describe --entity-type brokers --entity-default";
    tools.check(CONFIGS, describe, "", &["log.retention.ms=7200000"])?;
    tools.check(CONFIGS, "--describe --topic lines", "", &["retention.ms=86400000"])?;
    Ok(())
}

fn performance(tools: &mut Tools<'_>) -> Result<()> {
    let words = "--topic lines --num-records 100000 --record-size 200 --throughput -1 \
                 --command-property acks=all";
    tools.check(PRODUCER_PERFORMANCE, words, "", &["100000 records sent"])?;
    let words = "--topic lines --num-records 100000 --timeout 60000";
    tools.check(CONSUMER_PERFORMANCE, words, "", &["data.consumed.in.MB"])?;
    Ok(())
}
