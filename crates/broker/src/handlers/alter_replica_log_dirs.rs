//! AlterReplicaLogDirs (key 34), v0-v2.
//! Begins to move partitions to other folders of `log.dirs` (KIP-113). The answer says that a move
//! has begun; DescribeLogDirs tells when it has ended.
//! - v2: flexible
//!
//! Gaps: a folder is not remembered for a partition that does not exist yet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::{ErrorCode, TopicPartition};
use protocol::Str;
use protocol::messages::alter_replica_log_dirs_request::AlterReplicaLogDir;
use protocol::messages::alter_replica_log_dirs_response::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult,
};
use protocol::messages::{AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: AlterReplicaLogDirsRequest,
) -> AlterReplicaLogDirsResponse {
    let node = Arc::clone(&broker);
    let results = broker.wait_for_disk(move || begin(&node, request.dirs)).await;
    AlterReplicaLogDirsResponse { results: results.unwrap_or_default(), ..Default::default() }
}

fn begin(broker: &Broker, dirs: Vec<AlterReplicaLogDir>) -> Vec<AlterReplicaLogDirTopicResult> {
    let mut results: BTreeMap<Str, Vec<AlterReplicaLogDirPartitionResult>> = BTreeMap::new();
    for directory in dirs {
        // Kafka's answers say nothing of a topic without partitions.
        for topic in directory.topics.into_iter().filter(|topic| !topic.partitions.is_empty()) {
            let answers = results.entry(topic.name.clone()).or_default();
            for partition_index in topic.partitions {
                let path = Path::new(directory.path.as_str());
                // As in Kafka, the folder is looked at first.
                let named = TopicPartition::new(topic.name.as_str(), partition_index);
                let target = broker.partitions().target_of_move(&named, path);
                let begun = target.and_then(|_| {
                    let partition = broker.partition_by_name(&topic.name, partition_index)?;
                    broker.partitions().move_to(&partition, path)
                });
                answers.push(AlterReplicaLogDirPartitionResult {
                    partition_index,
                    error_code: begun.err().unwrap_or(ErrorCode::None).code(),
                });
            }
        }
    }
    let topics = results.into_iter();
    topics
        .map(|(topic_name, partitions)| AlterReplicaLogDirTopicResult { topic_name, partitions })
        .collect()
}
