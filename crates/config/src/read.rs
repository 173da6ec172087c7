//! Which field each effective key is read into, so that tests can prove that every one is read
//! here and used elsewhere.

use crate::broker::BrokerSettings;
use crate::client_metrics::ClientMetricsConfig;
use crate::def::{Scope, Status};
use crate::layers::broker_keys;
use crate::topic::TopicConfig;
use crate::{node, table};

/// An effective key and the public field that holds what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadField {
    /// Whose configuration it is.
    pub scope: Scope,
    /// The key.
    pub key: &'static str,
    /// The struct with the field.
    pub owner: &'static str,
    /// The field; `None` for a key that only decides at start whether the node may start.
    pub field: Option<&'static str>,
}

/// Every key that is read, with its field. A broker's key that is the default of a topic's key is
/// read through the topic's field.
pub fn read_fields() -> Vec<ReadField> {
    let mut fields = Vec::new();
    let mut push = |scope, key, owner, field| {
        fields.push(ReadField { scope, key, owner, field });
    };
    for &(key, field) in BrokerSettings::READ {
        push(Scope::Broker, key, "BrokerSettings", Some(field));
    }
    for &(key, field) in node::READ {
        push(Scope::Broker, key, "NodeConfig", Some(field));
    }
    for &key in node::CHECKED_AT_START {
        push(Scope::Broker, key, "NodeConfig", None);
    }
    for &(key, field) in ClientMetricsConfig::READ {
        push(Scope::ClientMetrics, key, "ClientMetricsConfig", Some(field));
    }
    for &(key, field) in TopicConfig::READ {
        push(Scope::Topic, key, "TopicConfig", Some(field));
        for (broker_key, _) in table::topic(key).map(broker_keys).unwrap_or_default() {
            if table::broker(broker_key).is_some_and(|def| def.status == Status::Effective) {
                push(Scope::Broker, broker_key, "TopicConfig", Some(field));
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_read(scope: Scope, key: &str) -> bool {
        read_fields().iter().any(|field| field.scope == scope && field.key == key)
    }

    #[test]
    fn every_effective_key_is_read() {
        for (scope, configs) in [
            (Scope::Broker, table::broker_configs().collect::<Vec<_>>()),
            (Scope::Topic, table::topic_configs().collect()),
            (Scope::Group, table::group_configs().collect()),
            (Scope::ClientMetrics, table::client_metrics_configs().collect()),
        ] {
            for def in configs {
                let effective = def.status == Status::Effective;
                assert!(!effective || is_read(scope, def.name), "{} is never read", def.name);
            }
        }
    }

    #[test]
    fn every_key_that_is_read_is_in_the_table_and_not_called_meaningless() {
        for field in read_fields() {
            let def = match field.scope {
                Scope::Topic => table::topic(field.key),
                Scope::ClientMetrics => table::client_metrics(field.key),
                _ => table::broker(field.key),
            };
            let status = def.map(|def| def.status);
            assert!(
                matches!(status, Some(Status::Effective | Status::Refused(_))),
                "{}: {status:?}",
                field.key
            );
        }
    }

    #[test]
    fn the_default_of_every_key_that_is_read_fits_its_field() {
        assert_eq!(BrokerSettings::unreadable_defaults(table::broker), Vec::<&str>::new());
        let find = table::client_metrics;
        assert_eq!(ClientMetricsConfig::unreadable_defaults(find), Vec::<&str>::new());
        assert_eq!(TopicConfig::unreadable_defaults(table::topic), Vec::<&str>::new());
    }

    #[test]
    fn optional_fields_have_their_defaults_where_nothing_is_set() {
        let node = crate::NodeConfig::default_loopback();
        let nothing = crate::DynamicConfigs::default();
        let topic = |overrides| TopicConfig::resolve(&overrides, &node, &nothing);
        let set = |value: &str| [("retention.ms".to_owned(), value.to_owned())].into();
        assert_eq!(topic(crate::Values::new()).retention_ms, Some(604_800_000));
        assert_eq!(topic(crate::Values::new()).retention_bytes, None);
        assert_eq!(topic(set("-1")).retention_ms, None);
        assert_eq!(topic(set("5")).retention_ms, Some(5));
        assert_eq!(node.settings.connections_max_idle_ms, Some(600_000));
    }
}
