//! `kafka-consumer-groups --describe`.

use std::collections::{BTreeMap, BTreeSet};

use client::{Admin, CommittedOffset, GroupDescription, IsolationLevel, OffsetSpec};
use model::{ErrorCode, Offset, TopicPartition};

use super::tables::{self, MemberRow, OffsetRow, StateRow};
use super::{chosen, print_error};
use crate::failure::Failure;
use crate::options::Options;
use crate::output::print;

pub(super) async fn run(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let verbose = options.has("verbose");
    let groups = chosen(admin, options).await?;
    for (group, description) in admin.describe_groups(&groups).await? {
        let description = match description {
            Ok(description) => description,
            Err(error) if error.code() == Some(ErrorCode::GroupIdNotFound) => {
                print_error(&format!("Consumer group '{group}' does not exist."))?;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if options.has("members") {
            // Kafka prints the header of members even for a group without any.
            tell_state(&description, description.members.len())?;
            print(&tables::members(&members(&description), verbose))?;
        } else if options.has("state") {
            if tell_state(&description, 1)? {
                print(&tables::state(&state(&description), verbose))?;
            }
        } else {
            let rows = offsets(admin, &description).await?;
            if tell_state(&description, rows.len())? {
                print(&tables::offsets(&rows, verbose))?;
            }
        }
    }
    Ok(())
}

/// Says what is unusual about a group's state; whether there is anything to show.
fn tell_state(description: &GroupDescription, rows: usize) -> Result<bool, Failure> {
    let group = &description.group_id;
    match description.state.as_str() {
        "Dead" => print_error(&format!("Consumer group '{group}' does not exist."))?,
        "Empty" => eprintln!("\nConsumer group '{group}' has no active members."),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            eprintln!("\nWarning: Consumer group '{group}' is rebalancing.");
        }
        _ => {}
    }
    Ok(description.state != "Dead" && rows > 0)
}

fn members(description: &GroupDescription) -> Vec<MemberRow> {
    let row = |member: &client::GroupMember| MemberRow {
        group: description.group_id.clone(),
        consumer_id: member.member_id.clone(),
        instance_id: member.group_instance_id.clone().unwrap_or_default(),
        host: member.client_host.clone(),
        client_id: member.client_id.clone(),
        assignment: member.assignment.clone(),
        current_epoch: None,
        target_epoch: None,
        target_assignment: Vec::new(),
        upgraded: None,
    };
    description.members.iter().map(row).collect()
}

fn state(description: &GroupDescription) -> StateRow {
    let coordinator = &description.coordinator;
    StateRow {
        group: description.group_id.clone(),
        coordinator: format!("{}  ({})", coordinator.address(), coordinator.id),
        assignor: description.protocol.clone(),
        state: description.state.clone(),
        group_epoch: None,
        target_epoch: None,
        members: description.members.len(),
    }
}

async fn offsets(admin: &Admin, group: &GroupDescription) -> Result<Vec<OffsetRow>, Failure> {
    let committed = admin.group_offsets(&group.group_id, None).await?;
    let assigned = group.members.iter().flat_map(|member| member.assignment.iter().cloned());
    let partitions: BTreeSet<TopicPartition> = committed.keys().cloned().chain(assigned).collect();
    let ends = log_end_offsets(admin, &partitions).await?;
    Ok(rows(group, &committed, &ends))
}

/// Where partitions end; without those that nobody can say it of.
async fn log_end_offsets(
    admin: &Admin,
    partitions: &BTreeSet<TopicPartition>,
) -> Result<BTreeMap<TopicPartition, Offset>, Failure> {
    let wanted = partitions.iter().map(|p| (p.clone(), OffsetSpec::Latest)).collect();
    let found = admin.list_offsets(&wanted, IsolationLevel::ReadUncommitted).await?;
    let known = found.into_iter().filter_map(|(p, found)| Some((p, found.ok()?.offset)));
    Ok(known.collect())
}

/// Members with the most partitions come first, then what nobody reads.
fn rows(
    group: &GroupDescription,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    ends: &BTreeMap<TopicPartition, Offset>,
) -> Vec<OffsetRow> {
    let row = |partition: &TopicPartition, consumer: Option<[String; 3]>| {
        let committed = committed.get(partition);
        OffsetRow {
            group: group.group_id.clone(),
            partition: partition.clone(),
            leader_epoch: committed.and_then(|c| c.leader_epoch.known()).map(|epoch| epoch.get()),
            offset: committed.map(|committed| committed.offset),
            log_end_offset: ends.get(partition).copied(),
            consumer,
        }
    };
    let mut rows = Vec::new();
    let mut assigned = BTreeSet::new();
    let mut members: Vec<&client::GroupMember> = group.members.iter().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    for member in members {
        let mut partitions = member.assignment.clone();
        partitions.sort();
        for partition in partitions {
            let consumer =
                [member.member_id.clone(), member.client_host.clone(), member.client_id.clone()];
            rows.push(row(&partition, Some(consumer)));
            assigned.insert(partition);
        }
    }
    let unassigned = committed.keys().filter(|partition| !assigned.contains(*partition));
    rows.extend(unassigned.map(|partition| row(partition, None)));
    rows
}
