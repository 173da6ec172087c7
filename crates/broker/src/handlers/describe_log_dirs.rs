//! DescribeLogDirs (key 35), v0-v5.
//! What lies in which folder of `log.dirs`, how large it is, and how much room there is.
//! - v2: flexible   - v3: error code   - v4: size of the volume (KIP-827)   - v5: cordoned (KIP-1066)
//!
//! A folder that cannot be used is told as KAFKA_STORAGE_ERROR.
//! Gaps: folders cannot be cordoned yet, so none is told as cordoned.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use model::{ErrorCode, PartitionIndex, TopicPartition};
use protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::partitions::FolderContents;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    _context: RequestContext,
    request: DescribeLogDirsRequest,
) -> DescribeLogDirsResponse {
    let wanted: Option<HashSet<TopicPartition>> = request.topics.map(|topics| {
        let each = |index: &PartitionIndex, topic: &str| TopicPartition::new(topic, *index);
        let of_topic = topics
            .iter()
            .flat_map(|it| it.partitions.iter().map(move |index| each(index, &it.topic)));
        of_topic.collect()
    });
    let node = Arc::clone(&broker);
    let results = broker.wait_for_disk(move || describe(&node, wanted.as_ref())).await;
    DescribeLogDirsResponse { results: results.unwrap_or_default(), ..Default::default() }
}

fn describe(
    broker: &Broker,
    wanted: Option<&HashSet<TopicPartition>>,
) -> Vec<DescribeLogDirsResult> {
    let of_folder = |path: &std::path::PathBuf| {
        let contents = broker.partitions().contents_of(path);
        answer(path, contents, wanted)
    };
    broker.node().log_dirs.iter().map(of_folder).collect()
}

fn answer(
    path: &Path,
    contents: Result<FolderContents, ErrorCode>,
    wanted: Option<&HashSet<TopicPartition>>,
) -> DescribeLogDirsResult {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let log_dir = absolute.display().to_string().into();
    let contents = match contents {
        Ok(contents) => contents,
        Err(error) => {
            return DescribeLogDirsResult {
                error_code: error.code(),
                log_dir,
                ..Default::default()
            };
        }
    };
    let mut topics: BTreeMap<Arc<str>, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    for replica in contents.replicas {
        if wanted.is_some_and(|wanted| !wanted.contains(&replica.partition)) {
            continue;
        }
        topics.entry(replica.partition.topic).or_default().push(DescribeLogDirsPartition {
            partition_index: replica.partition.partition,
            partition_size: signed(replica.bytes),
            offset_lag: replica.offset_lag,
            is_future_key: replica.is_future,
        });
    }
    let topics = topics.into_iter().map(|(name, mut partitions)| {
        partitions.sort_by_key(|partition| (partition.partition_index, partition.is_future_key));
        DescribeLogDirsTopic { name: (&*name).into(), partitions }
    });
    DescribeLogDirsResult {
        error_code: ErrorCode::None.code(),
        log_dir,
        topics: topics.collect(),
        total_bytes: contents.space.map_or(-1, |space| signed(space.total_bytes)),
        usable_bytes: contents.space.map_or(-1, |space| signed(space.usable_bytes)),
        is_cordoned: false,
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
