//! A configuration is checked as a whole before anything starts.

use crate::rig::Rig;

#[test]
fn all_mistakes_are_told_at_once_with_file_line_what_was_found_and_what_is_allowed() {
    let rig = Rig::new();
    rig.write(
        "server.properties",
        "# comment\n\
         listeners=PLAINTEXT://127.0.0.1:0\n\
         num.partitions=zero\n\
         log.segment.bytes = -5\n\
         compression.type : rar\n\
         delete.topic.enable maybe\n\
         log.dirs=DATA\n",
    );
    let output = rig.refused("server.properties");
    for expected in [
        "4 mistakes",
        "server.properties:3: num.partitions: found \"zero\"; allowed: a whole number from 1",
        "server.properties:4: log.segment.bytes: found \"-5\"; allowed: a whole number from 14",
        "server.properties:5: compression.type: found \"rar\"; allowed: one of",
        "server.properties:6: delete.topic.enable: found \"maybe\"; allowed: true or false",
    ] {
        assert!(output.contains(expected), "{expected}\nis missing in:\n{output}");
    }
    assert!(!rig.path("DATA").exists(), "nothing was touched");
}

#[test]
fn what_asks_for_protection_or_behaviour_that_is_not_built_is_refused_by_name() {
    let refused = [
        ("listeners=SSL://127.0.0.1:0", "asks for SSL"),
        ("listeners=SASL_PLAINTEXT://127.0.0.1:0", "asks for SASL_PLAINTEXT"),
        (
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "authorizer",
        ),
        ("remote.log.storage.system.enable=true", "remote storage"),
        ("ssl.keystore.location=/k.jks", "ssl.keystore.location"),
        ("zookeeper.connect=zk1:2181,zk2:2181,zk3:2181/kafka", "several coordination nodes"),
        ("zookeeper.connect=zk.example.org:2181", "another machine"),
        ("process.roles=broker", "both roles"),
        ("controller.quorum.voters=1@a:9093,2@b:9093,3@c:9093", "several voters"),
    ];
    for (line, reason) in refused {
        let rig = Rig::new();
        let listeners = if line.starts_with("listeners") { "" } else { "port=0\n" };
        rig.write("server.properties", &format!("log.dirs=data\n{listeners}{line}\n"));
        let output = rig.refused("server.properties");
        let key = line.split('=').next().unwrap();
        assert!(output.contains(key), "{line}: {output}");
        assert!(output.contains(reason), "{line}: {output}");
        assert!(!rig.path("data").exists(), "{line}: nothing was touched");
    }
}

#[test]
fn a_secret_is_not_repeated_when_it_is_refused() {
    let rig = Rig::new();
    rig.write("server.properties", "port=0\nlog.dirs=data\nssl.keystore.password=hunter2\n");
    let output = rig.refused("server.properties");
    assert!(output.contains("ssl.keystore.password"), "{output}");
    assert!(!output.contains("hunter2"), "{output}");
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_name_and_a_meaningless_one_is_named() {
    let rig = Rig::new();
    let node = rig.start("log.retention.hour=3\nbackground.threads=4\nlisteners.of.mine=7");
    let output = node.output();
    let warns = |text: &str| {
        let found = output.lines().any(|line| line.contains("WARN") && line.contains(text));
        assert!(found, "{text}\nis missing in:\n{output}");
    };
    warns(
        "server.properties:3: log.retention.hour: unknown, ignored; the nearest known key is \
           log.retention.hours",
    );
    warns("server.properties:4: background.threads: accepted, has no meaning here");
    warns("server.properties:5: listeners.of.mine: unknown, ignored");
}

#[test]
fn an_explicit_folder_below_tmp_is_honoured_with_a_warning() {
    let folder = tempfile::Builder::new().prefix("klamm-tmp-").tempdir_in("/tmp").unwrap();
    let data = folder.path().join("kafka-logs");
    let rig = Rig::new();
    rig.write(
        "server.properties",
        &format!("listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs={}\n", data.display()),
    );
    let node = rig.start_file("server.properties");
    let warning = format!("{} lies below /tmp", data.display());
    assert!(node.output().contains(&warning), "{}", node.output());
    assert!(data.join("meta.properties").is_file());
}

#[test]
fn a_missing_file_is_named_with_the_way_out() {
    let rig = Rig::new();
    let output = rig.refused("nowhere.properties");
    assert!(output.contains("nowhere.properties"), "{output}");
    assert!(output.contains("`klamm` alone runs without a file"), "{output}");
}
