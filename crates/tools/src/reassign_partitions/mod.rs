//! `kafka-reassign-partitions`: moves partitions to other brokers, and to other log folders of the same.
//!
//! [`plan`] is what files say, `state` finds how far moves are, `execute` begins and cancels them,
//! `throttle` slows them down. What is printed is what Kafka's tool prints.

use std::collections::{BTreeMap, BTreeSet};

use client::{Admin, Node};
use model::{BrokerId, TopicPartition};

use crate::connect::{self, BOOTSTRAP_CONTROLLER, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;

mod execute;
mod plan;
mod state;
mod throttle;

use plan::Plan;

/// How long the beginning of a move between folders may take, unless told otherwise.
const TIMEOUT_MS: u64 = 10_000;

const ACTIONS: &[&str] = &["generate", "execute", "verify", "cancel", "list"];

/// Flags that go with some actions only, and those.
const GOES_WITH: &[(&str, &[&str])] = &[
    ("reassignment-json-file", &["execute", "verify", "cancel"]),
    ("topics-to-move-json-file", &["generate"]),
    ("broker-list", &["generate"]),
    ("disable-rack-aware", &["generate"]),
    ("preserve-throttles", &["verify", "cancel"]),
    ("additional", &["execute"]),
    ("throttle", &["execute"]),
    ("replica-alter-log-dirs-throttle", &["execute"]),
    ("timeout", &["execute", "cancel"]),
    ("disallow-replication-factor-change", &["execute"]),
    ("bootstrap-controller", &["cancel", "list"]),
];

/// The command line of `kafka-reassign-partitions`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-reassign-partitions",
    about: "Moves partitions to other brokers, and to other log folders of the same broker.",
    flags: &[
        Flag::switch("generate", "Propose where the partitions of topics could be."),
        Flag::switch("execute", "Begin the moves of a file."),
        Flag::switch("verify", "Show how far they are, and end throttles when they are done."),
        Flag::switch("cancel", "End the moves of a file that have not come to their end."),
        Flag::switch("list", "List the moves between brokers that have not come to their end."),
        // Without the older name of the address: --broker-list means something else here.
        Flag { spellings: &["bootstrap-servers"], ..BOOTSTRAP_SERVER },
        BOOTSTRAP_CONTROLLER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::value(
            "reassignment-json-file",
            "FILE",
            "Where partitions are to be, as {\"version\":1,\"partitions\":[{\"topic\":\"foo\",\"partition\":1,\
             \"replicas\":[1],\"log_dirs\":[\"/disk1\"]}]}; log_dirs may be left out, and any stands for any.",
        ),
        Flag::value(
            "topics-to-move-json-file",
            "FILE",
            "The topics of --generate, as {\"version\":1,\"topics\":[{\"topic\":\"foo\"}]}.",
        ),
        Flag::value("broker-list", "ID,ID", "Where --generate puts them."),
        Flag::switch("disable-rack-aware", "Do not look at racks in --generate."),
        Flag::value(
            "throttle",
            "BYTES",
            "The most bytes in a second that are moved between brokers.",
        ),
        Flag::value(
            "replica-alter-log-dirs-throttle",
            "BYTES",
            "The most bytes in a second that are moved between the folders of a broker.",
        ),
        Flag::value(
            "timeout",
            "MS",
            "How long moves between folders may take to begin; 10000 by default.",
        ),
        Flag::switch("additional", "Begin more moves while others go on."),
        Flag::switch("preserve-throttles", "Leave throttles as they are."),
        Flag::switch(
            "disallow-replication-factor-change",
            "Refuse moves after which a partition has more or fewer replicas.",
        ),
    ],
};

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let action = options.action(ACTIONS)?;
    check(action, options)?;
    let config = connect::admin_config(options)?;
    connect::block_on(async {
        let tool = Tool { admin: Admin::new(&config)? };
        match action {
            "generate" => tool.generate(options).await,
            "execute" => tool.execute(options, &plan(options)?).await,
            "verify" => tool.verify(&plan(options)?, options.has("preserve-throttles")).await,
            "cancel" => tool.cancel(options, &plan(options)?).await,
            _ => tool.list().await,
        }
    })
}

