//! What the members of a group agree on: the protocol, by votes, and the topics that they read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use super::{CONSUMER_PROTOCOL_TYPE, Group};
use crate::request::Protocol;

impl Group {
    pub(super) fn count_support(&mut self, protocols: &[Protocol]) {
        for protocol in protocols {
            *self.support.entry(protocol.name.clone()).or_default() += 1;
        }
    }

    pub(super) fn uncount_support(&mut self, protocols: &[Protocol]) {
        for protocol in protocols {
            if let Some(count) = self.support.get_mut(&protocol.name) {
                *count -= 1;
                if *count == 0 {
                    self.support.remove(&protocol.name);
                }
            }
        }
    }

    /// Whether a member that offers these can be in the group: everyone must offer one of them.
    pub(crate) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let everyone = self.members.len();
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols
                .iter()
                .any(|offered| self.support.get(&offered.name).copied().unwrap_or(0) == everyone)
    }

    /// The protocol with the most votes among those that everyone offers; each member votes for its
    /// own first choice. The leader's order decides a draw.
    pub(crate) fn select_protocol(&self) -> Option<Arc<str>> {
        let everyone = self.members.len();
        let is_candidate = |name: &Arc<str>| self.support.get(name) == Some(&everyone);
        let mut votes: HashMap<&Arc<str>, usize> = HashMap::new();
        for member in self.members.values() {
            let mut names = member.protocols.iter().map(|offered| &offered.name);
            if let Some(choice) = names.find(|name| is_candidate(name)) {
                *votes.entry(choice).or_default() += 1;
            }
        }
        let most = votes.values().max().copied()?;
        let leader = self.leader.as_ref().and_then(|id| self.members.get(id));
        let by_leader = leader.into_iter().flat_map(|member| &member.protocols);
        let by_name = {
            let mut names: Vec<_> = votes.keys().copied().collect();
            names.sort();
            names
        };
        by_leader
            .map(|offered| &offered.name)
            .chain(by_name)
            .find(|name| votes.get(name) == Some(&most))
            .cloned()
    }

    pub(crate) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER_PROTOCOL_TYPE)
    }

    /// Whether the members read the topic. A consumer group that we do not understand may.
    pub(crate) fn is_subscribed(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// Whether we know which topics the members read.
    pub(crate) fn knows_subscribed_topics(&self) -> bool {
        self.subscribed_topics.is_some()
    }

    pub(super) fn compute_subscribed_topics(&self) -> Option<HashSet<Arc<str>>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        if self.members.is_empty() {
            return Some(HashSet::new());
        }
        let protocol = self.protocol.as_deref()?;
        let mut topics = HashSet::new();
        for member in self.members.values() {
            topics.extend(subscribed_topics(&member.metadata(protocol))?);
        }
        Some(topics)
    }
}

/// The topics of a consumer's subscription: a version, and then in every version an array of names.
fn subscribed_topics(metadata: &Bytes) -> Option<Vec<Arc<str>>> {
    let mut rest = &metadata[..];
    let version = take_i16(&mut rest)?;
    if version < 0 {
        return None;
    }
    let (count, mut rest) = rest.split_first_chunk::<4>()?;
    let count = usize::try_from(i32::from_be_bytes(*count)).ok()?;
    // Each name takes two bytes at least, so the count is bounded by what is there.
    if count > rest.len() / 2 {
        return None;
    }
    (0..count).map(|_| take_name(&mut rest)).collect()
}

fn take_i16(rest: &mut &[u8]) -> Option<i16> {
    let (number, after) = rest.split_first_chunk::<2>()?;
    *rest = after;
    Some(i16::from_be_bytes(*number))
}

fn take_name(rest: &mut &[u8]) -> Option<Arc<str>> {
    let length = usize::try_from(take_i16(rest)?).ok()?;
    let (name, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(name).ok().map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscription_of_any_version_names_its_topics() {
        // Version 1, topics "a" and "bc", then user data and owned partitions, which do not matter.
        let bytes = Bytes::from_static(b"\0\x01\0\0\0\x02\0\x01a\0\x02bc\xff\xff\xff\xff\0\0\0\0");
        assert_eq!(subscribed_topics(&bytes), Some(vec!["a".into(), "bc".into()]));
    }

    #[test]
    fn broken_subscriptions_are_not_understood() {
        for bytes in [
            &b""[..],
            b"\0",
            b"\xff\xff\0\0\0\0",
            b"\0\0\x7f\xff\xff\xff",
            b"\0\0\xff\xff\xff\xff",
            b"\0\0\0\0\0\x01\0\x05ab",
            b"\0\0\0\0\0\x01\xff\xff",
            b"\0\0\0\0\0\x01\0\x01\xff",
        ] {
            assert_eq!(subscribed_topics(&Bytes::from_static(bytes)), None, "{bytes:?}");
        }
    }
}
