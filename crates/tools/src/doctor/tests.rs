//! Every finding of `klamm doctor`, provoked once by facts that mean it; and that a healthy machine has
//! none.

use std::path::PathBuf;

use config::{Durability, Listener, SecurityProtocol};
use model::{ErrorCode, PartitionIndex, TopicPartition};

use super::facts::{
    Clock, Door, FileSystem, Folder, Kind, Limits, Port, Retention, Running, TopicSize, Unwritable,
};
use super::*;

const GIB: u64 = 1 << 30;
/// 2026-11-21.
const NOW: i64 = 1_795_000_000_000;

fn folder(path: &str, device: u64) -> Folder {
    let disk = FileSystem { device, kind: None, free: 80 * GIB, total: 100 * GIB };
    Folder {
        path: PathBuf::from(path),
        existing: PathBuf::from(path),
        owner: None,
        holds_partitions: true,
        unwritable: None,
        file_system: Some(disk),
        partitions: 10,
        newest_ms: Some(NOW - 5_000),
    }
}

fn listener(name: &str, host: Option<&str>, port: u16) -> Listener {
    let protocol = SecurityProtocol::Plaintext;
    Listener { name: name.into(), host: host.map(str::to_owned), port, protocol }
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
        listeners_written: vec![listener("PLAINTEXT", None, 9092)],
        advertised_written: vec![listener("PLAINTEXT", Some("kafka.lan"), 9092)],
        folders: vec![folder("/var/lib/klamm", 1)],
        retention: Some(Retention {
            bytes: None,
            ms: Some(604_800_000),
            ms_key: "log.retention.hours",
        }),
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
    ("port-taken", |facts| facts.listeners[0].state = Port::Taken { starting: None }),
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
        facts.retention = Some(Retention { bytes: Some(11 * GIB as i64), ..Retention::default() });
    }),
    ("retention-without-end", |facts| {
        facts.retention.as_mut().unwrap().ms = None;
    }),
    ("folders-on-one-disk", |facts| facts.folders.push(folder("/var/lib/klamm-2", 1))),
    ("few-open-files", |facts| {
        facts.limits.open_files = Some(1024);
        facts.listeners[0].state = Port::Free;
    }),
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
    ("node-tells-half", |facts| node(facts).untold.push("its folders: no answer".into())),
    ("unserved-partitions", |facts| {
        node(facts).unserved.push((partition(), ErrorCode::KafkaStorageError))
    }),
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
fn each_finding_comes_with_what_mends_it() {
    for (id, change) in PROVOKED {
        let mut facts = healthy();
        change(&mut facts);
        let found = judge::judge(&facts);
        found.iter().for_each(finding::tests::assert_can_be_done);
        assert!(!found[0].mend.is_empty(), "{id}");
        assert!(found[0].what.ends_with(['.', 'd']), "{}", found[0].what);
    }
}

/// The findings of a node that is healthy but for a change, as text.
fn told(change: impl FnOnce(&mut Facts)) -> String {
    let mut facts = healthy();
    change(&mut facts);
    let found = judge::judge(&facts);
    found.iter().for_each(finding::tests::assert_can_be_done);
    finding::text(&found)
}

#[test]
fn one_listener_is_changed_and_the_others_stay() {
    let two = |facts: &mut Facts, host: Option<&str>| {
        facts.listeners[0].host = host.map(str::to_owned);
        facts.listeners_written =
            vec![listener("PLAINTEXT", host, 9092), listener("LAN", Some("10.0.0.7"), 9094)];
    };
    let taken = told(|facts| {
        two(facts, Some("127.0.0.1"));
        facts.listeners[0].state = Port::Taken { starting: None };
    });
    assert!(taken.contains("listeners=PLAINTEXT://127.0.0.1:PORT,LAN://10.0.0.7:9094 "), "{taken}");
    let loopback = told(|facts| {
        two(facts, None);
        facts.listeners[0].advertised = Some("localhost".into());
        facts.advertised_written.push(listener("LAN", Some("kafka.lan"), 19094));
    });
    for wanted in [
        "listeners=PLAINTEXT://localhost:9092,LAN://10.0.0.7:9094 ",
        "advertised.listeners=PLAINTEXT://NAME-OF-THE-MACHINE:9092,LAN://kafka.lan:19094\n",
    ] {
        assert!(loopback.contains(wanted), "{wanted}\n{loopback}");
    }
}

