//! Every relative link of a Markdown document leads to a file, and its anchor to a heading.

use std::collections::BTreeSet;

use super::{SourceFile, Violation};

pub(super) fn check(files: &[SourceFile]) -> Vec<Violation> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, link) in links(file.text()) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path =
                if target.is_empty() { file.path.clone() } else { resolve(&file.path, target) };
            let is_folder = paths.iter().any(|known| known.starts_with(&format!("{path}/")));
            if !paths.contains(path.as_str()) && !is_folder && !path.is_empty() {
                violations.push(format!("{}:{line}: link to `{link}`: no such file", file.path));
            } else if !anchor.is_empty() {
                let document = files.iter().find(|other| other.path == path);
                let known = document.is_some_and(|other| anchors(other.text()).contains(anchor));
                if path.ends_with(".md") && !known {
                    violations
                        .push(format!("{}:{line}: link to `{link}`: no such heading", file.path));
                }
            }
        }
    }
    violations
}

/// The targets of `[text](target)`, outside code, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let mut rest = line;
        while let Some(start) = rest.find("](") {
            let after = &rest[start + 2..];
            let Some(end) = after.find(')') else { break };
            let target = after[..end].split_whitespace().next().unwrap_or_default();
            let quoted = rest[..start].matches('`').count() % 2 == 1;
            if !quoted && !target.is_empty() {
                found.push((number, target));
            }
            rest = &after[end..];
        }
    }
    found
}

/// The lines outside fenced code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// Headings as the anchors that a forge makes of them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The path from the root of a link in a document.
fn resolve(document: &str, target: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_link_to_a_missing_file_or_heading_is_reported() {
        let readme = file("README.md", "# A\nSee [b](docs/b.md#two-words) and [c](c.md).\n");
        let other = file("docs/b.md", "# Two words\nBack to [a](../README.md#a), [x](#nowhere).\n");
        let violations = check(&[readme, other]);
        assert_eq!(violations.len(), 2);
        assert!(violations[0].starts_with("README.md:2: link to `c.md`"));
        assert!(violations[1].starts_with("docs/b.md:2: link to `#nowhere`"));
    }

    #[test]
    fn code_is_not_searched_for_links() {
        let text = "```\n[b](b.md)\n```\n`x[0](y)`\n";
        assert_eq!(check(&[file("README.md", text)]).len(), 0);
    }
}
