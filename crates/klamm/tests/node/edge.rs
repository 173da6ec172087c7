//! Bytes that nobody should send: the node stays up, answers a normal client, and takes no memory
//! on anybody's word.

use std::net::SocketAddr;

use protocol::Str;
use protocol::messages::{MetadataRequest, metadata_request};

use crate::rig::{Rig, Running, skipped};
use crate::wire::{FETCH, Wire, batch, fetch_request, frame_of, produce_request, versions_request};

/// What hostile input may take beyond what the node takes for itself.
const MEMORY_MAX: u64 = 48 << 20;

/// The same numbers in each run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// A node with a topic of one record, and what memory it took by then.
fn node(rig: &Rig, properties: &str) -> (Running, u64) {
    let node = rig.start(properties);
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    client.produced("t", 0, &[b"kept"]);
    assert_eq!(client.values("t", 0, 0), ["kept"]);
    let memory = node.memory_max();
    (node, memory)
}

/// The node serves a normal client and has taken no more memory than is stated.
fn assert_unharmed(node: &Running, memory: u64) {
    let mut client = node.connect();
    assert_eq!(client.values("t", 0, 0)[0], "kept");
    let taken = node.memory_max().saturating_sub(memory);
    assert!(taken < MEMORY_MAX, "it took {} KiB", taken >> 10);
    let output = node.output();
    assert!(!output.contains("panicked"), "{output}");
}

#[test]
fn random_bytes_and_cut_frames_end_their_connection_and_harm_nobody() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..200 {
        let mut client = node.connect();
        let bytes = random.bytes(1 + round * 7);
        // The node may have closed already.
        let _ = client.send_bytes(&bytes);
        drop(client);
    }
    let good = frame_of(1, FETCH, &fetch_request(&[("t", 0, 0)]));
    for length in 0..good.len() {
        let mut client = node.connect();
        client.send_bytes(&good[..length]).unwrap();
        client.half_close();
        assert_eq!(client.until_closed(), [], "cut at {length}");
    }
    assert_unharmed(&node, memory);
}

#[test]
fn lengths_that_are_only_claimed_take_no_memory() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    for claimed in [-1, i32::MIN, i32::MAX, 100 * 1024 * 1024 + 1] {
        let mut client = node.connect();
        client.send_bytes(&claimed.to_be_bytes()).unwrap();
        assert_eq!(client.until_closed(), [], "length {claimed}");
    }
    // Frames of the greatest size that is allowed, whose bytes never come. One by one each gets its
    // share of the memory for requests; nobody else waits for it.
    let held: Vec<Wire> = (0..100)
        .map(|_| {
            let mut client = node.connect();
            client.send_bytes(&(100i32 * 1024 * 1024).to_be_bytes()).unwrap();
            client.send_bytes(&[0; 10]).unwrap();
            client
        })
        .collect();
    assert_unharmed(&node, memory);
    let mut client = node.connect();
    let large = produce_request("t", 0, batch(&[&[7; 100_000]]));
    let response = client.call(crate::wire::PRODUCE, &large);
    assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
    drop(held);
    assert_unharmed(&node, memory);
}

#[test]
fn tls_and_http_are_recognised_and_the_log_says_what_to_do() {
    let rig = Rig::new();
    let (mut node, memory) = node(&rig, "");
    let mut tls = node.connect();
    tls.send_bytes(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]).unwrap();
    assert_eq!(tls.until_closed(), []);
    let mut http = node.connect();
    http.send_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(http.until_closed(), []);
    let line = node.wait_for("the client speaks TLS");
    assert!(line.contains("security.protocol to PLAINTEXT"), "{line}");
    node.wait_for("it sent text, such as HTTP");
    assert_unharmed(&node, memory);
}

/// Every request that is served, in its first and last version.
fn served(node: &Running) -> Vec<(i16, i16)> {
    let response = node.connect().call(3, &versions_request());
    let apis = response.api_keys.iter();
    apis.flat_map(|api| [(api.api_key, api.min_version), (api.api_key, api.max_version)]).collect()
}

