//! `klamm dump-log` on the files of a partition with anything in them, by every decoder.
//!
//! It ends, tells the same twice, and calls no segment whole that a reader of records cannot read.

#![no_main]

use std::io::{self, Write};
use std::path::Path;

use klamm_fuzz::{disk_with, mend_messages, mend_snapshot, read_folder};
use libfuzzer_sys::fuzz_target;
use records::Batches;
use tools::offline::dump_log;

const FOLDER: &str = "/data/t-0";

/// The bit of the choice, and the words that it adds.
const WORDS: [(u8, &str); 5] = [
    (2, "--skip-damage"),
    (4, "--verify-index-only"),
    (8, "--deep-iteration"),
    (16, "--skip-record-metadata"),
    (128, "--index-sanity-check"),
];
const DECODERS: [&str; 4] = [
    "--print-data-log",
    "--offsets-decoder",
    "--transaction-log-decoder",
    "--cluster-metadata-decoder",
];

/// Counts and sums what is written to it.
#[derive(Default, Debug, PartialEq, Eq)]
struct Sum {
    bytes: u64,
    sum: u64,
}

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len() as u64;
        for byte in bytes {
            self.sum = self.sum.wrapping_mul(31).wrapping_add(u64::from(*byte));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut files = read_folder(data);
    if choice & 1 == 0 {
        for (name, contents) in &mut files {
            if name.ends_with(".snapshot") {
                mend_snapshot(contents);
            } else {
                mend_messages(contents);
            }
        }
    }
    let disk = disk_with(Path::new(FOLDER), &files);
    let mut words: Vec<&str> =
        WORDS.iter().filter(|(bit, _)| choice & bit != 0).map(|(_, word)| *word).collect();
    words.push(DECODERS[usize::from(choice >> 5 & 3)]);
    for (name, contents) in &files {
        let path = format!("{FOLDER}/{name}");
        if name.contains(',') {
            continue;
        }
        let dump = || {
            let mut out = Sum::default();
            let words = [&words[..], &["--files", &path]].concat();
            let told = dump_log(&words, &disk, &mut out);
            (told, out)
        };
        let (told, out) = dump();
        assert_eq!(dump(), (told.clone(), out), "it tells the same twice");
        if told.is_ok() && name.ends_with(".log") {
            for batch in Batches::new(contents) {
                let Ok((_, bytes)) = batch else { panic!("{name} is called whole: {batch:?}") };
                records::verify_crc(bytes).expect("what is called whole has its checksum");
            }
        }
    }
});
