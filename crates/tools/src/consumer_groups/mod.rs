//! `kafka-consumer-groups`: lists, describes and deletes groups, and moves or deletes their
//! offsets.
//!
//! As in Kafka, errors are told on standard output, and a group that is not there or does not let
//! itself be changed is no failure of the command. A cluster that cannot be reached is one, unlike
//! in Kafka.

use client::{Admin, ClientConfig, GroupListing};

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options, WITHOUT_EFFECT};
use crate::output::{Width, print, rows};

mod delete;
mod describe;
mod group;
mod plan;
mod reset;
mod tables;

pub(crate) use group::Group;
pub(crate) use tables::MemberRow;

const ACTIONS: &[&str] =
    &["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];

/// The ways to say where offsets shall be.
const SCENARIOS: &[&str] = &[
    "to-offset",
    "shift-by",
    "to-datetime",
    "by-duration",
    "to-earliest",
    "to-latest",
    "to-current",
    "from-file",
];

/// States that a group of consumers can be in.
const STATES: &[&str] = &[
    "PreparingRebalance",
    "CompletingRebalance",
    "Stable",
    "Dead",
    "Empty",
    "Assigning",
    "Reconciling",
];

/// The command line of `kafka-consumer-groups`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-consumer-groups",
    about: "Lists, describes and deletes consumer groups, and moves or deletes their offsets.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::value("timeout", "MS", "How long a call may take; 30000 by default."),
        Flag::switch("new-consumer", WITHOUT_EFFECT),
        Flag::switch("list", "List groups."),
        Flag::switch("describe", "Show a group's offsets and how far it is behind."),
        Flag::switch("delete", "Delete groups with their offsets."),
        Flag::switch("reset-offsets", "Move a group's offsets; the group must have no members."),
        Flag::switch(
            "delete-offsets",
            "Delete a group's offsets for topics that it does not read.",
        ),
        Flag::value("validate-regex", "REGEX", "Say whether a regular expression is valid."),
        Flag::value("group", "ID", "The group; may be repeated."),
        Flag::switch("all-groups", "All groups."),
        Flag::value(
            "topic",
            "NAME[:0,1]",
            "The topic whose offsets are moved or deleted, with partitions if not all; may be repeated.",
        ),
        Flag::switch("all-topics", "All topics that the group has offsets for."),
        Flag::switch("offsets", "With --describe: offsets. This is what it shows by itself."),
        Flag::switch("members", "With --describe: members."),
        Flag::maybe(
            "state",
            "STATES",
            "With --describe: the group's state. With --list: states, and only groups in those given, \
             such as stable,empty.",
        ),
        Flag::maybe(
            "type",
            "TYPES",
            "With --list: types, and only groups of those given: classic, consumer.",
        ),
        Flag::switch("verbose", "With --describe: more columns."),
        Flag::switch("dry-run", "With --reset-offsets: only show what would be done."),
        Flag::switch("execute", "With --reset-offsets: do it."),
        Flag::switch("export", "With --reset-offsets: print the new offsets as CSV."),
        Flag::value("to-offset", "OFFSET", "To this offset."),
        Flag::value("shift-by", "COUNT", "By this many records; may be negative."),
        Flag::value(
            "to-datetime",
            "TIME",
            "To a time: YYYY-MM-DDThh:mm:ss.sss, UTC unless it says more.",
        ),
        Flag::value("by-duration", "DURATION", "To so long ago: PnDTnHnMnS."),
        Flag::switch("to-earliest", "To the first record."),
        Flag::switch("to-latest", "After the last record."),
        Flag::switch("to-current", "To where they are; to the end where there is none."),
        Flag::value("from-file", "FILE", "To what a CSV file says, as --export prints it."),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let action = check(options)?;
    if action == "validate-regex" {
        return validate_regex(options.required("validate-regex")?);
    }
    let config = config(options)?;
    let worked = connect::block_on(async {
        let admin = Admin::new(&config)?;
        match action {
            "list" => list(&admin, options).await,
            "describe" => describe::run(&admin, options).await,
            "delete" => delete::groups(&admin, options).await,
            "reset-offsets" => reset::run(&admin, options).await,
            _ => delete::offsets(&admin, options).await,
        }
    });
    match worked {
        Err(failure @ (Failure::Client(_) | Failure::Refused(_))) => {
            print_error(&format!("Executing consumer group command failed due to {failure}"))?;
            Err(Failure::Told)
        }
        other => other,
    }
}

fn config(options: &Options) -> Result<ClientConfig, Failure> {
    let mut config = connect::admin_config(options)?;
    let timeout = options.number::<u32>("timeout")?.unwrap_or(30_000);
    config.set("default.api.timeout.ms", &timeout.to_string())?;
    Ok(config)
}

