//! Clients from their registries, each in a folder of its own under `target/interop`.
//!
//! Invariant: a folder carries the mark of the exact request that filled it, written last; another
//! request, or an installation cut short, fills it anew. An error is `Missing` only when this machine
//! lacks a program or a way to a registry; a request or a program of ours that is wrong is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{command, output, root, run_quietly};
use crate::report::Missing;

/// An installed client.
pub(crate) struct Installed {
    /// Its folder.
    pub(crate) folder: PathBuf,
}

impl Installed {
    /// The python of its environment.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("environment/bin/python")
    }

    /// Its jars and compiled classes, as a class path.
    pub(crate) fn class_path(&self) -> String {
        let jars = self.folder.join("jars/*");
        format!("{}:{}", self.folder.join("classes").display(), jars.display())
    }

    /// A command of Java with its class path, quiet about what is not wrong.
    pub(crate) fn java(&self, class: &str) -> Command {
        let mut java = command("java");
        java.args(["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp"]);
        java.arg(self.class_path()).arg(class);
        java
    }
}

/// A Python environment with the packages of one requirements file.
pub(crate) fn python(name: &str) -> Result<Installed> {
    needs("python3", &["-c", "import venv, ensurepip"])?;
    let requirements = root().join(format!("tests/interop/python/requirements/{name}.txt"));
    let wanted = std::fs::read_to_string(&requirements)?;
    installed(name, &wanted, |folder| {
        let environment = folder.join("environment");
        run_quietly(command("python3").args(["-m", "venv"]).arg(&environment))?;
        let pip = |words: &[&str]| {
            let mut pip = command(environment.join("bin/python"));
            pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]).args(words);
            pip
        };
        let probe = folder.join("probe");
        fetch(
            "PyPI",
            pip(&["install", "--requirement"]).arg(&requirements),
            pip(&["download", "--no-deps", "pip", "--dest"]).arg(&probe),
        )
    })
}

/// kafkajs for node.
pub(crate) fn kafkajs() -> Result<Installed> {
    needs("node", &["--version"])?;
    needs("npm", &["--version"])?;
    let package = std::fs::read_to_string(root().join("tests/interop/node/package.json"))?;
    installed("kafkajs", &package, |folder| {
        std::fs::write(folder.join("package.json"), &package)?;
        let npm = |words: &[&str]| {
            let mut npm = command("npm");
            npm.arg("--loglevel=error").args(words).current_dir(folder);
            npm
        };
        fetch(
            "npm's registry",
            &mut npm(&["install", "--no-audit", "--no-fund"]),
            &mut npm(&["view", "npm", "version", "--prefer-online", "--fetch-retries=0"]),
        )
    })
}

/// Our programs that compile against the jars of a file, each with a `main` of its own.
fn java_sources(name: &str) -> &'static [&'static str] {
    match name {
        "clients-0.9" | "clients-0.10" => &["RecordClient.java"],
        "clients-1.0" | "clients-2.0" => &["RecordClient.java", "OldAdminScenario.java"],
        "clients-2.8" | "clients-4" => &["RecordClient.java", "ClientScenario.java"],
        "kafka-4" | "kafka-3.9" | "kafka-2.8" => &["ClientScenario.java", "KafkaFolder.java"],
        _ => &[],
    }
}

/// The jars that `tests/interop/java/NAME.xml` asks for, and our programs compiled against them.
pub(crate) fn java(name: &str) -> Result<Installed> {
    needs("java", &["-version"])?;
    needs("javac", &["-version"])?;
    needs("mvn", &["--version"])?;
    needs_java_17(&output(command("javac").arg("-version"))?)?;
    let sources = root().join("tests/interop/java");
    let pom = sources.join(format!("{name}.xml"));
    let programs: Vec<PathBuf> =
        java_sources(name).iter().map(|program| sources.join(program)).collect();
    let mut wanted = std::fs::read_to_string(&pom)?;
    for program in &programs {
        wanted += &std::fs::read_to_string(program)?;
    }
    installed(&format!("java-{name}"), &wanted, |folder| {
        let maven = |words: &[&str], folder: String| {
            let mut maven = command("mvn");
            maven.args(["--quiet", "--batch-mode"]).args(words).arg(folder);
            maven
        };
        let copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "--file"];
        let mut copy = maven(&copy, pom.display().to_string());
        // What an earlier run left in the repository of this machine would answer for Maven Central.
        let probe = ["dependency:get", "-Dartifact=junit:junit:4.13.2", "-Dtransitive=false"];
        fetch(
            "Maven Central",
            copy.arg(format!("-DoutputDirectory={}", path(folder, "jars"))),
            &mut maven(&probe, format!("-Dmaven.repo.local={}", path(folder, "probe"))),
        )?;
        if programs.is_empty() {
            return Ok(());
        }
        let mut javac = command("javac");
        javac.args(["-nowarn", "-cp"]).arg(path(folder, "jars/*"));
        javac.arg("-d").arg(path(folder, "classes"));
        run_quietly(javac.args(&programs))
    })
}

/// kcat with its libraries.
pub(crate) fn kcat() -> Result<Installed> {
    debian("kcat", &["kcat", "librdkafka1", "libyajl2"])
}

