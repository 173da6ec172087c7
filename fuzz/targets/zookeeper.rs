//! The stopped data of a ZooKeeper with anything in it, beside a Kafka of its era: it is taken over
//! as an image that holds together, or refused, and reading it changes nothing.

#![no_main]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_fuzz::{disk_with, files_of, mend_jute, read_folder};
use libfuzzer_sys::fuzz_target;
use metadata::{MetadataDelta, MetadataImage};
use model::{BrokerId, Uuid};
use storage::fs::FileSystem;
use storage::{LogDirectory, MetaProperties, MetaVersion};

const ZOOKEEPER: &str = "/zk";
const DATA: &str = "/data";
const THIS: BrokerId = BrokerId::new(1);

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut files = read_folder(data);
    if choice & 1 == 0 {
        files.iter_mut().for_each(|(_, contents)| mend_jute(contents));
    }
    let disk = disk_with(Path::new(ZOOKEEPER), &files);
    disk.create_directories(&Path::new(DATA).join("t-0")).expect("a folder on a disk in memory");
    let directory = LogDirectory::open(Arc::new(disk.clone()), PathBuf::from(DATA));
    let directory = directory.expect("an empty folder");
    let properties = MetaProperties {
        version: MetaVersion::ZooKeeper,
        cluster_id: (choice & 2 == 0).then(|| "c".to_owned()),
        node_id: Some(THIS),
        directory_id: None,
        other: Default::default(),
    };
    let before = files_of(&disk, Path::new(ZOOKEEPER));
    let folders = [PathBuf::from(ZOOKEEPER)];
    let read = adoption::read_with_zookeeper(&[(&directory, Some(&properties))], THIS, &folders);
    assert_eq!(files_of(&disk, Path::new(ZOOKEEPER)), before, "reading has changed something");
    match read {
        Ok(Some(adoption)) => {
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
        Ok(None) => {}
        Err(error) => assert!(!error.to_string().is_empty(), "a refusal has its reasons"),
    }
});
