//! A door for HTTP/1: pages that are read with GET or HEAD, one request a connection.
//!
//! Invariants: at all [`Doors`] of a node together at most [`CONNECTIONS_MAX`] connections,
//! [`CONNECTIONS_PER_IP_MAX`] from one address, and [`FINISHED_BYTES_MAX`] of pages whose readers take
//! their time; a request's head takes at most [`HEAD_BYTES_MAX`] and [`HEAD_TIME_MAX`], its answer
//! [`ANSWER_TIME_MAX`]; a body is never read into memory. What is asked is looked at as bytes by
//! `request`; this crate knows paths, not what stands on a page.

mod doors;
mod listener;
mod request;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use doors::Doors;
pub use listener::{HttpListener, answer};

/// Connections that may be open at once, at all doors; a further one is closed at once.
pub const CONNECTIONS_MAX: usize = 64;
/// Connections that may be open at once from one address.
pub const CONNECTIONS_PER_IP_MAX: usize = 16;
/// Pages that are being sent take at most so much memory, unless one alone is larger: beyond it, those
/// whose readers have taken longest are given up.
pub const FINISHED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most that a request's line and headers may take.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long a client may take to send them.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a page may take to be made. A disk that hangs must not keep connections until none are
/// left for those who ask whether the node is well.
pub const PAGE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a client may take to read its answer.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Here it is.
    Ok,
    /// The request makes no sense.
    BadRequest,
    /// There is no such page.
    NotFound,
    /// Pages can only be read.
    MethodNotAllowed,
    /// The headers are too long.
    HeadersTooLarge,
    /// Not now.
    Unavailable,
    /// Another protocol than HTTP/1.
    VersionNotSupported,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::BadRequest => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::HeadersTooLarge => "431 Request Header Fields Too Large",
            Self::Unavailable => "503 Service Unavailable",
            Self::VersionNotSupported => "505 HTTP Version Not Supported",
        }
    }
}

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The outcome.
    pub status: Status,
    /// The type of the text.
    pub content_type: &'static str,
    /// The text.
    pub text: String,
}

impl Page {
    /// A page of plain words.
    pub fn plain(status: Status, text: impl Into<String>) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", text: text.into() }
    }
}

/// What has the pages.
pub trait Site: Send + Sync + 'static {
    /// The page at a path, without its query.
    fn page(self: &Arc<Self>, path: &str) -> Pin<Box<dyn Future<Output = Page> + Send>>;
}
