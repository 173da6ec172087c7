//! Command lines as Kafka's tools take them: one table of flags per tool, and the rules by which a
//! word becomes a flag.
//!
//! A word names a flag by its full name, by another spelling of it, or by a prefix that only one
//! flag has; a full name always wins. One dash is as good as two, and a value follows after a blank
//! or `=`. A value may begin with a dash. Kafka's own parser does the same, except that its newest
//! versions have given up prefixes.
//!
//! Some tools take a command too, as in `kafka-cluster cluster-id`: the first word that is no flag.
//! Their tables list the commands among the flags, and a flag may belong to some commands only.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::str::FromStr;

use crate::failure::Failure;

/// Width that help is wrapped to.
const HELP_COLUMNS: usize = 100;
/// Column at which the description of a flag begins.
const HELP_INDENT: usize = 34;

/// What follows a flag; the text is how help calls the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing.
    Nothing,
    /// One value.
    Value(&'static str),
    /// A value, unless the next word is a flag.
    MaybeValue(&'static str),
    /// All words up to the next flag, at least one.
    Values(&'static str),
    /// It is no flag but a command: a word of its own.
    Command,
    /// It is no flag but stands for the words that belong to none; see [`Options::ignored`].
    Words,
}

/// One flag of a tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    /// The name without dashes, by which the tool asks for it.
    pub(crate) name: &'static str,
    /// Other spellings, from older versions of Kafka.
    pub(crate) spellings: &'static [&'static str],
    /// What follows it.
    pub(crate) takes: Takes,
    /// The commands that it goes with; with none or any if this is empty.
    pub(crate) commands: &'static [&'static str],
    /// What it is for.
    pub(crate) help: &'static str,
}

impl Flag {
    const fn new(name: &'static str, takes: Takes, help: &'static str) -> Self {
        Self { name, spellings: &[], takes, commands: &[], help }
    }

    /// A flag without a value.
    pub(crate) const fn switch(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Nothing, help)
    }

    /// A flag with a value.
    pub(crate) const fn value(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Value(value), help)
    }

    /// A flag whose value may be left out.
    pub(crate) const fn maybe(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::MaybeValue(value), help)
    }

    /// A flag with one or more values.
    pub(crate) const fn many(name: &'static str, value: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Values(value), help)
    }

    /// A command of the tool.
    pub(crate) const fn command(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Command, help)
    }

    /// The same flag, for some commands only.
    pub(crate) const fn of(mut self, commands: &'static [&'static str]) -> Self {
        self.commands = commands;
        self
    }

    /// The same flag, known under further names.
    pub(crate) const fn or(mut self, spellings: &'static [&'static str]) -> Self {
        self.spellings = spellings;
        self
    }

    /// Words without flags, for tools that give them a meaning. If the name is in brackets, they may
    /// be left out, and the tool works without any word at all.
    pub(crate) const fn words(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Takes::Words, help)
    }

    /// Whether it is a command rather than a flag.
    pub(crate) fn is_command(&self) -> bool {
        self.takes == Takes::Command
    }

    /// Whether it may stand beside a command; before the command is known, any may.
    pub(crate) fn goes_with(&self, command: Option<&str>) -> bool {
        self.commands.is_empty() || command.is_none_or(|command| self.commands.contains(&command))
    }

    fn is_called(&self, word: &str) -> bool {
        self.name == word || self.spellings.contains(&word)
    }

    fn begins_with(&self, word: &str) -> bool {
        self.name.starts_with(word) || self.spellings.iter().any(|name| name.starts_with(word))
    }
}

/// The command line that a tool takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CommandLine {
    /// The tool's name as Kafka calls it, such as `kafka-topics`.
    pub(crate) tool: &'static str,
    /// What the tool does, in a sentence.
    pub(crate) about: &'static str,
    /// Its flags.
    pub(crate) flags: &'static [Flag],
}

/// Flags that every tool has.
const COMMON: &[Flag] = &[
    Flag::switch("help", "Print this help and exit.").or(&["h"]),
    Flag::switch("version", "Print the version and exit."),
];

/// Understood only to say what to use instead.
const ZOOKEEPER: Flag = Flag::value("zookeeper", "HOST:PORT", "").or(&["zk-tls-config-file"]);

