//! `kafka-broker-api-versions`: the versions of requests that each broker understands, and which of them
//! Kafka's clients would use.

use client::{Admin, EndpointType, Node, NodeVersions};
use protocol::ApiKey;

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::{Failure, explain};
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

/// The command line of `kafka-broker-api-versions`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-broker-api-versions",
    about: "Shows the versions of requests that each broker understands.",
    flags: &[BOOTSTRAP_SERVER, Flag::value("command-config", "FILE", "Properties of the client.")],
};

/// The requests that clients send, with the oldest and the newest version that those of Kafka 4.3 know.
const CLIENTS: &[(ApiKey, i16, i16)] = &[
    (ApiKey::Produce, 0, 13),
    (ApiKey::Fetch, 4, 18),
    (ApiKey::ListOffsets, 1, 11),
    (ApiKey::Metadata, 0, 13),
    (ApiKey::OffsetCommit, 2, 10),
    (ApiKey::OffsetFetch, 1, 10),
    (ApiKey::FindCoordinator, 0, 6),
    (ApiKey::JoinGroup, 0, 9),
    (ApiKey::Heartbeat, 0, 4),
    (ApiKey::LeaveGroup, 0, 5),
    (ApiKey::SyncGroup, 0, 5),
    (ApiKey::DescribeGroups, 0, 6),
    (ApiKey::ListGroups, 0, 5),
    (ApiKey::SaslHandshake, 0, 1),
    (ApiKey::ApiVersions, 0, 4),
    (ApiKey::CreateTopics, 2, 7),
    (ApiKey::DeleteTopics, 1, 6),
    (ApiKey::DeleteRecords, 0, 2),
    (ApiKey::InitProducerId, 0, 5),
    (ApiKey::OffsetForLeaderEpoch, 2, 4),
    (ApiKey::AddPartitionsToTxn, 0, 5),
    (ApiKey::AddOffsetsToTxn, 0, 4),
    (ApiKey::EndTxn, 0, 5),
    (ApiKey::WriteTxnMarkers, 1, 2),
    (ApiKey::TxnOffsetCommit, 0, 5),
    (ApiKey::DescribeAcls, 1, 3),
    (ApiKey::CreateAcls, 1, 3),
    (ApiKey::DeleteAcls, 1, 3),
    (ApiKey::DescribeConfigs, 1, 4),
    (ApiKey::AlterConfigs, 0, 2),
    (ApiKey::AlterReplicaLogDirs, 1, 2),
    (ApiKey::DescribeLogDirs, 1, 5),
    (ApiKey::SaslAuthenticate, 0, 2),
    (ApiKey::CreatePartitions, 0, 3),
    (ApiKey::CreateDelegationToken, 1, 3),
    (ApiKey::RenewDelegationToken, 1, 2),
    (ApiKey::ExpireDelegationToken, 1, 2),
    (ApiKey::DescribeDelegationToken, 1, 3),
    (ApiKey::DeleteGroups, 0, 2),
    (ApiKey::ElectLeaders, 0, 2),
    (ApiKey::IncrementalAlterConfigs, 0, 1),
    (ApiKey::AlterPartitionReassignments, 0, 1),
    (ApiKey::ListPartitionReassignments, 0, 0),
    (ApiKey::OffsetDelete, 0, 0),
    (ApiKey::DescribeClientQuotas, 0, 1),
    (ApiKey::AlterClientQuotas, 0, 1),
    (ApiKey::DescribeUserScramCredentials, 0, 0),
    (ApiKey::AlterUserScramCredentials, 0, 0),
    (ApiKey::DescribeQuorum, 0, 2),
    (ApiKey::UpdateFeatures, 0, 2),
    (ApiKey::DescribeCluster, 0, 2),
    (ApiKey::DescribeProducers, 0, 0),
    (ApiKey::UnregisterBroker, 0, 0),
    (ApiKey::DescribeTransactions, 0, 0),
    (ApiKey::ListTransactions, 0, 2),
    (ApiKey::ConsumerGroupHeartbeat, 0, 1),
    (ApiKey::ConsumerGroupDescribe, 0, 1),
    (ApiKey::GetTelemetrySubscriptions, 0, 0),
    (ApiKey::PushTelemetry, 0, 0),
    (ApiKey::ListConfigResources, 0, 1),
    (ApiKey::DescribeTopicPartitions, 0, 0),
    (ApiKey::ShareGroupHeartbeat, 1, 1),
    (ApiKey::ShareGroupDescribe, 1, 1),
    (ApiKey::ShareFetch, 1, 2),
    (ApiKey::ShareAcknowledge, 1, 2),
    (ApiKey::AddRaftVoter, 0, 1),
    (ApiKey::RemoveRaftVoter, 0, 0),
    (ApiKey::InitializeShareGroupState, 0, 0),
    (ApiKey::ReadShareGroupState, 0, 0),
    (ApiKey::WriteShareGroupState, 0, 1),
    (ApiKey::DeleteShareGroupState, 0, 0),
    (ApiKey::ReadShareGroupStateSummary, 0, 1),
    (ApiKey::StreamsGroupHeartbeat, 0, 0),
    (ApiKey::StreamsGroupDescribe, 0, 0),
    (ApiKey::DescribeShareGroupOffsets, 0, 1),
    (ApiKey::AlterShareGroupOffsets, 0, 0),
    (ApiKey::DeleteShareGroupOffsets, 0, 0),
];

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let config = connect::admin_config(options)?;
    connect::block_on(async {
        let admin = Admin::new(&config)?;
        let (_, mut nodes) = admin.list_nodes(EndpointType::Brokers, false).await?;
        nodes.sort_by_key(|node| node.node.id);
        for node in nodes {
            let found = match admin.node_versions(node.node.id).await {
                Ok(versions) => table(&versions),
                Err(error) => format!("ERROR: {}", explain(&error)),
            };
            print(&format!("{} -> {found}\n", described(&node.node)))?;
        }
        Ok(())
    })
}

