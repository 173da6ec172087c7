//! The pages for monitoring: `/metrics`, `/health` and `/ready`.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::rig::{PATIENCE, Rig, Running};

pub(crate) const ANYWHERE: &str = "klamm.http.listeners=http://127.0.0.1:0";

pub(crate) fn door(node: &Running) -> SocketAddr {
    node.doors().into_iter().find(|(name, _)| name == "HTTP").expect("an HTTP door").1
}

/// The status line and the text of a page.
pub(crate) fn get(door: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(door).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap_or_default().to_owned(), text.to_owned())
}

pub(crate) fn value(page: &str, series: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn a_node_that_serves_is_healthy_and_ready_and_counts_what_it_does() {
    let rig = Rig::new();
    let node = rig.start(ANYWHERE);
    let door = door(&node);
    assert_eq!(get(door, "/health"), ("HTTP/1.1 200 OK".to_owned(), "healthy\n".to_owned()));
    assert_eq!(get(door, "/ready"), ("HTTP/1.1 200 OK".to_owned(), "ready\n".to_owned()));
    assert!(get(door, "/console").0.contains("404"));
    let mut client = node.connect();
    client.with_topic("t", 2, &[]);
    client.metadata(&["t"]);
    let page = get(door, "/metrics").1;
    assert_eq!(
        value(&page, "klamm_partition_log_end_offset{topic=\"t\",partition=\"1\"}"),
        Some(0.0)
    );
    assert_eq!(value(&page, "klamm_connections"), Some(1.0));
    assert!(value(&page, "process_resident_memory_bytes").unwrap() > 1e6);
    let usable = page.lines().find(|line| line.starts_with("klamm_log_folder_usable_bytes{"));
    assert!(usable.unwrap().contains("/data\"}"), "{usable:?}");
    node.stop();
}

#[test]
fn series_beyond_the_bound_are_counted_and_left_out() {
    let rig = Rig::new();
    let node = rig.start(&format!("{ANYWHERE}\nklamm.http.metrics.series.max=10"));
    node.connect().with_topic("t", 20, &[]);
    let page = get(door(&node), "/metrics").1;
    let series = page.lines().filter(|line| line.contains("{topic=\"t\"")).count();
    assert_eq!(series, 10);
    assert_eq!(value(&page, "klamm_metrics_series_left_out"), Some(3.0 + 5.0 * 20.0 - 10.0));
    node.stop();
}

#[test]
fn a_taken_port_that_the_file_names_is_refused_with_the_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let rig = Rig::new();
    let text = format!(
        "listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\nklamm.http.listeners=http://{}\n",
        rig.path("data").display(),
        taken.local_addr().unwrap()
    );
    rig.write("server.properties", &text);
    let output = rig.refused("server.properties");
    assert!(output.contains("klamm.http.listeners"), "{output}");
    assert!(!rig.path("data").exists(), "no folder was touched");
}

#[test]
fn a_node_with_a_file_opens_no_door_that_the_file_does_not_name() {
    let rig = Rig::new();
    let node = rig.start("");
    assert_eq!(node.doors().len(), 1);
    node.stop();
}