/// What the help of flags says that old scripts give and that have no meaning here.
pub(crate) const WITHOUT_EFFECT: &str = "Accepted and without effect.";

/// What a tool was asked to do.
#[derive(Debug)]
pub(crate) enum Asked {
    /// To print its help.
    Help,
    /// To print the version.
    Version,
    /// To work, with these options.
    Run(Options),
}

impl CommandLine {
    /// Whether words that belong to no flag have a meaning.
    pub(crate) fn takes_words(&self) -> bool {
        self.words().next().is_some()
    }

    /// What help calls the words that belong to no flag.
    fn words(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().filter(|flag| flag.takes == Takes::Words)
    }

    fn works_without_words(&self) -> bool {
        self.words().any(|words| words.name.starts_with('['))
    }

    /// The flags among `options` that have no effect.
    pub(crate) fn idle<'a>(&'a self, options: &'a Options) -> impl Iterator<Item = &'a str> {
        let idle = self.flags.iter().filter(|flag| flag.help == WITHOUT_EFFECT);
        idle.map(|flag| flag.name).filter(|name| options.has(name))
    }

    /// Reads a command line.
    pub(crate) fn parse(&self, arguments: Vec<OsString>) -> Result<Asked, Failure> {
        let words = arguments.into_iter().map(into_text).collect::<Result<Vec<String>, _>>()?;
        if words.is_empty() && !self.works_without_words() {
            return Err(Failure::NothingAsked);
        }
        let mut options = Options::default();
        let mut words = words.into_iter().peekable();
        let mut flags_ended = false;
        while let Some(word) = words.next() {
            if word == "--" && !flags_ended {
                flags_ended = true;
            } else if !looks_like_flag(&word) || flags_ended {
                if options.command.is_none() && self.commands().next().is_some() {
                    options.command = Some(self.command(&word)?);
                } else {
                    options.ignored.push(word);
                }
            } else if let Some(command) = self.command_spelled(&word) {
                options.command = Some(command.name);
            } else {
                let (name, attached) = split(&word);
                let flag = self.find(name, options.command)?;
                if flag.name == ZOOKEEPER.name {
                    return Err(Failure::Usage(
                        "--zookeeper is not there yet: name a Kafka address with --bootstrap-server instead, \
                         such as --bootstrap-server localhost:9092"
                            .to_owned(),
                    ));
                }
                take(flag, attached, &mut words, &mut options)?;
            }
        }
        if options.has("help") {
            return Ok(Asked::Help);
        }
        if options.has("version") {
            return Ok(Asked::Version);
        }
        self.check_command(&options)?;
        Ok(Asked::Run(options))
    }

