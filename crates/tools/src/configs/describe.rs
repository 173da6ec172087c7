//! `kafka-configs --describe`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use client::{Admin, ClientError, ConfigEntry, ConfigResource};
use model::validate_topic_name;
use protocol::messages::ListConfigResourcesRequest;

use super::entity::{Entity, Kind};
use crate::failure::Failure;
use crate::output::print;

/// The first version of ListConfigResources that can be asked for a kind other than client metrics.
const LIST_BY_KIND_MIN: i16 = 1;

pub(super) async fn run(admin: &Admin, entity: &Entity, all: bool) -> Result<(), Failure> {
    let kind = entity.kind;
    let names = match &entity.name {
        None if kind == Kind::BrokerLoggers => {
            return Err(Failure::Usage(
                "An entity name must be specified with --describe of broker-loggers".into(),
            ));
        }
        None => existing(admin, kind).await?.unwrap_or_default().into_iter().collect(),
        Some(name) if name.is_empty() && kind != Kind::Brokers => {
            let kind = kind.plural();
            let message =
                format!("--entity-default must not be specified with --describe of {kind}");
            return Err(Failure::Usage(message));
        }
        Some(name) => {
            if kind == Kind::Topics {
                validate_topic_name(name).map_err(|error| Failure::Refused(error.to_string()))?;
            }
            if !all && !exists(admin, kind, name).await? {
                let kind = kind.singular();
                return print(&format!(
                    "The {kind} '{name}' doesn't exist and doesn't have dynamic config.\n"
                ));
            }
            vec![name.clone()]
        }
    };
    for name in names {
        let resource = ConfigResource::new(kind.resource_type(), name.as_str());
        for description in admin.describe_configs(&[resource], true).await? {
            print(&text(kind, &name, &description.entries?, all))?;
        }
    }
    Ok(())
}

async fn exists(admin: &Admin, kind: Kind, name: &str) -> Result<bool, Failure> {
    // The default of all brokers is always there, and a cluster that cannot list is believed.
    Ok(name.is_empty()
        || existing(admin, kind).await?.is_none_or(|names| names.iter().any(|n| n == name)))
}

/// The names of all entities of a kind; the last broker is the default of all, without a name.
/// `None` when the cluster cannot tell.
async fn existing(admin: &Admin, kind: Kind) -> Result<Option<Vec<String>>, Failure> {
    let names = match kind {
        Kind::Topics => {
            let topics = admin.list_topics().await?;
            topics.iter().map(|topic| topic.name.to_string()).collect()
        }
        Kind::Brokers | Kind::BrokerLoggers => {
            let cluster = admin.describe_cluster().await?;
            let ids: BTreeSet<_> = cluster.nodes.iter().map(|node| node.id).collect();
            let mut names: Vec<String> = ids.iter().map(ToString::to_string).collect();
            names.push(String::new());
            names
        }
        Kind::Groups => {
            let groups = admin.list_groups(&[]).await?;
            let mut names: BTreeSet<String> =
                groups.into_iter().map(|group| group.group_id).collect();
            match with_configs(admin, kind).await? {
                Some(configured) => names.extend(configured),
                None if names.is_empty() => return Ok(None),
                None => {}
            }
            names.into_iter().collect()
        }
        Kind::ClientMetrics => return with_configs(admin, kind).await,
    };
    Ok(Some(names))
}

/// Entities of a kind that have configurations, from nodes that list them.
async fn with_configs(admin: &Admin, kind: Kind) -> Result<Option<Vec<String>>, Failure> {
    let connection = admin.cluster().any().await?;
    let version = match connection
        .version_within::<ListConfigResourcesRequest>(LIST_BY_KIND_MIN..=i16::MAX)
    {
        Ok(version) => version,
        Err(ClientError::UnsupportedVersion { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let request =
        ListConfigResourcesRequest { resource_types: vec![kind.resource_type().number()] };
    let response = connection.call_in(&request, version, connection.request_timeout()).await?;
    let resources = response.config_resources.into_iter();
    Ok(Some(resources.map(|resource| resource.resource_name.to_string()).collect()))
}

fn text(kind: Kind, name: &str, entries: &[ConfigEntry], all: bool) -> String {
    let mut text = match name {
        "" => format!("Default configs for {} in the cluster are:\n", kind.plural()),
        name => {
            let which = if all { "All" } else { "Dynamic" };
            format!("{which} configs for {} {name} are:\n", kind.singular())
        }
    };
    let source = kind.dynamic_source(name.is_empty());
    let mut shown: Vec<&ConfigEntry> =
        entries.iter().filter(|entry| all || entry.source == source).collect();
    shown.sort_by(|one, other| one.name.cmp(&other.name));
    for entry in shown {
        let synonym = |synonym: &client::ConfigSynonym| {
            format!("{}:{}={}", synonym.source.name(), synonym.name, or_null(&synonym.value))
        };
        let synonyms: Vec<String> = entry.synonyms.iter().map(synonym).collect();
        let _ = writeln!(
            text,
            "  {}={} sensitive={} synonyms={{{}}}",
            entry.name,
            or_null(&entry.value),
            entry.is_sensitive,
            synonyms.join(", ")
        );
    }
    text
}

fn or_null(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("null")
}

#[cfg(test)]
mod tests {
    use client::{ConfigSource, ConfigSynonym};

    use super::*;

    fn entry(name: &str, value: Option<&str>, source: ConfigSource) -> ConfigEntry {
        ConfigEntry {
            name: name.into(),
            value: value.map(str::to_owned),
            read_only: false,
            is_sensitive: value.is_none(),
            source,
            config_type: 0,
            documentation: None,
            synonyms: vec![
                ConfigSynonym { name: name.into(), value: value.map(str::to_owned), source },
                ConfigSynonym {
                    name: format!("log.{name}"),
                    value: Some("delete".into()),
                    source: ConfigSource::Default,
                },
            ],
        }
    }

    #[test]
    fn configurations_read_as_in_kafka() {
        let entries = [
            entry("retention.ms", Some("1"), ConfigSource::Default),
            entry("secret", None, ConfigSource::DynamicTopic),
            entry("cleanup.policy", Some("compact"), ConfigSource::DynamicTopic),
        ];
        assert_eq!(
            text(Kind::Topics, "a", &entries, false),
            "Dynamic configs for topic a are:\n  \
             cleanup.policy=compact sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact, \
             DEFAULT_CONFIG:log.cleanup.policy=delete}\n  \
             secret=null sensitive=true synonyms={DYNAMIC_TOPIC_CONFIG:secret=null, \
             DEFAULT_CONFIG:log.secret=delete}\n"
        );
        assert_eq!(text(Kind::Topics, "a", &entries, true).lines().count(), 4);
        assert!(
            text(Kind::Groups, "g", &entries, true).starts_with("All configs for group g are:")
        );
        assert_eq!(
            text(Kind::Brokers, "", &entries, false),
            "Default configs for brokers in the cluster are:\n"
        );
    }
}
