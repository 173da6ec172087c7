//! zsh and fish, unpacked from Debian's packages: a few words completed by the shells themselves, with
//! the scripts that `klamm completion` prints. (bash is tried by the tests of the tools.)

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::install::Installed;
use crate::command::{command, output, root, transcript};

const TIME_MAX: Duration = Duration::from_secs(120);

/// What is typed, and the word that its last one becomes.
const COMPLETED: &[(&str, &str)] = &[
    ("klamm topi", "topics"),
    ("klamm topics --under-r", "--under-replicated-partitions"),
    ("klamm reassign-partitions --verif", "--verify"),
    ("kafka-topics.sh --exclude", "--exclude-internal"),
    ("kafka-consumer-groups --reset", "--reset-offsets"),
    ("klamm storage random", "random-uuid"),
    ("klamm server-start -da", "-daemon"),
    ("klamm completion fi", "fish"),
];

pub(super) fn run(client: &Installed) -> Result<String> {
    let shells = client.folder.join("root");
    let scratch = tempfile::tempdir()?;
    for (shell, name) in [("zsh", "_klamm"), ("fish", "klamm.fish")] {
        let mut klamm = command(testkit::klamm_binary()?);
        let script = output(klamm.args(["completion", shell]))?;
        std::fs::write(scratch.path().join(name), script)?;
    }
    zsh(&shells, scratch.path())?;
    fish(&shells, scratch.path())?;
    Ok(format!("{} words each in zsh and fish", COMPLETED.len()))
}

fn zsh(shells: &Path, scratch: &Path) -> Result<()> {
    let mut zsh = command(shells.join("bin/zsh"));
    zsh.arg("-f").arg(root().join("tests/interop/shells/complete.zsh")).args([shells, scratch]);
    zsh.env("HOME", scratch);
    let input: String = COMPLETED.iter().map(|(typed, _)| format!("{typed}\n")).collect();
    let printed = transcript(zsh, &input, TIME_MAX)?;
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    for (typed, word) in COMPLETED {
        let (before, _) = typed.rsplit_once(' ').context("two words")?;
        let whole = format!("{before} {word}");
        if !lines.contains(&whole.as_str()) {
            bail!("zsh does not make `{whole}` of `{typed}`:\n{printed}");
        }
    }
    println!("  ok: zsh");
    Ok(())
}

fn fish(shells: &Path, scratch: &Path) -> Result<()> {
    let mut folders = Vec::new();
    // Debian keeps libraries in a folder named after the architecture.
    for entry in std::fs::read_dir(shells.join("usr/lib"))? {
        folders.push(entry?.path().display().to_string());
    }
    for (typed, word) in COMPLETED {
        let mut fish = command(shells.join("usr/bin/fish"));
        fish.env("LD_LIBRARY_PATH", folders.join(":"));
        fish.env("HOME", scratch).env("XDG_CONFIG_HOME", scratch).env("XDG_DATA_HOME", scratch);
        let script = format!(
            "set fish_function_path {}; source {}; complete -C '{typed}'",
            shells.join("usr/share/fish/functions").display(),
            scratch.join("klamm.fish").display()
        );
        let offered = output(fish.args(["--no-config", "-c", &script]))?;
        let words: Vec<&str> = offered.lines().filter_map(|line| line.split('\t').next()).collect();
        if words != [*word] {
            bail!("fish offers {words:?} for `{typed}`, not {word}");
        }
    }
    println!("  ok: fish");
    Ok(())
}