/// A header and a body, as a frame.
fn frame(key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.extend(key.to_be_bytes());
    frame.extend(version.to_be_bytes());
    frame.extend(1i32.to_be_bytes());
    frame.extend((-1i16).to_be_bytes());
    frame.extend(body);
    let mut bytes = (frame.len() as i32).to_be_bytes().to_vec();
    bytes.append(&mut frame);
    bytes
}

#[test]
fn absurd_counts_in_any_request_are_refused_before_anything_is_made_of_them() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    // Counts and lengths of 32 and 16 bits, and in seven bits a byte, at every place.
    let absurd: [&[u8]; 4] =
        [&[0x7f, 0xff, 0xff, 0xff], &[0x7f, 0xff], &[0xff, 0xff, 0xff, 0xff, 0x0f], &[0xff; 8]];
    for (key, version) in served(&node) {
        for pattern in absurd {
            for zeros in 0..12 {
                let mut body = vec![0; zeros];
                body.extend(pattern);
                body.extend([1; 24]);
                let mut client = node.connect();
                // What is refused at once may be closed before all of it is sent.
                let _ = client.send_bytes(&frame(key, version, &body));
                client.half_close();
                client.until_closed();
            }
        }
    }
    assert_unharmed(&node, memory);
}

#[test]
fn random_bodies_of_every_request_harm_nobody() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for (key, version) in served(&node) {
        for _ in 0..20 {
            let length = (random.next() % 120) as usize;
            let body = random.bytes(length);
            let mut client = node.connect();
            let _ = client.send_bytes(&frame(key, version, &body));
            client.half_close();
            client.until_closed();
        }
    }
    assert_unharmed(&node, memory);
}

#[test]
fn a_frame_full_of_empty_names_is_refused_instead_of_unfolded() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    // Version 0 takes two bytes for an empty name, and far more in memory.
    let count = 4_000_000u32;
    let mut body = count.to_be_bytes().to_vec();
    body.resize(body.len() + 2 * count as usize, 0);
    let mut client = node.connect();
    let _ = client.send_bytes(&frame(3, 0, &body));
    assert_eq!(client.until_closed(), []);
    assert_unharmed(&node, memory);
}

#[test]
fn many_names_in_one_request_are_answered_one_by_one() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    let topics: Vec<_> = (0..20_000)
        .map(|number| metadata_request::MetadataRequestTopic {
            name: Some(Str::from(format!("unknown-{number}"))),
            ..Default::default()
        })
        .collect();
    let request = MetadataRequest { topics: Some(topics), ..Default::default() };
    let response = node.connect().call(12, &request);
    assert_eq!(response.topics.len(), 20_000);
    assert!(response.topics.iter().all(|topic| topic.error_code != 0));
    assert_unharmed(&node, memory);
}

#[test]
fn thousands_of_connections_are_held_cheaply_and_a_further_client_is_served() {
    const CONNECTIONS: usize = 3000;
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let needed = CONNECTIONS as u64 + 500;
    if limit.maximum.is_some_and(|maximum| maximum < needed) {
        return skipped(&format!(
            "thousands of connections: fewer than {needed} open files allowed"
        ));
    }
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    let rig = Rig::new();
    // They come faster than a busy machine accepts them.
    let (node, memory) = node(&rig, "socket.listen.backlog.size=4096");
    // Some say nothing, some stop half-way through a frame, some have closed their own side.
    let good = frame_of(1, FETCH, &fetch_request(&[("t", 0, 0)]));
    let held: Vec<Wire> = (0..CONNECTIONS)
        .map(|number| {
            let mut client = node.connect();
            match number % 3 {
                0 => {}
                1 => client.send_bytes(&good[..good.len() - 1]).unwrap(),
                _ => client.half_close(),
            }
            client
        })
        .collect();
    assert_unharmed(&node, memory);
    drop(held);
    assert_unharmed(&node, memory);
}

