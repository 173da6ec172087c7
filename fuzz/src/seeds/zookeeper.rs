//! A snapshot and a log of ZooKeeper, with what a Kafka keeps in them.

use std::io;

use klamm_fuzz::{mend_jute, write_folder};

use crate::Seeds;

const SESSION: i64 = 77;
const TOPIC: &str =
    r#"{"version":3,"topic_id":"AQEBAQEBAQEBAQEBAQEBAQ","partitions":{"0":[1],"1":[1]}}"#;
const STATE: &str = r#"{"controller_epoch":1,"leader":1,"version":1,"leader_epoch":5,"isr":[1]}"#;
const CONFIG: &str = r#"{"version":1,"config":{"retention.ms":"5"}}"#;
const PRODUCER_IDS: &str = r#"{"version":1,"broker":1,"block_start":"0","block_end":"999"}"#;

#[derive(Default)]
struct Jute(Vec<u8>);

impl Jute {
    fn file(magic: &[u8]) -> Self {
        Self(magic.to_vec()).int(2).long(0)
    }

    fn int(mut self, value: i32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn long(mut self, value: i64) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn buffer(self, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.int(value.len() as i32).bytes(value)
    }

    fn bytes(mut self, value: &[u8]) -> Self {
        self.0.extend(value);
        self
    }

    fn rights(self) -> Self {
        self.int(1).int(31).buffer("world").buffer("anyone")
    }
}

fn snapshot() -> Vec<u8> {
    let mut jute = Jute::file(b"ZKSN").int(1).long(SESSION).int(6000).int(1).long(1).rights();
    let nodes = [
        ("", ""),
        ("/c/cluster/id", r#"{"version":"1","id":"c"}"#),
        ("/c/brokers/topics/t", TOPIC),
    ];
    for (path, data) in nodes {
        jute = jute.buffer(path).buffer(data).long(1).bytes(&[0; 4 * 8 + 3 * 4 + 8 + 8]);
    }
    jute.buffer("/").long(0).buffer("/").0
}

fn create(path: &str, data: &str) -> (i32, Vec<u8>) {
    (1, Jute::default().buffer(path).buffer(data).rights().bytes(&[0]).int(1).0)
}

fn log() -> Vec<u8> {
    let set = Jute::default().buffer("/c/config/topics/t").buffer(CONFIG).int(2).0;
    let delete = Jute::default().buffer("/c/brokers/topics/u").0;
    let multi = Jute::default().int(2).int(5).buffer(&set).int(2).buffer(&delete).0;
    let transactions = [
        create("/c/brokers/topics/t/partitions/0/state", STATE),
        create("/c/config/topics/t", CONFIG),
        create("/c/config/brokers/<default>", CONFIG),
        create("/c/brokers/topics/u", TOPIC),
        create("/c/latest_producer_id_block", PRODUCER_IDS),
        (14, multi),
        (-11, Vec::new()),
    ];
    let mut jute = Jute::file(b"ZKLG");
    for (zxid, (kind, body)) in (11..).zip(&transactions) {
        let header = Jute::default().long(SESSION).int(0).long(zxid).long(0).int(*kind);
        jute = jute.long(0).buffer(header.bytes(body).0).bytes(b"B");
    }
    // Logs are filled with zeros in advance.
    jute.bytes(&[0; 64]).0
}

pub(crate) fn seeds(seeds: &Seeds) -> io::Result<()> {
    let mut files = vec![
        ("version-2/snapshot.a".to_owned(), snapshot()),
        ("version-2/log.b".to_owned(), log()),
    ];
    files.iter_mut().for_each(|(_, contents)| mend_jute(contents));
    for choice in [0, 1, 2] {
        let bytes = [vec![choice], write_folder(&files)].concat();
        seeds.put("zookeeper", &format!("written-{choice}"), &bytes)?;
    }
    Ok(())
}
