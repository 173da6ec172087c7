//! Kafka's wire protocol: the codec for every request, response and stored record, generated from
//! the schemas in `schemas/`, and the little runtime beneath it. Pure: bytes in, values out, and the
//! other way round. It lies above `model` and beneath everything that talks or stores.
//!
//! Invariant: nothing is allocated, and no loop runs, on the word of a length that the bytes at hand
//! do not back up.
//!
//! - [`messages`]: requests and responses, each in a module of its own with its nested structs.
//! - [`data`]: headers, and records of groups, transactions, metadata and the log itself.
//! - [`ToJson`]: what is stored, as Kafka's tools print it.
//! - [`frame`]: length, header and body together.
//! - [`Reader`] walks over a frame and gives slices of it; [`Writer`] yields [`Chunk`]s, so that file
//!   ranges reach `sendfile` unread.

mod api_key;
mod chunk;
/// Headers and everything that is stored as a record.
// The names are the protocol's own; one line per field is the plainest way to fill a struct.
#[allow(missing_docs, clippy::field_reassign_with_default)]
pub mod data;
mod error;
pub mod frame;
mod json;
mod message;
/// Requests and responses.
// The names are the protocol's own; one line per field is the plainest way to fill a struct.
#[allow(missing_docs, clippy::field_reassign_with_default)]
pub mod messages;
mod prelude;
mod reader;
pub mod record;
mod text;
mod wire;
mod writer;

pub use api_key::ApiKey;
pub use chunk::{Chunk, FileRange, FileRegion, Records};
pub use error::{DecodeError, EncodeError};
pub use json::{Json, JsonObject, ToJson};
pub use message::{Message, Record, Request};
pub use reader::Reader;
pub use text::Str;
pub use wire::Wire;
pub use writer::{ErrorCounts, Writer};