    /// The flags, those that every tool has among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Flag> {
        let is_flag = |flag: &&Flag| !flag.is_command() && flag.takes != Takes::Words;
        self.flags.iter().filter(is_flag).chain(COMMON)
    }

    /// The commands, if the tool has any.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().filter(|flag| flag.is_command())
    }

    fn command(&self, word: &str) -> Result<&'static str, Failure> {
        self.commands().find(|command| command.name == word).map(|command| command.name).ok_or_else(
            || Failure::Usage(format!("{word} is no command; {}", self.commands_in_words())),
        )
    }

    /// A command that older versions of the tool wrote as a flag.
    fn command_spelled(&self, word: &str) -> Option<&'static Flag> {
        self.commands().find(|command| command.spellings.contains(&word))
    }

    fn commands_in_words(&self) -> String {
        let names: Vec<&str> = self.commands().map(|command| command.name).collect();
        format!("there are {}", names.join(", "))
    }

    fn check_command(&self, options: &Options) -> Result<(), Failure> {
        let Some(command) = options.command else {
            return match self.commands().next() {
                Some(_) => Err(Failure::Usage(format!(
                    "A command is needed; {}",
                    self.commands_in_words()
                ))),
                None => Ok(()),
            };
        };
        match self.all().find(|flag| options.has(flag.name) && !flag.goes_with(Some(command))) {
            Some(flag) => {
                Err(Failure::Usage(format!("--{} does not go with {command}", flag.name)))
            }
            None => Ok(()),
        }
    }

    fn find(&self, word: &str, command: Option<&str>) -> Result<&'static Flag, Failure> {
        if let Some(flag) = self.all().chain([&ZOOKEEPER]).find(|flag| flag.is_called(word)) {
            return Ok(flag);
        }
        let begins = |flag: &&Flag| flag.begins_with(word) && flag.goes_with(command);
        let candidates: Vec<&Flag> = self.all().filter(begins).collect();
        match candidates[..] {
            [flag] if !word.is_empty() => Ok(flag),
            [] => Err(Failure::Usage(format!("{word} is not a recognized option"))),
            _ => {
                let names: Vec<String> =
                    candidates.iter().map(|flag| format!("--{}", flag.name)).collect();
                let names = names.join(", ");
                Err(Failure::Usage(format!("--{word} can mean {names}; write more of it")))
            }
        }
    }

    /// The text of `--help`.
    pub(crate) fn help(&self) -> String {
        let has_commands = self.commands().next().is_some();
        let command = if has_commands { " COMMAND" } else { "" };
        let words: String = self.words().map(|words| format!(" {}", words.name)).collect();
        let mut text =
            format!("{}\n\nUsage: {}{command} [OPTIONS]{words}\n\n", self.about, self.tool);
        if has_commands {
            text.push_str("Commands:\n");
            for command in self.commands() {
                push_wrapped(&mut text, &format!("  {}", command.name), command.help);
            }
            text.push('\n');
        }
        text.push_str("Options:\n");
        for words in self.words() {
            push_wrapped(&mut text, &format!("  {}", words.name), words.help);
        }
        for flag in self.all() {
            let value = match flag.takes {
                Takes::Nothing | Takes::Command | Takes::Words => String::new(),
                Takes::Value(value) => format!(" {value}"),
                Takes::MaybeValue(value) => format!(" [{value}]"),
                Takes::Values(value) => format!(" {value}..."),
            };
            let head = format!("  --{}{value}", flag.name);
            let mut help = flag.help.to_owned();
            if !flag.spellings.is_empty() && flag.name != "help" {
                let also: Vec<String> = flag.spellings.iter().map(|name| in_dashes(name)).collect();
                let _ = write!(help, " Also: {}.", also.join(", "));
            }
            if !flag.commands.is_empty() {
                let _ = write!(help, " With {}.", flag.commands.join(", "));
            }
            push_wrapped(&mut text, &head, &help);
        }
        text
    }
}

fn into_text(word: OsString) -> Result<String, Failure> {
    word.into_string()
        .map_err(|word| Failure::Usage(format!("{} is not UTF-8", word.to_string_lossy())))
}

fn looks_like_flag(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1
}

/// A name as it is usually written: one dash before a letter, two before a word.
pub(crate) fn in_dashes(name: &str) -> String {
    if name.len() == 1 { format!("-{name}") } else { format!("--{name}") }
}

/// The name without dashes, and the value after `=`.
fn split(word: &str) -> (&str, Option<String>) {
    let bare = word.strip_prefix("--").unwrap_or(&word[1..]);
    match bare.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (bare, None),
    }
}

fn take(
    flag: &Flag,
    attached: Option<String>,
    words: &mut std::iter::Peekable<std::vec::IntoIter<String>>,
    options: &mut Options,
) -> Result<(), Failure> {
    let missing = || Failure::Usage(format!("Option {} requires an argument", flag.name));
    let mut push = |value| options.given.push((flag.name, value));
    match flag.takes {
        Takes::Nothing | Takes::Command | Takes::Words => push(None),
        Takes::Value(_) => push(Some(attached.or_else(|| words.next()).ok_or_else(missing)?)),
        Takes::MaybeValue(_) => {
            push(attached.or_else(|| words.next_if(|word| !looks_like_flag(word))));
        }
        Takes::Values(_) => {
            let mut count = 0;
            let following = std::iter::from_fn(|| words.next_if(|word| !looks_like_flag(word)));
            for value in attached.into_iter().chain(following) {
                push(Some(value));
                count += 1;
            }
            if count == 0 {
                return Err(missing());
            }
        }
    }
    Ok(())
}

