//! The layers a broker's value may come from, strongest first: dynamic for this broker, dynamic
//! for all brokers, the file (or `--override`), the default.

use std::collections::BTreeMap;

use crate::def::ConfigDef;

/// Values by their key, as text.
pub type Values = BTreeMap<String, String>;

/// Broker configurations that were set while the cluster runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DynamicConfigs {
    /// Those of this broker.
    pub broker: Values,
    /// Those of all brokers.
    pub default: Values,
}

impl DynamicConfigs {
    pub(crate) fn default_only(other: &Self) -> Self {
        Self { broker: Values::new(), default: other.default.clone() }
    }
}

/// Where a value comes from, as DescribeConfigs numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum ConfigSource {
    /// Set for the topic.
    Topic = 1,
    /// Set for this broker while it runs.
    DynamicBroker = 2,
    /// Set for all brokers while they run.
    DynamicDefaultBroker = 3,
    /// The node's file or command line.
    StaticBroker = 4,
    /// Nobody set it.
    Default = 5,
    /// Set for a broker's logger.
    DynamicBrokerLogger = 6,
    /// Set for a subscription to clients' metrics.
    ClientMetrics = 7,
    /// Set for the group.
    Group = 8,
}

impl ConfigSource {
    /// Kafka's number.
    pub const fn id(self) -> i8 {
        self as i8
    }
}

/// The layers above the default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layers<'a> {
    dynamic: &'a DynamicConfigs,
    file: &'a Values,
}

impl<'a> Layers<'a> {
    pub(crate) fn new(dynamic: &'a DynamicConfigs, file: &'a Values) -> Self {
        Self { dynamic, file }
    }

    fn each(&self) -> [(&'a Values, ConfigSource); 3] {
        [
            (&self.dynamic.broker, ConfigSource::DynamicBroker),
            (&self.dynamic.default, ConfigSource::DynamicDefaultBroker),
            (self.file, ConfigSource::StaticBroker),
        ]
    }

    /// Every value that is set for a configuration or its synonyms, strongest first.
    pub(crate) fn all(&self, def: &ConfigDef) -> Vec<Layered<'a>> {
        let keys = broker_keys(def);
        let mut found = Vec::new();
        for (values, source) in self.each() {
            for &(key, factor) in &keys {
                if let Some(value) = values.get(key) {
                    found.push(Layered { key, value, factor, source });
                }
            }
        }
        found
    }

    /// The strongest value that is set, in the unit of the configuration itself.
    pub(crate) fn first(&self, def: &ConfigDef) -> Option<String> {
        self.all(def).first().map(Layered::in_own_unit)
    }
}

/// The broker keys that give a value; without synonyms, the key itself.
pub(crate) fn broker_keys(def: &ConfigDef) -> Vec<(&'static str, i64)> {
    if def.synonyms.is_empty() { vec![(def.name, 1)] } else { def.synonyms.to_vec() }
}

/// One value with the layer and key it was found under.
#[derive(Debug)]
pub(crate) struct Layered<'a> {
    pub(crate) key: &'static str,
    pub(crate) value: &'a str,
    pub(crate) factor: i64,
    pub(crate) source: ConfigSource,
}

impl Layered<'_> {
    /// Hours as milliseconds where the configuration counts milliseconds; -1 stays -1.
    pub(crate) fn in_own_unit(&self) -> String {
        match self.value.trim().parse::<i64>() {
            Ok(number) if self.factor != 1 && number >= 0 => {
                number.saturating_mul(self.factor).to_string()
            }
            _ => self.value.trim().to_owned(),
        }
    }
}
