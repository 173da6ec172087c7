//! A byte that changed on the disk while the node was stopped: no consumer gets the batch, each gets
//! all others, and whoever runs the node is told where it lies.

use std::path::PathBuf;

use model::ErrorCode;

use crate::monitoring::{ANYWHERE, door, get, value};
use crate::rig::Rig;
use crate::wire::{FETCH, Wire, fetch_request, values_of};

const BATCHES: i64 = 30;

/// The values that a fetch at an offset brings, or its error.
fn fetched(wire: &mut Wire, topic: &str, offset: i64) -> Result<Vec<(i64, String)>, i16> {
    let data = wire.fetch(topic, 0, offset);
    if data.error_code != 0 {
        return Err(data.error_code);
    }
    let values = values_of(&data.records).into_iter();
    Ok(values.map(|(at, value)| (at, String::from_utf8(value.to_vec()).unwrap())).collect())
}

fn expected(range: std::ops::Range<i64>) -> Vec<(i64, String)> {
    range.map(|number| (number, format!("value number {number}"))).collect()
}

/// The segment that holds a text, and where.
fn find(rig: &Rig, partition: &str, text: &str) -> (PathBuf, usize) {
    let files = std::fs::read_dir(rig.path("data").join(partition)).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .find_map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            let at = bytes.windows(text.len()).position(|window| window == text.as_bytes())?;
            Some((path, at))
        })
        .unwrap()
}

#[test]
fn a_damaged_batch_is_refused_and_named_and_everything_around_it_is_read() {
    let rig = Rig::new();
    let node = rig.start("");
    let mut wire = node.connect();
    wire.with_topic("t", 1, &[("segment.bytes", "1000")]);
    wire.with_topic("other", 1, &[]);
    for number in 0..BATCHES {
        let text = format!("value number {number}");
        assert_eq!(wire.produced("t", 0, &[text.as_bytes()]), number);
        wire.produced("other", 0, &[text.as_bytes()]);
    }
    drop(wire);
    assert!(node.stop().success());

    let (segment, at) = find(&rig, "t-0", "value number 4");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[at] ^= 0x20;
    std::fs::write(&segment, &bytes).unwrap();

    let mut node = rig.start(ANYWHERE);
    let mut wire = node.connect();
    let corrupt = Err(ErrorCode::CorruptMessage.code());
    for _ in 0..3 {
        assert_eq!(fetched(&mut wire, "t", 0), Ok(expected(0..4)));
        assert_eq!(fetched(&mut wire, "t", 4), corrupt);
        let behind = fetched(&mut wire, "t", 5).unwrap();
        assert_eq!(behind, expected(5..5 + behind.len() as i64));
    }
    let values = wire.values("t", 0, 5);
    assert_eq!(values.len() as i64, BATCHES - 5);
    // The other partitions of a request have their answers.
    let both = wire.call(FETCH, &fetch_request(&[("t", 0, 4), ("other", 0, 0)]));
    let codes: Vec<_> = both.responses.iter().map(|it| it.partitions[0].error_code).collect();
    assert_eq!(codes, [ErrorCode::CorruptMessage.code(), 0]);
    assert_eq!(values_of(&both.responses[1].partitions[0].records).len() as i64, BATCHES);
    // What is written from here on is read as ever.
    assert_eq!(wire.produced("t", 0, &[b"value number 30"]), BATCHES);
    assert_eq!(fetched(&mut wire, "t", BATCHES), Ok(expected(BATCHES..BATCHES + 1)));

    let told = node.wait_for("a batch is damaged");
    for part in ["ERROR", "t-0", segment.to_str().unwrap(), "offset=4", "klamm dump-log"] {
        assert!(told.contains(part), "{told}");
    }
    let (_, page) = get(door(&node), "/metrics");
    assert_eq!(value(&page, "klamm_damaged_batches"), Some(1.0));
    assert!(node.output().matches("a batch is damaged").count() <= 1, "{}", node.output());
    assert!(node.stop().success());

    let arguments = ["dump-log", "--files", segment.to_str().unwrap(), "--skip-damage"];
    let ended = rig.run(rig.klamm(arguments));
    assert!(!ended.status.success() && ended.output.contains("damage"), "{}", ended.output);
}
