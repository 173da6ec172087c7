//! ListGroups and DescribeGroups.

use std::sync::Arc;

use super::GroupShard;
use crate::group::{Group, GroupState};
use crate::reply::{DescribedGroup, DescribedMember, GroupCounts, ListedGroup, SurveyedGroup};
use crate::request::ListFilter;

/// The one type of group that this coordinator has.
const CLASSIC_TYPE: &str = "classic";

impl GroupShard {
    /// The groups that pass the filter, in the order of their names.
    pub fn list_groups(&self, filter: &ListFilter) -> Vec<ListedGroup> {
        let passes = |wanted: &[Arc<str>], name: &str| {
            wanted.is_empty()
                || wanted.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(name))
        };
        if !passes(&filter.types, CLASSIC_TYPE) {
            return Vec::new();
        }
        let mut listed: Vec<_> = self
            .groups
            .values()
            .filter(|group| passes(&filter.states, group.state().name()))
            .map(|group| ListedGroup {
                group: group.id.clone(),
                protocol_type: group.protocol_type.clone().unwrap_or_else(|| "".into()),
                state: group.state(),
            })
            .collect();
        listed.sort_by(|a, b| a.group.cmp(&b.group));
        listed
    }

    /// How many groups and offsets there are, for whoever watches the node.
    pub fn count_groups(&self) -> GroupCounts {
        let mut counts = GroupCounts::default();
        for group in self.groups.values() {
            *counts.by_state.entry(group.state().name()).or_default() += 1;
            counts.offsets += self.offsets.count_of(&group.id);
        }
        counts
    }

    /// The first groups by their names with what they have committed, for whoever watches the node: at
    /// most so many groups and offsets together.
    pub fn survey(&self, room: usize) -> Vec<SurveyedGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        if room < groups.len() {
            groups.select_nth_unstable_by(room, |a, b| a.id.cmp(&b.id));
            groups.truncate(room);
        }
        groups.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        // All groups come before any offset of theirs.
        let mut room = room - groups.len();
        let survey = |group: &Group| {
            let committed = self.offsets.committed_of(&group.id).take(room);
            let offsets: Vec<_> = committed
                .map(|(topic, partition, offset)| (Arc::clone(topic), partition, offset.offset))
                .collect();
            room -= offsets.len();
            SurveyedGroup { group: group.id.clone(), members: group.members().count(), offsets }
        };
        groups.into_iter().map(survey).collect()
    }

    /// A group with its members; `None` if there is no such group.
    pub fn describe_group(&self, group: &str) -> Option<DescribedGroup> {
        self.groups.get(group).map(describe)
    }
}

fn describe(group: &Group) -> DescribedGroup {
    let stable = group.state() == GroupState::Stable;
    let protocol = group.protocol.clone().filter(|_| stable).unwrap_or_else(|| "".into());
    let members = group.members().map(|member| DescribedMember {
        member: member.id.clone(),
        instance: member.instance.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        metadata: if stable { member.metadata(&protocol) } else { Default::default() },
        assignment: if stable { member.assignment.clone() } else { Default::default() },
    });
    DescribedGroup {
        group: group.id.clone(),
        state: group.state(),
        protocol_type: group.protocol_type.clone().unwrap_or_else(|| "".into()),
        members: members.collect(),
        protocol,
    }
}
