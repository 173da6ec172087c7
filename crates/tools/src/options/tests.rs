//! The rules of command lines, one claim each.

use super::*;

const TOOL: CommandLine = CommandLine {
    tool: "kafka-sample",
    about: "Does nothing.",
    flags: &[
        Flag::value("bootstrap-server", "HOST:PORT", "Where.").or(&["broker-list"]),
        Flag::value("partitions", "COUNT", "How many.").or(&["partition"]),
        Flag::value("partition-size-limit-per-response", "COUNT", "A bound."),
        Flag::switch("list", "List."),
        Flag::maybe("compression-codec", "CODEC", "Codec."),
        Flag::many("producer-props", "K=V", "Properties."),
        Flag::value("shift-by", "COUNT", "May be negative."),
    ],
};

fn parse(line: &str) -> Result<Options, String> {
    match TOOL.parse(line.split_whitespace().map(OsString::from).collect()) {
        Ok(Asked::Run(options)) => Ok(options),
        Ok(other) => Err(format!("{other:?}")),
        Err(failure) => Err(failure.to_string()),
    }
}

#[test]
fn every_spelling_of_a_flag_is_the_same_flag() {
    for line in [
        "--bootstrap-server h:1",
        "--bootstrap-server=h:1",
        "-bootstrap-server h:1",
        "--broker-list h:1",
        "--broker-list=h:1",
        "--boot h:1",
        "--bro h:1",
    ] {
        let options = parse(line).unwrap();
        assert_eq!(options.value("bootstrap-server").unwrap(), Some("h:1"), "{line}");
    }
}

#[test]
fn full_name_or_spelling_wins_over_flags_that_share_the_prefix() {
    for line in ["--partition 3", "--partitions 3", "-partition=3"] {
        let options = parse(line).unwrap();
        assert_eq!(options.number::<i32>("partitions").unwrap(), Some(3), "{line}");
    }
}

#[test]
fn ambiguous_prefix_names_what_it_can_mean() {
    assert_eq!(
        parse("--part 3").unwrap_err(),
        "--part can mean --partitions, --partition-size-limit-per-response; write more of it"
    );
}

#[test]
fn unknown_flag_is_named() {
    assert_eq!(parse("--nonsense").unwrap_err(), "nonsense is not a recognized option");
}

#[test]
fn value_may_begin_with_a_dash() {
    assert_eq!(parse("--shift-by -5").unwrap().number::<i64>("shift-by").unwrap(), Some(-5));
    assert_eq!(parse("--shift-by=-5").unwrap().number::<i64>("shift-by").unwrap(), Some(-5));
}

#[test]
fn optional_value_is_not_taken_from_the_next_flag() {
    let options = parse("--compression-codec --list").unwrap();
    assert!(options.has("compression-codec") && options.has("list"));
    assert_eq!(options.value("compression-codec").unwrap(), None);
    let options = parse("--compression-codec zstd").unwrap();
    assert_eq!(options.value("compression-codec").unwrap(), Some("zstd"));
}

#[test]
fn several_values_end_at_the_next_flag() {
    let options = parse("--producer-props a=1 b=2 --list --producer-props=c=3").unwrap();
    assert_eq!(options.values("producer-props"), ["a=1", "b=2", "c=3"]);
    assert!(options.has("list"));
}

#[test]
fn missing_value_and_repeated_value_are_refused() {
    assert_eq!(parse("--shift-by").unwrap_err(), "Option shift-by requires an argument");
    let options = parse("--shift-by 1 --shift-by 2").unwrap();
    assert_eq!(
        options.value("shift-by").unwrap_err().to_string(),
        "Found multiple arguments for option shift-by, but you asked for only one"
    );
}

#[test]
fn words_without_a_flag_are_kept_apart() {
    assert_eq!(parse("--list stray -- --list").unwrap().ignored(), ["stray", "--list"]);
}

#[test]
fn help_and_version_win_over_everything_else() {
    assert_eq!(parse("--shift-by 1 --help").unwrap_err(), "Help");
    assert_eq!(parse("-h").unwrap_err(), "Help");
    assert_eq!(parse("--version").unwrap_err(), "Version");
}

#[test]
fn zookeeper_is_answered_with_what_to_use() {
    assert!(parse("--zookeeper localhost:2181 --list").unwrap_err().contains("--bootstrap-server"));
}

#[test]
fn help_names_each_flag_with_its_value_and_spellings() {
    let help = TOOL.help();
    assert!(
        help.contains("  --bootstrap-server HOST:PORT    Where. Also: --broker-list.\n"),
        "{help}"
    );
    assert!(help.contains("  --compression-codec [CODEC]     Codec.\n"), "{help}");
    assert!(
        help.contains("  --partition-size-limit-per-response COUNT\n                                  A bound.\n"),
        "{help}"
    );
    assert!(help.lines().all(|line| line.len() <= HELP_COLUMNS), "{help}");
}

#[test]
fn conflicts_and_requirements_read_as_in_kafka() {
    let options = parse("--list --shift-by 1").unwrap();
    assert_eq!(
        options.forbid("list", &["shift-by"]).unwrap_err().to_string(),
        "Option \"[list]\" can't be used with option \"[shift-by]\""
    );
    assert_eq!(
        options.require(&["list", "partitions"]).unwrap_err().to_string(),
        "Missing required argument \"[partitions]\""
    );
    assert_eq!(
        options.exactly_one(&["list", "shift-by"]).unwrap_err().to_string(),
        "Exactly one of the following arguments is required: [list], [shift-by]"
    );
}

const COMMANDS: CommandLine = CommandLine {
    tool: "kafka-commands",
    about: "Has commands.",
    flags: &[
        Flag::command("describe", "Look."),
        Flag::command("upgrade", "Change."),
        Flag::value("bootstrap-server", "HOST:PORT", "Where.").or(&["b"]),
        Flag::value("feature", "NAME=LEVEL", "What.").of(&["upgrade"]),
    ],
};

fn parse_command(line: &str) -> Result<Options, String> {
    match COMMANDS.parse(line.split_whitespace().map(OsString::from).collect()) {
        Ok(Asked::Run(options)) => Ok(options),
        Ok(other) => Err(format!("{other:?}")),
        Err(failure) => Err(failure.to_string()),
    }
}

#[test]
fn a_command_stands_anywhere_among_the_flags() {
    for line in ["describe -b h:1", "--bootstrap-server h:1 describe", "-b=h:1 describe"] {
        let options = parse_command(line).unwrap();
        assert_eq!(options.command(), "describe", "{line}");
        assert_eq!(options.value("bootstrap-server").unwrap(), Some("h:1"), "{line}");
    }
    assert_eq!(parse_command("upgrade --feature a=1").unwrap().values("feature"), ["a=1"]);
}

#[test]
fn a_missing_or_unknown_command_lists_those_there_are() {
    for (line, says) in [
        ("-b h:1", "A command is needed; there are describe, upgrade"),
        ("look -b h:1", "look is no command; there are describe, upgrade"),
        ("--feature a=1 describe", "--feature does not go with describe"),
    ] {
        assert_eq!(parse_command(line).unwrap_err(), says, "{line}");
    }
}
