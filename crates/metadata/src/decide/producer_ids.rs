//! Blocks of producer ids (KIP-730): each is handed out once in the life of the cluster.

use model::ErrorCode;
use protocol::data::ProducerIdsRecord;

use super::brokers::current_broker;
use crate::command::{AllocateProducerIds, ProducerIdBlock};
use crate::error::ApiError;
use crate::image::MetadataImage;
use crate::record::MetadataRecord;

/// How many ids a block has, as in Kafka.
pub const PRODUCER_ID_BLOCK_SIZE: i64 = 1000;

pub(super) fn decide(
    image: &MetadataImage,
    command: &AllocateProducerIds,
    records: &mut Vec<MetadataRecord>,
) -> Result<ProducerIdBlock, ApiError> {
    current_broker(image, command.broker_id, command.broker_epoch)?;
    let first = image.next_producer_id();
    let Some(next) = first.checked_add(PRODUCER_ID_BLOCK_SIZE) else {
        return Err(ApiError::new(
            ErrorCode::UnknownServerError,
            "every producer id has been handed out",
        ));
    };
    records.push(
        ProducerIdsRecord {
            broker_id: command.broker_id,
            broker_epoch: command.broker_epoch,
            next_producer_id: next.into(),
        }
        .into(),
    );
    Ok(ProducerIdBlock { first: first.into(), length: PRODUCER_ID_BLOCK_SIZE })
}
