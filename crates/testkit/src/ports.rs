//! Free ports of the loopback address.
//!
//! A port is free at the moment of asking and may be taken by another process before it is used;
//! whoever starts a server on it tries again on another port when that happens.

use std::io;
use std::net::TcpListener;

/// A port of 127.0.0.1 on which nothing listens now.
pub fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}
