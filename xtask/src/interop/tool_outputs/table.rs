//! The table of command lines, from `tests/interop/tool-outputs/*.txt`.
//!
//! | line | meaning |
//! |---|---|
//! | `# ...` | a comment |
//! | `$ TOOL WORD...` | a row: output and exit code must be the same |
//! | `$sorted TOOL WORD...` | the lines may come in another order |
//! | `$words TOOL WORD...` | the words may come in another order; brackets and commas count as blanks |
//! | `$exit TOOL WORD...` | only the exit code must be the same |
//! | `< ...` | a line that the row above reads from standard input |
//! | `file NAME`, then `\| ...` | a file that the rows find in `{dir}` |
//!
//! `{who}` is `kfk` for Kafka's tool and `klm` for ours, so that each has topics of its own;
//! `{node}` is the node's address, `{dir}` a scratch folder, `{data}` the node's data folder, `{empty}`
//! a word without letters. Blanks separate words unless they stand between single quotes.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// What of a row's outcome must be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// Everything, byte for byte.
    Bytes,
    /// The lines, in any order.
    SortedLines,
    /// The words, in any order.
    SortedWords,
    /// The exit code.
    ExitCode,
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
            "$" => Compared::Bytes,
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
        table.rows.push(Row { compared, tool, words, input: String::new(), place });
    }
    Ok(())
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
