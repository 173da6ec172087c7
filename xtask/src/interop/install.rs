//! Clients from their registries, each in a folder of its own under `target/interop`.
//!
//! Invariant: a folder carries the mark of the exact request that filled it, written last; another
//! request, or an installation cut short, fills it anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{command, output, root, run_quietly};

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
        let mut pip = command(environment.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        run_quietly(pip.arg(&requirements))
    })
}

/// kafkajs for node.
pub(crate) fn kafkajs() -> Result<Installed> {
    needs("node", &["--version"])?;
    needs("npm", &["--version"])?;
    let package = std::fs::read_to_string(root().join("tests/interop/node/package.json"))?;
    installed("kafkajs", &package, |folder| {
        std::fs::write(folder.join("package.json"), &package)?;
        let words = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
        run_quietly(command("npm").args(words).current_dir(folder))
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
    let sources = root().join("tests/interop/java");
    let pom = sources.join(format!("{name}.xml"));
    let programs: Vec<PathBuf> =
        java_sources(name).iter().map(|program| sources.join(program)).collect();
    let mut wanted = std::fs::read_to_string(&pom)?;
    for program in &programs {
        wanted += &std::fs::read_to_string(program)?;
    }
    installed(&format!("java-{name}"), &wanted, |folder| {
        let mut maven = command("mvn");
        maven.args(["--quiet", "--batch-mode", "dependency:copy-dependencies"]);
        maven
            .arg("-DincludeScope=runtime")
            .arg(format!("-DoutputDirectory={}", path(folder, "jars")));
        run_quietly(maven.arg("--file").arg(&pom))?;
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
        let download = |folder: &Path| {
            let mut apt = command("apt-get");
            run_quietly(apt.arg("download").args(packages).current_dir(folder))
        };
        if download(folder).is_err() {
            // A fresh machine has no lists of packages yet; only root can fetch them.
            run_quietly(command("apt-get").args(["update", "--quiet"]))?;
            download(folder)?;
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
        let mut go = command("go");
        go.args(["build", "-mod=readonly", "-o"]).arg(folder.join("ferretdb")).arg(".");
        run_quietly(go.current_dir(&sources))
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
    fill(&folder)
        .with_context(|| format!("{name} cannot be installed here (is there a network?)"))?;
    std::fs::write(mark, wanted)?;
    Ok(Installed { folder })
}

fn needs(program: &str, probe: &[&str]) -> Result<()> {
    if output(command(program).args(probe)).is_err() {
        bail!("this machine has no usable {program}");
    }
    Ok(())
}
