//! A clean stop and what the next start makes of it; stopping and starting by command.

use std::process::Command;

use crate::rig::{Rig, Running};

const MARK: &str = "data/.kafka_cleanshutdown";

fn filled(rig: &Rig, properties: &str) -> Running {
    let node = rig.start(properties);
    let mut client = node.connect();
    client.with_topic("t", 1, &[("segment.bytes", "4096")]);
    let values: Vec<Vec<u8>> = (0..20u8).map(|number| vec![number; 1000]).collect();
    for value in &values {
        client.produced("t", 0, &[value]);
    }
    node
}

#[test]
fn sigterm_leaves_the_mark_and_the_next_start_scans_nothing() {
    let rig = Rig::new();
    let node = filled(&rig, "");
    assert!(!rig.path(MARK).exists(), "a running node has no mark");
    assert!(node.stop().success());
    assert!(rig.path(MARK).is_file());
    // A scan would read the segments' batches; after a clean stop nothing does. Damage that a scan
    // would cut away stays where it is.
    let node = rig.start_file("server.properties");
    let output = node.output();
    assert!(output.contains("start=Clean"), "{output}");
    assert!(!output.contains("recovered"), "{output}");
    assert!(!rig.path(MARK).exists());
    let mut client = node.connect();
    assert_eq!(client.values("t", 0, 0).len(), 20);
    assert_eq!(client.produced("t", 0, &[b"next"]), 20);
}

#[test]
fn a_kill_leaves_no_mark_and_the_next_start_takes_up_a_new_leader_epoch() {
    let rig = Rig::new();
    let node = filled(&rig, "");
    let before = node.connect().topic("t").partitions[0].leader_epoch;
    node.kill();
    assert!(!rig.path(MARK).exists());
    let node = rig.start_file("server.properties");
    assert!(node.output().contains("start=Unclean"), "{}", node.output());
    let mut client = node.connect();
    assert!(client.topic("t").partitions[0].leader_epoch > before);
    assert_eq!(client.values("t", 0, 0).len(), 20);
}

#[test]
fn server_stop_stops_the_node_of_a_file_and_no_other() {
    let rig = Rig::new();
    let node = rig.start("");
    let other = Rig::new();
    let untouched = other.start("");
    let ended = rig.run(rig.klamm(["server-stop", "server.properties"]));
    assert!(ended.status.success(), "{}", ended.output);
    assert!(ended.output.contains(&format!("{}", node.pid())), "{}", ended.output);
    assert!(!ended.output.contains(&format!("{}", untouched.pid())), "{}", ended.output);
    assert!(node.wait().success());
    assert!(rig.path(MARK).is_file());
    untouched.connect().metadata(&[]);
    let again = rig.run(rig.klamm(["server-stop", "server.properties"]));
    assert!(!again.status.success());
    assert!(again.output.contains("No Klamm node to stop"), "{}", again.output);
}

/// Kills the daemon of a test that failed half-way.
pub(crate) struct Daemon(pub(crate) u32);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has usually ended by now.
        let _ = Command::new("kill").args(["-9", &self.0.to_string()]).output();
    }
}

pub(crate) fn daemon_id(output: &str) -> Daemon {
    let after = output.split_once("as process ").expect(output).1;
    Daemon(after.split(';').next().unwrap().parse().unwrap())
}

