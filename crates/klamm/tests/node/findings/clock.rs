//! A clock that is not set, or jumps: a few lines of C between the process and its system.

use std::path::PathBuf;
use std::process::Command;

use crate::rig::Rig;

/// The time of day moves by `CLOCK_AHEAD` seconds, once the file `CLOCK_ONCE` is there.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, id, time);
    if (id == CLOCK_REALTIME && access(getenv("CLOCK_ONCE"), F_OK) == 0)
        time->tv_sec += atol(getenv("CLOCK_AHEAD"));
    return result;
}
"#;

/// The file whose appearance moves the clock.
pub(super) const ONCE: &str = "once";

/// Lets a command have a clock that is ahead by so many seconds; `None` without a C compiler.
pub(super) fn moved(rig: &Rig, command: &mut Command, ahead: i64) -> Option<()> {
    let library = compiled(rig)?;
    command.env("LD_PRELOAD", library);
    command.env("CLOCK_ONCE", rig.path(ONCE)).env("CLOCK_AHEAD", ahead.to_string());
    Some(())
}

fn compiled(rig: &Rig) -> Option<PathBuf> {
    let source = rig.write("clock.c", SHIM);
    let library = rig.path("clock.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    compiler.output().ok().filter(|compiled| compiled.status.success())?;
    Some(library)
}