#[test]
fn a_node_that_starts_keeps_its_port() {
    let told = told(|facts| {
        let starting = Some("http://localhost:9021/ready says: starting".to_owned());
        facts.listeners[0].state = Port::Taken { starting };
    });
    assert!(told.contains("says: starting") && !told.contains("listeners="), "{told}");
}

#[test]
fn what_only_we_may_not_do_is_no_fault_of_a_node_that_runs() {
    let denied = |facts: &mut Facts, state| {
        facts.folders[0].unwritable = Some(Unwritable::Denied("denied".into()));
        facts.folders[0].owner = Some("klamm".into());
        facts.limits.open_files = Some(1024);
        facts.listeners[0].state = state;
    };
    assert_eq!(told(|facts| denied(facts, Port::Node)), "");
    assert_eq!(
        told(|facts| denied(facts, Port::Taken { starting: Some("starting".into()) }))
            .matches(". ")
            .count(),
        2
    );
    let stopped = told(|facts| denied(facts, Port::Free));
    assert!(stopped.contains("sudo -u klamm klamm doctor server.properties"), "{stopped}");
    assert!(!stopped.contains("install"), "{stopped}");
}

#[test]
fn nothing_is_remounted_or_deleted_that_may_be_whole() {
    let read_only = told(|facts| facts.folders[0].unwritable = Some(Unwritable::ReadOnly));
    assert!(!read_only.contains("sudo mount") && read_only.contains("fsck"), "{read_only}");
    let code = ErrorCode::KafkaStorageError;
    let unserved = told(|facts| node(facts).unserved.push((partition(), code)));
    assert!(unserved.contains("orders-3 (KAFKA_STORAGE_ERROR)"), "{unserved}");
    assert!(!unserved.contains("delete"), "{unserved}");
}

#[test]
fn the_retention_that_is_set_is_the_one_to_change() {
    for (key, line) in [
        ("log.retention.ms", "log.retention.ms=604800000 deletes what is older than a week"),
        ("log.retention.minutes", "log.retention.minutes=10080 deletes"),
        ("log.retention.hours", "log.retention.hours=168 deletes"),
    ] {
        let told =
            told(|facts| facts.retention = Some(Retention { bytes: None, ms: None, ms_key: key }));
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn a_node_that_answered_and_then_failed_is_a_finding_of_its_own() {
    let told = told(|facts| {
        facts.node = None;
        facts.no_node = Some("it took longer than 5000 ms".into());
    });
    assert!(told.contains("no-node: ") && !told.contains("server-start"), "{told}");
}

#[test]
fn the_folder_of_the_metadata_log_holds_no_partitions() {
    let beside = |facts: &mut Facts| {
        facts.folders.push(Folder { holds_partitions: false, ..folder("/var/lib/meta", 1) });
    };
    assert_eq!(told(beside), "");
    let read_only = told(|facts| {
        beside(facts);
        facts.folders[1].unwritable = Some(Unwritable::ReadOnly);
    });
    assert!(read_only.contains("in its place in metadata.log.dir"), "{read_only}");
}

#[test]
fn a_full_disk_names_the_largest_topic_and_never_raises_its_bound() {
    let full = |retention_bytes| {
        told(|facts| {
            disk(facts).free = GIB / 2;
            let size = |topic: &str, bytes| TopicSize {
                folder: PathBuf::from("/var/lib/klamm"),
                topic: topic.into(),
                bytes,
                partitions: 4,
                retention_bytes,
            };
            node(facts).topics = vec![size("small", GIB), size("large", 80 * GIB)];
        })
    };
    let unbounded = full(None);
    let command =
        "--entity-name large --add-config retention.bytes=10737418240  # deletes the older half";
    assert!(unbounded.contains(command), "{unbounded}");
    let bounded = full(Some(GIB));
    assert!(!bounded.contains("--add-config"), "{bounded}");
}

#[test]
fn whoever_closes_our_output_is_no_failure() {
    let closed = Failure::Io(std::io::ErrorKind::BrokenPipe.into());
    assert!(super::told(closed).is_broken_pipe());
    let other = super::told(Failure::Io(std::io::ErrorKind::NotFound.into()));
    assert!(matches!(other, Failure::CannotRun(_)));
}
