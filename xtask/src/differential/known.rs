//! The differences that are meant, each with its reason, and the document that lists them.
//!
//! Invariant: a row names the API, the fields, the values on both sides and, where not every request
//! is met by it, the versions and what the request must be like. Nothing else passes under it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::compare::Difference;
use super::findings::Trial;
use super::value::Value;

mod conditions;
mod table;

pub(super) use table::KNOWN;

/// A kind of difference that is meant.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// The Kafka that differs; empty for both.
    oracle: &'static str,
    /// The APIs, or `Java` for its calls.
    apis: &'static [&'static str],
    versions: [i16; 2],
    /// Paths of fields; `{}` stands for each of `names`, a name with `*` for all that begin so.
    fields: &'static [&'static str],
    names: &'static [&'static str],
    /// What either side answers, whole.
    kafka: &'static [&'static str],
    klamm: &'static [&'static str],
    /// What the request must be like.
    when: fn(&Value) -> bool,
    /// What a client sees.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the document"))]
    what: &'static str,
    pub(super) reason: &'static str,
    /// Where Kafka's side can be read.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the document"))]
    seen: &'static str,
}

/// A row that says nothing yet.
const ROW: Known = Known {
    oracle: "",
    apis: &[],
    versions: [0, i16::MAX],
    fields: &[],
    names: &[],
    kafka: &[],
    klamm: &[],
    when: |_| true,
    what: "",
    reason: "",
    seen: "",
};

impl Known {
    fn has(&self, oracle: &str, trial: &Trial<'_>, difference: &Difference) -> bool {
        let [first, last] = self.versions;
        let versions: RangeInclusive<i16> = first..=last;
        (self.oracle.is_empty() || self.oracle == oracle)
            && self.apis.contains(&trial.api)
            && versions.contains(&trial.version)
            && self.kafka.contains(&difference.kafka.as_str())
            && self.klamm.contains(&difference.klamm.as_str())
            && self.fields.iter().any(|field| self.is_field(field, &difference.path))
            && (self.when)(trial.request)
    }

    fn is_field(&self, field: &str, path: &str) -> bool {
        match field.contains("{}") {
            true => self.names.iter().any(|name| match name.strip_suffix('*') {
                Some(begin) => field.split_once("{}").is_some_and(|(before, after)| {
                    let rest = path.strip_prefix(before).and_then(|it| it.strip_prefix(begin));
                    rest.is_some_and(|rest| rest.ends_with(after))
                }),
                None => field.replace("{}", name) == path,
            }),
            false => field == path,
        }
    }
}

/// The row that has a difference, if one does.
pub(super) fn row(oracle: &str, trial: &Trial<'_>, difference: &Difference) -> Option<usize> {
    KNOWN.iter().position(|known| known.has(oracle, trial, difference))
}

/// Prints the rows that a run did not meet.
pub(super) fn print_unmet(oracle: &str, met: &BTreeSet<usize>) {
    for (index, known) in KNOWN.iter().enumerate() {
        let concerns = known.oracle.is_empty() || known.oracle == oracle;
        if concerns && !met.contains(&index) {
            println!("    not met: {:?} {:?}", known.apis, known.fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::command::root;

    const BEGIN: &str = "<!-- differences: begin -->\n";
    const END: &str = "<!-- differences: end -->";

    #[test]
    fn every_row_says_what_it_is_about() {
        for known in KNOWN {
            let lists = [known.apis, known.fields, known.kafka, known.klamm];
            assert!(lists.iter().all(|list| !list.is_empty()), "{}", known.what);
            let texts = [known.what, known.reason, known.seen];
            assert!(texts.iter().all(|text| !text.is_empty()), "{}", known.what);
        }
    }

    #[test]
    fn the_document_lists_the_known_differences() {
        let mut table = String::from(
            "| Kafka | API | What a client sees | Why | Seen in |\n| --- | --- | --- | --- | --- |\n",
        );
        for known in KNOWN {
            let oracle = if known.oracle.is_empty() { "both" } else { known.oracle };
            let apis = known.apis.join(", ");
            let Known { what, reason, seen, .. } = known;
            let _ = writeln!(table, "| {oracle} | {apis} | {what} | {reason} | {seen} |");
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