/// A node as Kafka writes it.
fn described(node: &Node) -> String {
    let rack = node.rack.as_deref().unwrap_or("null");
    format!("{}:{} (id: {} rack: {rack} isFenced: false)", node.host, node.port, node.id)
}

fn table(versions: &NodeVersions) -> String {
    let mut lines: Vec<(i16, String)> =
        versions.all().map(|(key, range)| (key, line(key, range))).collect();
    for (key, ..) in CLIENTS {
        if versions.range(*key).is_none() {
            let text = format!("{}({}): UNSUPPORTED", key.name(), key.code());
            lines.push((key.code(), text));
        }
    }
    lines.sort();
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    format!("(\n\t{}\n)", lines.join(",\n\t"))
}

fn line(code: i16, (min, max): (i16, i16)) -> String {
    let range = if min == max { min.to_string() } else { format!("{min} to {max}") };
    let Some(key) = ApiKey::from_code(code) else {
        return format!("UNKNOWN({code}): {range}");
    };
    let usable = match CLIENTS.iter().find(|(of, ..)| *of == key) {
        Some((_, _, newest)) if *newest < min => "unusable: node too new".to_owned(),
        Some((_, oldest, _)) if max < *oldest => "unusable: node too old".to_owned(),
        Some((_, _, newest)) => format!("usable: {}", max.min(*newest)),
        // A request between nodes, which no client sends.
        None => format!("usable: {max}"),
    };
    format!("{}({code}): {range} [{usable}]", key.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_kafkas_clients_would_use() {
        for (code, range, text) in [
            (0, (0, 13), "Produce(0): 0 to 13 [usable: 13]"),
            (18, (0, 9), "ApiVersions(18): 0 to 9 [usable: 4]"),
            (46, (0, 0), "ListPartitionReassignments(46): 0 [usable: 0]"),
            (1, (0, 3), "Fetch(1): 0 to 3 [unusable: node too old]"),
            (3, (77, 78), "Metadata(3): 77 to 78 [unusable: node too new]"),
            (999, (1, 2), "UNKNOWN(999): 1 to 2"),
        ] {
            assert_eq!(line(code, range), text);
        }
    }
}
