//! Plans, proposals and what is told of moves.

use model::PartitionIndex;

use super::plan::Replica;
use super::state::{Whereabouts, folder_states, partition_states};
use super::*;

fn key(index: i32) -> TopicPartition {
    TopicPartition::new("t", PartitionIndex::new(index))
}

fn ids(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId::new).collect()
}

fn read(text: &str) -> Result<Plan, Failure> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Plan::read(file.path().to_str().unwrap())
}

#[test]
fn a_plan_that_cannot_be_carried_out_is_refused_in_kafkas_words() {
    for (partitions, says) in [
        ("", "Partition reassignment list cannot be empty"),
        (r#"{"topic":"t","partition":0,"replicas":[]}"#, "Partition replica list cannot be empty"),
        (
            r#"{"topic":"t","partition":0,"replicas":[1]},{"topic":"t","partition":0,"replicas":[1]}"#,
            "Partition reassignment contains duplicate topic partitions: t-0",
        ),
        (
            r#"{"topic":"t","partition":0,"replicas":[1,2,1]}"#,
            "Partition replica lists may not contain duplicate entries: t-0 contains multiple entries for 1",
        ),
        (
            r#"{"topic":"t","partition":0,"replicas":[1,2],"log_dirs":["any"]}"#,
            "Size of replicas list [1, 2] is different from size of log dirs list [any] for partition t-0",
        ),
    ] {
        let plan = read(&format!(r#"{{"partitions":[{partitions}]}}"#));
        let refused = plan.and_then(|plan| plan.checked()).unwrap_err().to_string();
        assert_eq!(refused, format!("Error: {says}"));
    }
    assert!(read(r#"{"version":2,"partitions":[]}"#).is_err());
}

#[test]
fn a_plan_is_written_as_it_is_read() {
    let text = r#"{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[2,1],"log_dirs":["any","/a\"b"]}]}"#;
    let plan = read(text).unwrap();
    assert_eq!(plan::json(&plan.checked().unwrap(), &plan.folders), text);
}

#[test]
fn a_proposal_spreads_each_topic_over_brokers_and_racks() {
    let node = |id, rack: &str| Node {
        id: BrokerId::new(id),
        host: "h".into(),
        port: 1,
        rack: (!rack.is_empty()).then(|| rack.to_owned()),
    };
    let nodes = [node(1, "a"), node(2, "a"), node(3, "b"), node(4, "b")];
    let striped = plan::striped(&nodes, true).unwrap();
    assert_eq!(striped, ids(&[1, 3, 2, 4]));
    let current = [(key(0), ids(&[1, 2])), (key(1), ids(&[1, 2])), (key(2), ids(&[1, 2]))].into();
    let proposed = plan::propose(&current, &striped).unwrap();
    let replicas: Vec<_> = proposed.into_values().collect();
    assert_eq!(replicas, [ids(&[1, 3]), ids(&[3, 2]), ids(&[2, 4])]);
    assert!(plan::propose(&current, &ids(&[1])).is_err());
    assert!(plan::striped(&[node(1, "a"), node(2, "")], true).is_err());
    assert!(plan::striped(&[node(1, "a"), node(2, "")], false).is_ok());
}

#[test]
fn states_of_moves_are_told_in_kafkas_words() {
    let targets = [(key(0), ids(&[1])), (key(1), ids(&[2])), (key(2), ids(&[1]))].into();
    let going_on =
        client::Reassignment { replicas: ids(&[1, 2]), adding: ids(&[2]), removing: ids(&[1]) };
    let current = [(key(0), ids(&[1])), (key(2), ids(&[3, 4]))].into();
    assert_eq!(
        partition_states(&targets, &[(key(1), going_on)].into(), &current),
        "Status of partition reassignment:\n\
         Reassignment of partition t-0 is completed.\n\
         Reassignment of partition t-1 is still in progress.\n\
         There is no active reassignment of partition t-2, but replica set is 3,4 rather than 1.\n"
    );
    let replica = |index| Replica { broker: BrokerId::new(1), partition: key(index) };
    let at = |current: &str, future: &str| Whereabouts {
        current: Some(current.to_owned()).filter(|path| !path.is_empty()),
        future: Some(future.to_owned()).filter(|path| !path.is_empty()),
    };
    let there =
        [at("", ""), at("/a", "/b"), at("/a", "/c"), at("/a", ""), at("/b", "")].into_iter();
    let there: BTreeMap<Replica, Whereabouts> =
        there.enumerate().map(|(index, one)| (replica(index as i32), one)).collect();
    let targets = there.keys().map(|one| (one.clone(), "/b".to_owned())).collect();
    assert_eq!(
        folder_states(&targets, &there),
        "Partition t-0 is not found in any live log dir on broker 1. There is likely an offline log \
         directory on the broker.\n\
         Reassignment of replica t-1-1 is still in progress.\n\
         Partition t-2 on broker 1 is being moved to log dir /c instead of /b.\n\
         Partition t-3 on broker 1 is not being moved from log dir /a to /b.\n\
         Reassignment of replica t-4-1 completed successfully.\n"
    );
    assert_eq!(folder_states(&BTreeMap::new(), &BTreeMap::new()), "\n");
}
