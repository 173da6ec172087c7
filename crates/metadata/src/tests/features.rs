//! Features and elections, by the rules of Kafka's controller.

use model::{BrokerId, ErrorCode};

use super::{Controller, refusal};
use crate::{ApiError, ElectLeaders, Election, FeatureChange, FeatureUpdate, StartKind};

const METADATA_VERSION: &str = "metadata.version";

fn update(
    controller: &mut Controller,
    name: &str,
    level: i16,
    change: Option<FeatureChange>,
    validate_only: bool,
) -> Result<(), ApiError> {
    let updates = vec![FeatureUpdate { name: name.into(), level, change }];
    controller.run(crate::UpdateFeatures { controller_id: 1.into(), updates, validate_only })
}

#[test]
fn a_cluster_has_the_newest_metadata_version_from_its_first_broker_on() {
    let mut controller = Controller::new();
    assert_eq!(controller.image.feature_level(METADATA_VERSION), 0);
    controller.start_broker(1, StartKind::Fresh);
    assert_eq!(controller.image.feature_level(METADATA_VERSION), 30);
    let lower = Some(FeatureChange::SafeDowngrade);
    update(&mut controller, METADATA_VERSION, 30, lower, false).unwrap();
    assert!(controller.delta.is_empty(), "a level that is reached needs no record");
}

#[test]
fn metadata_version_goes_down_only_where_records_stayed_the_same() {
    let mut controller = Controller::with_brokers(1);
    let safe = Some(FeatureChange::SafeDowngrade);
    let result = update(&mut controller, METADATA_VERSION, 29, safe, false);
    assert_eq!(refusal(result, "might delete metadata"), ErrorCode::InvalidUpdateVersion);
    let unsafely = Some(FeatureChange::UnsafeDowngrade);
    let result = update(&mut controller, METADATA_VERSION, 29, unsafely, false);
    assert_eq!(refusal(result, "Unsafe metadata downgrade"), ErrorCode::InvalidUpdateVersion);
    let at = |level| {
        let mut controller = Controller::with_brokers(1);
        std::sync::Arc::make_mut(&mut controller.image.features)
            .insert(METADATA_VERSION.into(), level);
        controller
    };
    let up = Some(FeatureChange::Upgrade);
    let mut older = at(29);
    let result = update(&mut older, METADATA_VERSION, 23, up, false);
    assert_eq!(refusal(result, "Can't downgrade the version"), ErrorCode::InvalidUpdateVersion);
    update(&mut older, METADATA_VERSION, 23, safe, true).unwrap();
    assert_eq!(older.image.feature_level(METADATA_VERSION), 29, "only validated");
    update(&mut older, METADATA_VERSION, 23, safe, false).unwrap();
    assert_eq!(older.image.feature_level(METADATA_VERSION), 23);
    let result = update(&mut older, METADATA_VERSION, 24, safe, false);
    assert_eq!(refusal(result, "newer version"), ErrorCode::InvalidUpdateVersion);
    update(&mut older, METADATA_VERSION, 30, up, false).unwrap();
    assert_eq!(older.image.feature_level(METADATA_VERSION), 30);
}

#[test]
fn what_is_not_supported_stays_off_and_nothing_else_changes_with_it() {
    let mut controller = Controller::with_brokers(1);
    let up = Some(FeatureChange::Upgrade);
    for (name, level, change, says) in [
        (METADATA_VERSION, 31, up, "only supports versions 7-30"),
        (METADATA_VERSION, 6, up, "only supports versions 7-30"),
        (METADATA_VERSION, -1, up, "cannot be less than 0"),
        (METADATA_VERSION, 30, None, "upgrade type"),
        ("transaction.version", 2, up, "does not support this feature"),
        ("group.version", 1, up, "does not support this feature"),
        ("unknown.version", 0, up, "Feature unknown.version not found"),
    ] {
        let result = update(&mut controller, name, level, change, false);
        assert_eq!(refusal(result, says), ErrorCode::InvalidUpdateVersion, "{name}");
    }
    update(&mut controller, "transaction.version", 0, up, false).unwrap();
    let both = [("transaction.version", 1), (METADATA_VERSION, 30)];
    let updates = both.map(|(name, level)| FeatureUpdate { name: name.into(), level, change: up });
    let updates = crate::UpdateFeatures {
        controller_id: 1.into(),
        updates: updates.to_vec(),
        validate_only: false,
    };
    assert!(controller.run(updates).is_err());
    assert!(controller.delta.is_empty());
}

fn elect(controller: &mut Controller, election: Election, topic: &str, index: i32) -> ErrorCode {
    let partitions = Some(vec![(topic.into(), vec![index.into()])]);
    let elected = controller.run(ElectLeaders { election, partitions });
    assert_eq!(&*elected[0].topic, topic);
    elected[0].partitions[0].1.as_ref().err().map_or(ErrorCode::None, |error| error.code)
}

#[test]
fn the_preferred_leader_comes_back_when_it_is_in_sync() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("t", &[1, 2]);
    assert_eq!(elect(&mut controller, Election::Preferred, "t", 0), ErrorCode::ElectionNotNeeded);
    controller.fence(1);
    assert_eq!(controller.partition("t").leader, Some(BrokerId::new(2)));
    let unavailable = ErrorCode::PreferredLeaderNotAvailable;
    assert_eq!(elect(&mut controller, Election::Preferred, "t", 0), unavailable);
    assert_eq!(elect(&mut controller, Election::Unclean, "t", 0), ErrorCode::ElectionNotNeeded);
    let unknown = ErrorCode::UnknownTopicOrPartition;
    assert_eq!(elect(&mut controller, Election::Preferred, "t", 1), unknown);
    assert_eq!(elect(&mut controller, Election::Preferred, "u", 0), unknown);
    // As if its follower had caught up.
    controller.unfence(1);
    let partition = controller.partition("t");
    let change = protocol::data::PartitionChangeRecord {
        topic_id: controller.image.topic("t").unwrap().id,
        partition_id: 0.into(),
        isr: Some(partition.replicas.clone()),
        leader: BrokerId::new(-2),
        leader_recovery_state: -1,
        ..Default::default()
    };
    controller.image.replay(&change.into(), &mut Default::default()).unwrap();
    let before = controller.partition("t").leader_epoch;
    assert_eq!(elect(&mut controller, Election::Preferred, "t", 0), ErrorCode::None);
    let after = controller.partition("t");
    assert_eq!((after.leader, after.leader_epoch), (Some(BrokerId::new(1)), before.next()));
}

#[test]
fn all_partitions_are_asked_for_and_those_that_need_nothing_are_not_named() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("a", &[1, 2]);
    controller.create_assigned("b", &[2, 1]);
    controller.create_assigned("c", &[1]);
    controller.fence(1);
    let elections = [
        (
            Election::Preferred,
            ["PREFERRED_LEADER_NOT_AVAILABLE", "", "PREFERRED_LEADER_NOT_AVAILABLE"],
        ),
        (Election::Unclean, ["", "", "ELIGIBLE_LEADERS_NOT_AVAILABLE"]),
    ];
    for (election, expected) in elections {
        let elected = controller.run(ElectLeaders { election, partitions: None });
        let named = elected.iter().map(|topic| {
            let errors = topic.partitions.iter().filter_map(|(_, outcome)| outcome.as_ref().err());
            errors.map(|error| error.code.name()).collect::<String>()
        });
        assert_eq!(named.collect::<Vec<_>>(), expected);
    }
}
