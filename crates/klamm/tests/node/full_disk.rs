//! A disk that is full: producers are told, what was acknowledged stays, and the node goes on by
//! itself when there is space again.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::rig::{Mounted, PATIENCE, Rig, Running};
use crate::wire::{Wire, batch};

const KAFKA_STORAGE_ERROR: i16 = 56;
/// A record, and a small one that fits where that one does not.
const RECORD: usize = 50_000;

/// Takes up space, all of it or some.
fn take(path: &Path, bytes: usize) {
    let mut file = std::fs::File::create(path).unwrap();
    let _ = file.write_all(&vec![1; bytes]);
}

fn value(number: usize) -> Vec<u8> {
    let mut value = vec![b'.'; RECORD];
    value[..8].copy_from_slice(&(number as u64).to_be_bytes());
    value
}

/// Produces until the node refuses; returns how many records were acknowledged and why it ended.
fn fill(client: &mut Wire, from: usize) -> (usize, String) {
    for number in from.. {
        let response = client.produce("t", 0, batch(&[&value(number)]));
        if response.error_code != 0 {
            assert_eq!(response.error_code, KAFKA_STORAGE_ERROR, "{:?}", response.error_message);
            return (number, response.error_message.unwrap().to_string());
        }
        assert_eq!(response.base_offset.get(), number as i64);
    }
    unreachable!("the disk is never full");
}

fn assert_all(client: &mut Wire, count: usize) {
    let values = client.values("t", 0, 0);
    assert_eq!(values.len(), count);
    for (number, found) in values.iter().enumerate() {
        assert_eq!(found[..8], (number as u64).to_be_bytes());
    }
}

fn started(test: &str, rig: &Rig) -> Option<(Mounted, Running)> {
    let mounted = Mounted::memory(test, &rig.path("data"), "size=6m")?;
    let node = rig.start("");
    node.connect().with_topic("t", 1, &[("segment.bytes", "1000000")]);
    Some((mounted, node))
}

#[test]
fn producers_are_told_nothing_acknowledged_is_lost_and_the_node_goes_on_when_there_is_space() {
    let rig = Rig::new();
    let Some((mounted, node)) = started("producing to a full disk", &rig) else { return };
    take(&rig.path("data/filler"), 2_000_000);
    let mut client = node.connect();
    let (count, message) = fill(&mut client, 0);
    assert!(count > 10, "{count}");
    assert!(message.contains("no space left"), "{message}");
    assert_all(&mut client, count);
    // Still full, and still serving readers.
    assert_eq!(fill(&mut client, count).0, count);
    assert_all(&mut client, count);
    std::fs::remove_file(rig.path("data/filler")).unwrap();
    let (more, _) = fill(&mut client, count);
    assert!(more > count + 10, "{more} after {count}: it did not go on");
    assert_all(&mut client, more);
    mounted.again("size=8m");
    let (most, _) = fill(&mut client, more);
    assert!(most > more + 10);
    // Killed while it is full, started with space.
    node.kill();
    mounted.again("size=12m");
    let node = rig.start_file("server.properties");
    let mut client = node.connect();
    assert_all(&mut client, most);
    assert_eq!(client.produced("t", 0, &[&value(most)]), most as i64);
    assert!(!node.output().contains("panicked"), "{}", node.output());
}

#[test]
fn a_topic_that_is_asked_for_on_a_full_disk_is_refused_or_made_once_there_is_space() {
    let rig = Rig::new();
    let Some((_mounted, node)) = started("creating a topic on a full disk", &rig) else { return };
    let mut client = node.connect();
    take(&rig.path("data/filler"), 10_000_000);
    take(&rig.path("data/rest"), 100_000);
    // Sent while the disk is full; it may be answered only later.
    let mut asking = node.connect();
    let (done, answered) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || done.send(asking.create_topic("late", 1, &[]).error_code));
        // Readers are served meanwhile.
        assert_eq!(client.values("t", 0, 0).len(), 0);
        std::fs::remove_file(rig.path("data/filler")).unwrap();
        let code = answered.recv().unwrap();
        if code != 0 {
            client.with_topic("late", 1, &[]);
        }
    });
    // The topic may be known before its folder could be made; that is made up for.
    let made = |client: &mut Wire| {
        let response = client.produce("late", 0, batch(&[b"there"]));
        assert!([0, KAFKA_STORAGE_ERROR].contains(&response.error_code), "{response:?}");
        response.error_code == 0
    };
    let started = Instant::now();
    while !made(&mut client) {
        assert!(started.elapsed() < PATIENCE, "the partition was not made up for");
    }
    assert_eq!(client.values("late", 0, 0), ["there"]);
}

#[test]
fn a_node_that_is_stopped_while_its_disk_is_full_loses_nothing() {
    let rig = Rig::new();
    let Some((mounted, node)) = started("stopping on a full disk", &rig) else { return };
    let (count, _) = fill(&mut node.connect(), 0);
    take(&rig.path("data/filler"), 10_000_000);
    node.stop();
    std::fs::remove_file(rig.path("data/filler")).unwrap();
    mounted.again("size=10m");
    let node = rig.start_file("server.properties");
    assert_all(&mut node.connect(), count);
}

#[test]
fn a_node_whose_own_output_goes_to_the_full_disk_serves_on() {
    let rig = Rig::new();
    let Some(mounted) = Mounted::memory("output on a full disk", &rig.path("data"), "size=6m")
    else {
        return;
    };
    let logs = rig.path("data/logs");
    let data = rig.path("data/kafka").display().to_string();
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={data}\n"),
    );
    let mut command = rig.klamm(["server-start", "-daemon", "server.properties"]);
    command.env("LOG_DIR", &logs);
    let ended = rig.run(command);
    assert!(ended.status.success(), "{}", ended.output);
    let daemon = crate::stopping::daemon_id(&ended.output);
    let address = crate::listeners::sockets_of(daemon.0)[0].parse().unwrap();
    let mut client = Wire::to(address);
    client.with_topic("t", 1, &[("segment.bytes", "1000000")]);
    let (mut count, _) = fill(&mut client, 0);
    take(&rig.path("data/filler"), 10_000_000);
    // Every refusal is told in its log, on the same full disk.
    for _ in 0..100 {
        count = fill(&mut client, count).0;
    }
    assert_all(&mut client, count);
    std::fs::remove_file(rig.path("data/filler")).unwrap();
    mounted.again("size=10m");
    assert!(fill(&mut client, count).0 > count);
}
