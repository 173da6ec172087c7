//! Words that must not stay in the code.

use super::{SourceFile, Violation};

struct Banned {
    word: &'static str,
    only_in_tests: bool,
    instead: &'static str,
}

// The words are split so that this file does not contain them.
const BANNED: &[Banned] = &[
    Banned { word: concat!("dbg", "!("), only_in_tests: false, instead: "remove it" },
    Banned { word: concat!("todo", "!("), only_in_tests: false, instead: "build it or refuse it" },
    Banned {
        word: concat!("unimplemented", "!("),
        only_in_tests: false,
        instead: "build it or refuse it",
    },
    Banned {
        word: concat!("#[", "ignore"),
        only_in_tests: false,
        instead: "make the test run, or remove it",
    },
    Banned {
        word: concat!("thread::", "sleep"),
        only_in_tests: true,
        instead: "wait for the event itself: a line, a channel, a condition",
    },
];

pub(super) fn check(files: &[SourceFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let tests_begin = if file.is_test() { 0 } else { file.lines_before_tests() };
        for (index, line) in file.text().lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for banned in BANNED {
                if line.contains(banned.word) && (!banned.only_in_tests || index >= tests_begin) {
                    violations.push(format!(
                        "{}:{}: `{}` is banned; {}",
                        file.path,
                        index + 1,
                        banned.word,
                        banned.instead
                    ));
                }
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_banned_word_is_reported_with_its_line() {
        let text = format!("//! A.\nfn f() {{ {}x) }}\n", BANNED[0].word);
        assert!(check(&[file("a.rs", &text)])[0].starts_with("a.rs:2:"));
    }

    #[test]
    fn sleeping_is_banned_in_tests_only() {
        let sleep = BANNED[4].word;
        let outside = format!("//! A.\nfn f() {{ {sleep}(d) }}\n");
        assert_eq!(check(&[file("a.rs", &outside)]).len(), 0);
        let inside = format!("//! A.\n#[cfg(test)]\nmod tests {{ fn f() {{ {sleep}(d) }} }}\n");
        assert_eq!(check(&[file("a.rs", &inside)]).len(), 1);
        assert_eq!(check(&[file("crates/a/tests/b.rs", &outside)]).len(), 1);
    }
}
