//! The tables of `kafka-consumer-groups`, column by column as Kafka prints them.

use std::collections::BTreeMap;

use model::{Offset, TopicPartition};

use crate::output::{Width, or_dash, rows};

/// A partition that a group has an offset for, or reads.
#[derive(Debug, Clone)]
pub(super) struct OffsetRow {
    pub(super) group: String,
    pub(super) partition: TopicPartition,
    pub(super) leader_epoch: Option<i32>,
    pub(super) offset: Option<Offset>,
    pub(super) log_end_offset: Option<Offset>,
    /// Who reads it: member, host, client; `None` if nobody does.
    pub(super) consumer: Option<[String; 3]>,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub(crate) struct MemberRow {
    pub(crate) group: String,
    pub(crate) consumer_id: String,
    /// Empty unless the member is static.
    pub(crate) instance_id: String,
    pub(crate) host: String,
    pub(crate) client_id: String,
    /// The topics that it asked for, where that is known.
    pub(crate) subscription: Vec<String>,
    pub(crate) assignment: Vec<TopicPartition>,
    pub(crate) current_epoch: Option<i32>,
    pub(crate) target_epoch: Option<i32>,
    pub(crate) target_assignment: Vec<TopicPartition>,
    /// Whether it speaks the newer protocol; unknown for groups of the older one.
    pub(crate) upgraded: Option<bool>,
}

/// A group's state.
#[derive(Debug, Clone)]
pub(crate) struct StateRow {
    pub(crate) group: String,
    /// `host:port  (id)`.
    pub(crate) coordinator: String,
    pub(crate) assignor: String,
    pub(crate) state: String,
    pub(crate) group_epoch: Option<i32>,
    pub(crate) target_epoch: Option<i32>,
    pub(crate) members: usize,
}

/// Words as cells.
fn cells<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// Each line after a line end, as Kafka begins its lines; one more at the end.
fn lines_begun(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push('\n');
        text.push_str(line);
    }
    text.push('\n');
    text
}

/// Offsets of one group.
pub(super) fn offsets(found: &[OffsetRow], verbose: bool) -> String {
    let mut widths = vec![Width::AtLeast(15), Width::AtLeast(15), Width::Fixed(10)];
    let mut header = cells(["GROUP", "TOPIC", "PARTITION"]);
    if verbose {
        widths.push(Width::Fixed(15));
        header.push("LEADER-EPOCH".to_owned());
    }
    widths.extend([Width::Fixed(15); 3]);
    widths.extend([Width::AtLeast(15), Width::AtLeast(15), Width::Free]);
    header.extend(cells([
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ]));
    let row = |row: &OffsetRow| {
        let lag = row.offset.zip(row.log_end_offset).map(|(offset, end)| end.since(offset));
        let mut line = vec![
            row.group.clone(),
            row.partition.topic.to_string(),
            row.partition.partition.to_string(),
        ];
        if verbose {
            line.push(or_dash(row.leader_epoch));
        }
        line.extend([or_dash(row.offset), or_dash(row.log_end_offset), or_dash(lag)]);
        match &row.consumer {
            Some(consumer) => line.extend(consumer.clone()),
            None => line.extend(cells(["-", "-", "-"])),
        }
        line
    };
    let table: Vec<Vec<String>> = std::iter::once(header).chain(found.iter().map(row)).collect();
    lines_begun(&rows(&widths, &table))
}

