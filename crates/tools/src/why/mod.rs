//! `klamm why GROUP`: why consumers of a group get nothing, or lag. It looks twice, some seconds
//! apart, since one look cannot tell what stands still.
//!
//! Three steps, apart from each other: [`facts`] are gathered, [`judge`] finds what they mean without
//! asking anybody, and the findings are printed above the table they come from.

use std::time::Duration;

use client::Admin;

use crate::connect;
use crate::failure::Failure;
use crate::finding;
use crate::options::{CommandLine, Flag, Options};
use crate::output::{self, Width, or_dash, print};

mod facts;
mod judge;

use facts::Facts;

/// Longer than consumers wait between two commits (`auto.commit.interval.ms`).
const SECONDS_DEFAULT: u32 = 6;

/// The command line of `klamm why`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "klamm why",
    about: "Says why the consumers of a group get nothing, or lag, and what helps. It changes nothing.",
    flags: &[
        Flag::words("[GROUP]", "The group; only --list goes without."),
        connect::BOOTSTRAP_OR_LOCAL,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::value(
            "seconds",
            "COUNT",
            "How long to watch for commits and new records; 6 by default, which is more than consumers \
             wait between commits.",
        ),
        Flag::switch("list", "List everything that it looks for."),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if options.has("list") {
        return print(&finding::list(judge::ALL));
    }
    let group = options.only_word("GROUP")?;
    let properties = connect::local_properties(options)?;
    let pause = options.number("seconds")?.unwrap_or(SECONDS_DEFAULT);
    let config = connect::client_config(&properties)?;
    let servers = connect::get(&properties, "bootstrap.servers").unwrap_or_default();
    let text = connect::block_on(async {
        let admin = Admin::new(&config)?;
        let facts = Facts::gather(&admin, group, Duration::from_secs(pause.into())).await?;
        Ok(text(&facts, servers))
    })?;
    print(&text)
}

fn text(facts: &Facts, servers: &str) -> String {
    let mut text = String::new();
    if let Some(group) = &facts.group {
        text.push_str(&format!(
            "Group {} is {}, with {}; its coordinator is {}.\n\n",
            facts.id,
            group.state,
            finding::count(i64::try_from(group.members.len()).unwrap_or(i64::MAX), "member"),
            group.coordinator
        ));
    }
    text.push_str(&finding::text(&judge::judge(facts, servers)));
    if !facts.partitions.is_empty() {
        text.push_str(&table(facts));
    }
    text
}

/// Each partition with where the group is in it.
fn table(facts: &Facts) -> String {
    let header = ["PARTITION", "COMMITTED", "BEGIN", "END", "LAG", "READ/S", "WRITTEN/S", "MEMBER"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (name, partition) in &facts.partitions {
        rows.push(vec![
            name.to_string(),
            or_dash(partition.committed),
            or_dash(partition.begin),
            or_dash(partition.end),
            or_dash(partition.lag()),
            or_dash(facts.rate(partition.committed_before, partition.committed)),
            or_dash(facts.rate(partition.end_before, partition.end)),
            or_dash(partition.member.as_deref()),
        ]);
    }
    let mut widths = vec![Width::AtLeast(9); header.len() - 1];
    widths.push(Width::Free);
    output::rows(&widths, &rows).iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests;
