//! What `klamm doctor` finds, provoked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use testkit::ServerProcess;

use super::{Case, advised, apart, clock, provoke_all};
use crate::rig::{Ended, Mounted, PATIENCE, Rig};

const NOT_HERE: &[(&str, &str)] = &[
    ("folder-on-network", "it takes another machine, or a file server in the kernel"),
    ("under-replicated", "one node gives no topic more than one copy; it takes a cluster"),
    ("one-power-supply", "it is about clusters"),
];

const CASES: &[Case] = &[
    Case { id: "configuration-mistake", how: "`num.partitions=zero`", provoke: mistake },
    Case { id: "configuration-warning", how: "`num.partitons=3`", provoke: warning },
    Case { id: "port-taken", how: "Another program on the port", provoke: port_taken },
    Case { id: "port-taken", how: "A node that is still opening its logs", provoke: node_starts },
    Case {
        id: "address-not-here",
        how: "`listeners` with another machine's address",
        provoke: address_not_here,
    },
    Case { id: "port-denied", how: "Port 80, for a user who may not", provoke: port_denied },
    Case {
        id: "advertised-loopback",
        how: "`advertised.listeners=PLAINTEXT://localhost:9092` for every address",
        provoke: advertised_loopback,
    },
    Case {
        id: "advertised-unknown",
        how: "`advertised.listeners` with a name that nobody knows",
        provoke: advertised_unknown,
    },
    Case {
        id: "container-address",
        how: "In a container, without `advertised.listeners`",
        provoke: container_address,
    },
    Case {
        id: "folder-not-writable",
        how: "`log.dirs` on a read-only file system",
        provoke: folder_not_writable,
    },
    Case { id: "folder-temporary", how: "`log.dirs` below `/tmp`", provoke: folder_temporary },
    Case { id: "folder-in-memory", how: "`log.dirs` on a tmpfs", provoke: folder_in_memory },
    Case { id: "disk-full", how: "A disk of 6 MiB with a file of 6 MiB", provoke: disk_full },
    Case {
        id: "retention-exceeds-disk",
        how: "`log.retention.bytes=1152921504606846976` and one partition",
        provoke: retention_exceeds_disk,
    },
    Case {
        id: "retention-without-end",
        how: "`log.retention.ms=-1`",
        provoke: |rig| Some(with(rig, "log.retention.ms=-1")),
    },
    Case {
        id: "folders-on-one-disk",
        how: "`log.dirs` with two folders of one disk",
        provoke: |rig| {
            let folders = ["one", "two"].map(|name| rig.path(name).display().to_string());
            Some(with(rig, &format!("log.dirs={}", folders.join(","))))
        },
    },
    Case { id: "few-open-files", how: "After `ulimit -n 1024`", provoke: few_open_files },
    Case {
        id: "little-memory",
        how: "`queued.max.request.bytes=1099511627776`",
        provoke: |rig| Some(with(rig, "queued.max.request.bytes=1099511627776")),
    },
    Case { id: "clock-unset", how: "A clock that was never set", provoke: clock_unset },
    Case {
        id: "clock-behind",
        how: "A segment that was written an hour from now",
        provoke: clock_behind,
    },
    Case { id: "clock-jumps", how: "A clock that is set meanwhile", provoke: clock_jumps },
    Case { id: "no-node", how: "A node that was stopped", provoke: no_node },
    Case {
        id: "node-tells-half",
        how: "A node that does not answer what is in its folders",
        provoke: node_tells_half,
    },
    Case {
        id: "advertised-unreachable",
        how: "`advertised.listeners` with a port where nothing listens",
        provoke: |rig| {
            let node = rig.start("advertised.listeners=PLAINTEXT://127.0.0.1:1");
            Some(advised(rig, "doctor", &node))
        },
    },
    Case {
        id: "offline-partitions",
        how: "A topic in the folder that is broken below",
        provoke: folder_failed,
    },
    Case {
        id: "unserved-partitions",
        how: "A partition whose folder is gone",
        provoke: unserved_partitions,
    },
    Case {
        id: "unserved-partitions",
        how: "A segment that is damaged in its middle",
        provoke: damaged_partition,
    },
    Case {
        id: "under-min-isr",
        how: "`min.insync.replicas=2` on one node, which has a topic already",
        provoke: |rig| {
            stopped(rig, "");
            let node = rig.start("min.insync.replicas=2");
            Some(advised(rig, "doctor", &node))
        },
    },
    Case {
        id: "folder-failed",
        how: "A file in the place of a folder of `log.dirs`",
        provoke: folder_failed,
    },
    Case {
        id: "acknowledged-in-memory",
        how: "`klamm.acks.all.durability=page-cache`",
        provoke: |rig| Some(with(rig, "klamm.acks.all.durability=page-cache")),
    },
];

#[test]
fn every_finding_of_doctor_is_provoked_and_what_it_advises_can_be_done() {
    provoke_all("doctor", CASES, NOT_HERE);
}