/// Members of one group.
pub(super) fn members(found: &[MemberRow], verbose: bool) -> String {
    let with_instance = found.iter().any(|row| !row.instance_id.is_empty());
    let mixed = found.iter().any(|row| row.upgraded == Some(true))
        && found.iter().any(|row| row.upgraded == Some(false));
    let mut widths = vec![Width::AtLeast(15), Width::AtLeast(15)];
    let mut header = cells(["GROUP", "CONSUMER-ID"]);
    if with_instance {
        widths.push(Width::AtLeast(17));
        header.push("GROUP-INSTANCE-ID".to_owned());
    }
    widths.extend([Width::AtLeast(15), Width::AtLeast(15), Width::Fixed(15)]);
    header.extend(cells(["HOST", "CLIENT-ID", "#PARTITIONS"]));
    if verbose {
        widths.extend([Width::Fixed(15), Width::AtLeast(20), Width::Fixed(15), Width::AtLeast(20)]);
        header.extend(cells([
            "CURRENT-EPOCH",
            "CURRENT-ASSIGNMENT",
            "TARGET-EPOCH",
            "TARGET-ASSIGNMENT",
        ]));
        if mixed {
            widths.push(Width::Free);
            header.push("UPGRADED".to_owned());
        }
    }
    let row = |row: &MemberRow| {
        let mut line = vec![row.group.clone(), row.consumer_id.clone()];
        if with_instance {
            line.push(row.instance_id.clone());
        }
        line.extend([row.host.clone(), row.client_id.clone(), row.assignment.len().to_string()]);
        if verbose {
            line.push(or_dash(row.current_epoch));
            line.push(assignment(&row.assignment));
            line.push(or_dash(row.target_epoch));
            line.push(assignment(&row.target_assignment));
            if mixed {
                line.push(or_dash(row.upgraded));
            }
        }
        line
    };
    let table: Vec<Vec<String>> = std::iter::once(header).chain(found.iter().map(row)).collect();
    let mut text = String::from("\n");
    for line in rows(&widths, &table) {
        text.push_str(&line);
        // Kafka leaves a blank behind the number of partitions when nothing follows.
        text.push_str(if verbose { "\n" } else { " \n" });
    }
    text
}

/// Partitions as `topic:0,1;other:2`.
fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition.get());
    }
    let topic = |(name, mut indexes): (&str, Vec<i32>)| {
        indexes.sort_unstable();
        let indexes: Vec<String> = indexes.iter().map(ToString::to_string).collect();
        format!("{name}:{}", indexes.join(","))
    };
    let topics: Vec<String> = topics.into_iter().map(topic).collect();
    if topics.is_empty() { "-".to_owned() } else { topics.join(";") }
}

/// The state of one group.
pub(super) fn state(row: &StateRow, verbose: bool) -> String {
    let assignor = if row.assignor.is_empty() { "-" } else { &row.assignor };
    let mut widths =
        vec![Width::AtLeast(15), Width::AtLeast(25), Width::Fixed(20), Width::Fixed(20)];
    let mut header = cells(["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"]);
    let mut line = cells([&row.group, &row.coordinator, assignor, &row.state]);
    if verbose {
        widths.extend([Width::Fixed(15), Width::Fixed(25)]);
        header.extend(cells(["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"]));
        line.extend([or_dash(row.group_epoch), or_dash(row.target_epoch)]);
    }
    widths.push(Width::Free);
    header.push("#MEMBERS".to_owned());
    line.push(row.members.to_string());
    lines_begun(&rows(&widths, &[header, line]))
}

/// Where offsets of groups will be.
pub(super) fn new_offsets(plans: &BTreeMap<String, BTreeMap<TopicPartition, Offset>>) -> String {
    if plans.is_empty() {
        return "\n".to_owned();
    }
    let mut table = vec![cells(["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"])];
    for (group, plan) in plans {
        for (partition, offset) in plan {
            table.push(vec![
                group.clone(),
                partition.topic.to_string(),
                partition.partition.to_string(),
                offset.to_string(),
            ]);
        }
    }
    // A group without new offsets widens its column too.
    let group = plans.keys().map(|group| group.chars().count()).max().unwrap_or(0).max(15);
    let widths = [Width::AtLeast(group), Width::AtLeast(15), Width::Fixed(10), Width::Free];
    lines_begun(&rows(&widths, &table))
}

/// What became of offsets that were to be deleted.
pub(super) fn deleted(results: &BTreeMap<TopicPartition, Option<String>>) -> String {
    let mut table = vec![cells(["TOPIC", "PARTITION", "STATUS"])];
    for (partition, error) in results {
        let index = Some(partition.partition.get()).filter(|index| *index >= 0);
        table.push(vec![
            partition.topic.to_string(),
            or_dash(index),
            error
                .as_ref()
                .map_or_else(|| "Successful".to_owned(), |error| format!("Error: {error}")),
        ]);
    }
    lines_begun(&rows(&[Width::AtLeast(15), Width::Fixed(10), Width::Fixed(15)], &table))
}
