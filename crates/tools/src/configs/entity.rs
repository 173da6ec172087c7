//! What configurations belong to, from the long flags or the short ones.

use client::{ConfigSource, ResourceType};

use crate::failure::Failure;
use crate::options::Options;

/// A kind of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Topics,
    Brokers,
    BrokerLoggers,
    Groups,
    ClientMetrics,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Topics, Self::Brokers, Self::BrokerLoggers, Self::Groups, Self::ClientMetrics];

    /// The name in `--entity-type`.
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Topics => "topics",
            Self::Brokers => "brokers",
            Self::BrokerLoggers => "broker-loggers",
            Self::Groups => "groups",
            Self::ClientMetrics => "client-metrics",
        }
    }

    /// The same without its last letter, which is what Kafka takes for one of them.
    pub(super) fn singular(self) -> &'static str {
        let plural = self.plural();
        &plural[..plural.len() - 1]
    }

    pub(super) const fn resource_type(self) -> ResourceType {
        match self {
            Self::Topics => ResourceType::Topic,
            Self::Brokers => ResourceType::Broker,
            Self::BrokerLoggers => ResourceType::BrokerLogger,
            Self::Groups => ResourceType::Group,
            Self::ClientMetrics => ResourceType::ClientMetrics,
        }
    }

    /// Where values come from that were set on such an entity.
    pub(super) const fn dynamic_source(self, is_default: bool) -> ConfigSource {
        match self {
            Self::Topics => ConfigSource::DynamicTopic,
            Self::Brokers if is_default => ConfigSource::DynamicDefaultBroker,
            Self::Brokers => ConfigSource::DynamicBroker,
            Self::BrokerLoggers => ConfigSource::DynamicBrokerLogger,
            Self::Groups => ConfigSource::Group,
            Self::ClientMetrics => ConfigSource::ClientMetrics,
        }
    }
}

/// An entity, or all of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// Empty for the default of all; `None` when no name was given.
    pub(super) name: Option<String>,
}

/// Short flags with a name, and what they stand for.
const SHORT: &[(&str, Kind)] = &[
    ("topic", Kind::Topics),
    ("broker", Kind::Brokers),
    ("broker-logger", Kind::BrokerLoggers),
    ("group", Kind::Groups),
    ("client-metrics", Kind::ClientMetrics),
];

/// What quotas and credentials belong to.
const LATER: &[&str] = &["user", "user-defaults", "client", "client-defaults", "ip", "ip-defaults"];

/// The entity that the command line names.
pub(super) fn of(options: &Options) -> Result<Entity, Failure> {
    let usage = |message: String| Err(Failure::Usage(message));
    let later = |types: &[&str]| {
        types.iter().any(|kind| matches!(*kind, "users" | "clients" | "ips"))
            || LATER.iter().any(|flag| options.has(flag))
    };
    let types = options.values("entity-type");
    if later(&types) {
        return Err(Failure::Refused(
            "quotas and SCRAM credentials (users, clients, ips) are not there yet".into(),
        ));
    }
    let mut found: Vec<Entity> = Vec::new();
    for (flag, kind) in SHORT {
        if let Some(name) = options.value(flag)? {
            found.push(Entity { kind: *kind, name: Some(name.to_owned()) });
        }
    }
    if options.has("broker-defaults") {
        found.push(Entity { kind: Kind::Brokers, name: Some(String::new()) });
    }
    let long = ["entity-type", "entity-name", "entity-default"];
    if !found.is_empty() && long.iter().any(|flag| options.has(flag)) {
        return usage(
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags"
                .into(),
        );
    }
    for word in &types {
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.plural() == *word) else {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.plural()).collect();
            return usage(format!(
                "Invalid entity type {word}, the entity type must be one of {}",
                known.join(", ")
            ));
        };
        let name = match options.value("entity-name")? {
            Some(_) if options.has("entity-default") => {
                return usage("Only one of --entity-name and --entity-default can be given".into());
            }
            Some(name) => Some(name.to_owned()),
            None => options.has("entity-default").then(String::new),
        };
        found.push(Entity { kind, name });
    }
    match found.len() {
        0 => usage("At least one entity type must be specified".into()),
        1 => checked(found.remove(0)),
        _ => usage("Only one entity can be given at a time".into()),
    }
}

fn checked(entity: Entity) -> Result<Entity, Failure> {
    let is_broker = matches!(entity.kind, Kind::Brokers | Kind::BrokerLoggers);
    if let Some(name) = entity.name.as_deref()
        && is_broker
        && !name.is_empty()
        && name.parse::<i32>().is_err()
    {
        return Err(Failure::Usage(format!(
            "The entity name for {} must be a valid integer broker id, but it is: {name}",
            entity.kind.plural()
        )));
    }
    Ok(entity)
}
