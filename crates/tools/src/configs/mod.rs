//! `kafka-configs`: shows and changes configurations of topics, brokers, their loggers, groups and
//! subscriptions of client metrics.

use client::{Admin, AlterOperation, ConfigAlteration, ConfigResource};
use model::validate_topic_name;

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::output::print;

mod describe;
mod entity;

use entity::{Entity, Kind};

/// The command line of `kafka-configs`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-configs",
    about: "Shows and changes configurations of topics, brokers and groups.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value(
            "bootstrap-controller",
            "HOST:PORT",
            "Controllers, in place of --bootstrap-server.",
        ),
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("describe", "Show configurations that were set."),
        Flag::switch("alter", "Change configurations."),
        Flag::switch("all", "With --describe: those at their defaults too."),
        Flag::value(
            "entity-type",
            "TYPE",
            "What they belong to: topics, brokers, broker-loggers, groups, client-metrics.",
        ),
        Flag::value("entity-name", "NAME", "Topic name, broker id, group id."),
        Flag::switch("entity-default", "The default of all entities of the type."),
        Flag::value("topic", "NAME", "Short for --entity-type topics --entity-name NAME."),
        Flag::value("broker", "ID", "Short for --entity-type brokers --entity-name ID."),
        Flag::switch("broker-defaults", "Short for --entity-type brokers --entity-default."),
        Flag::value(
            "broker-logger",
            "ID",
            "Short for --entity-type broker-loggers --entity-name ID.",
        ),
        Flag::value("group", "ID", "Short for --entity-type groups --entity-name ID."),
        Flag::value(
            "client-metrics",
            "NAME",
            "Short for --entity-type client-metrics --entity-name NAME.",
        ),
        Flag::value("user", "NAME", "Quotas of a user; not there yet."),
        Flag::switch("user-defaults", "Quotas of all users; not there yet."),
        Flag::value("client", "ID", "Quotas of a client id; not there yet."),
        Flag::switch("client-defaults", "Quotas of all client ids; not there yet."),
        Flag::value("ip", "ADDRESS", "Quotas of an address; not there yet."),
        Flag::switch("ip-defaults", "Quotas of all addresses; not there yet."),
        Flag::value(
            "add-config",
            "K=V,K=[V,V]",
            "Configurations to set; brackets around a value that has commas.",
        ),
        Flag::value("add-config-file", "FILE", "Configurations to set, as a properties file."),
        Flag::value(
            "delete-config",
            "K,K",
            "Configurations to put back to their defaults; may be repeated.",
        ),
        Flag::switch("force", WITHOUT_EFFECT),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let action = check(options)?;
    let entity = entity::of(options)?;
    let config = config(options)?;
    if action == "describe" {
        return connect::block_on(async {
            describe::run(&Admin::new(&config)?, &entity, options.has("all")).await
        });
    }
    let alterations = alterations(options)?;
    let resource = altered(&entity)?;
    connect::block_on(async {
        let admin = Admin::new(&config)?;
        admin.incremental_alter_configs(&resource, &alterations, false).await?;
        Ok(())
    })?;
    print(&match entity.name.as_deref().unwrap_or_default() {
        "" => {
            format!(
                "Completed updating default config for {} in the cluster.\n",
                entity.kind.plural()
            )
        }
        name => format!("Completed updating config for {} {name}.\n", entity.kind.singular()),
    })
}

fn config(options: &Options) -> Result<client::ClientConfig, Failure> {
    if options.has("bootstrap-server") && options.has("bootstrap-controller") {
        return Err(Failure::Usage(
            "Only one of --bootstrap-server or --bootstrap-controller can be specified".into(),
        ));
    }
    let mut properties = connect::file(options, "command-config")?;
    let servers = match options.value("bootstrap-controller")? {
        Some(controllers) => controllers,
        None => options.required("bootstrap-server")?,
    };
    properties.push(("bootstrap.servers".into(), servers.into()));
    connect::client_config(&properties)
}

fn check(options: &Options) -> Result<&'static str, Failure> {
    let action = options.action(&["describe", "alter"])?;
    options.forbid("describe", &["add-config", "add-config-file", "delete-config"])?;
    if action == "alter" {
        options.forbid("add-config", &["add-config-file"])?;
        if !["add-config", "add-config-file", "delete-config"].iter().any(|flag| options.has(flag))
        {
            return Err(Failure::Usage(
                "At least one of --add-config, --add-config-file, or --delete-config must be specified \
                 with --alter"
                    .into(),
            ));
        }
    }
    Ok(action)
}

/// The resource to alter; everything needs a name, brokers have a default too.
fn altered(entity: &Entity) -> Result<ConfigResource, Failure> {
    match entity.name.as_deref() {
        None => Err(Failure::Usage(format!(
            "An entity name must be specified with --alter of {}",
            entity.kind.plural()
        ))),
        Some("") if entity.kind != Kind::Brokers => Err(Failure::Usage(format!(
            "{} have no default to alter; name one with --entity-name",
            entity.kind.plural()
        ))),
        Some(name) => {
            if entity.kind == Kind::Topics {
                validate_topic_name(name).map_err(|error| Failure::Refused(error.to_string()))?;
            }
            Ok(ConfigResource::new(entity.kind.resource_type(), name))
        }
    }
}

/// Deletions come first, so that a configuration can be put back and set at once.
fn alterations(options: &Options) -> Result<Vec<ConfigAlteration>, Failure> {
    let deleted = options.values("delete-config").into_iter().flat_map(|list| list.split(','));
    let mut found: Vec<ConfigAlteration> = deleted
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| ConfigAlteration {
            name: name.to_owned(),
            operation: AlterOperation::Delete,
            value: None,
        })
        .collect();
    let mut added = connect::file(options, "add-config-file")?;
    if let Some(text) = options.value("add-config")? {
        added.extend(parse_added(text)?);
    }
    for (name, value) in added {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "$._-".contains(letter);
        if !name.chars().all(fits) {
            return Err(Failure::Usage(format!("Invalid character found for config key: {name}")));
        }
        found.push(ConfigAlteration { name, operation: AlterOperation::Set, value: Some(value) });
    }
    Ok(found)
}

/// `a=1,b=[2,3]` as its pairs.
fn parse_added(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut pieces = vec![String::new()];
    let mut depth = 0_usize;
    for letter in text.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    let pair = |piece: String| {
        let (name, value) = piece.split_once('=')?;
        Some((name.trim().to_owned(), value.replace(['[', ']'], "").trim().to_owned()))
    };
    let pairs = pieces.into_iter().filter(|piece| !piece.trim().is_empty()).map(pair);
    pairs.collect::<Option<_>>().ok_or_else(|| {
        Failure::Usage(
            "Invalid entity config: all configs to be added must be in the format \"key=val\" or \
             \"key=[val1,val2]\" to group values which contain commas."
                .into(),
        )
    })
}

#[cfg(test)]
mod tests;
