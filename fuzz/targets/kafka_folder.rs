//! The data folder of another Kafka with anything in it: it is taken over as an image that holds
//! together, or refused, and reading it changes nothing.

#![no_main]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_fuzz::{disk_with, files_of, mend_batches, read_folder};
use libfuzzer_sys::fuzz_target;
use metadata::{MetadataDelta, MetadataImage};
use model::{BrokerId, Uuid};
use storage::{LogDirectory, MetaProperties, MetaVersion};

const DATA: &str = "/data";
const THIS: BrokerId = BrokerId::new(1);

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut files = read_folder(data);
    if choice & 1 == 0 {
        files.iter_mut().for_each(|(_, contents)| mend_batches(contents));
    }
    let disk = disk_with(Path::new(DATA), &files);
    let opened = LogDirectory::open(Arc::new(disk.clone()), PathBuf::from(DATA));
    let Ok(directory) = opened else { return };
    let properties = MetaProperties {
        version: if choice & 2 == 0 { MetaVersion::KRaft } else { MetaVersion::ZooKeeper },
        cluster_id: Some("c".to_owned()),
        node_id: Some(THIS),
        directory_id: None,
        other: Default::default(),
    };
    let before = files_of(&disk, Path::new(DATA));
    let read = adoption::read(&[(&directory, Some(&properties))], THIS);
    assert_eq!(files_of(&disk, Path::new(DATA)), before, "reading has changed something");
    if let Ok(Some(adoption)) = read {
        let mut next = 0u8;
        let records = adoption.records(&[Uuid::from_bytes([9; 16])], || {
            next = next.wrapping_add(1);
            Uuid::from_random([next; 16])
        });
        let mut image = MetadataImage::default();
        let applied = image.replay_all(&records, &mut MetadataDelta::default());
        applied.expect("what was understood can be taken over");
        metadata::invariants::check(&image).expect("the image holds together");
        let _ = adoption.report();
    }
});