/// A configuration with this line besides.
fn write(rig: &Rig, line: &str) {
    let mut text = String::new();
    for (key, value) in [
        ("listeners", "PLAINTEXT://127.0.0.1:0".to_owned()),
        ("log.dirs", rig.path("data").display().to_string()),
    ] {
        if !line.starts_with(key) {
            text.push_str(&format!("{key}={value}\n"));
        }
    }
    rig.write("server.properties", &format!("{text}{line}\n"));
}

fn doctor(rig: &Rig) -> Ended {
    let ended = rig.run(rig.klamm(["doctor", "server.properties"]));
    assert_eq!(ended.status.code(), Some(1), "{}", ended.output);
    ended
}

fn with(rig: &Rig, line: &str) -> Ended {
    write(rig, line);
    doctor(rig)
}

fn mistake(rig: &Rig) -> Option<Ended> {
    let ended = with(rig, "num.partitions=zero");
    rig.refused("server.properties");
    Some(ended)
}

fn warning(rig: &Rig) -> Option<Ended> {
    Some(with(rig, "num.partitons=3"))
}

fn port_taken(rig: &Rig) -> Option<Ended> {
    let taken = listener();
    let ended = with(rig, &format!("listeners=PLAINTEXT://{}", taken.local_addr().unwrap()));
    rig.refused("server.properties");
    Some(ended)
}

/// A node with a port that accepts and does not answer, and the page that says why.
fn node_starts(rig: &Rig) -> Option<Ended> {
    let (door, page) = (listener(), listener());
    let pages = page.local_addr().unwrap();
    std::thread::spawn(move || {
        for visitor in page.incoming() {
            let Ok(mut visitor) = visitor else { return };
            let _ = visitor.read(&mut [0; 1024]);
            let says = "starting: the logs are being opened\n";
            let _ = write!(visitor, "HTTP/1.1 503 Service Unavailable\r\n\r\n{says}");
        }
    });
    let listeners = format!("listeners=PLAINTEXT://{}", door.local_addr().unwrap());
    Some(with(rig, &format!("{listeners}\nklamm.http.listeners=http://{pages}")))
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn address_not_here(rig: &Rig) -> Option<Ended> {
    // An address that is for examples only.
    let ended = with(rig, "listeners=PLAINTEXT://192.0.2.1:9092");
    rig.refused("server.properties");
    Some(ended)
}

fn port_denied(rig: &Rig) -> Option<Ended> {
    write(rig, "listeners=PLAINTEXT://:80");
    let mut without = vec!["setpriv"];
    without.extend(["--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]);
    let command = apart(rig, "--net", &without, &["doctor", "server.properties"])?;
    Some(rig.run(command)).filter(|ended| ended.status.code() == Some(1))
}

fn advertised_loopback(rig: &Rig) -> Option<Ended> {
    let line = "listeners=PLAINTEXT://:9092\nadvertised.listeners=PLAINTEXT://localhost:9092";
    Some(with(rig, line))
}

fn advertised_unknown(rig: &Rig) -> Option<Ended> {
    // Names below `invalid` are promised to be nobody's.
    let told = "advertised.listeners=PLAINTEXT://kafka.invalid:9092";
    Some(with(rig, &format!("listeners=PLAINTEXT://:9092\n{told}")))
}

fn container_address(rig: &Rig) -> Option<Ended> {
    write(rig, "listeners=PLAINTEXT://:9092");
    let script = "mount -t tmpfs tmpfs /run && touch /run/.containerenv && exec \"$@\"";
    let inside = ["sh", "-c", script, "sh"];
    let command = apart(rig, "--mount", &inside, &["doctor", "server.properties"])?;
    Some(rig.run(command)).filter(|ended| ended.status.code() == Some(1))
}

fn folder_not_writable(rig: &Rig) -> Option<Ended> {
    let mounted = Mounted::memory("doctor of a read-only disk", &rig.path("data"), "size=6m")?;
    mounted.again("ro");
    let ended = with(rig, "");
    rig.refused("server.properties");
    Some(ended)
}

fn folder_temporary(_: &Rig) -> Option<Ended> {
    // This one is where tests usually are.
    let rig = Rig::below(std::path::Path::new("/tmp"));
    let mut ended = with(&rig, "");
    ended.output = ended.output.replace(&rig.path("").display().to_string(), "/tmp/");
    Some(ended)
}

fn folder_in_memory(rig: &Rig) -> Option<Ended> {
    let _mounted = Mounted::memory("doctor of a tmpfs", &rig.path("data"), "size=6m")?;
    Some(with(rig, ""))
}

fn disk_full(rig: &Rig) -> Option<Ended> {
    let _mounted = Mounted::memory("doctor of a full disk", &rig.path("data"), "size=6m")?;
    let _ = std::fs::write(rig.path("data/filler"), vec![0; 6 << 20]);
    Some(with(rig, ""))
}

/// A stopped node with one record in its data.
fn stopped(rig: &Rig, properties: &str) {
    let node = rig.start(properties);
    let mut client = node.connect();
    client.with_topic("orders", 1, &[]);
    client.produced("orders", 0, &[b"one"]);
    assert!(node.stop().success());
}

fn retention_exceeds_disk(rig: &Rig) -> Option<Ended> {
    stopped(rig, "");
    Some(with(rig, "log.retention.bytes=1152921504606846976"))
}

fn few_open_files(rig: &Rig) -> Option<Ended> {
    write(rig, "");
    let klamm = rig.klamm(["doctor", "server.properties"]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 1024 && exec \"$@\"", "sh"]);
    command.arg(klamm.get_program()).args(klamm.get_args()).current_dir(rig.path(""));
    Some(rig.run(command))
}

fn clock_unset(rig: &Rig) -> Option<Ended> {
    write(rig, "");
    rig.write(clock::ONCE, "");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut command = rig.klamm(["doctor", "server.properties"]);
    clock::moved(rig, &mut command, 60 - i64::try_from(now).unwrap())?;
    Some(rig.run(command)).filter(|ended| ended.status.code() == Some(1))
}

fn clock_behind(rig: &Rig) -> Option<Ended> {
    stopped(rig, "");
    let segment = rig.path("data/orders-0/00000000000000000000.log");
    let file = std::fs::File::options().append(true).open(segment).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    Some(with(rig, ""))
}

fn clock_jumps(rig: &Rig) -> Option<Ended> {
    let door = listener();
    let address = door.local_addr().unwrap().to_string();
    let mut command = rig.klamm(["doctor", "--bootstrap-server", &address]);
    clock::moved(rig, &mut command, 3600)?;
    let log = rig.path("jumps.log");
    let process = ServerProcess::start(command, &log).unwrap();
    // It looks at the clock first, and then here.
    let (visitor, _) = door.accept().unwrap();
    rig.write(clock::ONCE, "");
    drop((visitor, door));
    let status = process.wait_for_end(PATIENCE).unwrap();
    let output = std::fs::read_to_string(&log).unwrap();
    Some(Ended { status, output, took: Duration::ZERO })
}

fn no_node(rig: &Rig) -> Option<Ended> {
    let node = rig.start("");
    let address = node.address().to_string();
    assert!(node.stop().success());
    Some(rig.run(rig.klamm(["doctor", "--bootstrap-server", &address])))
}

/// A node behind a door that lets no question for its folders pass, as if its disk hung.
fn node_tells_half(rig: &Rig) -> Option<Ended> {
    let door = listener();
    let address = door.local_addr().unwrap().to_string();
    let node = rig.start(&format!("advertised.listeners=PLAINTEXT://{address}"));
    let behind = node.address();
    std::thread::spawn(move || {
        for visitor in door.incoming() {
            let (Ok(visitor), Ok(node)) = (visitor, TcpStream::connect(behind)) else { return };
            let (mut answers, mut taker) =
                (node.try_clone().unwrap(), visitor.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut answers, &mut taker));
            std::thread::spawn(move || pass_on(visitor, node));
        }
    });
    rig.write("patience.properties", "default.api.timeout.ms=1000\nrequest.timeout.ms=1000\n");
    let patience = ["--command-config", "patience.properties"];
    let words = ["doctor", "--bootstrap-server", &address].into_iter().chain(patience);
    Some(rig.run(rig.klamm(words)))
}

/// Passes requests on, but for those of DescribeLogDirs.
fn pass_on(mut from: TcpStream, mut to: TcpStream) -> std::io::Result<()> {
    const DESCRIBE_LOG_DIRS: [u8; 2] = 35i16.to_be_bytes();
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let mut request = vec![0; u32::from_be_bytes(length) as usize];
        from.read_exact(&mut request)?;
        if !request.starts_with(&DESCRIBE_LOG_DIRS) {
            to.write_all(&[&length[..], &request].concat())?;
        }
    }
}

