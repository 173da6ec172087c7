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
    /// What mends it: commands and settings as they are to be typed, each with what it does.
    pub(crate) mend: Vec<String>,
}

impl Finding {
    /// A finding.
    pub(crate) fn new(kind: &'static Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), mend: Vec::new() }
    }

    /// The same with one more thing that mends it.
    pub(crate) fn mend(mut self, what: impl Into<String>) -> Self {
        self.mend.push(what.into());
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
            text.push_str(&format!("{INDENT}-> {mend}\n"));
        }
        text.push('\n');
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_why_and_how_to_mend_it() {
        static KIND: Kind = Kind { id: "sample", matters: "It matters." };
        let found = Finding::new(&KIND, "word ".repeat(30)).mend("klamm mend --it");
        let text = text(&[found]);
        assert!(text.starts_with("1. sample: word word"), "{text}");
        assert!(text.ends_with("\n   It matters.\n   -> klamm mend --it\n\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
    }

    #[test]
    fn long_lists_of_names_are_counted() {
        assert_eq!(names(&[1, 2]), "1, 2");
        assert_eq!(names(&[1, 2, 3, 4, 5, 6, 7]), "1, 2, 3, 4, 5 and 2 more");
    }
}
