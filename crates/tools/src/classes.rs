//! The Java classes behind Kafka's tools, which scripts name to `kafka-run-class.sh`: those of
//! Kafka 4 and those that the same tools had in 2.x and 3.x.

/// A class, and the command of ours that does its work. Sorted by command.
pub const CLASSES: &[(&str, &str)] = &[
    ("kafka.admin.BrokerApiVersionsCommand", "broker-api-versions"),
    ("org.apache.kafka.tools.BrokerApiVersionsCommand", "broker-api-versions"),
    ("org.apache.kafka.tools.ClientMetricsCommand", "client-metrics"),
    ("kafka.tools.ClusterTool", "cluster"),
    ("org.apache.kafka.tools.ClusterTool", "cluster"),
    ("kafka.admin.ConfigCommand", "configs"),
    ("org.apache.kafka.tools.ConfigCommand", "configs"),
    ("kafka.tools.ConsoleConsumer", "console-consumer"),
    ("org.apache.kafka.tools.consumer.ConsoleConsumer", "console-consumer"),
    ("kafka.tools.ConsoleProducer", "console-producer"),
    ("org.apache.kafka.tools.ConsoleProducer", "console-producer"),
    ("kafka.admin.ConsumerGroupCommand", "consumer-groups"),
    ("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "consumer-groups"),
    ("kafka.tools.ConsumerPerformance", "consumer-perf-test"),
    ("org.apache.kafka.tools.ConsumerPerformance", "consumer-perf-test"),
    ("kafka.admin.DeleteRecordsCommand", "delete-records"),
    ("org.apache.kafka.tools.DeleteRecordsCommand", "delete-records"),
    ("kafka.tools.DumpLogSegments", "dump-log"),
    ("org.apache.kafka.tools.DumpLogSegments", "dump-log"),
    ("kafka.tools.EndToEndLatency", "e2e-latency"),
    ("org.apache.kafka.tools.EndToEndLatency", "e2e-latency"),
    ("kafka.admin.FeatureCommand", "features"),
    ("org.apache.kafka.tools.FeatureCommand", "features"),
    ("kafka.tools.GetOffsetShell", "get-offsets"),
    ("org.apache.kafka.tools.GetOffsetShell", "get-offsets"),
    ("org.apache.kafka.tools.GroupsCommand", "groups"),
    ("kafka.admin.LeaderElectionCommand", "leader-election"),
    ("org.apache.kafka.tools.LeaderElectionCommand", "leader-election"),
    ("kafka.admin.LogDirsCommand", "log-dirs"),
    ("org.apache.kafka.tools.LogDirsCommand", "log-dirs"),
    ("kafka.admin.MetadataQuorumCommand", "metadata-quorum"),
    ("org.apache.kafka.tools.MetadataQuorumCommand", "metadata-quorum"),
    ("org.apache.kafka.tools.ProducerPerformance", "producer-perf-test"),
    ("kafka.admin.ReassignPartitionsCommand", "reassign-partitions"),
    ("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "reassign-partitions"),
    ("kafka.Kafka", "server-start"),
    ("kafka.tools.StorageTool", "storage"),
    ("kafka.admin.TopicCommand", "topics"),
    ("org.apache.kafka.tools.TopicCommand", "topics"),
    ("org.apache.kafka.tools.VerifiableConsumer", "verifiable-consumer"),
    ("org.apache.kafka.tools.VerifiableProducer", "verifiable-producer"),
];

/// The command that does the work of a class.
pub fn command_of_class(class: &str) -> Option<&'static str> {
    CLASSES.iter().find(|(name, _)| *name == class).map(|(_, command)| *command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TOOLS;

    /// Commands that are not in [`TOOLS`].
    const OTHERS: &[&str] = &["server-start"];

    #[test]
    fn every_tool_of_kafka_has_a_class_and_every_class_a_tool() {
        let commands: Vec<&str> = CLASSES.iter().map(|(_, command)| *command).collect();
        assert!(commands.is_sorted());
        for tool in TOOLS.iter().filter(|tool| tool.is_script()) {
            assert!(commands.contains(&tool.name), "{} has no class", tool.name);
        }
        for command in commands {
            let known = OTHERS.contains(&command) || crate::find(command).is_some();
            assert!(known, "{command} is no tool");
        }
    }
}
