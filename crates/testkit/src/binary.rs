//! Where the binary under test is.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The environment variable that names the binary under test.
const VARIABLE: &str = "KLAMM_BINARY";

/// The binary under test: what `KLAMM_BINARY` names, else the release build of this repository,
/// else its debug build.
pub fn klamm_binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let path = PathBuf::from(named);
        if !path.is_file() {
            bail!("{VARIABLE} names {}, which is not a file", path.display());
        }
        return Ok(path);
    }
    let target = target_folder();
    let built = ["release/klamm", "debug/klamm"].map(|name| target.join(name));
    match built.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!("no binary in {}: build it with `cargo build --release`", target.display()),
    }
}

/// The folder into which cargo builds.
fn target_folder() -> PathBuf {
    if let Some(named) = std::env::var_os("CARGO_TARGET_DIR") {
        return PathBuf::from(named);
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).join("target")
}
