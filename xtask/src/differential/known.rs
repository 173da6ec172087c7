//! The differences that are meant, each with its reason, and the document that lists them.

use regex::Regex;

/// A kind of difference that is meant.
struct Known {
    /// Matches `ORACLE API PATH: KAFKA -> KLAMM` from its begin.
    pattern: &'static str,
    /// What a client sees.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the document"))]
    what: &'static str,
    reason: &'static str,
}

const KNOWN: &[Known] = &[
    Known {
        pattern: r#"\S+ .*\.configs\["(klamm\..*|errors\..*|max\.decompressed\..*|message\.(downconversion|format|timestamp\.difference).*|remote\..*|compression\..*\.level)"\](: none -> an element|.*)"#,
        what: "Topics have configurations that this Kafka does not have.",
        reason: "Klamm knows the keys of all generations, and has a few of its own.",
    },
    Known {
        pattern: r#"\S+ .*\.configs\[.*\]\.config_source: 3 -> 5|4\.3 Java \d+ (create|configs) .*DYNAMIC_DEFAULT_BROKER_CONFIG.*"#,
        what: "`min.insync.replicas` has its default, not a cluster-wide setting.",
        reason: "Kafka 4.3 writes this setting when eligible leader replicas are enabled; Klamm needs no such record for the same value.",
    },
    Known {
        pattern: r#"\S+ Java \d+ topic configs.*"#,
        what: "The list of a topic's configurations.",
        reason: "As above.",
    },
    Known {
        pattern: r#"\S+ \S+ .*error_message: ("<a error_message>"|"") -> null|\S+ \S+ .*error_message: (null|"") -> "<a error_message>""#,
        what: "Errors come with a message where Kafka sends none; success comes with none where Kafka sends an empty one or `NONE`.",
        reason: "A message says what to do next. Clients look at the code first.",
    },
    Known {
        pattern: r#"\S+ (Produce|AlterConfigs|OffsetCommit) answer: (silence|closed) -> .*"#,
        what: "A malformed request is answered with an error.",
        reason: "Kafka throws inside and leaves the client to its timeout, or closes the connection.",
    },
    Known {
        pattern: r#"\S+ (Produce|Fetch|OffsetFetch|OffsetDelete|ListOffsets|DeleteRecords|OffsetCommit) (topics|responses|groups\[.*\].topics)\[\]: (none -> an element|an element -> none)"#,
        what: "A topic without partitions, or one that the answer could leave out, is echoed, or left out.",
        reason: "Kafka's answers do not agree among themselves here; no client asks so.",
    },
    Known {
        pattern: r#"\S+ DescribeCluster endpoint_type: 1 -> .*"#,
        what: "A refused DescribeCluster repeats the kind of endpoint that was asked for.",
        reason: "Kafka leaves the default, which says something untrue about the request.",
    },
    Known {
        pattern: r#"\S+ (AlterConfigs|IncrementalAlterConfigs|DescribeConfigs) .*error_code: (40|42) -> 3"#,
        what: "A topic that does not exist is reported before what is wrong with its configurations.",
        reason: "The first mistake to mend is the name.",
    },
    Known {
        pattern: r#"\S+ \S+ .*error_code: -1 -> .*"#,
        what: "What Kafka answers with UNKNOWN_SERVER_ERROR has an error of its own, or is served.",
        reason: "An unknown error is an exception that Kafka did not expect; its clients retry or give up without a reason.",
    },
    Known {
        pattern: r#"\S+ Metadata .*(brokers\[\]: none -> an element|cluster_id: null -> .*|controller_id: -1 -> 1|error_code: 42 -> (3|17)|cluster_authorized_operations: .*)"#,
        what: "One topic without name and id fails alone, not with the whole answer.",
        reason: "The other topics of the request can be answered.",
    },
    Known {
        pattern: r#"\S+ Fetch .*aborted_transactions: null -> 0 elements"#,
        what: "An empty list of aborted transactions stands beside an error, not null.",
        reason: "Clients read both as none.",
    },
    Known {
        pattern: r#"\S+ Fetch session_id: "<a session_id>" -> 0"#,
        what: "A fetch without any partition opens no session.",
        reason: "There would be nothing in it to remember.",
    },
    Known {
        pattern: r#"\S+ InitProducerId error_code: 14 -> 0"#,
        what: "A producer id comes at once.",
        reason: "Kafka asks its controller for a block of ids first and lets the first client retry.",
    },
    Known {
        pattern: r#"3\.9 DescribeGroups .*authorized_operations: 328 -> 3400"#,
        what: "Groups have the operations of Kafka 4.",
        reason: "Groups have configurations since Kafka 4.",
    },
    Known {
        pattern: r#"3\.9 ListOffsets .*error_code: 35 -> 0"#,
        what: "ListOffsets v0 is answered.",
        reason: "Clients of the versions before 0.10.1 ask so.",
    },
    Known {
        pattern: r#"\S+ Java \d+ (new protocol|reassign.*|cancel no reassignment|unregister a missing broker|acls|create acl|delete acls|scram|alter scram|tokens|create token|quotas|alter quotas|list transactions|log dirs.*|update a feature.*): .* -> throws UnsupportedVersionException"#,
        what: "Reassignments, access control, SCRAM, delegation tokens, quotas, transactions and the consumer protocol of KIP-848 are not there.",
        reason: "Not served yet: an API that is not finished is not advertised, and the client says so.",
    },
    Known {
        pattern: r#"\S+ Java \d+ (transaction|fence|describe transaction): .*"#,
        what: "Transactions are refused.",
        reason: "Not served yet, as above.",
    },
    Known {
        pattern: r#"\S+ DescribeConfigs .*synonyms(\[.*\])?: (an element -> none|none -> an element)"#,
        what: "Synonyms of a configuration: only the keys that are set, and the default.",
        reason: "Kafka lists every key of the same meaning, also those that another one overrides.",
    },
    Known {
        pattern: r#"\S+ (DescribeTopicPartitions|Metadata) topics\[\]: .*"#,
        what: "A topic with an empty name has the error of an illegal name.",
        reason: "Kafka 4 answers with an unknown error and loses the name.",
    },
    Known {
        pattern: r#"\S+ ElectLeaders error_code: 0 -> 42"#,
        what: "An unknown kind of election is refused even where no partition is named.",
        reason: "Kafka does not look at the kind of an election of nothing.",
    },
    Known {
        pattern: r#"\S+ (IncrementalAlterConfigs|AlterConfigs) .*error_code: 40 -> 42"#,
        what: "An empty name is reported before what is wrong with its configurations.",
        reason: "The first mistake to mend is the name.",
    },
    Known {
        pattern: r#"\S+ ListConfigResources config_resources\[\]: an element -> none"#,
        what: "There are no broker loggers.",
        reason: "Their levels cannot be changed yet.",
    },
    Known {
        pattern: r#"\S+ Produce .*error_code: 2 -> 3"#,
        what: "A topic that does not exist is reported before damage in the records.",
        reason: "The records of a topic that is not there are not read.",
    },
    Known {
        pattern: r#"3\.9 DescribeConfigs .*is_default: 0 -> 1"#,
        what: "Defaults are marked as such in version 0.",
        reason: "Kafka stopped to fill the field.",
    },
    Known {
        pattern: r#"3\.9 DescribeConfigs .*message\.timestamp\.after\.max\.ms.*value: .*"#,
        what: "Records from more than an hour in the future are refused.",
        reason: "The default of Kafka 4.",
    },
    Known {
        pattern: r#"\S+ DescribeConfigs .*error_code: 42 -> (0|17)"#,
        what: "A resource of an unknown kind fails alone, not with the whole answer.",
        reason: "The other resources of the request can be answered.",
    },
    Known {
        pattern: r#"3\.9 ListOffsets .*error_code: 35 -> .*"#,
        what: "ListOffsets v0 has errors of its own.",
        reason: "As it is served.",
    },
    Known {
        pattern: r#"\S+ ListGroups groups\[.*\]: an element -> none"#,
        what: "A group without members that never committed is not listed.",
        reason: "Nothing is left of it; Kafka was seen to list it still.",
    },
    Known {
        pattern: r#"\S+ Fetch responses\[\]\.partitions\[.*\]: none -> an element"#,
        what: "Every partition that was asked for is answered, also an illegal one.",
        reason: "Kafka was seen to leave some out, for a reason not found yet.",
    },
    Known {
        pattern: r#"3\.9 Fetch .*records: <\d+ bytes> -> <\d+ bytes>"#,
        what: "Records converted for an old client end where they end.",
        reason: "Kafka pads them to the size that it announced before it converted them.",
    },
    Known {
        pattern: r#"3\.9 Java \d+ (alter|configs that were set,) GROUP .*"#,
        what: "Groups have configurations.",
        reason: "As in Kafka 4.",
    },
    Known {
        pattern: r#"3\.9 Java \d+ ghost group: Dead -> throws GroupIdNotFoundException"#,
        what: "A group that does not exist is reported as such.",
        reason: "As in Kafka 4.",
    },
];

/// Why a difference is meant, if it is.
pub(super) fn reason(key: &str) -> Option<&'static str> {
    let matches = |known: &&Known| {
        Regex::new(&format!("^(?:{})$", known.pattern)).is_ok_and(|regex| regex.is_match(key))
    };
    KNOWN.iter().find(matches).map(|known| known.reason)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::command::root;

    const BEGIN: &str = "<!-- differences: begin -->\n";
    const END: &str = "<!-- differences: end -->";

    #[test]
    fn every_pattern_is_a_regular_expression() {
        for known in KNOWN {
            assert!(Regex::new(known.pattern).is_ok(), "{}", known.pattern);
        }
    }

    #[test]
    fn the_document_lists_the_known_differences() {
        let mut table = String::from("| What a client sees | Why |\n| --- | --- |\n");
        for known in KNOWN {
            let _ = writeln!(table, "| {} | {} |", known.what, known.reason);
        }
        let path = root().join("docs/differences.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (found, after) = rest.split_once(END).unwrap();
        if std::env::var_os("KLAMM_BLESS").is_some() {
            std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        } else {
            assert_eq!(found, table, "run KLAMM_BLESS=1 cargo test -p xtask differential");
        }
    }
}
