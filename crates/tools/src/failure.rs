//! Why a tool did not do what it was asked, and what it tells the user: never a stack trace, always
//! what to do next where that is known.

use std::io;
use std::process::ExitCode;

use client::ClientError;

use crate::options::CommandLine;

/// The exit code of a tool that cannot look, beside 1 of one that has found something.
const CANNOT_RUN: u8 = 2;
/// Tools whose exit code 1 says that they have found something, and nothing else.
const FINDERS: &[&str] = &["klamm doctor"];

/// Why a tool stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The command line is empty.
    #[error("nothing was asked for")]
    NothingAsked,
    /// What was asked for cannot be done.
    #[error("{0}")]
    Refused(String),
    /// The cluster did not do it.
    #[error("{}", explain(.0))]
    Client(#[from] ClientError),
    /// A file or a stream failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What was to be looked at cannot be, where finding something wrong is the usual failure.
    #[error("{0}")]
    CannotRun(String),
    /// The user has been told already.
    #[error("failed")]
    Told,
    /// The user has stopped it; the code that shells expect then.
    #[error("stopped")]
    Stopped(u8),
}

impl Failure {
    /// A file that cannot be used.
    pub(crate) fn file(path: &str, error: &io::Error) -> Self {
        Self::Refused(format!("cannot read {path}: {error}"))
    }

    /// Whether the reader of our output has gone, which is no failure.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Tells the user on standard error; the code to exit with.
    pub(crate) fn report(&self, command_line: &CommandLine) -> ExitCode {
        match self {
            _ if self.is_broken_pipe() => return ExitCode::SUCCESS,
            Self::Told => {}
            Self::NothingAsked => eprint!("{}", command_line.help()),
            Self::CannotRun(message) => {
                eprintln!("{message}");
                return ExitCode::from(CANNOT_RUN);
            }
            Self::Stopped(code) => return ExitCode::from(*code),
            Self::Usage(message) => {
                eprintln!("{message}");
                eprintln!("Run {} --help for all options.", command_line.tool);
                if FINDERS.contains(&command_line.tool) {
                    return ExitCode::from(CANNOT_RUN);
                }
            }
            Self::Refused(_) | Self::Client(_) | Self::Io(_) => eprintln!("{self}"),
        }
        ExitCode::FAILURE
    }
}

impl From<client::ConfigError> for Failure {
    fn from(error: client::ConfigError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// The text of a client's error, with the flag that helps.
pub(crate) fn explain(error: &ClientError) -> String {
    match error {
        ClientError::NothingListens { addresses } => format!(
            "nothing listens on {addresses}; start a node with `klamm`, or name another address with --bootstrap-server"
        ),
        ClientError::Connect { .. } => {
            format!("{error}; name another address with --bootstrap-server")
        }
        // The node's own words are enough; what was asked for stands on the command line.
        ClientError::Api { message, .. } if !message.is_empty() => message.to_string(),
        other => other.to_string(),
    }
}
