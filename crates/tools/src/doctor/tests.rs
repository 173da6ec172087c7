//! Every finding of `klamm doctor`, provoked once by facts that mean it; and that a healthy machine has
//! none.

use std::path::PathBuf;

use config::Durability;
use model::{PartitionIndex, TopicPartition};

use super::facts::{
    Clock, Door, FileSystem, Folder, Kind, Limits, Port, Retention, Running, Unwritable,
};
use super::*;

const GIB: u64 = 1 << 30;
/// 2026-11-21.
const NOW: i64 = 1_795_000_000_000;

fn folder(path: &str, device: u64) -> Folder {
    let disk = FileSystem { device, kind: None, free: 80 * GIB, total: 100 * GIB };
    Folder {
        path: PathBuf::from(path),
        unwritable: None,
        file_system: Some(disk),
        partitions: 10,
        newest_ms: Some(NOW - 5_000),
    }
}

/// A node that runs well.
fn healthy() -> Facts {
    let door = Door {
        name: "PLAINTEXT".into(),
        host: None,
        port: 9092,
        state: Port::Node,
        advertised: Some("kafka.lan".into()),
        is_resolved: true,
    };
    Facts {
        file: Some("server.properties".into()),
        listeners: vec![door],
        folders: vec![folder("/var/lib/klamm", 1)],
        retention: Some(Retention { bytes: None, ms: Some(604_800_000) }),
        limits: Limits { open_files: Some(1 << 20), memory: Some(GIB), request_memory: None },
        clock: Clock { now_ms: NOW, jumped_ms: 2 },
        servers: "localhost:9092".into(),
        node: Some(Running { brokers: 1, ..Running::default() }),
        durability: Some(Durability::AnyFailure),
        ..Facts::default()
    }
}

fn disk(facts: &mut Facts) -> &mut FileSystem {
    facts.folders[0].file_system.as_mut().unwrap()
}

fn node(facts: &mut Facts) -> &mut Running {
    facts.node.as_mut().unwrap()
}

fn partition() -> TopicPartition {
    TopicPartition::new("orders", PartitionIndex::new(3))
}

type Change = fn(&mut Facts);

const PROVOKED: &[(&str, Change)] = &[
    ("configuration-mistake", |facts| facts.mistakes.push("server.properties:3: bad".into())),
    ("configuration-warning", |facts| facts.warnings.push("server.properties:3: odd".into())),
    ("port-taken", |facts| facts.listeners[0].state = Port::Taken),
    ("address-not-here", |facts| {
        facts.listeners[0].state = Port::NotOurs("no such address".into())
    }),
    ("port-denied", |facts| facts.listeners[0].state = Port::Denied("denied".into())),
    ("advertised-loopback", |facts| facts.listeners[0].advertised = Some("localhost".into())),
    ("advertised-unknown", |facts| facts.listeners[0].is_resolved = false),
    ("container-address", |facts| {
        facts.listeners[0].advertised = None;
        facts.in_container = true;
    }),
    ("folder-not-writable", |facts| facts.folders[0].unwritable = Some(Unwritable::ReadOnly)),
    ("folder-temporary", |facts| facts.folders[0].path = PathBuf::from("/tmp/kafka-logs")),
    ("folder-in-memory", |facts| disk(facts).kind = Some(Kind::Memory)),
    ("folder-on-network", |facts| disk(facts).kind = Some(Kind::Network)),
    ("disk-full", |facts| disk(facts).free = GIB / 2),
    ("retention-exceeds-disk", |facts| {
        facts.retention = Some(Retention { bytes: Some(11 * GIB as i64), ms: None });
    }),
    ("retention-without-end", |facts| facts.retention = Some(Retention::default())),
    ("folders-on-one-disk", |facts| facts.folders.push(folder("/var/lib/klamm-2", 1))),
    ("few-open-files", |facts| facts.limits.open_files = Some(1024)),
    ("little-memory", |facts| facts.limits.request_memory = Some(GIB)),
    ("clock-unset", |facts| {
        facts.clock.now_ms = 1_000_000;
        facts.folders[0].newest_ms = None;
    }),
    ("clock-behind", |facts| facts.folders[0].newest_ms = Some(NOW + 3_600_000)),
    ("clock-jumps", |facts| facts.clock.jumped_ms = -3_600_000),
    ("no-node", |facts| {
        facts.expects_node = true;
        facts.node = None;
        facts.no_node = Some("nothing listens on localhost:9092".into());
    }),
    ("advertised-unreachable", |facts| node(facts).unreachable.push("Node 1 is far.".into())),
    ("offline-partitions", |facts| node(facts).offline.push(partition())),
    ("unserved-partitions", |facts| node(facts).unserved.push(partition())),
    ("under-min-isr", |facts| node(facts).under_min_isr.push(partition())),
    ("under-replicated", |facts| node(facts).under_replicated.push(partition())),
    ("folder-failed", |facts| node(facts).failed_folders.push("/disk2 of node 1".into())),
    ("acknowledged-in-memory", |facts| facts.durability = Some(Durability::PageCache)),
    ("one-power-supply", |facts| node(facts).brokers = 3),
];

#[test]
fn nothing_is_wrong_with_what_is_healthy() {
    let found = judge::judge(&healthy());
    assert!(found.is_empty(), "{found:?}");
    assert!(text(&healthy(), &found).ends_with("Nothing is wrong.\n"));
}

#[test]
fn every_finding_is_provoked_by_what_it_is_about() {
    for (id, change) in PROVOKED {
        let mut facts = healthy();
        change(&mut facts);
        let found: Vec<&str> = judge::judge(&facts).iter().map(|found| found.kind.id).collect();
        assert_eq!(found, [*id]);
    }
    let mut ids: Vec<&str> = judge::ALL.iter().map(|kind| kind.id).collect();
    let mut provoked: Vec<&str> = PROVOKED.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    provoked.sort_unstable();
    assert_eq!(ids, provoked);
}

#[test]
fn all_but_what_says_it_itself_comes_with_what_mends_it() {
    for (id, change) in PROVOKED {
        let mut facts = healthy();
        change(&mut facts);
        let found = judge::judge(&facts);
        found.iter().for_each(finding::tests::assert_can_be_done);
        // A warning of the configuration says what to write.
        assert!(*id == "configuration-warning" || !found[0].mend.is_empty(), "{id}");
        assert!(found[0].what.ends_with(['.', 'd']), "{}", found[0].what);
    }
}