/// zsh and fish with what they need to complete words.
pub(crate) fn shells() -> Result<Installed> {
    debian("shells", &["zsh", "zsh-common", "fish", "fish-common", "libpcre2-32-0"])
}

/// Debian's packages, unpacked into the folder `root`.
fn debian(name: &str, packages: &[&str]) -> Result<Installed> {
    needs("apt-get", &["--version"])?;
    needs("dpkg-deb", &["--version"])?;
    installed(name, &packages.join(" "), |folder| {
        let download = |packages: &[&str]| {
            let mut apt = command("apt-get");
            apt.arg("download").args(packages).current_dir(folder);
            apt
        };
        if run_quietly(&mut download(packages)).is_err() {
            // A fresh machine has no lists of packages yet; only root can fetch them.
            let _ = run_quietly(command("apt-get").args(["update", "--quiet"]));
            fetch("Debian's archive", &mut download(packages), &mut download(&["base-files"]))?;
        }
        for entry in std::fs::read_dir(folder)? {
            let package = entry?.path();
            if package.extension().is_some_and(|extension| extension == "deb") {
                run_quietly(command("dpkg-deb").arg("-x").arg(&package).arg(folder.join("root")))?;
            }
        }
        Ok(())
    })
}

/// kafka-python 2.0.1 and pymongo, and a document database built from its Go module.
pub(crate) fn tutorial() -> Result<Installed> {
    needs("go", &["version"])?;
    let sources = root().join("tests/interop/ferretdb");
    let mut wanted = String::new();
    for name in ["go.mod", "main.go"] {
        wanted += &std::fs::read_to_string(sources.join(name))?;
    }
    let database = installed("ferretdb", &wanted, |folder| {
        let go = |words: &[&str], folder: &Path| {
            let mut go = command("go");
            go.args(words).current_dir(folder);
            go
        };
        // The probe runs where no go.mod says more.
        let probe = ["list", "-m", "golang.org/x/text@latest"];
        fetch(
            "the proxy of Go's modules",
            &mut go(&["mod", "download"], &sources),
            &mut go(&probe, folder),
        )?;
        let mut build = go(&["build", "-mod=readonly", "-o"], &sources);
        run_quietly(build.arg(folder.join("ferretdb")).arg("."))
    })?;
    let client = python("tutorial")?;
    std::fs::copy(database.folder.join("ferretdb"), client.folder.join("ferretdb"))?;
    Ok(client)
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// Fills the folder of a client once.
fn installed(
    name: &str,
    wanted: &str,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<Installed> {
    let folder = root().join("target/interop").join(name);
    let mark = folder.join("installed.txt");
    if std::fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(Installed { folder });
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    fill(&folder).with_context(|| format!("{name} cannot be prepared"))?;
    std::fs::write(mark, wanted)?;
    Ok(Installed { folder })
}

/// Fetches what a client is made of. When that fails, the registry is asked for what it surely has,
/// which tells a registry that cannot be reached from a request of ours that is wrong.
fn fetch(registry: &str, request: &mut Command, surely_there: &mut Command) -> Result<()> {
    let Err(error) = run_quietly(request) else { return Ok(()) };
    match run_quietly(surely_there) {
        Ok(()) => Err(error),
        Err(unreached) => {
            Err(Missing(format!("no way from here to {registry}: {unreached:#}")).into())
        }
    }
}

fn needs(program: &str, probe: &[&str]) -> Result<(), Missing> {
    match output(command(program).args(probe)) {
        Ok(_) => Ok(()),
        Err(_) => Err(Missing(format!("this machine has no usable {program}"))),
    }
}

/// Our programs for Java and the newest clients need 17; this takes what `javac -version` says.
fn needs_java_17(told: &str) -> Result<(), Missing> {
    let version = told.trim().rsplit(' ').next().unwrap_or_default();
    let digits = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    match digits.parse::<u32>() {
        Ok(17..) => Ok(()),
        _ => Err(Missing(format!("this machine has no Java 17, but {}", told.trim()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_request_is_ours_to_mend_when_the_registry_gives_what_it_surely_has() {
        assert!(fetch("any", &mut command("true"), &mut command("false")).is_ok());
        let wrong = fetch("any", &mut command("false"), &mut command("true"));
        assert!(wrong.is_err_and(|error| !error.is::<Missing>()));
        let unreached = fetch("any", &mut command("false"), &mut command("false"));
        assert!(unreached.is_err_and(|error| error.is::<Missing>()));
    }

    #[test]
    fn a_program_that_is_not_here_is_missing_by_name() {
        let told = needs("klamm-no-such-program", &[]).map_err(|missing| missing.0);
        assert_eq!(told, Err("this machine has no usable klamm-no-such-program".to_owned()));
    }

    #[test]
    fn java_before_17_is_missing() {
        assert!(needs_java_17("javac 17.0.15\n").is_ok());
        assert!(needs_java_17("javac 21-ea\n").is_ok());
        assert!(needs_java_17("javac 11.0.2\n").is_err());
        assert!(needs_java_17("javac 1.8.0_402\n").is_err());
    }
}
