//! Folders that an interrupted cleaner of Kafka left.

use super::*;

const FILES: [&str; 3] = [".log", ".index", ".timeindex"];

/// A compacted log of segments 0, 10, 20 and the empty 30, closed.
fn written() -> Bench {
    let bench = Bench::new(LogConfig { compact: true, ..LogConfig::default() });
    let mut log = bench.open_new();
    for segment in 0..3 {
        append_values(&mut log, segment * 10..segment * 10 + 10);
        log.roll(START).unwrap();
    }
    log.close().unwrap();
    bench
}

fn path(base: i64, ending: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(format!("{base:020}{ending}"))
}

fn rename(bench: &Bench, base: i64, from: &str, to: &str) {
    for file in FILES {
        let (from, to) = (path(base, &format!("{file}{from}")), path(base, &format!("{file}{to}")));
        bench.disk.rename(&from, &to).unwrap();
    }
}

#[test]
fn swapped_segment_replaces_those_in_its_range() {
    let bench = written();
    // The cleaner has merged 0 and 10 into a new 0, and removed the old 0 only.
    let other = Bench::new((*bench.config).clone());
    let mut log = other.open_new();
    append_values(&mut log, 0..20);
    log.close().unwrap();
    for file in FILES {
        let bytes = crate::fs::read_file(&other.disk, &path(0, file)).unwrap().unwrap();
        bench.disk.remove_file(&path(0, file)).unwrap();
        crate::fs::replace_file(&bench.disk, &path(0, &format!("{file}.swap")), &bytes).unwrap();
    }
    bench.disk.kill();
    let log = bench.open(Offset::ZERO, false).unwrap().0;
    let bases: Vec<i64> = log.segments.iter().map(|segment| segment.base_offset().get()).collect();
    assert_eq!(bases, [0, 20, 30]);
    assert_eq!(read_all(&log, Offset::ZERO, 500), values(0..30));
}

#[test]
fn unfinished_cleaning_is_dropped() {
    let bench = written();
    let bytes = crate::fs::read_file(&bench.disk, &path(0, ".log")).unwrap().unwrap();
    crate::fs::replace_file(&bench.disk, &path(0, ".log.cleaned"), &bytes[..50]).unwrap();
    crate::fs::replace_file(&bench.disk, &path(20, ".log.swap"), &bytes[..50]).unwrap();
    bench.disk.kill();
    let log = bench.open(Offset::ZERO, false).unwrap().0;
    assert_eq!(read_all(&log, Offset::ZERO, 500), values(0..30));
    assert!(!bench.disk.exists(&path(0, ".log.cleaned")).unwrap());
    assert!(!bench.disk.exists(&path(20, ".log.swap")).unwrap());
}

#[test]
fn segment_whose_swap_was_all_but_done_is_there() {
    let bench = written();
    rename(&bench, 10, "", ".swap");
    bench.disk.kill();
    let log = bench.open(Offset::new(30), true).unwrap().0;
    assert_eq!(read_all(&log, Offset::ZERO, 500), values(0..30));
}