fn unserved_partitions(rig: &Rig) -> Option<Ended> {
    stopped(rig, "");
    std::fs::remove_dir_all(rig.path("data/orders-0")).unwrap();
    let node = rig.start_file("server.properties");
    Some(advised(rig, "doctor", &node))
}

fn damaged_partition(rig: &Rig) -> Option<Ended> {
    stopped(rig, "");
    let segment = rig.path("data/orders-0/00000000000000000000.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    // The length of the first batch.
    bytes[8] ^= 0x55;
    std::fs::write(&segment, bytes).unwrap();
    let node = rig.start_file("server.properties");
    assert!(node.output().contains("is damaged at byte 0"), "{}", node.output());
    Some(advised(rig, "doctor", &node))
}

fn folder_failed(rig: &Rig) -> Option<Ended> {
    let folders = ["one", "two"].map(|name| rig.path(name).display().to_string());
    write(rig, &format!("log.dirs={}", folders.join(",")));
    let node = rig.start_file("server.properties");
    node.connect().with_topic("orders", 2, &[]);
    assert!(node.stop().success());
    std::fs::rename(rig.path("two"), rig.path("aside")).unwrap();
    rig.write("two", "not a folder");
    let node = rig.start_file("server.properties");
    Some(advised(rig, "doctor", &node))
}
