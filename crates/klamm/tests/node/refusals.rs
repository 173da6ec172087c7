//! What a node does not start with: the reason, the way out, and nothing harmed.

use std::net::TcpListener;

use crate::rig::{Mounted, Rig};

/// A file for a node on a free port with its data in `data`.
fn write(rig: &Rig, file: &str, properties: &str) {
    let data = rig.path("data");
    rig.write(
        file,
        &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\n{properties}\n", data.display()),
    );
}

fn meta_properties(rig: &Rig) -> String {
    std::fs::read_to_string(rig.path("data/meta.properties")).unwrap()
}

#[test]
fn a_second_node_on_the_same_folder_is_refused_and_the_first_serves_on() {
    let rig = Rig::new();
    let node = rig.start("");
    node.connect().with_topic("t", 1, &[]);
    let output = rig.refused("server.properties");
    assert!(output.contains("another process holds"), "{output}");
    assert!(output.contains(&rig.path("data").display().to_string()), "{output}");
    assert!(output.contains("stop it, or give this node another log.dirs"), "{output}");
    let mut client = node.connect();
    client.produced("t", 0, &[b"still here"]);
    assert_eq!(client.values("t", 0, 0), ["still here"]);
}

#[test]
fn a_taken_port_is_refused_before_any_folder_is_touched() {
    let rig = Rig::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs=data\n"),
    );
    let output = rig.refused("server.properties");
    assert!(output.contains(&format!("port {port} on 127.0.0.1 is taken")), "{output}");
    assert!(output.contains("klamm server-stop"), "{output}");
    assert!(output.contains("choose another port in `listeners`"), "{output}");
    assert!(!rig.path("data").exists());
}

#[test]
fn an_address_that_is_not_this_machines_is_refused() {
    let rig = Rig::new();
    // Of a range that is kept for documents.
    rig.write("server.properties", "listeners=PLAINTEXT://192.0.2.1:0\nlog.dirs=data\n");
    let output = rig.refused("server.properties");
    assert!(output.contains("192.0.2.1 is not an address of this machine"), "{output}");
    assert!(output.contains("`advertised.listeners` the one that clients are told"), "{output}");
}

#[test]
fn a_read_only_folder_is_refused() {
    let rig = Rig::new();
    let Some(mounted) = Mounted::memory("a read-only folder", &rig.path("data"), "size=8m") else {
        return;
    };
    mounted.again("ro");
    write(&rig, "server.properties", "");
    let output = rig.refused("server.properties");
    assert!(output.contains(&rig.path("data").display().to_string()), "{output}");
    assert!(output.contains("ead-only file system"), "{output}");
    assert!(output.contains("check the owner and the mount options"), "{output}");
}

#[test]
fn a_full_folder_is_refused_and_what_is_in_it_stays() {
    let rig = Rig::new();
    let Some(_mounted) = Mounted::memory("a full folder", &rig.path("data"), "size=4m") else {
        return;
    };
    let node = rig.start("");
    let mut client = node.connect();
    client.with_topic("t", 1, &[]);
    client.produced("t", 0, &[b"kept"]);
    assert!(node.stop().success());
    let filler = rig.path("data/filler");
    fill_up(&filler);
    let output = rig.refused("server.properties");
    assert!(output.contains("no space left for"), "{output}");
    assert!(output.contains(&rig.path("data").display().to_string()), "{output}");
    assert!(output.contains("free some"), "{output}");
    std::fs::remove_file(filler).unwrap();
    let node = rig.start_file("server.properties");
    assert_eq!(node.connect().values("t", 0, 0), ["kept"]);
}

/// Writes until nothing more fits.
fn fill_up(path: &std::path::Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 1024]).is_ok() {}
}

#[test]
fn a_file_in_place_of_a_folder_is_refused() {
    let rig = Rig::new();
    rig.write("data", "not a folder");
    write(&rig, "server.properties", "");
    let output = rig.refused("server.properties");
    assert!(output.contains(&rig.path("data").display().to_string()), "{output}");
    assert_eq!(output.matches("os error").count(), 1, "the cause is told once: {output}");
    assert_eq!(std::fs::read_to_string(rig.path("data")).unwrap(), "not a folder");
}

#[test]
fn another_node_id_than_the_folders_is_refused_with_both_ids_and_the_way_out() {
    let rig = Rig::new();
    assert!(rig.start("node.id=3").stop().success());
    let before = meta_properties(&rig);
    write(&rig, "server.properties", "broker.id=4");
    let output = rig.refused("server.properties");
    assert!(output.contains(&rig.path("data").display().to_string()), "{output}");
    assert!(output.contains("belongs to node id 3, but the configuration says 4"), "{output}");
    assert!(output.contains("set node.id=3"), "{output}");
    assert_eq!(meta_properties(&rig), before);
}

#[test]
fn folders_of_two_clusters_are_refused_with_both_ids_and_the_way_out() {
    let rig = Rig::new();
    let mut ids = Vec::new();
    for name in ["one", "two"] {
        rig.write(
            "server.properties",
            &format!("port=0\nhost.name=127.0.0.1\nlog.dirs={}\n", rig.path(name).display()),
        );
        let node = rig.start_file("server.properties");
        ids.push(node.connect().metadata(&[]).cluster_id.unwrap());
        assert!(node.stop().success());
    }
    let (one, two) = (rig.path("one").display().to_string(), rig.path("two").display().to_string());
    rig.write("server.properties", &format!("port=0\nlog.dirs={one},{two}\n"));
    let output = rig.refused("server.properties");
    for expected in [&one, &two, &*ids[0], &*ids[1], "take one of them out of log.dirs"] {
        assert!(output.contains(expected), "{expected}\nis missing in:\n{output}");
    }
}

#[test]
fn a_metadata_log_of_another_cluster_is_refused_with_both_ids_and_the_way_out() {
    let rig = Rig::new();
    assert!(rig.start("").stop().success());
    // As after `meta.properties` was written by a fresh format, or copied from elsewhere.
    let found = meta_properties(&rig);
    let other: String = found
        .lines()
        .map(|line| match line.starts_with("cluster.id=") {
            true => "cluster.id=AAAAAAAAAAAAAAAAAAAAAA\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect();
    rig.write("data/meta.properties", &other);
    let own = found.lines().find_map(|line| line.strip_prefix("cluster.id=")).unwrap();
    let output = rig.refused("server.properties");
    for expected in [own, "AAAAAAAAAAAAAAAAAAAAAA", &rig.path("data").display().to_string()] {
        assert!(output.contains(expected), "{expected}\nis missing in:\n{output}");
    }
}
