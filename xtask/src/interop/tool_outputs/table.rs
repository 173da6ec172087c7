//! The table of command lines, from `tests/interop/tool-outputs/*.txt`.
//!
//! | line | meaning |
//! |---|---|
//! | `# ...` | a comment |
//! | `$ TOOL WORD...` | a row: output and exit code must be the same |
//! | `$sorted TOOL WORD...` | the lines may come in another order |
//! | `$words TOOL WORD...` | the words may come in another order; brackets and commas count as blanks |
//! | `$output TOOL WORD...` | only the output must be the same, the exit code not |
//! | `$exit TOOL WORD...` | only the exit code must be the same |
//! | `mask WORD REGEX` | in the rows below, to the end of the file, what matches counts as `<WORD>` |
//! | `spoilt NAME SOURCE AT` | a copy of a file of the node, made when the rows above have run, with the byte at AT changed |
//! | `cut NAME SOURCE LENGTH` | the same, but for its end: so many bytes of it |
//! | `< ...` | a line that the row above reads from standard input |
//! | `file NAME`, then `\| ...` | a file that the rows find in `{dir}` |
//!
//! `{who}` is `kfk` for Kafka's tool and `klm` for ours, so that each has topics of its own;
//! `{node}` is the node's address, `{dir}` a scratch folder, `{data}` the node's data folder, `{empty}`
//! a word without letters. Blanks separate words unless they stand between single quotes.

use std::path::Path;

use anyhow::{Context, Result, bail};
use regex::Regex;

/// What of a row's outcome must be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// Everything, byte for byte.
    Bytes,
    /// The lines, in any order.
    SortedLines,
    /// The words, in any order.
    SortedWords,
    /// Everything but the exit code.
    Output,
    /// The exit code.
    ExitCode,
}

/// How a copy of a file is damaged.
#[derive(Debug, Clone, Copy)]
pub(super) enum Damage {
    /// The byte at a position is another.
    Spoilt(usize),
    /// There are no more bytes than this.
    Cut(usize),
}

/// A damaged copy of a file of the node.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) damage: Damage,
}

/// A command line.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) compared: Compared,
    /// The tool's name after `klamm`.
    pub(super) tool: String,
    pub(super) words: Vec<String>,
    pub(super) input: String,
    /// Where it stands, for reports.
    pub(super) place: String,
    /// What differs from run to run, beside what always does: patterns and words.
    pub(super) masks: Vec<(Regex, String)>,
    /// Copies that are made before it runs.
    pub(super) copies: Vec<Copy>,
}

/// A file that rows use.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) name: String,
    pub(super) text: String,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) files: Vec<Scratch>,
}

/// Reads the tables of a folder, in the order of their names.
pub(super) fn read(folder: &Path) -> Result<Table> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut table = Table::default();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        parse(&name, &std::fs::read_to_string(&path)?, &mut table)?;
    }
    Ok(table)
}

fn parse(file: &str, text: &str, table: &mut Table) -> Result<()> {
    let (mut masks, mut copies) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate() {
        let place = format!("{file}:{}", at + 1);
        let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
        let compared = match head {
            "" | "#" => continue,
            "<" => {
                let row = table.rows.last_mut().context("input before the first row")?;
                row.input.push_str(rest);
                row.input.push('\n');
                continue;
            }
            "file" => {
                table.files.push(Scratch { name: rest.to_string(), text: String::new() });
                continue;
            }
            "|" => {
                let file = table.files.last_mut().context("text before the first file")?;
                file.text.push_str(rest);
                file.text.push('\n');
                continue;
            }
            "mask" => {
                let (word, pattern) = rest.split_once(' ').context("a mask needs a pattern")?;
                masks.push((Regex::new(pattern)?, format!("<{word}>")));
                continue;
            }
            "spoilt" | "cut" => {
                copies.push(copy(head, rest).with_context(|| place.clone())?);
                continue;
            }
            "$" => Compared::Bytes,
            "$output" => Compared::Output,
            "$sorted" => Compared::SortedLines,
            "$words" => Compared::SortedWords,
            "$exit" => Compared::ExitCode,
            other => bail!("{place}: a line cannot begin with {other}"),
        };
        let mut words = split(rest);
        if words.is_empty() {
            bail!("{place}: a row needs a tool");
        }
        let tool = words.remove(0);
        let (masks, copies) = (masks.clone(), std::mem::take(&mut copies));
        table.rows.push(Row { compared, tool, words, input: String::new(), place, masks, copies });
    }
    Ok(())
}

fn copy(how: &str, rest: &str) -> Result<Copy> {
    let [name, source, number] = &split(rest)[..] else { bail!("NAME, SOURCE and a number") };
    let number = number.parse()?;
    let damage = if how == "cut" { Damage::Cut(number) } else { Damage::Spoilt(number) };
    Ok(Copy { name: name.clone(), source: source.clone(), damage })
}

fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap_or(&mut String::new()).push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
