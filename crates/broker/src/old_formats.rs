//! What was read of a log, made into messages for consumers that know no record batches.
//!
//! Fetch v0 and v1 take message format v0, v2 and v3 take v1. The memory of an answer, and that of all
//! of them together, is bounded by [`crate::conversion`].

use std::sync::Arc;

use bytes::Bytes;
use model::{ErrorCode, LeaderEpoch, Offset};
use net::ConnectionContext;
use protocol::Records;
use records::{DownConversion, OldFormat, down_convert};
use tracing::{error, warn};

use crate::Broker;
use crate::conversion::Room;
use crate::gather::gather;
use crate::partition::{Isolation, Partition, PartitionRead, ReadRequest};

/// Reads that yield nothing but markers of transactions, which the old formats do not have, are
/// followed by so many more.
const FRUITLESS_READS_MAX: usize = 64;

/// A partition that was read, or why it was not.
pub(crate) type Found = Result<PartitionRead, ErrorCode>;

/// A read that is to be converted.
pub(crate) struct OldRead {
    pub(crate) partition: Result<Arc<Partition>, ErrorCode>,
    pub(crate) fetch_offset: Offset,
    pub(crate) found: Found,
}

/// The newest format that a version of the fetch request takes; `None` for record batches.
pub(crate) fn format_of_fetch(version: i16) -> Option<OldFormat> {
    match version {
        ..=1 => Some(OldFormat::V0),
        2..=3 => Some(OldFormat::V1),
        _ => None,
    }
}

/// Converts what was read for one request, away from the reactor.
pub(crate) async fn convert(
    broker: &Broker,
    connection: &Arc<ConnectionContext>,
    reads: Vec<OldRead>,
    format: OldFormat,
    isolation: Isolation,
) -> Vec<Found> {
    let bytes: u64 = reads.iter().flat_map(|read| &read.found).map(length).sum();
    if bytes == 0 {
        return reads.into_iter().map(|read| read.found).collect();
    }
    let Some(room) = broker.conversions().room(bytes, connection).await else {
        warn!("consumers of old message formats leave too much unread: one is told to come back");
        return reads.into_iter().map(|read| read.found.map(without_records)).collect();
    };
    let failed = reads.len();
    let work = move || reads.into_iter().map(|read| one(read, format, isolation, &room)).collect();
    let converted = broker.conversions().run(work).await;
    converted.unwrap_or_else(|| vec![Err(ErrorCode::UnknownServerError); failed])
}

fn length(read: &PartitionRead) -> u64 {
    read.records.length()
}

fn without_records(read: PartitionRead) -> PartitionRead {
    PartitionRead { records: Records::Bytes(Bytes::new()), ..read }
}

fn one(read: OldRead, format: OldFormat, isolation: Isolation, room: &Arc<Room>) -> Found {
    let (mut found, partition) = (read.found?, read.partition?);
    let bytes_max = length(&found);
    let mut records = std::mem::replace(&mut found.records, Records::Bytes(Bytes::new()));
    for _ in 0..FRUITLESS_READS_MAX {
        if records.length() == 0 {
            break;
        }
        let (bytes, next_offset) = messages(&partition, records, read.fetch_offset, format)?;
        if !bytes.is_empty() {
            match room.hold(bytes) {
                Some(bytes) => found.records = Records::Bytes(bytes),
                None => warn!(
                    "no memory for records that grow in an old message format: the consumer is told to come back"
                ),
            }
            break;
        }
        let Some(offset) = next_offset else { break };
        let request = ReadRequest {
            offset,
            bytes_max,
            at_least_one_batch: true,
            isolation,
            leader_epoch: LeaderEpoch::NONE,
            last_fetched_epoch: LeaderEpoch::NONE,
        };
        records = partition.read(&request)?.records;
    }
    Ok(found)
}

/// The messages of what was read, and the offset after what was looked at.
fn messages(
    partition: &Partition,
    records: Records,
    first_offset: Offset,
    format: OldFormat,
) -> Result<(Vec<u8>, Option<Offset>), ErrorCode> {
    let name = partition.topic_partition();
    let batches = gather(records).map_err(|error| {
        error!(partition = %name, %error, "read failed");
        ErrorCode::KafkaStorageError
    })?;
    let conversion = DownConversion {
        format,
        first_offset,
        bytes_max: batches.len(),
        uncompressed_bytes_max: partition.settings().uncompressed_bytes_max,
    };
    match down_convert(&batches, &conversion) {
        Ok(converted) => Ok((converted.bytes, converted.next_offset)),
        Err(error) => {
            warn!(
                partition = %name, offset = %first_offset, %error,
                "records cannot be served in an old message format"
            );
            Err(error.code())
        }
    }
}
