//! What DescribeConfigs answers: every configuration with its value, where the value comes from,
//! its type and documentation, and the weaker values that it hides.

use crate::def::{ConfigDef, ConfigType, Update};
use crate::layers::{ConfigSource, DynamicConfigs, Layers, Values, broker_keys};
use crate::node::NodeConfig;
use crate::table;

/// One configuration as DescribeConfigs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedConfig {
    /// Its name.
    pub name: &'static str,
    /// Its value; `None` is Kafka's null, and what is said of every secret.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// The type of the value.
    pub kind: ConfigType,
    /// What the configuration does.
    pub documentation: &'static str,
    /// Whether the value is a secret.
    pub is_sensitive: bool,
    /// Whether it can only be changed in the file.
    pub read_only: bool,
    /// Every value there is for it, strongest first, the one that counts included.
    pub synonyms: Vec<ConfigSynonym>,
}

/// A value for a configuration, under its own key or one that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSynonym {
    /// The key.
    pub name: &'static str,
    /// Its value; `None` for a secret.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
}

/// Every configuration of a topic with these overrides.
pub fn describe_topic(
    overrides: &Values,
    node: &NodeConfig,
    dynamic: &DynamicConfigs,
) -> Vec<DescribedConfig> {
    let layers = node.layers(dynamic);
    table::topic_configs()
        .map(|def| describe_resource(def, overrides, ConfigSource::Topic, Some(layers)))
        .collect()
}

/// Every configuration of a group with these overrides.
pub fn describe_group(
    overrides: &Values,
    node: &NodeConfig,
    dynamic: &DynamicConfigs,
) -> Vec<DescribedConfig> {
    let layers = node.layers(dynamic);
    table::group_configs()
        .map(|def| describe_resource(def, overrides, ConfigSource::Group, Some(layers)))
        .collect()
}

/// Every configuration of a subscription to clients' metrics.
pub fn describe_client_metrics(overrides: &Values) -> Vec<DescribedConfig> {
    table::client_metrics_configs()
        .map(|def| describe_resource(def, overrides, ConfigSource::ClientMetrics, None))
        .collect()
}

/// Every configuration of this broker.
pub fn describe_broker(node: &NodeConfig, dynamic: &DynamicConfigs) -> Vec<DescribedConfig> {
    let layers = node.layers(dynamic);
    table::broker_configs().map(|def| describe_one_broker(def, layers)).collect()
}

/// What is set for all brokers while they run, and nothing else, as Kafka answers for the broker
/// without a name.
pub fn describe_all_brokers(dynamic: &DynamicConfigs) -> Vec<DescribedConfig> {
    let (none, only_default) = (Values::new(), DynamicConfigs::default_only(dynamic));
    let layers = Layers::new(&only_default, &none);
    table::broker_configs()
        .filter(|def| dynamic.default.contains_key(def.name))
        .map(|def| {
            let mut described = describe_one_broker(def, layers);
            described.synonyms.retain(|synonym| synonym.source != ConfigSource::Default);
            described
        })
        .collect()
}

fn describe_resource(
    def: &'static ConfigDef,
    overrides: &Values,
    own: ConfigSource,
    layers: Option<Layers<'_>>,
) -> DescribedConfig {
    let mut synonyms: Vec<ConfigSynonym> = overrides
        .get(def.name)
        .map(|value| ConfigSynonym { name: def.name, value: shown(def, value), source: own })
        .into_iter()
        .collect();
    let mut value = overrides.get(def.name).cloned();
    if let Some(layers) = layers {
        value = value.or_else(|| layers.first(def));
        synonyms.extend(broker_synonyms(def, layers));
    }
    described(def, value, synonyms, false)
}

fn describe_one_broker(def: &'static ConfigDef, layers: Layers<'_>) -> DescribedConfig {
    let set = layers.all(def);
    let value = set.iter().find(|layered| layered.key == def.name);
    let value = value.map(|layered| layered.value.to_owned());
    let synonyms = broker_synonyms(def, layers);
    described(def, value, synonyms, def.update == Update::ReadOnly)
}

fn described(
    def: &'static ConfigDef,
    value: Option<String>,
    synonyms: Vec<ConfigSynonym>,
    read_only: bool,
) -> DescribedConfig {
    let value = value.or_else(|| def.default.map(str::to_owned));
    DescribedConfig {
        name: def.name,
        value: value.and_then(|value| shown(def, &value)),
        source: synonyms.first().map_or(ConfigSource::Default, |strongest| strongest.source),
        kind: def.kind,
        documentation: def.doc,
        is_sensitive: def.is_sensitive(),
        read_only,
        synonyms,
    }
}

/// The broker's values that stand behind a configuration, strongest first, defaults last.
fn broker_synonyms(def: &'static ConfigDef, layers: Layers<'_>) -> Vec<ConfigSynonym> {
    let keys = broker_keys(def);
    let set = layers.all(def).into_iter().map(|layered| ConfigSynonym {
        name: layered.key,
        value: shown(def, layered.value),
        source: layered.source,
    });
    let set: Vec<ConfigSynonym> = set.collect();
    let defaults = keys.iter().filter_map(|&(key, _)| {
        let default = table::broker(key)?.default?;
        let source = ConfigSource::Default;
        Some(ConfigSynonym { name: key, value: shown(def, default), source })
    });
    // As in Kafka, defaults of other keys before the main key are not named. What is set under
    // another key is, unlike in Kafka: it is where the value comes from.
    let main = keys.iter().map(|(key, _)| *key).find(|key| *key == def.name);
    let main = main.or(keys.first().map(|(key, _)| *key));
    let mut is_named = set.iter().any(|synonym| Some(synonym.name) == main);
    let named = defaults.filter(|synonym| {
        is_named |= Some(synonym.name) == main;
        is_named
    });
    let named: Vec<ConfigSynonym> = named.collect();
    set.into_iter().chain(named).collect()
}

fn shown(def: &ConfigDef, value: &str) -> Option<String> {
    (!def.is_sensitive()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests;
