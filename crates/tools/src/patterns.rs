//! Patterns of topic names as Kafka's tools take them.

use regex::Regex;

use crate::failure::Failure;

/// The size to which a compiled pattern may grow; patterns come from the user.
const PATTERN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Names that a pattern matches as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Names(Regex);

impl Names {
    /// The pattern of `--topic`: a list separated by commas is one of several, blanks and quotes
    /// around it do not count.
    pub(crate) fn list(text: &str) -> Result<Self, Failure> {
        let text = text.trim().replace(',', "|").replace(' ', "");
        Self::pattern(text.trim_matches(['"', '\'']))
    }

    /// A pattern as it is.
    pub(crate) fn pattern(text: &str) -> Result<Self, Failure> {
        regex::RegexBuilder::new(&format!("^(?:{text})$"))
            .size_limit(PATTERN_BYTES_MAX)
            .build()
            .map(Self)
            .map_err(|_| Failure::Refused(format!("{text} is an invalid regex.")))
    }

    /// Whether the pattern matches the whole name.
    pub(crate) fn contain(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_matches_whole_names_and_commas_separate() {
        let names = Names::list("a.*, b").unwrap();
        for (name, matches) in [("a1", true), ("b", true), ("b1", false), ("xa", false)] {
            assert_eq!(names.contain(name), matches, "{name}");
        }
        assert!(Names::list("'q'").unwrap().contain("q"));
        assert_eq!(Names::list("a[").unwrap_err().to_string(), "a[ is an invalid regex.");
    }
}
