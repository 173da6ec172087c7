//! Every finding of `klamm why`, provoked once by facts that mean it.

use std::collections::BTreeMap;

use model::{PartitionIndex, TopicPartition};

use super::facts::{GroupFacts, OpenTransaction, PartitionFacts, Retention};
use super::*;
use crate::consumer_groups::MemberRow;

fn name(partition: i32) -> TopicPartition {
    TopicPartition::new("orders", PartitionIndex::new(partition))
}

fn member(id: &str, partitions: &[i32]) -> MemberRow {
    MemberRow {
        group: "billing".into(),
        consumer_id: id.into(),
        instance_id: String::new(),
        host: "/10.0.0.7".into(),
        client_id: id.into(),
        subscription: vec!["orders".into()],
        assignment: partitions.iter().map(|partition| name(*partition)).collect(),
        current_epoch: None,
        target_epoch: None,
        target_assignment: Vec::new(),
        upgraded: None,
    }
}

/// A group whose one member has read all 100 records of its one partition.
fn healthy() -> Facts {
    let group = GroupFacts {
        state: "Stable".into(),
        coordinator: "localhost:9092  (1)".into(),
        members: vec![member("app", &[0])],
    };
    let partition = PartitionFacts {
        committed_before: Some(100),
        committed: Some(100),
        begin: Some(0),
        end_before: Some(100),
        end: Some(100),
        stable_end: Some(100),
        open_transaction: None,
        member: Some("app at /10.0.0.7".into()),
        has_leader: true,
    };
    Facts {
        id: "billing".into(),
        group_before: Some(group.clone()),
        group: Some(group),
        known_groups: vec!["billing".into()],
        topics: [("orders".to_owned(), 1)].into(),
        wanted: ["orders".to_owned()].into(),
        partitions: [(name(0), partition)].into(),
        retention: BTreeMap::new(),
        seconds: 5.0,
    }
}

/// The first partition.
fn first(facts: &mut Facts) -> &mut PartitionFacts {
    facts.partitions.values_mut().next().unwrap()
}

/// What the facts mean, once something about them is changed.
fn found(change: impl FnOnce(&mut Facts)) -> Vec<&'static str> {
    let mut facts = healthy();
    change(&mut facts);
    let found = judge::judge(&facts, "localhost:9092");
    found.iter().for_each(finding::tests::assert_can_be_done);
    found.iter().map(|finding| finding.kind.id).collect()
}

type Change = fn(&mut Facts);

const PROVOKED: &[(&str, Change)] = &[
    ("caught-up", |_| {}),
    ("no-group", |facts| {
        facts.group = None;
        facts.partitions.clear();
        facts.id = "biling".into();
    }),
    ("no-members", |facts| {
        facts.group.as_mut().unwrap().members.clear();
        first(facts).member = None;
    }),
    ("not-consumers", |facts| {
        facts.wanted.clear();
        facts.partitions.clear();
    }),
    ("rebalancing", |facts| {
        facts.group.as_mut().unwrap().state = "PreparingRebalance".into();
        facts.group_before.as_mut().unwrap().state = "CompletingRebalance".into();
        first(facts).member = None;
    }),
    ("members-change", |facts| {
        facts.group_before.as_mut().unwrap().members[0].consumer_id = "earlier".into();
    }),
    ("no-topic", |facts| _ = facts.wanted.insert("order".into())),
    ("no-leader", |facts| {
        let partition = first(facts);
        *partition = PartitionFacts { member: partition.member.clone(), ..Default::default() };
    }),
    ("unread-partitions", |facts| first(facts).member = None),
    ("idle-members", |facts| {
        facts.group.as_mut().unwrap().members.push(member("spare", &[]));
        facts.group_before = facts.group.clone();
    }),
    ("offsets-deleted", |facts| first(facts).begin = Some(101)),
    ("offsets-beyond-end", |facts| {
        first(facts).end = Some(50);
        first(facts).stable_end = Some(50);
    }),
    ("open-transaction", |facts| {
        first(facts).end = Some(120);
        first(facts).open_transaction = Some(OpenTransaction { producer: 7, idle_ms: 90_000 });
    }),
    ("no-commits", |facts| {
        first(facts).committed = None;
        first(facts).committed_before = None;
    }),
    ("stands-still", |facts| {
        first(facts).end_before = Some(120);
        first(facts).end = Some(120);
        first(facts).stable_end = Some(120);
    }),
    ("falls-behind", |facts| {
        first(facts).end_before = Some(1000);
        first(facts).end = Some(1120);
        first(facts).stable_end = Some(1120);
        first(facts).committed_before = Some(90);
    }),
    ("catches-up", |facts| {
        first(facts).end = Some(200);
        first(facts).stable_end = Some(200);
        first(facts).end_before = Some(200);
        first(facts).committed_before = Some(0);
    }),
    ("look-again", |facts| {
        first(facts).end = Some(120);
        first(facts).stable_end = Some(120);
    }),
    ("nothing-written", |facts| {
        let partition = first(facts);
        (partition.begin, partition.end, partition.stable_end) = (Some(0), Some(0), Some(0));
        (partition.committed, partition.committed_before) = (None, None);
    }),
    ("no-offsets", |facts| {
        let partition = first(facts);
        (partition.begin, partition.committed, partition.committed_before) =
            (Some(100), None, None);
    }),
];

