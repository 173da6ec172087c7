//! The command-line tools, under Kafka's names, flags and output.
//!
//! [`TOOLS`] is the one list of them: `klamm TOOL ...`, the names the binary can be called under,
//! and the launchers in `bin/` all come from it. A tool is a command line (`options`) and a
//! function that works with what was given; it talks to a cluster through `client` only, and what
//! it prints is made by functions without side effects.

#![deny(missing_docs)]

use std::ffi::OsString;
use std::process::ExitCode;

mod broker_api_versions;
mod classes;
mod client_metrics;
mod cluster;
mod completion;
mod configs;
mod connect;
mod console_consumer;
mod console_producer;
mod consumer_groups;
mod delete_records;
mod doctor;
mod dump_log;
mod failure;
mod features;
mod finding;
mod get_offsets;
mod groups;
mod java;
mod leader_election;
mod log_dirs;
mod metadata_quorum;
mod names;
pub mod offline;
mod options;
mod output;
mod partition_list;
mod patterns;
mod perf;
mod progress;
mod reassign_partitions;
mod stop;
mod storage_tool;
mod stored;
mod tail;
mod time;
mod topics;
mod verifiable;
mod why;

pub use classes::{CLASSES, command_of_class};
pub use completion::{OwnCommand, Shell, script as completion_script};
use failure::Failure;
use options::{Asked, CommandLine, Options};

/// What tools are for; `klamm --help` shows them in these groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Writing and reading records.
    Records,
    /// Looking at the cluster and changing it.
    Administration,
    /// Measuring.
    Measuring,
    /// Tools of our own, for which Kafka has no script.
    People,
}

impl Group {
    /// The heading of the group.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Records => "Write and read records",
            Self::Administration => "Look at the cluster and change it",
            Self::Measuring => "Measure",
            Self::People => "See and understand",
        }
    }
}

/// A command-line tool.
#[derive(Debug)]
pub struct Tool {
    /// Its name after `klamm`; Kafka's name, if it has one, is this with `kafka-` before it.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// What it does, in a line.
    pub summary: &'static str,
    command_line: &'static CommandLine,
    work: fn(&Options) -> Result<(), Failure>,
}

/// Every tool.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "topics",
        group: Group::Administration,
        summary: "list, describe, create, alter and delete topics",
        command_line: &topics::COMMAND_LINE,
        work: topics::run,
    },
    Tool {
        name: "console-producer",
        group: Group::Records,
        summary: "write the lines of standard input to a topic",
        command_line: &console_producer::COMMAND_LINE,
        work: console_producer::run,
    },
    Tool {
        name: "console-consumer",
        group: Group::Records,
        summary: "print the records of a topic",
        command_line: &console_consumer::COMMAND_LINE,
        work: console_consumer::run,
    },
    Tool {
        name: "consumer-groups",
        group: Group::Administration,
        summary: "list, describe and delete groups, and move their offsets",
        command_line: &consumer_groups::COMMAND_LINE,
        work: consumer_groups::run,
    },
    Tool {
        name: "configs",
        group: Group::Administration,
        summary: "show and change configurations of topics, brokers and groups",
        command_line: &configs::COMMAND_LINE,
        work: configs::run,
    },
    Tool {
        name: "get-offsets",
        group: Group::Administration,
        summary: "show where partitions begin, end, and stood at a time",
        command_line: &get_offsets::COMMAND_LINE,
        work: get_offsets::run,
    },
    Tool {
        name: "delete-records",
        group: Group::Administration,
        summary: "delete the records of partitions before given offsets",
        command_line: &delete_records::COMMAND_LINE,
        work: delete_records::run,
    },
    Tool {
        name: "log-dirs",
        group: Group::Administration,
        summary: "show the log folders of brokers and what is in them",
        command_line: &log_dirs::COMMAND_LINE,
        work: log_dirs::run,
    },
    Tool {
        name: "reassign-partitions",
        group: Group::Administration,
        summary: "move partitions to other brokers and log folders",
        command_line: &reassign_partitions::COMMAND_LINE,
        work: reassign_partitions::run,
    },
    Tool {
        name: "leader-election",
        group: Group::Administration,
        summary: "elect the leaders of partitions anew",
        command_line: &leader_election::COMMAND_LINE,
        work: leader_election::run,
    },
    Tool {
        name: "cluster",
        group: Group::Administration,
        summary: "show a cluster's id and nodes, and take brokers out of it",
        command_line: &cluster::COMMAND_LINE,
        work: cluster::run,
    },
    Tool {
        name: "dump-log",
        group: Group::Administration,
        summary: "print the files of a partition, and say what of damaged ones can be saved",
        command_line: &dump_log::COMMAND_LINE,
        work: dump_log::run,
    },
    Tool {
        name: "broker-api-versions",
        group: Group::Administration,
        summary: "show the versions of requests that brokers understand",
        command_line: &broker_api_versions::COMMAND_LINE,
        work: broker_api_versions::run,
    },
    Tool {
        name: "metadata-quorum",
        group: Group::Administration,
        summary: "show the nodes that decide on metadata",
        command_line: &metadata_quorum::COMMAND_LINE,
        work: metadata_quorum::run,
    },
    Tool {
        name: "features",
        group: Group::Administration,
        summary: "show and change the levels of features",
        command_line: &features::COMMAND_LINE,
        work: features::run,
    },
    Tool {
        name: "groups",
        group: Group::Administration,
        summary: "list groups of all types",
        command_line: &groups::COMMAND_LINE,
        work: groups::run,
    },
    Tool {
        name: "client-metrics",
        group: Group::Administration,
        summary: "show and change which metrics are asked of clients",
        command_line: &client_metrics::COMMAND_LINE,
        work: client_metrics::run,
    },
    Tool {
        name: "storage",
        group: Group::Administration,
        summary: "prepare the folders of a node, and say whose they are",
        command_line: &storage_tool::COMMAND_LINE,
        work: storage_tool::run,
    },
    Tool {
        name: "producer-perf-test",
        group: Group::Measuring,
        summary: "measure how fast records are written",
        command_line: &perf::producer::COMMAND_LINE,
        work: perf::producer::run,
    },
    Tool {
        name: "consumer-perf-test",
        group: Group::Measuring,
        summary: "measure how fast records are read",
        command_line: &perf::consumer::COMMAND_LINE,
        work: perf::consumer::run,
    },
    Tool {
        name: "e2e-latency",
        group: Group::Measuring,
        summary: "measure how long a record takes from being sent to being read",
        command_line: &perf::end_to_end::COMMAND_LINE,
        work: perf::end_to_end::run,
    },
    Tool {
        name: "verifiable-producer",
        group: Group::Measuring,
        summary: "write 0, 1, 2, ... and print what became of each as JSON",
        command_line: &verifiable::producer::COMMAND_LINE,
        work: verifiable::producer::run,
    },
    Tool {
        name: "verifiable-consumer",
        group: Group::Measuring,
        summary: "read a topic and print what happens as JSON",
        command_line: &verifiable::consumer::COMMAND_LINE,
        work: verifiable::consumer::run,
    },
    Tool {
        name: "tail",
        group: Group::People,
        summary: "show the records that arrive in a topic, made to be read",
        command_line: &tail::COMMAND_LINE,
        work: tail::run,
    },
    Tool {
        name: "why",
        group: Group::People,
        summary: "say why the consumers of a group get nothing, or lag",
        command_line: &why::COMMAND_LINE,
        work: why::run,
    },
    Tool {
        name: "doctor",
        group: Group::People,
        summary: "find what is wrong with a configuration, a machine and a node, and mend it",
        command_line: &doctor::COMMAND_LINE,
        work: doctor::run,
    },
];

