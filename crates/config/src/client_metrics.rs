//! A subscription to clients' metrics (KIP-714), typed: which clients, which metrics, how often.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

use crate::layers::Values;
use crate::settings::settings;
use crate::table;
use crate::value::split_list;

/// The most memory that one compiled pattern may take, in bytes.
const PATTERN_BYTES_MAX: usize = 256 * 1024;

settings! {
    /// What one subscription is configured to do. Read it again when its configuration changes.
    ClientMetricsConfig {
        interval_ms: i32 = "interval.ms",
        clients: ClientMatch = "match",
        metrics: Vec<String> = "metrics",
    }
}

impl ClientMetricsConfig {
    /// The subscription with these values over the defaults.
    pub fn resolve(values: &Values) -> Self {
        Self::read(
            |key| values.get(key).cloned(),
            |key| table::client_metrics(key).and_then(|def| def.default),
        )
    }
}

/// What is known of a client, by which a subscription may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientAttribute {
    /// The id that it was given with its first subscription.
    InstanceId,
    /// What it calls itself.
    ClientId,
    /// The name of its library.
    SoftwareName,
    /// The version of its library.
    SoftwareVersion,
    /// The address that it comes from.
    SourceAddress,
    /// The port that it comes from.
    SourcePort,
}

impl ClientAttribute {
    /// Every attribute, with Kafka's name for it.
    const NAMES: [(Self, &'static str); 6] = [
        (Self::InstanceId, "client_instance_id"),
        (Self::ClientId, "client_id"),
        (Self::SoftwareName, "client_software_name"),
        (Self::SoftwareVersion, "client_software_version"),
        (Self::SourceAddress, "client_source_address"),
        (Self::SourcePort, "client_source_port"),
    ];

    fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(attribute, _)| *attribute)
    }
}

/// Which clients a subscription is for: those of which every named attribute fits its pattern as a
/// whole. Without any pattern, all.
#[derive(Debug, Clone, Default)]
pub struct ClientMatch {
    patterns: BTreeMap<ClientAttribute, Regex>,
}

impl ClientMatch {
    /// Reads `attribute=pattern,attribute=pattern`; `None` for an attribute that there is not or a
    /// pattern that does not compile. Patterns know neither look-around nor back references.
    pub fn parse(text: &str) -> Option<Self> {
        let pair = |pair: &str| {
            let (name, pattern) = pair.split_once('=')?;
            let pattern = pattern.trim();
            if pattern.is_empty() || pattern.contains('=') {
                return None;
            }
            // By itself first: together with what is put around it, `a)|(b` would compile.
            Regex::new(pattern).ok()?;
            let whole = format!("^(?:{pattern})$");
            let pattern = RegexBuilder::new(&whole).size_limit(PATTERN_BYTES_MAX).build().ok()?;
            Some((ClientAttribute::from_name(name.trim())?, pattern))
        };
        let patterns: Option<BTreeMap<_, _>> = split_list(text).map(pair).collect();
        Some(Self { patterns: patterns? })
    }

    /// Whether a client is meant, of which `value_of` knows the attributes.
    pub fn is_match<'a>(&self, value_of: impl Fn(ClientAttribute) -> Option<&'a str>) -> bool {
        self.patterns.iter().all(|(attribute, pattern)| {
            value_of(*attribute).is_some_and(|value| pattern.is_match(value))
        })
    }
}

impl PartialEq for ClientMatch {
    fn eq(&self, other: &Self) -> bool {
        let texts = |it: &Self| -> Vec<_> {
            it.patterns.iter().map(|(key, it)| (*key, it.as_str().to_owned())).collect()
        };
        texts(self) == texts(other)
    }
}

impl crate::settings::Setting for ClientMatch {
    fn read(text: Option<&str>) -> Option<Self> {
        Self::parse(text?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_meant_when_every_pattern_fits_as_a_whole() {
        let value_of = |attribute| match attribute {
            ClientAttribute::ClientId => Some("orders-1"),
            ClientAttribute::SoftwareName => Some("apache-kafka-java"),
            ClientAttribute::SourcePort => Some("50000"),
            _ => None,
        };
        let meant = |text: &str| ClientMatch::parse(text).unwrap().is_match(value_of);
        for text in [
            "",
            "client_id=orders-.*",
            "client_software_name = apache-kafka-java , client_id=orders-[0-9]+",
            "client_source_port=5.*",
            "client_id=payments|orders-1",
        ] {
            assert!(meant(text), "{text}");
        }
        for text in ["client_id=orders", "client_id=rders-1", "client_source_address=.*"] {
            assert!(!meant(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for text in [
            "client_id",
            "client_id=",
            "client_id=a=b",
            "id=a",
            "client_id=(",
            "client_id=a)|(b",
            "client_id=(?<=a)b",
            "client_id=((a{100}){100}){100}",
        ] {
            assert!(ClientMatch::parse(text).is_none(), "{text}");
        }
    }
}
