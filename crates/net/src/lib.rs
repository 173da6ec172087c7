//! Listeners, framing, the connection loop and their limits.
//!
//! A connection reads one frame after the other and hands each to the [`Service`], which does the
//! part that must happen in order (an append, say) before it returns, and gives back a future for
//! the rest. Responses leave in the order of the requests. This crate knows frames, not requests.

mod connection;
mod delivery;
mod listener;
mod memory;
mod send;

pub use connection::{ClientSoftware, ConnectionContext, Reply, Service, ServiceError};
pub use delivery::Delivery;
pub use listener::{
    BindError, ConnectionBounds, ConnectionCounts, ConnectionLimits, Listener, SocketOptions,
};
pub use memory::{Hold, RequestMemory};
