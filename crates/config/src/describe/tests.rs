//! What DescribeConfigs tells of every key.

use std::collections::BTreeSet;

use super::*;
use crate::load::load;

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn node(text: &str) -> NodeConfig {
    load("server.properties", text, &[]).map(|(node, _)| node).unwrap()
}

fn find<'a>(described: &'a [DescribedConfig], name: &str) -> &'a DescribedConfig {
    described.iter().find(|config| config.name == name).unwrap()
}

fn synonyms(config: &DescribedConfig) -> Vec<(&'static str, &str, ConfigSource)> {
    config
        .synonyms
        .iter()
        .map(|synonym| (synonym.name, synonym.value.as_deref().unwrap_or("-"), synonym.source))
        .collect()
}

#[test]
fn a_topic_shows_its_own_value_before_those_it_hides() {
    let node = node("log.retention.minutes=5");
    let own = values(&[("retention.ms", "1000")]);
    let described = describe_topic(&own, &node, &DynamicConfigs::default());
    let retention = find(&described, "retention.ms");
    assert_eq!(retention.value.as_deref(), Some("1000"));
    assert_eq!(retention.source, ConfigSource::Topic);
    assert_eq!(
        synonyms(retention),
        [
            ("retention.ms", "1000", ConfigSource::Topic),
            // The default of log.retention.hours is not named, as in Kafka.
            ("log.retention.minutes", "5", ConfigSource::StaticBroker),
        ]
    );
    let described = describe_topic(&Values::new(), &node, &DynamicConfigs::default());
    assert_eq!(find(&described, "retention.ms").value.as_deref(), Some("300000"));
    assert_eq!(find(&described, "retention.ms").source, ConfigSource::StaticBroker);
}

#[test]
fn every_configuration_is_described_with_type_and_documentation() {
    let node = NodeConfig::default_loopback();
    let (own, dynamic) = (Values::new(), DynamicConfigs::default());
    for described in [
        describe_topic(&own, &node, &dynamic),
        describe_broker(&node, &dynamic),
        describe_group(&own, &node, &dynamic),
        describe_client_metrics(&own),
    ] {
        assert!(described.iter().all(|config| config.documentation.len() > 10));
        let names: BTreeSet<_> = described.iter().map(|config| config.name).collect();
        assert_eq!(names.len(), described.len());
    }
    let described = describe_topic(&own, &node, &dynamic);
    assert!(described.iter().all(|config| config.source == ConfigSource::Default));
    assert_eq!(find(&described, "retention.ms").value.as_deref(), Some("604800000"));
    assert_eq!(find(&described, "retention.ms").kind as i8, 5);
}

#[test]
fn a_broker_shows_the_strongest_layer_and_hides_secrets() {
    let node = node("message.max.bytes=1000\npassword.encoder.secret=hunter2");
    let dynamic = DynamicConfigs {
        default: values(&[("message.max.bytes", "2000"), ("log.segment.bytes", "4096")]),
        broker: values(&[("message.max.bytes", "3000")]),
    };
    let described = describe_broker(&node, &dynamic);
    let size = find(&described, "message.max.bytes");
    assert_eq!(size.value.as_deref(), Some("3000"));
    assert!(!size.read_only);
    let sources: Vec<_> = size.synonyms.iter().map(|synonym| synonym.source.id()).collect();
    assert_eq!(sources, [2, 3, 4, 5]);
    assert!(find(&described, "num.partitions").read_only);
    let secret = find(&described, "password.encoder.secret");
    assert!(secret.is_sensitive);
    assert_eq!((secret.value.clone(), secret.synonyms[0].value.clone()), (None, None));
    let names: Vec<_> = describe_all_brokers(&dynamic).iter().map(|config| config.name).collect();
    assert_eq!(names, ["log.segment.bytes", "message.max.bytes"]);
}

#[test]
fn the_default_of_a_topic_is_the_default_of_the_broker_behind_it() {
    for def in table::topic_configs() {
        let known: Vec<_> = broker_keys(def)
            .into_iter()
            .filter_map(|(key, factor)| Some((table::broker(key)?.default?, factor)))
            .collect();
        let Some(&(text, factor)) = known.first() else { continue };
        let converted = match text.parse::<i64>() {
            Ok(number) if factor != 1 => (number * factor).to_string(),
            _ => text.to_owned(),
        };
        assert_eq!(def.default, Some(converted.as_str()), "{}", def.name);
    }
}
