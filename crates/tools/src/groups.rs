//! `kafka-groups`: lists groups of all types.

use client::{Admin, GroupListing};

use crate::connect::{self, BOOTSTRAP_SERVER};
use crate::failure::{Failure, explain};
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

/// The types that `--group-type` takes, as they are shown.
const TYPES: &[&str] = &["Consumer", "Classic", "Share", "Streams"];
/// The least width of a column.
const COLUMN_MIN: usize = 20;

/// The command line of `kafka-groups`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-groups",
    about: "Lists groups of all types.",
    flags: &[
        BOOTSTRAP_SERVER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("list", "List groups; there is nothing else to do."),
        Flag::value("group-type", "TYPE", "Those of a type: classic, consumer, share, streams."),
        Flag::value("protocol", "NAME", "Those of a protocol type, such as consumer or connect."),
        Flag::switch("consumer", "Those of consumers, with members or of offsets alone."),
        Flag::switch("share", "Share groups."),
        Flag::switch("streams", "Streams groups."),
    ],
};

/// Which groups are listed.
#[derive(Debug)]
enum Filter {
    All,
    Type { name: &'static str, protocol: Option<String> },
    Protocol(String),
    Consumers,
}

impl Filter {
    fn of(options: &Options) -> Result<Self, Failure> {
        options.action(&["list"])?;
        options.forbid("consumer", &["group-type", "protocol", "share", "streams"])?;
        options.forbid("share", &["group-type", "protocol", "consumer", "streams"])?;
        options.forbid("streams", &["group-type", "protocol", "consumer", "share"])?;
        let protocol = options.value("protocol")?.map(String::from);
        if let Some(wanted) = options.value("group-type")? {
            let name = TYPES.iter().find(|name| name.eq_ignore_ascii_case(wanted));
            let name = name.ok_or_else(|| {
                Failure::Usage("--group-type must be a valid group type.".to_owned())
            })?;
            return Ok(Self::Type { name, protocol });
        }
        Ok(match protocol {
            Some(protocol) => Self::Protocol(protocol),
            None if options.has("consumer") => Self::Consumers,
            None if options.has("share") => Self::Type { name: "Share", protocol: None },
            None if options.has("streams") => Self::Type { name: "Streams", protocol: None },
            None => Self::All,
        })
    }

    fn holds(&self, group: &GroupListing) -> bool {
        match self {
            Self::All => true,
            Self::Type { name, protocol } => {
                group_type(group) == *name
                    && protocol.as_ref().is_none_or(|protocol| *protocol == group.protocol_type)
            }
            Self::Protocol(protocol) => *protocol == group.protocol_type,
            Self::Consumers => {
                matches!(group.protocol_type.as_str(), "consumer" | "")
                    || group_type(group) == "Consumer"
            }
        }
    }
}

/// Its type as it is shown.
fn group_type(group: &GroupListing) -> &str {
    let known = TYPES.iter().find(|name| name.eq_ignore_ascii_case(&group.group_type));
    known.copied().unwrap_or(&group.group_type)
}

/// Does what the command line says. As in Kafka, what fails is told on standard output.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    options.require(&["bootstrap-server"])?;
    let filter = Filter::of(options)?;
    let config = connect::admin_config(options)?;
    let listed = connect::block_on(async {
        match Admin::new(&config)?.list_groups(&[]).await {
            Ok(groups) => Ok(groups),
            Err(error) => {
                print(&format!("Error while executing groups command : {}\n", explain(&error)))?;
                Err(Failure::Told)
            }
        }
    })?;
    let listed: Vec<GroupListing> = listed.into_iter().filter(|one| filter.holds(one)).collect();
    print(&table(&listed))
}

/// The table; only its header has no blank at the end of a line.
fn table(groups: &[GroupListing]) -> String {
    let row = |group: &GroupListing| {
        [group.group_id.clone(), group_type(group).to_owned(), group.protocol_type.clone()]
    };
    let rows: Vec<[String; 3]> = groups.iter().map(row).collect();
    let longest = rows.iter().flatten().map(|cell| cell.chars().count()).max().unwrap_or(0);
    let width = longest.max(COLUMN_MIN);
    let mut text = format!("{:<width$} {:<width$} {:<width$}\n", "GROUP", "TYPE", "PROTOCOL");
    for row in &rows {
        for cell in row {
            text.push_str(&format!("{cell:<width$} "));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, group_type: &str, protocol_type: &str) -> GroupListing {
        GroupListing {
            group_id: id.into(),
            protocol_type: protocol_type.into(),
            state: "Stable".into(),
            group_type: group_type.into(),
        }
    }

    #[test]
    fn consumers_are_groups_of_either_type_and_of_offsets_alone() {
        for (group, holds) in [
            (group("a", "classic", "consumer"), true),
            (group("b", "classic", ""), true),
            (group("c", "consumer", "consumer"), true),
            (group("d", "classic", "connect"), false),
            (group("e", "share", "share"), false),
        ] {
            assert_eq!(Filter::Consumers.holds(&group), holds, "{group:?}");
        }
        let classic = Filter::Type { name: "Classic", protocol: Some("connect".into()) };
        assert!(classic.holds(&group("d", "classic", "connect")));
        assert!(!classic.holds(&group("a", "classic", "consumer")));
    }

    #[test]
    fn every_column_is_as_wide_as_the_longest_word() {
        let text = table(&[group("a-group-with-a-long-name", "classic", "consumer")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].len(), 3 * 24 + 2);
        assert_eq!(lines[1].len(), 3 * 25);
    }
}
