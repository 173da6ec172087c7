//! The `kafka-protocol` crate as a second opinion: of every message and version that it knows, it
//! reads our samples and writes the same bytes; and since our codec does so too (`round_trip.rs`),
//! each reads what the other writes.

mod common;

use bytes::{Bytes, BytesMut};
use common::for_each_sample;
use kafka_protocol::messages::{ApiKey, RequestKind, ResponseKind};
use protocol_codegen::schema::Role;

/// How many messages in how many versions must have been compared at least; the crate knows 87 APIs.
const COMPARED_MIN: usize = 500;

/// Versions that Kafka called unstable when the crate was generated: it answers but cannot ask.
const UNKNOWN_REQUESTS: &[(ApiKey, i16)] =
    &[(ApiKey::OffsetCommit, 10), (ApiKey::OffsetFetch, 10), (ApiKey::InitProducerId, 6)];

fn again(role: Role, version: i16, bytes: &Bytes) -> Option<anyhow::Result<Bytes>> {
    let (Role::Request(key) | Role::Response(key)) = role else { return None };
    let api = ApiKey::try_from(key).ok()?;
    let known = api.valid_versions();
    let cannot_ask = matches!(role, Role::Request(_)) && UNKNOWN_REQUESTS.contains(&(api, version));
    if version < known.min || version > known.max || cannot_ask {
        return None;
    }
    let mut input = bytes.clone();
    let mut output = BytesMut::new();
    let result = match role {
        Role::Request(_) => RequestKind::decode(api, &mut input, version)
            .and_then(|request| request.encode(&mut output, version)),
        _ => ResponseKind::decode(api, &mut input, version)
            .and_then(|response| response.encode(&mut output, version)),
    };
    Some(result.map(|()| output.freeze()))
}

#[test]
fn kafka_protocol_reads_and_writes_the_same_bytes() {
    let mut compared = 0;
    let mut differences = Vec::new();
    for_each_sample(10, |codec, version, bytes| {
        match again(codec.role, version, &bytes) {
            None => return,
            Some(Ok(output)) if output == bytes => {}
            Some(Ok(_)) => differences.push(format!("{} v{version}: other bytes", codec.name)),
            Some(Err(error)) => differences.push(format!("{} v{version}: {error:#}", codec.name)),
        }
        compared += 1;
    });
    differences.dedup();
    assert_eq!(differences, Vec::<String>::new());
    assert!(compared >= 10 * COMPARED_MIN, "only {compared} compared");
}