#[test]
fn a_client_that_sends_much_and_reads_nothing_is_held_back() {
    let rig = Rig::new();
    let (node, memory) = node(&rig, "");
    let mut filler = node.connect();
    for _ in 0..4 {
        filler.produced("t", 0, &[&[1; 900_000]]);
    }
    drop(filler);
    let mut greedy = node.connect();
    greedy.give_up_after(std::time::Duration::from_secs(1));
    // Each asks for megabytes; the answers are never read, so the node stops reading questions.
    let mut request = fetch_request(&[("t", 0, 0)]);
    request.topics[0].partitions[0].partition_max_bytes = 8 << 20;
    let question = frame_of(1, FETCH, &request);
    let many = question.repeat(1000);
    let sent = (0..1000).take_while(|_| greedy.send_bytes(&many).is_ok()).count();
    assert!(sent < 1000, "the node read on and on");
    assert_unharmed(&node, memory);
}

/// Whether a new connection is served rather than closed.
pub(crate) fn is_served(address: SocketAddr) -> bool {
    let mut client = Wire::to(address);
    let request = frame_of(0, 3, &versions_request());
    client.send_bytes(&request).is_ok() && client.receive_frame().is_ok()
}

#[test]
fn connections_beyond_max_connections_are_closed_and_the_others_go_on() {
    let rig = Rig::new();
    let mut node = rig.start("max.connections=3");
    let mut clients: Vec<Wire> = (0..3).map(|_| node.connect()).collect();
    clients.iter_mut().for_each(|client| assert_eq!(client.metadata(&[]).error_code, 0));
    assert!(!is_served(node.address()));
    clients.iter_mut().for_each(|client| assert_eq!(client.metadata(&[]).error_code, 0));
    node.wait_for("max.connections");
    // A place is free again once somebody has left.
    let mut gone = clients.pop().unwrap();
    gone.half_close();
    gone.until_closed();
    while !is_served(node.address()) {}
}

#[test]
fn connections_beyond_max_connections_per_ip_are_closed_and_other_addresses_are_served() {
    let rig = Rig::new();
    rig.write(
        "server.properties",
        &format!(
            "listeners=PLAINTEXT://127.0.0.1:0\nmax.connections.per.ip=2\n\
             max.connections.per.ip.overrides=127.0.0.3:0\nlog.dirs={}\n",
            rig.path("data").display()
        ),
    );
    let node = rig.start_file("server.properties");
    let mut clients: Vec<Wire> = (0..2).map(|_| node.connect()).collect();
    clients.iter_mut().for_each(|client| assert_eq!(client.metadata(&[]).error_code, 0));
    assert!(!is_served(node.address()));
    let from = |ip: &str| Wire::from_address(ip.parse().unwrap(), node.address());
    assert_eq!(from("127.0.0.2").metadata(&[]).error_code, 0);
    assert_eq!(from("127.0.0.3").until_closed(), []);
    let configs = "configs --alter --entity-type brokers --entity-default --add-config \
                   max.connections.per.ip=3 --bootstrap-server";
    drop(clients);
    let address = node.address().to_string();
    let altered = rig.run(rig.klamm(configs.split_whitespace().chain([address.as_str()])));
    assert!(altered.status.success(), "{}", altered.output);
    let _held = [node.connect(), node.connect()];
    while !is_served(node.address()) {}
}

#[test]
fn a_request_above_socket_request_max_bytes_is_refused_and_the_log_names_the_key() {
    let rig = Rig::new();
    let (mut node, memory) = node(&rig, "socket.request.max.bytes=2000");
    let mut client = node.connect();
    let request = produce_request("t", 0, batch(&[&[0; 3000]]));
    // Closed as soon as the length is known.
    let _ = client.send_bytes(&frame_of(0, crate::wire::PRODUCE, &request));
    assert_eq!(client.until_closed(), []);
    assert_unharmed(&node, memory);
    node.wait_for("at most 2000 are allowed (socket.request.max.bytes)");
}

#[test]
fn an_idle_connection_is_closed_after_connections_max_idle_ms_and_a_waiting_one_is_not() {
    let rig = Rig::new();
    let node = rig.start("connections.max.idle.ms=100");
    let mut idle = node.connect();
    assert_eq!(idle.metadata(&[]).error_code, 0);
    assert_eq!(idle.until_closed(), []);
    node.connect().with_topic("t", 1, &[]);
    let mut waiting = fetch_request(&[("t", 0, 0)]);
    (waiting.max_wait_ms, waiting.min_bytes) = (500, 1);
    assert_eq!(node.connect().call(FETCH, &waiting).error_code, 0);
}
