//! New offsets as CSV: `topic,partition,offset` for one group, with the group before it for
//! several.

use std::collections::BTreeMap;

use model::{Offset, PartitionIndex, TopicPartition};

use crate::failure::Failure;

/// New offsets of groups.
pub(super) type Plans = BTreeMap<String, BTreeMap<TopicPartition, Offset>>;

/// The lines of `--export`.
pub(super) fn export(plans: &Plans, with_group: bool) -> String {
    let mut text = String::new();
    for (group, plan) in plans {
        for (partition, offset) in plan {
            if with_group {
                text.push_str(&field(group));
                text.push(',');
            }
            let topic = field(&partition.topic);
            text.push_str(&format!("{topic},{},{offset}\n", partition.partition));
        }
    }
    text
}

fn field(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

/// Reads the lines of `--from-file`. Lines without a group are about `only_group`.
pub(super) fn import(text: &str, only_group: Option<&str>) -> Result<Plans, Failure> {
    let mut plans = Plans::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let bad = || {
            Failure::Refused(format!(
                "line {} of the file is \"{line}\"; expected {}topic,partition,offset",
                index + 1,
                if only_group.is_some() { "" } else { "group," }
            ))
        };
        let fields = fields(line).ok_or_else(bad)?;
        let (group, rest) = match (fields.as_slice(), only_group) {
            ([group, rest @ ..], _) if rest.len() == 3 => (group.as_str(), rest),
            (rest, Some(group)) if rest.len() == 3 => (group, rest),
            _ => return Err(bad()),
        };
        let partition: i32 = rest[1].trim().parse().map_err(|_| bad())?;
        let offset: i64 = rest[2].trim().parse().map_err(|_| bad())?;
        let partition = TopicPartition::new(rest[0].trim(), PartitionIndex::new(partition));
        plans.entry(group.to_owned()).or_default().insert(partition, Offset::new(offset));
    }
    Ok(plans)
}

/// The fields of a line; `None` when a quote does not end.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut()?;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => field.push(letter),
        }
    }
    (!quoted).then_some(fields)
}
