//! Reads the schemas of Kafka's protocol in our own notation and writes the codec of the `protocol`
//! crate. `cargo xtask codegen` runs it; a test of `protocol` compares what it would write with what
//! is committed.

mod emit;
mod emit_json;
mod parse;
pub mod sample;
pub mod schema;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::emit::{HEADER, message_file, snake_case};
use crate::schema::{Role, Schema};

/// How many files are handed to one run of rustfmt.
const FILES_PER_RUSTFMT: usize = 100;

fn protocol_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol")
}

/// Reads every schema: the APIs in the order of their keys, then the others by file name.
pub fn schemas() -> Result<Vec<Schema>> {
    let folder = protocol_folder().join("schemas");
    let mut schemas = Vec::new();
    for folder in [folder.clone(), folder.join("data")] {
        let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let mut files = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "klamm"));
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file)?;
            schemas.push(parse::parse(&text).with_context(|| file.display().to_string())?);
        }
    }
    Ok(schemas)
}

/// Writes the codec, or with `check` fails when what is committed differs from what it would write.
pub fn run(check: bool) -> Result<()> {
    let source = protocol_folder().join("src");
    let files = format(generate(&schemas()?)?)?;
    let mut stale: Vec<PathBuf> = Vec::new();
    for folder in ["messages", "data"] {
        std::fs::create_dir_all(source.join(folder))?;
        for entry in std::fs::read_dir(source.join(folder))? {
            let name = PathBuf::from(folder).join(entry?.file_name());
            if !files.contains_key(&name) {
                stale.push(name);
            }
        }
    }
    if check {
        for (name, text) in &files {
            if std::fs::read_to_string(source.join(name)).ok().as_ref() != Some(text) {
                stale.push(name.clone());
            }
        }
        ensure!(stale.is_empty(), "run `cargo xtask codegen`: {stale:?} are not what it writes");
        return Ok(());
    }
    for name in stale {
        std::fs::remove_file(source.join(name))?;
    }
    for (name, text) in files {
        let path = source.join(name);
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            std::fs::write(path, text)?;
        }
    }
    Ok(())
}

type Files = BTreeMap<PathBuf, String>;

fn generate(schemas: &[Schema]) -> Result<Files> {
    let mut files = Files::new();
    let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for schema in schemas {
        let folder = if schema.api.is_some() { "messages" } else { "data" };
        for message in &schema.messages {
            let file = Path::new(folder).join(snake_case(&message.name)).with_extension("rs");
            let text = message_file(message, schema.api.as_deref());
            ensure!(files.insert(file, text).is_none(), "{} exists twice", message.name);
            modules.entry(folder).or_default().push(&message.name);
        }
    }
    for (folder, names) in modules {
        let mut text = String::from(HEADER);
        // In the order in which rustfmt would put them.
        let mut modules: Vec<String> = names.iter().map(|name| snake_case(name)).collect();
        modules.sort();
        for module in modules {
            let _ = writeln!(text, "pub mod {module};");
        }
        for name in &names {
            let _ = writeln!(text, "pub use {}::{name};", snake_case(name));
        }
        text.push_str(&visitor(folder, schemas));
        files.insert(Path::new(folder).join("mod.rs"), text);
    }
    files.insert("api_key.rs".into(), api_key_file(schemas)?);
    Ok(files)
}

/// A macro that hands every message of a folder to another macro.
fn visitor(folder: &str, schemas: &[Schema]) -> String {
    let mut text = String::new();
    let (name, what) = if folder == "messages" {
        ("for_each_api", "`(Name, NameRequest, NameResponse)` for every API")
    } else {
        ("for_each_data", "the name of every message in `data`")
    };
    let _ = writeln!(
        text,
        "\n/// Calls a macro with {what}.\n#[macro_export]\nmacro_rules! {name} {{ ($callback:ident) => {{ $callback! {{"
    );
    for schema in schemas {
        match &schema.api {
            Some(api) if folder == "messages" => {
                let _ = writeln!(text, "({api}, {api}Request, {api}Response)");
            }
            None if folder == "data" => {
                for message in &schema.messages {
                    let _ = writeln!(text, "{}", message.name);
                }
            }
            _ => {}
        }
    }
    text.push_str("} }; }\n");
    text
}

fn api_key_file(schemas: &[Schema]) -> Result<String> {
    let mut variants = String::new();
    let mut all = String::new();
    let mut table = String::new();
    for (index, (api, schema)) in
        schemas.iter().filter_map(|schema| Some((schema.api.as_ref()?, schema))).enumerate()
    {
        let [request, response] = &schema.messages[..] else {
            bail!("{api}: expected a request and a response");
        };
        ensure!(request.role == Role::Request(index as i16), "{api}: keys must have no gap");
        ensure!(response.role == Role::Response(index as i16), "{api}: response expected");
        let (first, last) = (request.versions.start(), request.versions.end());
        let _ = writeln!(variants, "/// {api}, v{first} to v{last}.\n{api} = {index},");
        let _ = writeln!(all, "Self::{api},");
        let _ = writeln!(
            table,
            "(\"{api}\", {first}, {last}, {}),",
            request.flexible_since.unwrap_or(i16::MAX)
        );
    }
    let text = include_str!("api_key.rs.template");
    let text = text.replace("@VARIANTS@", &variants).replace("@ALL@", &all);
    Ok(format!("{HEADER}{}", text.replace("@TABLE@", &table)))
}

/// Lets rustfmt go over all files, in a folder of their own.
fn format(files: Files) -> Result<Files> {
    let folder = std::env::temp_dir().join(format!("klamm-codegen-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = format_in(&folder, files);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn format_in(folder: &Path, files: Files) -> Result<Files> {
    // Numbers as names: rustfmt must not look for the modules that a file declares.
    let flat: Vec<PathBuf> = (0..files.len()).map(|i| folder.join(format!("{i}.rs"))).collect();
    for (path, text) in flat.iter().zip(files.values()) {
        // Lines that declare modules come back after formatting, which does not touch them.
        std::fs::write(path, text.replace("\npub mod ", "\n//pub mod "))?;
    }
    let config = protocol_folder().join("../../rustfmt.toml");
    for some in flat.chunks(FILES_PER_RUSTFMT) {
        let mut command = Command::new("rustfmt");
        command.args(["--edition", "2024", "--config-path"]).arg(&config).args(some);
        ensure!(command.status().context("rustfmt is needed")?.success(), "rustfmt failed");
    }
    let read = |(name, path): (PathBuf, &PathBuf)| {
        Ok((name, std::fs::read_to_string(path)?.replace("\n//pub mod ", "\npub mod ")))
    };
    files.into_keys().zip(&flat).map(read).collect()
}
