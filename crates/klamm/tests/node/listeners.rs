//! Which doors are open, and what clients are told.

use std::collections::HashSet;

use testkit::free_port;

use crate::rig::Rig;
use crate::wire::Wire;

/// The listening TCP sockets of a process, as `address:port`.
pub(crate) fn sockets_of(pid: u32) -> Vec<String> {
    const LISTEN: &str = "0A";
    let inodes: HashSet<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|target| {
            let name = target.to_str()?.to_owned();
            Some(name.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields[3] == LISTEN && inodes.contains(fields[9]) {
                let (address, port) = fields[1].split_once(':').unwrap();
                let port = u16::from_str_radix(port, 16).unwrap();
                found.push(format!("{}:{port}", readable(address)));
            }
        }
    }
    found.sort();
    found
}

fn readable(address: &str) -> String {
    match u32::from_str_radix(address, 16) {
        Ok(number) => std::net::Ipv4Addr::from(number.swap_bytes()).to_string(),
        Err(_) if address.bytes().all(|digit| digit == b'0') => "[::]".to_owned(),
        Err(_) => address.to_owned(),
    }
}

#[test]
fn every_listener_serves_and_nothing_else_is_opened() {
    let rig = Rig::new();
    rig.write(
        "server.properties",
        &format!(
            "listeners=INSIDE://127.0.0.1:0,OUTSIDE://127.0.0.2:0\n\
             listener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT\n\
             inter.broker.listener.name=INSIDE\n\
             log.dirs={}\n",
            rig.path("data").display()
        ),
    );
    let node = rig.start_file("server.properties");
    let doors = node.doors();
    let names: Vec<&str> = doors.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["INSIDE", "OUTSIDE"]);
    let mut expected: Vec<String> = doors.iter().map(|(_, address)| address.to_string()).collect();
    expected.sort();
    assert_eq!(sockets_of(node.pid()), expected);
    // Each client is told to come back to where it came.
    for (_, address) in doors {
        let broker = Wire::to(address).metadata(&[]).brokers.remove(0);
        assert_eq!(format!("{}:{}", broker.host, broker.port), address.to_string());
    }
}

#[test]
fn a_listener_without_an_address_tells_each_client_the_one_at_which_it_arrived() {
    let rig = Rig::new();
    let data = rig.path("data");
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://:0\nlog.dirs={}\n", data.display()),
    );
    let node = rig.start_file("server.properties");
    let port = node.address().port();
    for host in ["127.0.0.1", "127.0.0.3"] {
        let mut client = Wire::to(format!("{host}:{port}").parse().unwrap());
        let broker = client.metadata(&[]).brokers.remove(0);
        assert_eq!((&*broker.host, broker.port), (host, i32::from(port)));
    }
}

#[test]
fn clients_are_told_the_advertised_address_of_their_listener() {
    let rig = Rig::new();
    let (inside, outside) = (free_port().unwrap(), free_port().unwrap());
    rig.write(
        "server.properties",
        &format!(
            "listeners=INSIDE://127.0.0.1:{inside},OUTSIDE://127.0.0.1:{outside}\n\
             advertised.listeners=INSIDE://broker.lan:{inside},OUTSIDE://kafka.example.org:19092\n\
             listener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT\n\
             inter.broker.listener.name=INSIDE\n\
             log.dirs={}\n",
            rig.path("data").display()
        ),
    );
    let node = rig.start_file("server.properties");
    let told: Vec<String> = node
        .doors()
        .into_iter()
        .map(|(_, address)| {
            let broker = Wire::to(address).metadata(&[]).brokers.remove(0);
            format!("{}:{}", broker.host, broker.port)
        })
        .collect();
    assert_eq!(told, [format!("broker.lan:{inside}"), "kafka.example.org:19092".to_owned()]);
}

#[test]
fn a_loopback_address_that_is_told_to_other_machines_is_explained_in_the_log() {
    let rig = Rig::new();
    rig.write(
        "server.properties",
        &format!(
            "listeners=PLAINTEXT://0.0.0.0:0\nadvertised.listeners=PLAINTEXT://localhost:9092\n\
             log.dirs={}\n",
            rig.path("data").display()
        ),
    );
    let output = rig.start_file("server.properties").output();
    let line =
        output.lines().find(|line| line.contains("clients are told to connect to localhost"));
    let line = line.expect(&output);
    assert!(line.contains("set advertised.listeners=PLAINTEXT://HOST:PORT"), "{line}");
}
