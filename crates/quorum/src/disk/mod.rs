//! The metadata folder: `identity.json` says whose it is, `vote` holds the vote, `purged` how far
//! the log was cut at its front, `NUMBER.log` the log, `NUMBER-TERM.snapshot` the newest snapshot.
//! Blocking code; only the log's own thread and the pool for blocking work run it.

pub(crate) mod frame;
pub(crate) mod identity;
pub(crate) mod log;
mod segment;

pub(crate) use log::LogFiles;
