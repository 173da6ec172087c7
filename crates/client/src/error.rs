//! What a client's caller is told: one error, whose text says what to do next where that is known.

use std::sync::Arc;

use model::ErrorCode;
use protocol::{ApiKey, DecodeError, EncodeError};
use records::{BatchError, BuildError};

use crate::config::ConfigError;

/// Why something that a client was asked for did not happen. Cheap to clone: a batch's fate is told
/// to each of its records.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Every bootstrap address refused the connection.
    #[error("nothing listens on {addresses}; start a node with `klamm`, or correct the address")]
    NothingListens {
        /// The addresses that were tried.
        addresses: Arc<str>,
    },
    /// An address could not be connected to for another reason.
    #[error("cannot connect to {address}: {reason}")]
    Connect {
        /// The address.
        address: Arc<str>,
        /// What the system says.
        reason: Arc<str>,
    },
    /// The connection ended while an answer was awaited.
    #[error("{address} closed the connection: {reason}")]
    Disconnected {
        /// The address.
        address: Arc<str>,
        /// What is known about it.
        reason: Arc<str>,
    },
    /// No answer within the time allowed.
    #[error("{what} took longer than {ms} ms")]
    Timeout {
        /// What was waited for.
        what: Arc<str>,
        /// The time that was allowed.
        ms: u64,
    },
    /// The node knows no version of the request that we know too.
    #[error("{address} does not support {api:?} in a version that this client speaks ({ours})")]
    UnsupportedVersion {
        /// The node.
        address: Arc<str>,
        /// The request.
        api: ApiKey,
        /// Our range of versions.
        ours: Arc<str>,
    },
    /// A node answered with an error.
    #[error("{context}: {code}: {message}")]
    Api {
        /// The error.
        code: ErrorCode,
        /// What was asked for.
        context: Arc<str>,
        /// What the node says about it, else the usual meaning of the code.
        message: Arc<str>,
    },
    /// A node answered with an error number that is not known.
    #[error("{context}: unknown error number {code}")]
    UnknownCode {
        /// The number.
        code: i16,
        /// What was asked for.
        context: Arc<str>,
    },
    /// An answer could not be understood.
    #[error("{address} sent an answer that cannot be read: {reason}")]
    Malformed {
        /// The node.
        address: Arc<str>,
        /// What is wrong.
        reason: Arc<str>,
    },
    /// A request could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A batch that was fetched cannot be read.
    #[error("{context}: {error}")]
    Batch {
        /// Where it was found.
        context: Arc<str>,
        /// What is wrong with it.
        error: BatchError,
    },
    /// A batch could not be built.
    #[error("{0}")]
    Build(Arc<BuildError>),
    /// A record that no request can carry.
    #[error("the record takes {size} bytes, more than max.request.size ({limit})")]
    RecordTooLarge {
        /// Its size.
        size: usize,
        /// The bound.
        limit: usize,
    },
    /// A property is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The partition asked for does not exist.
    #[error("topic {topic} has {count} partitions, so there is no partition {partition}")]
    NoSuchPartition {
        /// The topic.
        topic: Arc<str>,
        /// Its partitions.
        count: usize,
        /// What was asked for.
        partition: i32,
    },
    /// The call does not fit the consumer's or producer's state.
    #[error("{0}")]
    State(&'static str),
    /// Nowhere to begin, and `auto.offset.reset` is `none`.
    #[error(
        "{topic}-{partition} has no committed offset that is still there; seek, or set auto.offset.reset to earliest or latest"
    )]
    NoOffset {
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
    },
}

impl ClientError {
    /// An error that a node answered with; `Ok` for code 0.
    pub(crate) fn check(
        code: i16,
        message: Option<&str>,
        context: impl FnOnce() -> String,
    ) -> Result<(), Self> {
        if code == 0 {
            return Ok(());
        }
        Err(match ErrorCode::from_code(code) {
            Some(code) => Self::Api {
                code,
                context: context().into(),
                message: message.filter(|text| !text.is_empty()).unwrap_or(code.message()).into(),
            },
            None => Self::UnknownCode { code, context: context().into() },
        })
    }

    pub(crate) fn malformed(address: &str, error: &DecodeError) -> Self {
        Self::Malformed { address: address.into(), reason: error.to_string().into() }
    }

    /// The code that a node answered with, if one did.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Api { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether trying again may help.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Api { code, .. } => code.is_retriable(),
            Self::NothingListens { .. }
            | Self::Connect { .. }
            | Self::Disconnected { .. }
            | Self::Timeout { .. } => true,
            Self::UnsupportedVersion { .. }
            | Self::UnknownCode { .. }
            | Self::Malformed { .. }
            | Self::Encode(_)
            | Self::Batch { .. }
            | Self::Build(_)
            | Self::RecordTooLarge { .. }
            | Self::Config(_)
            | Self::NoSuchPartition { .. }
            | Self::State(_)
            | Self::NoOffset { .. } => false,
        }
    }

    /// Whether the connection is at fault rather than what was asked.
    pub fn is_network(&self) -> bool {
        matches!(
            self,
            Self::NothingListens { .. }
                | Self::Connect { .. }
                | Self::Disconnected { .. }
                | Self::Timeout { .. }
        )
    }
}

impl From<BuildError> for ClientError {
    fn from(error: BuildError) -> Self {
        Self::Build(Arc::new(error))
    }
}
