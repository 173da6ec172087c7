//! One node as a person and a client meet it: the real binary, real sockets, real folders.
//!
//! One file per subject. Nothing here sleeps: a test waits for a line, for the end of a process or
//! for an answer. What a machine does not allow (mounting, a taken port) is skipped by name.

mod configuration;
mod damaged_log;
mod deleted_records;
mod descriptors;
mod edge;
mod every_version;
mod findings;
mod full_disk;
mod groups;
mod listeners;
mod log_dirs;
mod monitoring;
mod moves;
mod newcomers;
mod old_formats;
mod people;
mod protocol_rules;
mod refusals;
mod rig;
mod starting;
mod stopping;
mod wire;
