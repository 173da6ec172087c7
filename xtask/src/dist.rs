//! `cargo xtask dist`: target/dist/klamm-VERSION.tar.gz, which unpacks like Kafka's archive, and a
//! trial of it in a folder of its own.
//!
//! Layout: klamm-VERSION/{klamm, README.md, LICENSE, bin/, bin/windows/, config/, docs/}.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::free_port;

use crate::command::{command, root, run_quietly, transcript};
use crate::interop::target;
use crate::report::{Outcome, Report};

const TIME_MAX: Duration = Duration::from_secs(90);

/// With it the launchers would start another binary than that of the archive.
const OTHER_BINARY: &str = "KLAMM_BINARY";

/// Files and folders of the repository that go into the archive as they are.
const CONTENTS: &[&str] = &["README.md", "bin", "config", "docs"];
/// Those that go into the archive when the repository has them.
const CONTENTS_IF_THERE: &[&str] = &["LICENSE"];

pub(crate) fn run(arguments: &[String], report: &mut Report) -> Result<()> {
    if let Some(unknown) = arguments.first() {
        bail!("`cargo xtask dist` takes no arguments, found `{unknown}`");
    }
    target::build_release()?;
    suite(report);
    Ok(())
}

/// Packs the archive and tries it.
pub(crate) fn suite(report: &mut Report) {
    let mut archive = None;
    report.suite("dist archive", || {
        let packed = pack()?;
        let size = packed.metadata()?.len();
        let detail = format!("{} ({} KiB)", packed.display(), size / 1024);
        archive = Some(packed);
        Ok(Outcome::Passed(detail))
    });
    report.suite("dist launchers", || match &archive {
        Some(archive) => try_out(archive),
        None => Ok(Outcome::Skipped("there is no archive".to_string())),
    });
}

fn pack() -> Result<PathBuf> {
    let name = format!("klamm-{}", env!("CARGO_PKG_VERSION"));
    let dist = root().join("target/dist");
    let folder = dist.join(&name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let binary = testkit::klamm_binary()?;
    std::fs::copy(&binary, folder.join("klamm"))?;
    for content in CONTENTS {
        let from = root().join(content);
        if !from.exists() {
            bail!("the repository has no {content}, which belongs into the archive");
        }
        copy(&from, &folder)?;
    }
    for content in CONTENTS_IF_THERE.iter().map(|content| root().join(content)) {
        if content.exists() {
            copy(&content, &folder)?;
        }
    }
    let archive = dist.join(format!("{name}.tar.gz"));
    let mut tar = command("tar");
    tar.args(["--owner=0", "--group=0", "--numeric-owner", "-czf"]).arg(&archive);
    run_quietly(tar.arg("-C").arg(&dist).arg(&name))?;
    Ok(archive)
}

fn copy(from: &Path, folder: &Path) -> Result<()> {
    run_quietly(command("cp").arg("-R").arg(from).arg(folder))
}

/// Starts and stops a node with the launchers: through a link, from another folder, with and without
/// `.sh`, `-daemon` in either place.
fn try_out(archive: &Path) -> Result<Outcome> {
    // A blank in the path is where launchers break.
    let folder = tempfile::Builder::new().prefix("klamm dist ").tempdir()?;
    let folder = folder.path();
    run_quietly(command("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
    let home = folder.join(format!("klamm-{}", env!("CARGO_PKG_VERSION")));
    for expected in ["klamm", "bin/windows", "config/server.properties", "README.md"] {
        if !home.join(expected).exists() {
            bail!("the archive has no {expected}");
        }
    }
    let elsewhere = folder.join("else where");
    std::fs::create_dir_all(&elsewhere)?;
    let port = free_port()?;
    let file = folder.join("node.properties");
    let data = folder.join("data").display().to_string();
    let lines =
        format!("listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs={data}\nklamm.http.listeners=\n");
    std::fs::write(&file, lines)?;
    let bin = home.join("bin");
    let link = folder.join("start-it");
    std::os::unix::fs::symlink(bin.join("kafka-server-start.sh"), &link)?;

    let first: [&str; 2] = ["-daemon", &file.display().to_string()];
    start_use_and_stop(&elsewhere, &link, &first, &bin, ".sh", port, &file)?;
    let second: [&str; 2] = [&file.display().to_string(), "-daemon"];
    let plain = bin.join("kafka-server-start");
    start_use_and_stop(&elsewhere, &plain, &second, &bin, "", port, &file)?;
    Ok(Outcome::Passed("started and stopped through a link and without .sh".to_string()))
}

fn start_use_and_stop(
    folder: &Path,
    launcher: &Path,
    arguments: &[&str],
    bin: &Path,
    extension: &str,
    port: u16,
    file: &Path,
) -> Result<()> {
    let script = |name: &str| -> Command {
        let mut command = command(bin.join(format!("{name}{extension}")));
        command.current_dir(folder).env_remove(OTHER_BINARY);
        command
    };
    let mut start = command(launcher);
    start.current_dir(folder).env_remove(OTHER_BINARY).args(arguments);
    start.env("LOG_DIR", folder.join("logs"));
    let printed = transcript(start, "", TIME_MAX)?;
    if !printed.lines().any(|line| line.starts_with("Klamm is ready")) {
        bail!("no `Klamm is ready` in\n{printed}");
    }
    let daemon = Daemon::of(&printed)?;
    let bootstrap = format!("127.0.0.1:{port}");
    let topic = format!("topic{}", if extension.is_empty() { "-plain" } else { "-sh" });
    let mut create = script("kafka-topics");
    create.args(["--bootstrap-server", &bootstrap, "--create", "--topic", &topic]);
    transcript(create, "", TIME_MAX)?;
    let mut list = script("kafka-topics");
    list.args(["--bootstrap-server", &bootstrap, "--list"]);
    let listed = transcript(list, "", TIME_MAX)?;
    if !listed.lines().any(|line| line == topic) {
        bail!("{topic} is not listed in\n{listed}");
    }
    let mut stop = script("kafka-server-stop");
    stop.arg(file);
    transcript(stop, "", TIME_MAX)?;
    daemon.wait_for_end()
}

/// A node in the background; killed when the trial fails before it is stopped.
struct Daemon {
    pid: u32,
}

impl Daemon {
    /// From `It runs in the background as process N; ...`.
    fn of(printed: &str) -> Result<Self> {
        let after = printed.split("process ").nth(1);
        let digits = after.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        let pid = digits.with_context(|| format!("no process id in\n{printed}"))?.parse()?;
        Ok(Self { pid })
    }

    fn is_running(&self) -> bool {
        // A zombie that nobody collects has ended.
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        status.is_ok_and(|status| !status.contains("\nState:\tZ"))
    }

    fn wait_for_end(self) -> Result<()> {
        let deadline = std::time::Instant::now() + TIME_MAX;
        while self.is_running() {
            if std::time::Instant::now() > deadline {
                bail!("the node did not end within {TIME_MAX:?} of being asked to");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.is_running() {
            // Only the node that this trial started; its end is not awaited.
            let _ = command("kill").args(["-9", &self.pid.to_string()]).status();
        }
    }
}
