//! The folder of the metadata log with anything in it: the quorum starts, or says why not.

#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use klamm_fuzz::{disk_with, mend_frames, read_folder};
use libfuzzer_sys::fuzz_target;
use model::{BrokerId, Uuid};
use quorum::{Identity, Options, Quorum};

const FOLDER: &str = "/data/klamm-metadata";

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut files = read_folder(data);
    if choice & 1 == 0 {
        files.iter_mut().for_each(|(_, contents)| mend_frames(contents));
    }
    let disk = disk_with(Path::new(FOLDER), &files);
    RUNTIME.block_on(async {
        let identity = Identity {
            node_id: BrokerId::new(1),
            directory_id: Uuid::from_random([7; 16]),
            cluster_id: "klamm-test".into(),
        };
        let options = Options { file_system: Arc::new(disk), ..Options::default() };
        if let Ok(quorum) = Quorum::start(Path::new(FOLDER), identity, options).await {
            quorum.shutdown().await;
        }
    });
});
