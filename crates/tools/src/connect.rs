//! From flags to a client: properties in files, properties on the command line, and the address.

use std::future::Future;

use client::ClientConfig;
use config::Properties;

use crate::failure::Failure;
use crate::options::{Flag, Options, pairs};

/// The flag that every tool has.
pub(crate) const BOOTSTRAP_SERVER: Flag = Flag::value(
    "bootstrap-server",
    "HOST:PORT",
    "REQUIRED: one or more nodes to begin with, separated by commas.",
)
.or(&["bootstrap-servers", "broker-list"]);

/// As [`BOOTSTRAP_SERVER`], for tools that look at this machine's node unless told otherwise.
pub(crate) const BOOTSTRAP_OR_LOCAL: Flag = Flag::value(
    "bootstrap-server",
    "HOST:PORT",
    "One or more nodes to begin with, separated by commas; localhost:9092 by default.",
)
.or(&["bootstrap-servers", "broker-list"]);

/// Where a node listens unless told otherwise.
const LOCAL: &str = "localhost:9092";

/// Controllers in the place of brokers.
pub(crate) const BOOTSTRAP_CONTROLLER: Flag = Flag::value(
    "bootstrap-controller",
    "HOST:PORT",
    "Controllers to begin with, in place of --bootstrap-server.",
);

/// Properties of a client, later ones winning.
pub(crate) type Pairs = Vec<(String, String)>;

/// The properties in the file that the flag names, if it was given.
pub(crate) fn file(options: &Options, flag: &str) -> Result<Pairs, Failure> {
    match options.value(flag)? {
        Some(path) => read_properties(path),
        None => Ok(Vec::new()),
    }
}

/// The properties in a file.
pub(crate) fn read_properties(path: &str) -> Result<Pairs, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let properties = Properties::parse_bytes(&bytes);
    if let Some(error) = properties.errors().first() {
        return Err(Failure::Refused(format!("{path}: {error}")));
    }
    let entries = properties.entries().iter();
    Ok(entries.map(|entry| (entry.key.clone(), entry.value.clone())).collect())
}

/// The properties of a client: from the file of `file_flag`, then from `pair_flag`.
pub(crate) fn properties(
    options: &Options,
    file_flag: &str,
    pair_flag: &str,
) -> Result<Pairs, Failure> {
    let mut found = file(options, file_flag)?;
    found.extend(pairs(&options.values(pair_flag)));
    Ok(found)
}

/// Sets a property unless it is there already.
pub(crate) fn set_default(properties: &mut Pairs, name: &str, value: impl ToString) {
    if !properties.iter().any(|(key, _)| key == name) {
        properties.push((name.to_owned(), value.to_string()));
    }
}

/// The value of a property.
pub(crate) fn get<'a>(properties: &'a Pairs, name: &str) -> Option<&'a str> {
    let found = properties.iter().rev().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// The configuration of a client. What has no effect is told on standard error.
pub(crate) fn client_config(properties: &Pairs) -> Result<ClientConfig, Failure> {
    let config =
        ClientConfig::from_properties(properties.iter().map(|(name, value)| (name, value)))?;
    for warning in config.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(config)
}

/// The configuration of an admin client, from `--bootstrap-server`, or `--bootstrap-controller` where
/// the tool has it, and `--command-config`.
pub(crate) fn admin_config(options: &Options) -> Result<ClientConfig, Failure> {
    options.forbid("bootstrap-server", &["bootstrap-controller"])?;
    let mut properties = file(options, "command-config")?;
    let servers = match options.value("bootstrap-controller")? {
        Some(controllers) => controllers,
        None => options.required("bootstrap-server")?,
    };
    properties.push(("bootstrap.servers".into(), servers.into()));
    client_config(&properties)
}

/// The properties of a client, from `--command-config` and [`BOOTSTRAP_OR_LOCAL`].
pub(crate) fn local_properties(options: &Options) -> Result<Pairs, Failure> {
    let mut properties = file(options, "command-config")?;
    if let Some(servers) = options.value("bootstrap-server")? {
        properties.push(("bootstrap.servers".into(), servers.into()));
    }
    set_default(&mut properties, "bootstrap.servers", LOCAL);
    Ok(properties)
}

/// Runs a tool's work on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