fn push_wrapped(text: &mut String, head: &str, help: &str) {
    text.push_str(head);
    let mut column = head.len();
    if column + 2 > HELP_INDENT {
        text.push('\n');
        column = 0;
    }
    let mut first = true;
    for word in help.split_whitespace() {
        if !first && column + 1 + word.len() > HELP_COLUMNS {
            text.push('\n');
            column = 0;
            first = true;
        }
        if first {
            text.extend(std::iter::repeat_n(' ', HELP_INDENT - column));
            column = HELP_INDENT;
            first = false;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.len();
    }
    text.push('\n');
}

/// What was given on a command line, in order.
#[derive(Debug, Default)]
pub(crate) struct Options {
    command: Option<&'static str>,
    given: Vec<(&'static str, Option<String>)>,
    ignored: Vec<String>,
}

impl Options {
    /// Words that belong to no flag. Kafka's tools pass over them in silence.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The one word that a tool takes, which help calls `name`.
    pub(crate) fn only_word(&self, name: &str) -> Result<&str, Failure> {
        match self.ignored() {
            [word] => Ok(word),
            [] => Err(Failure::Usage(format!("{name} is missing"))),
            [_, rest @ ..] => {
                Err(Failure::Usage(format!("one {name} is enough; what is {}?", rest.join(" "))))
            }
        }
    }

    /// The command, for a tool that has some.
    pub(crate) fn command(&self) -> &'static str {
        self.command.unwrap_or_default()
    }

    /// Whether the flag was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    /// All values of a flag, in order.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let given = self.given.iter().filter(|(given, _)| *given == name);
        given.filter_map(|(_, value)| value.as_deref()).collect()
    }

    /// The value of a flag that may be given once.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.values(name)[..] {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(Failure::Usage(format!(
                "Found multiple arguments for option {name}, but you asked for only one"
            ))),
        }
    }

    /// The value of a flag that must be given.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.value(name)?.ok_or_else(|| missing(name))
    }

    /// The value of a flag as a number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let Some(value) = self.value(name)? else {
            return Ok(None);
        };
        value.trim().parse().map(Some).map_err(|_| {
            Failure::Usage(format!(
                "Cannot parse argument '{value}' of option {name}: a number is needed"
            ))
        })
    }

    /// Refuses when one of the flags is missing.
    pub(crate) fn require(&self, names: &[&str]) -> Result<(), Failure> {
        match names.iter().find(|name| !self.has(name)) {
            Some(name) => Err(missing(name)),
            None => Ok(()),
        }
    }

    /// Refuses when `used` was given together with one of `others`.
    pub(crate) fn forbid(&self, used: &str, others: &[&str]) -> Result<(), Failure> {
        if !self.has(used) {
            return Ok(());
        }
        match others.iter().find(|other| self.has(other)) {
            Some(other) => Err(Failure::Usage(format!(
                "Option \"[{used}]\" can't be used with option \"[{other}]\""
            ))),
            None => Ok(()),
        }
    }

    /// Refuses unless exactly one of the flags was given.
    pub(crate) fn exactly_one(&self, names: &[&str]) -> Result<(), Failure> {
        if names.iter().filter(|name| self.has(name)).count() == 1 {
            return Ok(());
        }
        let names: Vec<String> = names.iter().map(|name| format!("[{name}]")).collect();
        let names = names.join(", ");
        Err(Failure::Usage(format!("Exactly one of the following arguments is required: {names}")))
    }

    /// The one action that was asked for.
    pub(crate) fn action(&self, actions: &'static [&'static str]) -> Result<&'static str, Failure> {
        let mut given = actions.iter().filter(|name| self.has(name));
        match (given.next(), given.next()) {
            (Some(action), None) => Ok(action),
            _ => {
                let names: Vec<String> = actions.iter().map(|name| format!("--{name}")).collect();
                let names = names.join(", ");
                Err(Failure::Usage(format!("Command must include exactly one action: {names}")))
            }
        }
    }
}

fn missing(name: &str) -> Failure {
    Failure::Usage(format!("Missing required argument \"[{name}]\""))
}

/// `key=value` pairs; a word without `=` is a key with an empty value.
pub(crate) fn pairs(words: &[&str]) -> Vec<(String, String)> {
    let pair = |word: &&str| {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        (key.to_owned(), value.to_owned())
    };
    words.iter().map(pair).collect()
}

#[cfg(test)]
mod tests;