/// Refuses what does not go together.
fn check(options: &Options) -> Result<&'static str, Failure> {
    let usage = |message: String| Err(Failure::Usage(message));
    let action = options.action(ACTIONS)?;
    if action != "validate-regex" {
        options.require(&["bootstrap-server"])?;
    }
    let whole_groups = options.has("group") || options.has("all-groups");
    if matches!(action, "describe" | "delete" | "reset-offsets") && !whole_groups {
        return usage(format!(
            "Option [{action}] takes one of these options: [group], [all-groups]"
        ));
    }
    for (flag, actions) in [
        ("members", &["describe"][..]),
        ("offsets", &["describe"]),
        ("verbose", &["describe"]),
        ("state", &["describe", "list"]),
        ("type", &["list"]),
    ] {
        if options.has(flag) && !actions.contains(&action) {
            return usage(format!("--{flag} goes with --{} only", actions.join(" and --")));
        }
    }
    if action == "describe" {
        let views = ["members", "offsets", "state"];
        if views.iter().filter(|view| options.has(view)).count() > 1 {
            return usage(
                "Option [describe] takes at most one of these options: [members], [offsets], [state]"
                    .into(),
            );
        }
        if options.value("state")?.is_some() {
            return usage("Option [describe] does not take a value for [state]".into());
        }
    }
    if action == "delete" && options.has("topic") {
        return usage("--delete deletes whole groups; use --delete-offsets for one topic".into());
    }
    if action == "delete-offsets" && !(options.has("group") && options.has("topic")) {
        return usage(
            "Option [delete-offsets] takes the following options: [group], [topic]".into(),
        );
    }
    if action == "reset-offsets" {
        check_reset(options)?;
    }
    options.forbid("group", &["all-groups", "list"])?;
    options.forbid("topic", &["list", "describe"])?;
    Ok(action)
}

fn check_reset(options: &Options) -> Result<(), Failure> {
    if options.has("dry-run") && options.has("execute") {
        return Err(Failure::Usage(
            "Option [reset-offsets] only accepts one of [execute] and [dry-run]".into(),
        ));
    }
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        options.forbid(scenario, &SCENARIOS[index + 1..])?;
    }
    if !SCENARIOS.iter().any(|scenario| options.has(scenario)) {
        let scenarios: Vec<String> = SCENARIOS.iter().map(|name| format!("[{name}]")).collect();
        return Err(Failure::Usage(format!(
            "Option '[reset-offsets]' requires one of the following scenarios: {}",
            scenarios.join(", ")
        )));
    }
    if !["all-topics", "topic", "from-file"].iter().any(|scope| options.has(scope)) {
        return Err(Failure::Usage(
            "One of the reset scopes should be defined: --all-topics, --topic.".into(),
        ));
    }
    if !options.has("dry-run") && !options.has("execute") {
        eprintln!(
            "WARN: nothing is changed, since --execute is missing. Say --dry-run to have it so without \
             this warning."
        );
    }
    Ok(())
}

fn validate_regex(pattern: &str) -> Result<(), Failure> {
    match regex::Regex::new(pattern) {
        Ok(_) => print(&format!("The regular expression `{pattern}` is valid.\n")),
        Err(error) => print(&format!("The regular expression `{pattern}` is invalid: {error}.\n")),
    }
}

/// Tells of something that went wrong with a group, as Kafka does: on standard output, and the
/// command goes on.
fn print_error(message: &str) -> Result<(), Failure> {
    print(&format!("\nError: {message}\n"))
}

/// The groups that the command is about.
async fn chosen(admin: &Admin, options: &Options) -> Result<Vec<String>, Failure> {
    if options.has("all-groups") {
        let groups = consumer_groups(admin, &[]).await?;
        return Ok(groups.into_iter().map(|group| group.group_id).collect());
    }
    let mut groups: Vec<String> = options.values("group").into_iter().map(str::to_owned).collect();
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

/// Groups of consumers, and those that only hold offsets.
async fn consumer_groups(admin: &Admin, states: &[String]) -> Result<Vec<GroupListing>, Failure> {
    let mut groups = admin.list_groups(states).await?;
    groups.retain(|group| {
        let kind = group.group_type.to_ascii_lowercase();
        matches!(group.protocol_type.as_str(), "" | "consumer")
            && matches!(kind.as_str(), "" | "classic" | "consumer")
    });
    Ok(groups)
}

async fn list(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let states = names(options.value("state")?, STATES, "state")?;
    let types = names(options.value("type")?, &["Classic", "Consumer"], "type")?;
    let mut groups = consumer_groups(admin, &states).await?;
    groups.retain(|group| states.is_empty() || states.contains(&group.state));
    groups.retain(|group| types.is_empty() || types.contains(&capital(&group.group_type)));
    print(&list_text(&groups, options.has("type"), options.has("state")))
}

/// The names in a list such as `stable,empty`, written as Kafka writes them.
fn names(list: Option<&str>, known: &[&str], kind: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for word in list.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match known.iter().find(|name| name.eq_ignore_ascii_case(word)) {
            Some(name) => found.push((*name).to_owned()),
            None => {
                return Err(Failure::Usage(format!(
                    "Invalid {kind} list '{}'. Valid {kind}s are: {}",
                    list.unwrap_or_default(),
                    known.join(", ")
                )));
            }
        }
    }
    Ok(found)
}

/// `classic` as `Classic`; nothing as `Unknown`.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "Unknown".to_owned(),
    }
}

fn list_text(groups: &[GroupListing], with_type: bool, with_state: bool) -> String {
    let mut text = String::new();
    if !with_type && !with_state {
        for group in groups {
            text.push_str(&group.group_id);
            text.push('\n');
        }
        return text;
    }
    let longest = groups.iter().map(|group| group.group_id.chars().count()).max().unwrap_or(0);
    let mut widths = vec![Width::Fixed(longest.max(15) + 10)];
    let mut header = vec!["GROUP".to_owned()];
    for (wanted, title) in [(with_type, "TYPE"), (with_state, "STATE")] {
        if wanted {
            widths.push(Width::Fixed(20));
            header.push(title.to_owned());
        }
    }
    let row = |group: &GroupListing| {
        let mut row = vec![group.group_id.clone()];
        if with_type {
            row.push(capital(&group.group_type));
        }
        if with_state {
            row.push(capital(&group.state));
        }
        row
    };
    let table: Vec<Vec<String>> = std::iter::once(header).chain(groups.iter().map(row)).collect();
    for line in rows(&widths, &table) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
