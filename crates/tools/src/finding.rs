//! What `klamm doctor` and `klamm why` say of what they find: what it is, why it matters, and the
//! command or setting that mends it.

/// The widest line of a finding.
const COLUMNS: usize = 100;
/// What is below a finding's title is moved this far to the right.
const INDENT: &str = "   ";
/// How many names a list of them shows before it only counts.
const NAMES_MAX: usize = 5;

/// A kind of finding: what never changes about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Its name, to look it up by and for scripts.
    pub(crate) id: &'static str,
    /// Why it matters.
    pub(crate) matters: &'static str,
}

/// Something that was found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// Its kind.
    pub(crate) kind: &'static Kind,
    /// What it is here, in a sentence or two.
    pub(crate) what: String,
    /// What mends it.
    pub(crate) mend: Vec<Mend>,
}

/// Something that mends a finding.
#[derive(Debug, Clone)]
pub(crate) enum Mend {
    /// A line for a shell, as it is to be typed.
    Command(String),
    /// A setting, or what no command does.
    Words(String),
}

impl Mend {
    /// The line to be shown.
    pub(crate) fn line(&self) -> &str {
        match self {
            Self::Command(line) | Self::Words(line) => line,
        }
    }
}

impl Finding {
    /// A finding.
    pub(crate) fn new(kind: &'static Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), mend: Vec::new() }
    }

    /// The same with one more thing that mends it.
    pub(crate) fn mend(mut self, what: impl Into<String>) -> Self {
        self.mend.push(Mend::Words(what.into()));
        self
    }

    /// The same with one more command that mends it, or shows more of it.
    pub(crate) fn run(mut self, command: impl Into<String>) -> Self {
        self.mend.push(Mend::Command(command.into()));
        self
    }
}

/// Findings as text, numbered.
pub(crate) fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for (index, finding) in findings.iter().enumerate() {
        let head = format!("{}. {}: ", index + 1, finding.kind.id);
        push_wrapped(&mut text, &head, &finding.what, INDENT);
        push_wrapped(&mut text, INDENT, finding.kind.matters, INDENT);
        for mend in &finding.mend {
            // A command is copied whole, and so has one line.
            text.push_str(&format!("{INDENT}-> {}\n", mend.line()));
        }
        text.push('\n');
    }
    text
}

/// Kinds of findings, one in a line.
pub(crate) fn list(kinds: &[&Kind]) -> String {
    let width = kinds.iter().map(|kind| kind.id.len()).max().unwrap_or(0);
    let line = |kind: &&Kind| {
        let matters: Vec<&str> = kind.matters.split_whitespace().collect();
        format!("{:<width$}  {}\n", kind.id, matters.join(" "))
    };
    kinds.iter().map(line).collect()
}

fn push_wrapped(text: &mut String, head: &str, words: &str, indent: &str) {
    let mut line = head.to_owned();
    let mut is_begun = false;
    for word in words.split_whitespace() {
        if is_begun && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            text.push_str(&line);
            text.push('\n');
            line = indent.to_owned();
            is_begun = false;
        }
        if is_begun {
            line.push(' ');
        }
        line.push_str(word);
        is_begun = true;
    }
    text.push_str(&line);
    text.push('\n');
}

/// `a, b and 7 more`.
pub(crate) fn names<T: ToString>(all: &[T]) -> String {
    let shown: Vec<String> = all.iter().take(NAMES_MAX).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    match all.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        rest => format!("{shown} and {rest} more"),
    }
}

/// `1 record`, `2 records`.
pub(crate) fn count(count: i64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A word of a command as a shell is to read it: names come from files and from other people.
pub(crate) fn quoted(word: impl ToString) -> String {
    let word = word.to_string();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._/:,=@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word;
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::options::Asked;

    /// Asserts that what mends a finding can be typed as it stands: a shell reads it, our own tools
    /// take it, and a setting is one that there is.
    pub(crate) fn assert_can_be_done(finding: &Finding) {
        for mend in &finding.mend {
            match mend {
                Mend::Command(line) => assert_is_command(line),
                Mend::Words(words) => assert_is_setting(words),
            }
        }
    }

    fn assert_is_command(line: &str) {
        let parsed = std::process::Command::new("sh").args(["-n", "-c", line]).status().unwrap();
        assert!(parsed.success(), "no shell takes {line}");
        // What follows is a comment.
        let words = line.split(' ').filter(|word| !word.is_empty());
        let mut words = words.take_while(|word| *word != "#").map(str::to_owned);
        if words.next().as_deref() != Some("klamm") {
            return;
        }
        let name = words.next().unwrap();
        if name == "server-start" {
            return;
        }
        let tool = crate::find(&name).unwrap_or_else(|| panic!("no tool {name}: {line}"));
        let asked = tool.command_line.parse(words.map(Into::into).collect());
        match asked {
            Ok(Asked::Run(options)) => {
                let takes_words = tool.command_line.takes_words();
                assert!(options.ignored().is_empty() || takes_words, "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    fn assert_is_setting(words: &str) {
        let setting = words.rsplit_once(": ").map_or(words, |(_, setting)| setting);
        let Some((key, _)) = setting.split_once('=') else { return };
        let is_key = |letter: char| letter.is_ascii_lowercase() || letter == '.';
        if words.starts_with("in ") && key.chars().all(is_key) {
            let value = setting.split([' ', ',']).next().unwrap();
            let told = match config::load("file", value, &[]) {
                Ok((_, warnings)) => format!("{warnings:?}"),
                Err(refused) => format!("{:?}{:?}", refused.mistakes, refused.warnings),
            };
            assert!(!told.contains("unknown"), "{words}: {told}");
        }
    }

    #[test]
    fn a_finding_says_what_why_and_how_to_mend_it() {
        static KIND: Kind = Kind { id: "sample", matters: "It matters." };
        let found = Finding::new(&KIND, "word ".repeat(30)).run("klamm mend --it");
        let text = text(&[found]);
        assert!(text.starts_with("1. sample: word word"), "{text}");
        assert!(text.ends_with("\n   It matters.\n   -> klamm mend --it\n\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
    }

    #[test]
    fn a_shell_reads_a_quoted_word_as_it_was() {
        for word in ["orders", "", "x;reboot", "it's", "a b", "$(id)", "[::1]:9092", "~", "*"] {
            let line = format!("printf %s {}", quoted(word));
            let read = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(read.stdout).unwrap(), word, "{line}");
        }
    }

    #[test]
    fn long_lists_of_names_are_counted() {
        assert_eq!(names(&[1, 2]), "1, 2");
        assert_eq!(names(&[1, 2, 3, 4, 5, 6, 7]), "1, 2, 3, 4, 5 and 2 more");
    }
}
