//! Golden files: one recorded frame of each kind that the clients of a suite sent and were sent, for the test of
//! the protocol crate that reads them and writes them again.

use anyhow::Result;
use testkit::{Direction, RecordedFrame};

use crate::command::root;

/// Replaces the golden file of a suite; one that starts nodes of its own has nothing to say.
pub(super) fn write(suite: &str, frames: &[RecordedFrame]) -> Result<()> {
    if frames.is_empty() {
        return Ok(());
    }
    let mut text = format!(
        "# Frames between the clients of the suite {suite} and a node: direction, key, version, bytes.\n"
    );
    for frame in frames {
        let direction = match frame.direction {
            Direction::Request => "request",
            Direction::Response => "response",
        };
        let bytes: String = frame.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        text += &format!("{direction} {} {} {bytes}\n", frame.key, frame.version);
    }
    let folder = root().join("crates/protocol/tests/golden");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{suite}.txt")), text)?;
    Ok(())
}