#[test]
fn a_daemon_is_ready_when_its_command_returns_and_tells_where_its_output_is() {
    for arguments in [
        ["server-start", "-daemon", "server.properties"],
        ["server-start", "server.properties", "-daemon"],
    ] {
        let rig = Rig::new();
        let data = rig.path("data").display().to_string();
        rig.write(
            "server.properties",
            &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={data}\n"),
        );
        let ended = rig.run(rig.klamm(arguments));
        assert!(ended.status.success(), "{}", ended.output);
        let daemon = daemon_id(&ended.output);
        let output = rig.path("logs/kafkaServer.out");
        assert!(ended.output.starts_with("Klamm is ready"), "{}", ended.output);
        assert!(ended.output.contains(&output.display().to_string()), "{}", ended.output);
        // What it prints is not bounded, so it prints no log; that is in a file of its own.
        let printed = std::fs::read_to_string(&output).unwrap();
        assert!(printed.starts_with("Klamm is ready"), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
        let log = std::fs::read_to_string(rig.path("logs/server.log")).unwrap();
        assert!(log.contains("registered"), "{log}");
        assert_eq!(crate::listeners::sockets_of(daemon.0).len(), 1);
        let stopped = rig.run(rig.klamm(["server-stop", "server.properties"]));
        assert!(stopped.status.success(), "{}", stopped.output);
        crate::rig::wait_until_gone(daemon.0);
        assert!(rig.path(MARK).is_file(), "it stopped cleanly");
    }
}

#[test]
fn a_closed_terminal_stops_it_cleanly_unless_it_was_told_to_outlive_it() {
    let hang_up = |pid: u32| {
        let status = Command::new("kill").args(["-HUP", &pid.to_string()]).status().unwrap();
        assert!(status.success());
    };
    let rig = Rig::new();
    let node = rig.start("");
    hang_up(node.pid());
    assert!(node.wait().success());
    assert!(rig.path(MARK).is_file());
    let mut nohup = Command::new("nohup");
    nohup.arg(rig.klamm([]).get_program()).args(["server-start", "server.properties"]);
    nohup.current_dir(rig.path(""));
    let node = rig.ready(nohup);
    hang_up(node.pid());
    assert_eq!(node.connect().metadata(&[]).error_code, 0);
    assert!(node.stop().success());
}

#[test]
fn a_node_whose_output_nobody_reads_serves_all_the_same() {
    let rig = Rig::new();
    let port = testkit::free_port().unwrap();
    rig.write(
        "server.properties",
        &format!(
            "listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs={}\n",
            rig.path("data").display()
        ),
    );
    let mut command = rig.klamm(["server-start", "server.properties"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut node = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    let stopped_at_the_end = Daemon(node.id());
    let address: std::net::SocketAddr = ([127, 0, 0, 1], port).into();
    while std::net::TcpStream::connect(address).is_err() {}
    assert_eq!(crate::wire::Wire::to(address).metadata(&[]).error_code, 0);
    drop(stopped_at_the_end);
    node.wait().unwrap();
}

#[test]
fn a_second_daemon_does_not_wipe_the_output_of_the_first() {
    let rig = Rig::new();
    let node = rig.start("");
    std::fs::create_dir_all(rig.path("logs")).unwrap();
    rig.write("logs/kafkaServer.out", "Klamm is ready, said the first\n");
    let ended = rig.run(rig.klamm(["server-start", "-daemon", "server.properties"]));
    assert!(!ended.status.success());
    assert!(ended.output.contains("another process holds"), "{}", ended.output);
    assert!(!ended.output.contains("said the first"), "{}", ended.output);
    let output = std::fs::read_to_string(rig.path("logs/kafkaServer.out")).unwrap();
    assert!(output.starts_with("Klamm is ready, said the first\n"), "{output}");
    assert_eq!(node.connect().metadata(&[]).error_code, 0);
}

#[test]
fn a_daemon_that_cannot_start_says_why_to_the_person() {
    let rig = Rig::new();
    rig.write("server.properties", "listeners=PLAINTEXT://127.0.0.1:0\nnum.partitions=none\n");
    let ended = rig.run(rig.klamm(["server-start", "-daemon", "server.properties"]));
    assert!(!ended.status.success());
    assert!(ended.output.contains("num.partitions: found \"none\""), "{}", ended.output);
    assert!(ended.output.contains("kafkaServer.out"), "{}", ended.output);
}

#[test]
fn a_folder_for_logs_that_cannot_be_written_is_named_with_the_way_out() {
    let rig = Rig::new();
    rig.write("server.properties", "listeners=PLAINTEXT://127.0.0.1:0\n");
    rig.write("taken", "a file");
    let logs = rig.path("taken").display().to_string();
    for arguments in [
        &["server-start", "server.properties"][..],
        &["server-start", "-daemon", "server.properties"],
    ] {
        let mut command = rig.klamm(arguments.iter().copied());
        command.env("LOG_DIR", &logs);
        let ended = rig.run(command);
        assert!(!ended.status.success());
        assert!(ended.output.contains(&logs), "{}", ended.output);
        assert!(ended.output.contains("set LOG_DIR to a folder"), "{}", ended.output);
    }
    assert!(!rig.path("klamm-data").exists());
}