impl Tool {
    /// Whether Kafka has a script of its name.
    pub fn is_script(&self) -> bool {
        self.group != Group::People
    }

    /// Does what `arguments` ask for; they do not include the tool's name.
    pub fn run(&self, arguments: Vec<OsString>) -> ExitCode {
        let options = match self.command_line.parse(arguments) {
            Ok(Asked::Run(options)) => options,
            Ok(Asked::Help) => return self.print(&self.command_line.help()),
            Ok(Asked::Version) => {
                return self.print(&format!("Klamm {}\n", env!("CARGO_PKG_VERSION")));
            }
            Err(failure) => return failure.report(self.command_line),
        };
        if !options.ignored().is_empty() && !self.command_line.takes_words() {
            eprintln!("Ignored, since it belongs to no option: {}", options.ignored().join(" "));
        }
        for flag in self.command_line.idle(&options) {
            eprintln!("--{flag} is accepted and without effect.");
        }
        match (self.work)(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report(self.command_line),
        }
    }

    fn print(&self, text: &str) -> ExitCode {
        match output::print(text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report(self.command_line),
        }
    }
}

/// The tool of a name: `topics`, `kafka-topics`, or what a launcher is called, with its folder.
pub fn find(name: &str) -> Option<&'static Tool> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem =
        [".sh", ".bat", ".exe"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    let bare = stem.strip_prefix("kafka-").unwrap_or(stem);
    TOOLS.iter().find(|tool| tool.name == if tool.is_script() { bare } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_found_under_every_name_it_goes_by() {
        for name in ["topics", "kafka-topics", "kafka-topics.sh", "/opt/k/bin/kafka-topics.sh"] {
            assert_eq!(find(name).unwrap().name, "topics", "{name}");
        }
        assert_eq!(
            find(r"C:\k\bin\windows\kafka-console-consumer.bat").unwrap().name,
            "console-consumer"
        );
        assert!(find("klamm").is_none());
        assert!(find("kafka-server-start.sh").is_none());
        assert_eq!(find("tail").unwrap().name, "tail");
        // A link of that name means something else.
        assert!(find("/usr/bin/tail").is_none() && find("kafka-tail.sh").is_none());
    }

    #[test]
    fn every_tool_is_called_as_in_kafka_and_no_flag_has_two_meanings() {
        for tool in TOOLS {
            let prefix = if tool.is_script() { "kafka-" } else { "klamm " };
            assert_eq!(tool.command_line.tool, format!("{prefix}{}", tool.name));
            let mut names: Vec<&str> = Vec::new();
            for flag in tool.command_line.flags {
                names.push(flag.name);
                names.extend(flag.spellings);
            }
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{} has a name twice: {names:?}", tool.name);
        }
    }
}
