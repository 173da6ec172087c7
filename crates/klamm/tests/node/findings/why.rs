//! What `klamm why` finds, provoked. Most groups have a member that this test plays, so that it does
//! what it is to do and nothing else.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::{BufMut, Bytes, BytesMut};
use model::{Offset, PartitionIndex, ProducerEpoch, ProducerId, Sequence, Timestamp};
use protocol::data::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, consumer_protocol_assignment,
};
use protocol::messages::join_group_request::JoinGroupRequestProtocol;
use protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use protocol::messages::{
    JoinGroupRequest, LeaveGroupRequest, OffsetCommitRequest, SyncGroupRequest,
    leave_group_request, offset_commit_request,
};
use protocol::{Message, Str};
use records::{BatchBuilder, Compression, Producer};

use super::{Case, advised, provoke_all};
use crate::groups::find_coordinator;
use crate::rig::{Ended, PATIENCE, Rig, Running};
use crate::wire::Wire;

const MEMBER_ID_REQUIRED: i16 = 79;

const CASES: &[Case] = &[
    Case {
        id: "no-group",
        how: "A group that nobody has heard of",
        provoke: |rig| {
            let node = start(rig, 3);
            commit(&mut node.connect(), None, 1);
            Some(why(rig, &node, "biling", 0))
        },
    },
    Case {
        id: "no-members",
        how: "A group whose consumers are gone",
        provoke: |rig| {
            let node = start(rig, 3);
            commit(&mut node.connect(), None, 1);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case { id: "not-consumers", how: "A group of connectors", provoke: not_consumers },
    Case {
        id: "rebalancing",
        how: "A leader that joins and then shares out nothing",
        provoke: |rig| {
            let node = start(rig, 3);
            let mut member = Member::new(node.connect());
            member.join("consumer", &["orders"]);
            Some(why(rig, &node, "billing", 1))
        },
    },
    Case {
        id: "members-change",
        how: "A consumer that is made anew for every read",
        provoke: members_change,
    },
    Case {
        id: "no-topic",
        how: "A consumer of a topic that is not there",
        provoke: |rig| {
            let node = start(rig, 3);
            let _member = Member::settled(node.connect(), &["orders", "order"], &[0]);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case { id: "no-leader", how: "A partition whose folder is gone", provoke: no_leader },
    Case {
        id: "unread-partitions",
        how: "A leader that gives a partition to nobody",
        provoke: |rig| {
            let node = start(rig, 3);
            let _member = Member::settled(node.connect(), &["orders"], &[]);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case { id: "idle-members", how: "Two consumers of one partition", provoke: idle_members },
    Case { id: "offsets-deleted", how: "Records deleted before they were read", provoke: deleted },
    Case {
        id: "offsets-beyond-end",
        how: "A topic that was made anew",
        provoke: |rig| {
            let node = start(rig, 3);
            commit(&mut node.connect(), None, 3);
            assert_eq!(node.connect().delete_topic("orders"), 0);
            node.connect().with_topic("orders", 1, &[]);
            // What was deleted with the topic is committed again by a consumer that goes on.
            commit(&mut node.connect(), None, 3);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case {
        id: "open-transaction",
        how: "A folder with a transaction that never ended",
        provoke: open_transaction,
    },
    Case {
        id: "no-commits",
        how: "A consumer that never commits",
        provoke: |rig| {
            let node = start(rig, 3);
            let _member = Member::settled(node.connect(), &["orders"], &[0]);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case {
        id: "stands-still",
        how: "A consumer that hangs",
        provoke: |rig| {
            let node = start(rig, 3);
            let member = Member::settled(node.connect(), &["orders"], &[0]);
            commit(&mut node.connect(), Some(&member), 1);
            Some(why(rig, &node, "billing", 1))
        },
    },
    Case {
        id: "falls-behind",
        how: "A producer that is faster than the consumer",
        provoke: |rig| {
            let values: &[&[u8]] = &[b"more".as_slice(); 20];
            Some(moving(rig, 3, |client| _ = client.produced("orders", 0, values)))
        },
    },
    Case {
        id: "catches-up",
        how: "A consumer with work to do, and no producer",
        provoke: |rig| Some(moving(rig, 50_000, |_| {})),
    },
    Case {
        id: "look-again",
        how: "A consumer that goes back and reads again",
        provoke: look_again,
    },
    Case {
        id: "nothing-written",
        how: "A topic that was always empty",
        provoke: |rig| {
            let node = start(rig, 0);
            let _member = Member::settled(node.connect(), &["orders"], &[0]);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case {
        id: "caught-up",
        how: "A consumer that has read all there is",
        provoke: |rig| {
            let node = start(rig, 3);
            let member = Member::settled(node.connect(), &["orders"], &[0]);
            commit(&mut node.connect(), Some(&member), 3);
            Some(why(rig, &node, "billing", 0))
        },
    },
    Case { id: "no-offsets", how: "A consumer of nothing but old records", provoke: no_offsets },
];

#[test]
fn every_finding_of_why_is_provoked_and_what_it_advises_can_be_done() {
    provoke_all("why", CASES, &[]);
}

/// A node with so many records in the topic `orders`.
fn start(rig: &Rig, records: usize) -> Running {
    let node = rig.start("group.initial.rebalance.delay.ms=0");
    let mut client = node.connect();
    client.with_topic("orders", 1, &[]);
    if records > 0 {
        client.produced("orders", 0, &vec![&b"record"[..]; records]);
    }
    find_coordinator(&mut client);
    node
}

fn why(rig: &Rig, node: &Running, group: &str, seconds: u32) -> Ended {
    advised(rig, &format!("why {group} --seconds {seconds}"), node)
}

/// A member of the group `billing`.
struct Member {
    client: Wire,
    id: Str,
    generation: i32,
}

impl Member {
    fn new(client: Wire) -> Self {
        Self { client, id: Str::default(), generation: -1 }
    }

    /// One that leads the group and has these partitions of `orders`.
    fn settled(client: Wire, topics: &[&str], partitions: &[i32]) -> Self {
        let mut member = Self::new(client);
        member.join("consumer", topics);
        member.share("consumer", &[(member.id.clone(), partitions)]);
        member
    }

    fn join(&mut self, kind: &str, topics: &[&str]) {
        self.ask_to_join(kind, topics);
        self.joined();
    }

    /// Sends the request that its id is in.
    fn ask_to_join(&mut self, kind: &str, topics: &[&str]) {
        let subscription = ConsumerProtocolSubscription {
            topics: topics.iter().map(|topic| Str::from(*topic)).collect(),
            ..Default::default()
        };
        let mut request = JoinGroupRequest {
            group_id: Str::from("billing"),
            session_timeout_ms: 45_000,
            rebalance_timeout_ms: 60_000,
            protocol_type: Str::from(kind),
            protocols: vec![JoinGroupRequestProtocol {
                name: Str::from("range"),
                metadata: versioned(&subscription),
            }],
            ..Default::default()
        };
        if self.id.is_empty() {
            let first = self.client.call(9, &request);
            assert_eq!(first.error_code, MEMBER_ID_REQUIRED);
            self.id = first.member_id;
        }
        request.member_id = self.id.clone();
        self.client.send(9, &request);
    }

    fn joined(&mut self) {
        let (_, joined) = self.client.receive::<JoinGroupRequest>(9);
        assert_eq!(joined.error_code, 0);
        self.generation = joined.generation_id;
    }

    /// Shares out the partitions of `orders`.
    fn share(&mut self, kind: &str, shares: &[(Str, &[i32])]) {
        let share = |(member_id, partitions): &(Str, &[i32])| {
            let topic = consumer_protocol_assignment::TopicPartition {
                topic: Str::from("orders"),
                partitions: partitions.iter().copied().map(PartitionIndex::new).collect(),
            };
            let assigned_partitions = if partitions.is_empty() { vec![] } else { vec![topic] };
            let assignment = ConsumerProtocolAssignment { assigned_partitions, user_data: None };
            SyncGroupRequestAssignment {
                member_id: member_id.clone(),
                assignment: versioned(&assignment),
            }
        };
        let request = SyncGroupRequest {
            group_id: Str::from("billing"),
            generation_id: self.generation,
            member_id: self.id.clone(),
            protocol_type: Some(Str::from(kind)),
            protocol_name: Some(Str::from("range")),
            assignments: shares.iter().map(share).collect(),
            ..Default::default()
        };
        assert_eq!(self.client.call(5, &request).error_code, 0);
    }

    fn leave(&mut self) {
        let member = leave_group_request::MemberIdentity {
            member_id: self.id.clone(),
            ..Default::default()
        };
        let request = LeaveGroupRequest {
            group_id: Str::from("billing"),
            members: vec![member],
            ..Default::default()
        };
        assert_eq!(self.client.call(5, &request).error_code, 0);
    }
}

fn versioned<M: Message>(message: &M) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(1);
    bytes.extend_from_slice(&message.to_bytes(1).unwrap());
    bytes.freeze()
}

/// Commits an offset in `orders-0`.
fn commit(client: &mut Wire, member: Option<&Member>, offset: i64) {
    let partition = offset_commit_request::OffsetCommitRequestPartition {
        partition_index: PartitionIndex::new(0),
        committed_offset: Offset::new(offset),
        ..Default::default()
    };
    let topic = offset_commit_request::OffsetCommitRequestTopic {
        name: Str::from("orders"),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: Str::from("billing"),
        generation_id_or_member_epoch: member.map_or(-1, |member| member.generation),
        member_id: member.map(|member| member.id.clone()).unwrap_or_default(),
        topics: vec![topic],
        ..Default::default()
    };
    assert_eq!(client.call(8, &request).topics[0].partitions[0].error_code, 0);
}

fn not_consumers(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    let mut member = Member::new(node.connect());
    member.join("connect", &[]);
    member.share("connect", &[(member.id.clone(), &[])]);
    Some(why(rig, &node, "billing", 0))
}

fn members_change(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    let address = node.address();
    Some(looking_until(rig, address, "members-change", || {
        let mut member = Member::settled(Wire::to(address), &["orders"], &[0]);
        // It stays for as long as ten requests take.
        (0..10).for_each(|_| _ = member.client.metadata(&["orders"]));
        member.leave();
    }))
}

/// Looks until a finding is there, while something happens again and again: a look may meet the wrong
/// moment of it.
fn looking_until(
    rig: &Rig,
    address: SocketAddr,
    id: &str,
    mut beside: impl FnMut() + Send,
) -> Ended {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                beside();
            }
        });
        let started = Instant::now();
        loop {
            let words = ["why", "billing", "--seconds", "0", "--bootstrap-server"];
            let address = address.to_string();
            let ended = rig.run(rig.klamm(words.into_iter().chain([address.as_str()])));
            let found = ended.output.contains(&format!(". {id}: "));
            if found || started.elapsed() > PATIENCE {
                is_over.store(true, Ordering::Relaxed);
                return ended;
            }
        }
    })
}

fn no_leader(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    commit(&mut node.connect(), None, 1);
    assert!(node.stop().success());
    std::fs::remove_dir_all(rig.path("data/orders-0")).unwrap();
    let node = rig.start_file("server.properties");
    find_coordinator(&mut node.connect());
    Some(why(rig, &node, "billing", 0))
}

fn idle_members(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    let mut first = Member::settled(node.connect(), &["orders"], &[0]);
    let mut second = Member::new(node.connect());
    second.ask_to_join("consumer", &["orders"]);
    first.join("consumer", &["orders"]);
    second.joined();
    first.share("consumer", &[(first.id.clone(), &[0]), (second.id.clone(), &[])]);
    second.share("consumer", &[]);
    commit(&mut node.connect(), Some(&first), 3);
    Some(why(rig, &node, "billing", 0))
}

/// A member that goes back to an offset again and again.
fn look_again(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    let member = Member::settled(node.connect(), &["orders"], &[0]);
    let mut client = node.connect();
    let beside =
        || [3, 1].into_iter().for_each(|offset| commit(&mut client, Some(&member), offset));
    Some(looking_until(rig, node.address(), "look-again", beside))
}

fn delete_records(rig: &Rig, node: &Running) {
    let partition = r#"{"topic":"orders","partition":0,"offset":3}"#;
    rig.write("delete.json", &format!(r#"{{"partitions":[{partition}],"version":1}}"#));
    let words = "delete-records --offset-json-file delete.json --bootstrap-server";
    let address = node.address().to_string();
    let deleted = rig.run(rig.klamm(words.split(' ').chain([address.as_str()])));
    assert!(deleted.status.success(), "{}", deleted.output);
}

fn deleted(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    commit(&mut node.connect(), None, 1);
    delete_records(rig, &node);
    Some(why(rig, &node, "billing", 0))
}

fn no_offsets(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    delete_records(rig, &node);
    let _member = Member::settled(node.connect(), &["orders"], &[0]);
    Some(why(rig, &node, "billing", 0))
}

/// Appends a batch of a transaction to a stopped node's segment, as a crash of Kafka's leaves it.
fn open_transaction(rig: &Rig) -> Option<Ended> {
    let node = start(rig, 3);
    let member = Member::settled(node.connect(), &["orders"], &[0]);
    commit(&mut node.connect(), Some(&member), 3);
    node.kill();
    let mut builder = BatchBuilder::new(Offset::new(3), Compression::None);
    builder.transactional().producer(Producer {
        id: ProducerId::new(7),
        epoch: ProducerEpoch::new(0),
        base_sequence: Sequence::new(0),
    });
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::new(now.as_millis() as i64);
    builder.append(now, None, Some(b"uncommitted"), []).unwrap();
    append(&rig.path("data/orders-0/00000000000000000000.log"), &builder.finish().unwrap());
    let node = rig.start_file("server.properties");
    find_coordinator(&mut node.connect());
    Some(why(rig, &node, "billing", 0))
}

fn append(segment: &Path, bytes: &[u8]) {
    use std::io::Write;
    let mut file = std::fs::File::options().append(true).open(segment).unwrap();
    file.write_all(bytes).unwrap();
}

/// A group that reads one record after the other, while something else happens too.
fn moving(rig: &Rig, records: usize, beside: impl Fn(&mut Wire) + Send + Sync) -> Ended {
    let node = start(rig, records);
    let member = Member::settled(node.connect(), &["orders"], &[0]);
    let is_over = AtomicBool::new(false);
    let address = node.address();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = Wire::to(address);
            let mut committed = 0;
            while !is_over.load(Ordering::Relaxed) {
                committed += 1;
                commit(&mut client, Some(&member), committed);
                beside(&mut client);
            }
        });
        let ended = why(rig, &node, "billing", 1);
        is_over.store(true, Ordering::Relaxed);
        ended
    })
}
