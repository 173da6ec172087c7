//! `kafka-consumer-groups --reset-offsets`: finds where offsets shall be, shows it, and commits it
//! if asked to. Offsets outside a partition's log are moved to its nearest end.

use std::collections::{BTreeMap, BTreeSet};

use client::{Admin, IsolationLevel, OffsetSpec, OffsetToCommit};
use model::{Offset, PartitionIndex, Timestamp, TopicPartition};

use super::group::Group;
use super::plan::{self, Plans};
use super::{chosen, print_error, tables};
use crate::failure::Failure;
use crate::options::Options;
use crate::output::print;
use crate::time;

type Offsets = BTreeMap<TopicPartition, Offset>;

pub(super) async fn run(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let groups = chosen(admin, options).await?;
    let file = file(options, &groups)?;
    let mut plans = Plans::new();
    for group in groups {
        // Offsets can be set for a group before it exists.
        let state = Group::find(admin, &group).await?.map(|group| group.state.state);
        let state = state.unwrap_or_else(|| "Dead".to_owned());
        let mut offsets = Offsets::new();
        if matches!(state.as_str(), "Empty" | "Dead") {
            offsets = new_offsets(admin, options, &group, file.as_ref()).await?;
            if options.has("execute") {
                commit(admin, &group, &offsets).await?;
            }
        } else {
            print_error(&format!(
                "Assignments can only be reset if the group '{group}' is inactive, but the current \
                 state is {state}."
            ))?;
        }
        plans.insert(group, offsets);
    }
    if options.has("export") {
        let with_group = options.values("group").len() != 1;
        return print(&format!("{}\n", plan::export(&plans, with_group)));
    }
    print(&tables::new_offsets(&plans))
}

async fn commit(admin: &Admin, group: &str, offsets: &Offsets) -> Result<(), Failure> {
    if offsets.is_empty() {
        return Ok(());
    }
    let offsets =
        offsets.iter().map(|(p, offset)| (p.clone(), OffsetToCommit::at(*offset))).collect();
    for (partition, result) in admin.alter_group_offsets(group, &offsets).await? {
        result.map_err(|error| {
            Failure::Refused(format!("The offset of {partition} was not changed: {error}"))
        })?;
    }
    Ok(())
}

fn file(options: &Options, groups: &[String]) -> Result<Option<Plans>, Failure> {
    let Some(path) = options.value("from-file")? else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let only_group = if let [group] = groups { Some(group.as_str()) } else { None };
    plan::import(&text, only_group).map(Some)
}

async fn new_offsets(
    admin: &Admin,
    options: &Options,
    group: &str,
    file: Option<&Plans>,
) -> Result<Offsets, Failure> {
    if let Some(plans) = file {
        let Some(plan) = plans.get(group) else {
            print_error(&format!("No reset plan for group {group} found."))?;
            return Ok(Offsets::new());
        };
        check_exist(admin, plan.keys()).await?;
        return within_log(admin, plan.clone()).await;
    }
    let partitions = if options.has("all-topics") {
        admin.group_offsets(group, None).await?.into_keys().collect()
    } else {
        partitions(admin, &options.values("topic")).await?
    };
    check_exist(admin, partitions.iter()).await?;
    if let Some(offset) = options.number::<i64>("to-offset")? {
        let wanted = partitions.into_iter().map(|p| (p, Offset::new(offset))).collect();
        return within_log(admin, wanted).await;
    }
    if options.has("to-earliest") {
        return ends(admin, &partitions, OffsetSpec::Earliest).await;
    }
    if options.has("to-latest") {
        return ends(admin, &partitions, OffsetSpec::Latest).await;
    }
    if let Some(text) = options.value("to-datetime")? {
        return at(admin, &partitions, time::parse_date_time(text)?).await;
    }
    if let Some(text) = options.value("by-duration")? {
        let ago = time::parse_duration_ms(text)?;
        return at(admin, &partitions, Timestamp::new(time::now_ms().saturating_sub(ago))).await;
    }
    let committed = admin.group_offsets(group, None).await?;
    if let Some(shift) = options.number::<i64>("shift-by")? {
        let mut wanted = Offsets::new();
        for partition in partitions {
            let offset = committed.get(&partition).map(|committed| committed.offset.get());
            let offset = offset.ok_or_else(|| {
                Failure::Refused(format!(
                    "Cannot shift offset for partition {partition} since there is no current \
                     committed offset"
                ))
            })?;
            wanted.insert(partition, Offset::new(offset.saturating_add(shift)));
        }
        return within_log(admin, wanted).await;
    }
    // What is left is --to-current.
    let (with, without): (Vec<_>, Vec<_>) =
        partitions.into_iter().partition(|partition| committed.contains_key(partition));
    let mut wanted = ends(admin, &without.into_iter().collect(), OffsetSpec::Latest).await?;
    wanted.extend(with.into_iter().map(|p| (p.clone(), committed[&p].offset)));
    Ok(wanted)
}

