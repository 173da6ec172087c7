//! Words that the handlers of groups share: strings and bytes between the wire and the coordinator.
//!
//! What goes in is copied, since the coordinator keeps it longer than the frame lives.

use std::sync::Arc;

use bytes::Bytes;
use protocol::Str;

use crate::dispatch::RequestContext;

/// A string of a request, for the coordinator.
pub(super) fn arc(text: &Str) -> Arc<str> {
    Arc::from(text.as_str())
}

/// A string that may be absent, for the coordinator.
pub(super) fn arc_option(text: Option<&Str>) -> Option<Arc<str>> {
    text.map(arc)
}

/// A string of the coordinator, for the wire.
pub(super) fn text(text: &str) -> Str {
    Str::from(text)
}

/// Bytes of a request, for the coordinator.
pub(super) fn copy(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// What a client calls itself.
pub(super) fn client_id(context: &RequestContext) -> Arc<str> {
    context.client_id.as_deref().unwrap_or_default().into()
}

/// Where a client connects from, as Java prints an address without a name.
pub(super) fn client_host(context: &RequestContext) -> Arc<str> {
    format!("/{}", context.connection.peer.ip()).into()
}
