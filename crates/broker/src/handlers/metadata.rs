//! Metadata (key 3), v0-v13.
//! Which topics and partitions there are, who leads them, and where the brokers are reached.
//! - v0: no topics means all   - v1: null means all   - v4: whether to create what is missing
//! - v7: leader epochs         - v8: authorized operations (KIP-430)   - v9: flexible
//! - v10: topic ids (KIP-516)  - v12: topics by id alone              - v13: error code (KIP-1102)

use std::sync::Arc;

use metadata::{MetadataImage, PartitionImage, TopicImage};
use model::{BrokerId, ErrorCode, PartitionIndex, is_internal_topic, validate_topic_name};
use protocol::Str;
use protocol::messages::metadata_request::MetadataRequestTopic;
use protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use protocol::messages::{MetadataRequest, MetadataResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::once::once;
use crate::handlers::operations;

/// From here on topics can be asked for by id; versions 10 and 11 have the fields, and may not use them.
const IDS_SINCE: i16 = 12;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: MetadataRequest,
) -> MetadataResponse {
    let mut wanted = match request.topics {
        Some(topics) if context.version == 0 && topics.is_empty() => None,
        topics => topics,
    };
    if let Some(topics) = &mut wanted {
        once(topics, |topic| (topic.topic_id, topic.name.clone()));
    }
    if let Some(topics) = &wanted
        && context.version < IDS_SINCE
        && topics.iter().any(|topic| topic.name.is_none() || !topic.topic_id.is_zero())
    {
        return refused(topics);
    }
    if let Some(topics) = &wanted
        && request.allow_auto_topic_creation
        && broker.settings().auto_create_topics_enable
    {
        create_missing(&broker, topics).await;
    }
    let image = broker.image();
    let mut topics: Vec<_> = match wanted {
        None => image.topics().map(|topic| describe(&broker, &image, topic)).collect(),
        Some(topics) => topics.iter().map(|topic| find(&broker, &image, topic)).collect(),
    };
    if request.include_topic_authorized_operations {
        for topic in topics.iter_mut().filter(|topic| topic.name.is_some()) {
            topic.topic_authorized_operations = operations::TOPIC;
        }
    }
    let mut response = MetadataResponse {
        brokers: brokers(&broker, &context, &image),
        cluster_id: Some(broker.identity().cluster_id.as_ref().into()),
        controller_id: broker.identity().broker_id,
        topics,
        ..Default::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = operations::CLUSTER;
    }
    response
}

/// The whole request is refused, as in Kafka.
fn refused(topics: &[MetadataRequestTopic]) -> MetadataResponse {
    let refuse = |topic: &MetadataRequestTopic| MetadataResponseTopic {
        error_code: ErrorCode::InvalidRequest.code(),
        name: Some(topic.name.clone().unwrap_or_default()),
        topic_id: topic.topic_id,
        ..Default::default()
    };
    MetadataResponse { topics: topics.iter().map(refuse).collect(), ..Default::default() }
}

async fn create_missing(broker: &Arc<Broker>, topics: &[MetadataRequestTopic]) {
    let image = broker.image();
    let missing: Vec<Arc<str>> = topics
        .iter()
        .filter_map(|topic| topic.name.as_ref().filter(|_| topic.topic_id.is_zero()))
        .filter(|name| image.topic(name).is_none() && validate_topic_name(name).is_ok())
        .map(|name| Arc::from(name.as_str()))
        .collect();
    if !missing.is_empty() {
        broker.auto_create_topics(missing).await;
    }
}

fn find(
    broker: &Broker,
    image: &MetadataImage,
    wanted: &MetadataRequestTopic,
) -> MetadataResponseTopic {
    if !wanted.topic_id.is_zero() {
        return match image.topic_by_id(wanted.topic_id) {
            Some(topic) => describe(broker, image, topic),
            None => MetadataResponseTopic {
                error_code: ErrorCode::UnknownTopicId.code(),
                topic_id: wanted.topic_id,
                ..Default::default()
            },
        };
    }
    let name = wanted.name.clone().unwrap_or_default();
    if let Some(topic) = image.topic(&name) {
        return describe(broker, image, topic);
    }
    let error = match validate_topic_name(&name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    MetadataResponseTopic {
        error_code: error.code(),
        is_internal: is_internal_topic(&name),
        name: Some(name.detach()),
        ..Default::default()
    }
}

fn describe(broker: &Broker, image: &MetadataImage, topic: &TopicImage) -> MetadataResponseTopic {
    let partitions = topic
        .indexed()
        .map(|(partition_index, partition)| {
            let Served { leader, offline } =
                served(broker, image, (topic, partition_index), partition);
            let error =
                if leader.is_some() { ErrorCode::None } else { ErrorCode::LeaderNotAvailable };
            MetadataResponsePartition {
                error_code: error.code(),
                partition_index,
                leader_id: leader.unwrap_or(BrokerId::NONE),
                leader_epoch: partition.leader_epoch,
                replica_nodes: partition.replicas.clone(),
                isr_nodes: partition.isr.clone(),
                offline_replicas: offline,
            }
        })
        .collect();
    MetadataResponseTopic {
        error_code: ErrorCode::None.code(),
        name: Some(Str::from(&*topic.name)),
        topic_id: topic.id,
        is_internal: is_internal_topic(&topic.name),
        partitions,
        ..Default::default()
    }
}

/// By whom a partition is served.
pub(crate) struct Served {
    /// Who leads it.
    pub(crate) leader: Option<BrokerId>,
    /// The replicas on brokers, or in folders, that are not there.
    pub(crate) offline: Vec<BrokerId>,
}

/// By whom clients are told that a partition is served. A log that this node could not open, alone in
/// a folder that works, is as offline as one in a folder that does not.
pub(crate) fn served(
    broker: &Broker,
    image: &MetadataImage,
    (topic, index): (&TopicImage, PartitionIndex),
    partition: &PartitionImage,
) -> Served {
    let this = broker.identity().broker_id;
    let is_open = || {
        let here = broker.partitions().by_id(topic.id, index);
        here.is_some_and(|partition| !partition.is_closed())
    };
    let is_missing = partition.leader == Some(this) && !is_open();
    let leader = partition.leader.filter(|leader| image.is_active(*leader) && !is_missing);
    let is_offline = |replica: &BrokerId| {
        !image.is_online(partition, *replica) || (is_missing && *replica == this)
    };
    Served { leader, offline: partition.replicas.iter().copied().filter(is_offline).collect() }
}

/// The brokers, each with its address on the listener that the client came through.
fn brokers(
    broker: &Broker,
    context: &RequestContext,
    image: &MetadataImage,
) -> Vec<MetadataResponseBroker> {
    let this = broker.identity().broker_id;
    image
        .brokers()
        .filter(|registration| !registration.fenced)
        .filter_map(|registration| {
            let (host, port) = if registration.broker_id == this {
                broker.address_for(&context.connection)
            } else {
                let endpoint = registration.endpoint(&context.connection.listener)?;
                (endpoint.host.to_string(), endpoint.port)
            };
            Some(MetadataResponseBroker {
                node_id: registration.broker_id,
                host: host.into(),
                port: i32::from(port),
                rack: registration.rack.as_deref().map(Str::from),
            })
        })
        .collect()
}