#[test]
fn every_finding_is_provoked_by_what_it_is_about() {
    let mut ids: Vec<&str> = judge::ALL.iter().map(|kind| kind.id).collect();
    let mut provoked: Vec<&str> = PROVOKED.iter().map(|(id, _)| *id).collect();
    for (id, change) in PROVOKED {
        assert_eq!(found(change).first(), Some(id));
    }
    ids.sort_unstable();
    provoked.sort_unstable();
    assert_eq!(ids, provoked);
}

#[test]
fn a_finding_names_what_was_meant_and_the_command_that_helps() {
    let mut facts = healthy();
    facts.wanted.insert("order".into());
    first(&mut facts).begin = Some(130);
    let text = text(&facts, "localhost:9092");
    for wanted in [
        "Group billing is Stable, with 1 member; its coordinator is localhost:9092  (1).",
        "there is no topic order; did you mean orders?",
        "30 records that the group has not read are gone: it stands at 100 of orders-0",
        "-> klamm consumer-groups --bootstrap-server localhost:9092 --group billing --reset-offsets \
         --topic orders:0 --to-earliest --execute  # reads what is left; once its members are stopped\n",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn an_open_transaction_is_not_taken_for_a_slow_or_hanging_consumer() {
    for committed_before in [None, Some(90), Some(100)] {
        let ids = found(|facts| {
            first(facts).end = Some(120);
            first(facts).end_before = Some(110);
            first(facts).committed_before = committed_before;
        });
        assert_eq!(ids, ["open-transaction"]);
    }
}

#[test]
fn a_group_that_keeps_up_and_commits_now_and_then_is_not_blamed() {
    // Written since the last commit, within the interval in which consumers commit by themselves.
    let waiting = found(|facts| {
        (first(facts).end, first(facts).stable_end) = (Some(120), Some(120));
    });
    assert_eq!(waiting, ["look-again"]);
    let keeping_up = found(|facts| {
        (first(facts).end, first(facts).stable_end) = (Some(140), Some(140));
        first(facts).committed_before = Some(60);
    });
    assert_eq!(keeping_up, ["catches-up"]);
}

#[test]
fn only_the_partitions_that_a_finding_is_about_are_to_be_reset() {
    let mut facts = healthy();
    let healthy = facts.partitions[&name(0)].clone();
    for partition in 1..4 {
        facts.partitions.insert(name(partition), healthy.clone());
    }
    for partition in [1, 3] {
        let one = facts.partitions.get_mut(&name(partition)).unwrap();
        (one.end, one.stable_end) = (Some(50), Some(50));
    }
    assert!(text(&facts, "localhost:9092").contains("--topic orders:1,3 --to-latest"));
}

/// What is advised about records that were deleted, when the topic keeps as much as that.
fn advice_of_deleted(retention: Option<Retention>) -> String {
    let mut facts = healthy();
    first(&mut facts).begin = Some(130);
    facts.retention.extend(retention.map(|retention| ("orders".to_owned(), retention)));
    let found = judge::judge(&facts, "localhost:9092");
    found.iter().for_each(finding::tests::assert_can_be_done);
    finding::text(&found)
}

#[test]
fn retention_is_never_told_to_become_shorter() {
    const DAY: i64 = 86_400_000;
    let of = |ms, bytes| advice_of_deleted(Some(Retention { ms, bytes }));
    assert!(of(Some(7 * DAY), None).contains("--add-config retention.ms=1209600000"));
    for (ms, bytes) in
        [(None, None), (Some(90 * DAY), None), (None, Some(5)), (Some(90 * DAY), Some(5))]
    {
        let text = of(ms, bytes);
        assert!(!text.contains("--add-config"), "{text}");
        let cause = if bytes.is_some() {
            "retention.bytes keeps no more than 5 bytes"
        } else {
            "who deletes records"
        };
        assert!(text.contains(cause), "{text}");
    }
    assert!(!advice_of_deleted(None).contains("--alter"));
}

#[test]
fn a_group_with_a_lag_is_never_said_to_have_read_all() {
    let rebalances = found(|facts| {
        (first(facts).end_before, first(facts).end, first(facts).stable_end) =
            (Some(120), Some(120), Some(120));
        first(facts).member = None;
        facts.group.as_mut().unwrap().state = "PreparingRebalance".into();
    });
    assert_eq!(rebalances, ["look-again"]);
    let set_back = found(|facts| first(facts).committed = Some(40));
    assert_eq!(set_back, ["look-again"]);
}

#[test]
fn what_cannot_be_taken_back_says_so() {
    for (id, change) in PROVOKED {
        let mut facts = healthy();
        change(&mut facts);
        for found in judge::judge(&facts, "localhost:9092") {
            for mend in &found.mend {
                let line = mend.line();
                let is_grave =
                    ["--execute", "--partitions "].iter().any(|flag| line.contains(flag));
                assert!(!is_grave || line.contains("  # "), "{id}: {line}");
            }
        }
    }
}

#[test]
fn the_id_of_a_group_is_no_command() {
    let mut facts = healthy();
    facts.id = "x;reboot".into();
    first(&mut facts).begin = Some(130);
    assert!(text(&facts, "localhost:9092").contains(" --group 'x;reboot' "));
}