fn check(action: &'static str, options: &Options) -> Result<(), Failure> {
    match (options.has("bootstrap-server"), options.has("bootstrap-controller")) {
        (true, true) => {
            return Err(Failure::Usage(
                "Please don't specify both --bootstrap-server and --bootstrap-controller".into(),
            ));
        }
        (false, false) => {
            return Err(Failure::Usage(
                "Please specify either --bootstrap-server or --bootstrap-controller".into(),
            ));
        }
        _ => {}
    }
    let needed: &[&str] = match action {
        "generate" => &["topics-to-move-json-file", "broker-list"],
        "list" => &[],
        _ => &["reassignment-json-file"],
    };
    options.require(needed)?;
    match GOES_WITH.iter().find(|(flag, actions)| options.has(flag) && !actions.contains(&action)) {
        Some((flag, _)) => Err(Failure::Usage(format!(
            "Option \"[{flag}]\" can't be used with action \"[{action}]\""
        ))),
        None => Ok(()),
    }
}

fn plan(options: &Options) -> Result<Plan, Failure> {
    Plan::read(options.required("reassignment-json-file")?)
}

/// What Kafka's tool tells on standard output before it fails.
fn told(message: &str) -> Failure {
    match print(&format!("{message}\n")) {
        Ok(()) => Failure::Told,
        Err(failure) => failure,
    }
}

/// What is joined by commas.
fn joined<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

/// `s`, unless it is one.
const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The tool, connected.
struct Tool {
    admin: Admin,
}

impl Tool {
    /// The brokers that there are.
    async fn nodes(&self) -> Result<Vec<Node>, Failure> {
        Ok(self.admin.describe_cluster().await?.nodes)
    }

    /// The replicas of all partitions of these topics, which must be there.
    async fn replicas(
        &self,
        topics: BTreeSet<String>,
    ) -> Result<BTreeMap<TopicPartition, Vec<BrokerId>>, Failure> {
        let names: Vec<String> = topics.into_iter().collect();
        let mut found = BTreeMap::new();
        for (name, described) in self.admin.describe_topics(&names).await? {
            let Ok(topic) = described else {
                return Err(Failure::Refused(format!("Error: Topic {name} not found.")));
            };
            for partition in topic.partitions {
                let key = TopicPartition::new(name.as_str(), partition.partition);
                found.insert(key, partition.replicas);
            }
        }
        Ok(found)
    }

    async fn generate(&self, options: &Options) -> Result<(), Failure> {
        let topics = plan::topics(options.required("topics-to-move-json-file")?)?;
        let wanted = plan::brokers(options.required("broker-list")?)?;
        let current = self.replicas(topics.into_iter().collect()).await?;
        let folders = self.folders(&current).await?;
        let nodes = self.nodes().await?;
        let usable: Vec<Node> =
            nodes.into_iter().filter(|node| wanted.contains(&node.id)).collect();
        let usable = plan::striped(&usable, !options.has("disable-rack-aware"))?;
        let proposed = plan::propose(&current, &usable)?;
        print(&format!(
            "Current partition replica assignment\n{}\n\n\
             Proposed partition reassignment configuration\n{}\n",
            plan::json(&current, &folders),
            plan::json(&proposed, &BTreeMap::new())
        ))
    }

    async fn list(&self) -> Result<(), Failure> {
        let moves = self.admin.list_partition_reassignments(None).await?;
        if moves.is_empty() {
            return print("No partition reassignments found.\n");
        }
        let mut text = "Current partition reassignments:\n".to_owned();
        for (partition, one) in &moves {
            text.push_str(&format!("{partition}: replicas: {}.", joined(&one.replicas)));
            if !one.adding.is_empty() {
                text.push_str(&format!(" adding: {}.", joined(&one.adding)));
            }
            if !one.removing.is_empty() {
                text.push_str(&format!(" removing: {}.", joined(&one.removing)));
            }
            text.push('\n');
        }
        print(&text)
    }
}

#[cfg(test)]
mod tests;
