//! Other programs, started from the root of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The root of the repository, wherever xtask was called from.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// A command that starts in the root of the repository.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that started xtask.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(cargo);
    command.args(arguments);
    command
}

/// Runs a command with its output shown; an error says which command failed and how.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let text = describe(command);
    println!("    $ {text}");
    let status = command.status().with_context(|| format!("cannot start `{text}`"))?;
    if !status.success() {
        bail!("`{text}` ended with {status}");
    }
    Ok(())
}

/// Runs a command and gives back what it printed to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let text = describe(command);
    let output = command.output().with_context(|| format!("cannot start `{text}`"))?;
    if !output.status.success() {
        bail!("`{text}` ended with {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn describe(command: &Command) -> String {
    let mut words = vec![short(&command.get_program().to_string_lossy())];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// The file name of a program, for messages.
fn short(program: &str) -> String {
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| program.to_string())
}

/// Runs a command whose output matters only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let text = describe(command);
    println!("    $ {text}");
    let output = command.output().with_context(|| format!("cannot start `{text}`"))?;
    if !output.status.success() {
        let words = [output.stdout, output.stderr].concat();
        bail!("`{text}` ended with {}\n{}", output.status, String::from_utf8_lossy(&words).trim());
    }
    Ok(())
}

/// Runs a command with an input and a time limit, and gives back everything that it printed; an
/// error carries that too.
pub(crate) fn transcript(command: Command, input: &str, time_max: Duration) -> Result<String> {
    let text = describe(&command);
    println!("    $ {text}");
    let folder = tempfile::tempdir()?;
    let (log, words) = (folder.path().join("output"), folder.path().join("input"));
    std::fs::write(&words, input)?;
    let input = std::fs::File::open(&words)?;
    let process = testkit::ServerProcess::start_with_input(command, &log, input.into())?;
    let ended = process.wait_for_end(time_max);
    let printed = std::fs::read_to_string(&log).unwrap_or_default();
    match ended {
        Ok(status) if status.success() => Ok(printed),
        Ok(status) => bail!("`{text}` ended with {status}\n{printed}"),
        Err(error) => Err(error.context(format!("`{text}`\n{printed}"))),
    }
}
