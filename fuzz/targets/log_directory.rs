//! A folder of `log.dirs` with anything in its own files: identity, checkpoints and marks.

#![no_main]

use std::io::ErrorKind::IsADirectory;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_fuzz::{disk_with, read_folder};
use libfuzzer_sys::fuzz_target;
use storage::{Checkpoint, LogDirectory, MetaProperties, StorageError};

const FOLDER: &str = "/data";

fuzz_target!(|data: &[u8]| {
    let disk = disk_with(Path::new(FOLDER), &read_folder(data));
    let Ok(directory) = LogDirectory::open(Arc::new(disk.clone()), PathBuf::from(FOLDER)) else {
        return;
    };
    if let Ok(Some(found)) = directory.meta_properties() {
        let again = MetaProperties::parse(&found.to_text("now")).expect("what was written reads");
        assert_eq!(again, found);
    }
    for checkpoint in [Checkpoint::RecoveryPoint, Checkpoint::LogStart, Checkpoint::Replication] {
        if let Ok(offsets) = directory.read_checkpoint(checkpoint) {
            match directory.write_checkpoint(checkpoint, &offsets) {
                // A folder stands in the place of the file that is written first.
                Err(StorageError::Io { source, .. }) if source.kind() == IsADirectory => continue,
                written => written.expect("a disk without faults"),
            }
            let again = directory.read_checkpoint(checkpoint).expect("what was written reads");
            assert_eq!(again, offsets);
        }
    }
    let _ = directory.last_stop(Some("boot"));
    let _ = directory.has_served();
    for partition in directory.partitions().unwrap_or_default() {
        let _ = storage::read_topic_id(&disk, &partition.path);
    }
    let _ = directory.deletion_leftovers();
});
