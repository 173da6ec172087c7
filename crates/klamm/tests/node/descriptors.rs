//! Few file descriptors: connections must not take those that the logs need.

use crate::rig::Rig;
use crate::wire::Wire;

#[test]
fn a_flood_of_connections_leaves_the_logs_the_files_they_need() {
    let rig = Rig::new();
    let data = rig.path("data").display().to_string();
    rig.write(
        "server.properties",
        &format!(
            "listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={data}\nsocket.listen.backlog.size=1000\n"
        ),
    );
    let mut limited = std::process::Command::new("sh");
    let script = "ulimit -n 256 && exec \"$0\" server-start server.properties";
    limited.args(["-c", script]).arg(rig.klamm([]).get_program()).current_dir(rig.path(""));
    let mut node = rig.ready(limited);
    let mut client = node.connect();
    client.with_topic("t", 4, &[("segment.bytes", "1000")]);
    // More than the node may have open at all.
    let flood: Vec<Wire> = (0..400).map(|_| node.connect()).collect();
    for round in 0..50u8 {
        for partition in 0..4 {
            client.produced("t", partition, &[&[round; 600]]);
        }
    }
    client.with_topic("u", 4, &[]);
    client.produced("u", 3, &[b"x"]);
    for partition in 0..4 {
        assert_eq!(client.values("t", partition, 0).len(), 50);
    }
    node.wait_for("the limit of open files");
    drop(flood);
    while !crate::edge::is_served(node.address()) {}
    assert_eq!(node.connect().values("t", 0, 0).len(), 50);
    assert!(node.stop().success());
    assert!(rig.path("data/.kafka_cleanshutdown").is_file());
}