/// The partitions of `topic`, or those that `topic:0,1` names.
pub(super) async fn partitions(
    admin: &Admin,
    words: &[&str],
) -> Result<BTreeSet<TopicPartition>, Failure> {
    let mut found = BTreeSet::new();
    let mut whole = Vec::new();
    for word in words {
        match word.split_once(':') {
            None => whole.push((*word).to_owned()),
            Some((topic, indexes)) => found.extend(named(word, topic, indexes)?),
        }
    }
    for (name, topic) in admin.describe_topics(&whole).await? {
        let indexes = topic?.partitions.into_iter().map(|partition| partition.partition);
        found.extend(indexes.map(|index| TopicPartition::new(name.as_str(), index)));
    }
    Ok(found)
}

fn named(word: &str, topic: &str, indexes: &str) -> Result<Vec<TopicPartition>, Failure> {
    let index = |text: &str| match text.trim().parse::<i32>() {
        Ok(index) => Ok(TopicPartition::new(topic, PartitionIndex::new(index))),
        Err(_) => Err(Failure::Usage(format!(
            "Invalid partition '{text}' specified in topic arg '{word}'"
        ))),
    };
    indexes.split(',').map(index).collect()
}

async fn check_exist(
    admin: &Admin,
    partitions: impl Iterator<Item = &TopicPartition>,
) -> Result<(), Failure> {
    let partitions: BTreeSet<&TopicPartition> = partitions.collect();
    let mut names: Vec<String> = partitions.iter().map(|p| p.topic.to_string()).collect();
    names.dedup();
    let mut existing = BTreeSet::new();
    for (name, topic) in admin.describe_topics(&names).await? {
        let partitions = topic.map(|topic| topic.partitions).unwrap_or_default();
        existing.extend(partitions.iter().map(|p| TopicPartition::new(name.as_str(), p.partition)));
    }
    let missing = partitions.iter().filter(|partition| !existing.contains(**partition));
    let missing: Vec<String> = missing.map(ToString::to_string).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(format!("The partitions \"{}\" do not exist", missing.join(","))))
}

async fn ends(
    admin: &Admin,
    partitions: &BTreeSet<TopicPartition>,
    spec: OffsetSpec,
) -> Result<Offsets, Failure> {
    let wanted = partitions.iter().map(|partition| (partition.clone(), spec)).collect();
    let mut offsets = Offsets::new();
    for (partition, found) in admin.list_offsets(&wanted, IsolationLevel::ReadUncommitted).await? {
        offsets.insert(partition, found?.offset);
    }
    Ok(offsets)
}

/// The first records at or after a time; the end where there is none.
async fn at(
    admin: &Admin,
    partitions: &BTreeSet<TopicPartition>,
    time: Timestamp,
) -> Result<Offsets, Failure> {
    let mut offsets = ends(admin, partitions, OffsetSpec::At(time)).await?;
    let late: BTreeSet<TopicPartition> = offsets
        .iter()
        .filter(|(_, offset)| offset.known().is_none())
        .map(|(partition, _)| partition.clone())
        .collect();
    for partition in &late {
        print(&format!(
            "\nWarn: Partition {} from topic {} is empty. Falling back to latest known offset.\n",
            partition.partition, partition.topic
        ))?;
    }
    offsets.extend(ends(admin, &late, OffsetSpec::Latest).await?);
    Ok(offsets)
}

async fn within_log(admin: &Admin, wanted: Offsets) -> Result<Offsets, Failure> {
    let partitions: BTreeSet<TopicPartition> = wanted.keys().cloned().collect();
    let first = ends(admin, &partitions, OffsetSpec::Earliest).await?;
    let last = ends(admin, &partitions, OffsetSpec::Latest).await?;
    let mut offsets = Offsets::new();
    for (partition, offset) in wanted {
        let clamped = clamp(offset, first.get(&partition).copied(), last.get(&partition).copied());
        if clamped != offset {
            let side = if clamped < offset { "higher than latest" } else { "lower than earliest" };
            eprintln!(
                "New offset ({offset}) is {side} offset for topic partition {partition}. Value will be \
                 set to {clamped}."
            );
        }
        offsets.insert(partition, clamped);
    }
    Ok(offsets)
}

fn clamp(offset: Offset, first: Option<Offset>, last: Option<Offset>) -> Offset {
    match (first, last) {
        (_, Some(last)) if offset > last => last,
        (Some(first), _) if offset < first => first,
        _ => offset,
    }
}
