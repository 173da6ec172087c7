//! A broker's life, and what unclean and lossy starts cost (DESIGN D6).

use model::{BrokerId, ErrorCode};

use super::{Controller, directory, ids, refusal, registration};
use crate::{
    AllocateProducerIds, AssignDirectories, ControlledShutdown, FailDirectories,
    PRODUCER_ID_BLOCK_SIZE, StartKind, UnfenceBroker, UnregisterBroker,
};

#[test]
fn a_broker_registers_fenced_with_a_growing_epoch() {
    let mut controller = Controller::new();
    let first = controller.register(1, StartKind::Fresh);
    assert!(controller.image.broker(BrokerId::new(1)).unwrap().fenced);
    let second = controller.register(2, StartKind::Fresh);
    assert!(second > first);
    controller.unfence(1);
    assert!(controller.image.is_active(BrokerId::new(1)));
    let stale = UnfenceBroker { broker_id: BrokerId::new(2), broker_epoch: first };
    assert_eq!(refusal(controller.run(stale), "registered anew"), ErrorCode::StaleBrokerEpoch);
}

#[test]
fn a_repeated_registration_changes_nothing() {
    let mut controller = Controller::new();
    let command = registration(1, 7, StartKind::Fresh);
    let first = controller.run(command.clone()).unwrap();
    let before = controller.image.clone();
    assert_eq!(controller.run(command).unwrap(), first);
    assert_eq!(controller.image, before);
}

#[test]
fn folders_of_another_cluster_or_broker_are_refused() {
    let mut controller = Controller::with_brokers(1);
    let mut foreign = registration(2, 9, StartKind::Fresh);
    foreign.cluster_id = Some("other".into());
    let code = refusal(controller.run(foreign), "belong to cluster other");
    assert_eq!(code, ErrorCode::InconsistentClusterId);
    let mut copied = registration(2, 9, StartKind::Fresh);
    copied.directories = vec![directory(1)];
    let code = refusal(controller.run(copied), "registered by broker 1");
    assert_eq!(code, ErrorCode::InvalidRegistration);
}

#[test]
fn a_clean_start_changes_no_partition() {
    let mut controller = Controller::with_brokers(1);
    controller.create_assigned("t", &[1]);
    let previous_broker_epoch = controller.epoch(1);
    controller.start_broker(1, StartKind::Clean { previous_broker_epoch });
    assert_eq!(controller.partition("t").leader_epoch.get(), 0);
}

#[test]
fn every_unclean_start_leads_in_a_new_epoch_before_it_is_unfenced() {
    let mut controller = Controller::with_brokers(1);
    controller.create_assigned("t", &[1]);
    for epoch in 1..4 {
        let start = if epoch % 2 == 0 { StartKind::Lossy } else { StartKind::Unclean };
        controller.start_broker(1, StartKind::Clean { previous_broker_epoch: controller.epoch(1) });
        controller.image.brokers().for_each(|broker| assert!(!broker.fenced));
        controller.draws += 1;
        controller.register(1, start);
        let partition = controller.partition("t");
        assert_eq!(partition.leader_epoch.get(), epoch);
        assert_eq!((partition.leader, partition.isr), (Some(BrokerId::new(1)), ids(&[1])));
        assert!(controller.image.broker(BrokerId::new(1)).unwrap().fenced);
        controller.unfence(1);
    }
}

#[test]
fn a_mark_of_another_run_is_no_clean_start() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("t", &[1, 2]);
    controller.draws += 1;
    controller.register(1, StartKind::Clean { previous_broker_epoch: 77 });
    let partition = controller.partition("t");
    assert_eq!((partition.leader, partition.isr), (Some(BrokerId::new(2)), ids(&[2])));
}

#[test]
fn a_lossy_broker_leaves_every_isr_in_which_another_member_is() {
    let mut controller = Controller::with_brokers(3);
    controller.create_assigned("shared", &[1, 2]);
    controller.create_assigned("sole", &[1]);
    controller.create_assigned("followed", &[3, 1]);
    controller.draws += 1;
    controller.register(1, StartKind::Lossy);
    let shared = controller.partition("shared");
    assert_eq!((shared.leader, shared.isr), (Some(BrokerId::new(2)), ids(&[2])));
    let sole = controller.partition("sole");
    assert_eq!((sole.leader, sole.isr), (Some(BrokerId::new(1)), ids(&[1])));
    assert_eq!(sole.leader_epoch.get(), 1);
    let followed = controller.partition("followed");
    assert_eq!((followed.leader, followed.isr), (Some(BrokerId::new(3)), ids(&[3])));
    assert_eq!(followed.leader_epoch.get(), 0);
}

#[test]
fn a_folder_that_comes_back_empty_leads_nothing() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("shared", &[1, 2]);
    controller.create_assigned("sole", &[1]);
    // The broker has put both replicas into its folder.
    let assignments = ["shared", "sole"].map(|name| controller.image.topic(name).unwrap().id);
    controller
        .run(AssignDirectories {
            broker_id: BrokerId::new(1),
            broker_epoch: controller.epoch(1),
            assignments: assignments.map(|id| (id, 0.into(), directory(1))).to_vec(),
        })
        .unwrap();
    controller.draws += 1;
    let mut replaced = registration(1, controller.draws, StartKind::Fresh);
    replaced.directories = vec![directory(100)];
    controller.run(replaced).unwrap();
    controller.unfence(1);
    let shared = controller.partition("shared");
    assert_eq!((shared.leader, shared.isr), (Some(BrokerId::new(2)), ids(&[2])));
    let sole = controller.partition("sole");
    assert_eq!((sole.leader, sole.isr), (None, ids(&[1])));
    // With the old folder back, it leads again.
    controller.start_broker(1, StartKind::Clean { previous_broker_epoch: controller.epoch(1) });
    assert_eq!(controller.partition("sole").leader, Some(BrokerId::new(1)));
}

#[test]
fn a_fenced_leader_is_replaced_and_a_sole_one_waited_for() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("shared", &[1, 2]);
    controller.create_assigned("sole", &[1]);
    controller.fence(1);
    let shared = controller.partition("shared");
    assert_eq!((shared.leader, shared.isr), (Some(BrokerId::new(2)), ids(&[2])));
    let sole = controller.partition("sole");
    assert_eq!((sole.leader, sole.isr), (None, ids(&[1])));
    controller.unfence(1);
    let sole = controller.partition("sole");
    assert_eq!((sole.leader, sole.leader_epoch.get()), (Some(BrokerId::new(1)), 2));
}

#[test]
fn a_controlled_shutdown_hands_over_what_another_can_lead() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("shared", &[1, 2]);
    controller.create_assigned("sole", &[1]);
    let (broker_id, broker_epoch) = (BrokerId::new(1), controller.epoch(1));
    controller.run(ControlledShutdown { broker_id, broker_epoch }).unwrap();
    assert_eq!(controller.partition("shared").leader, Some(BrokerId::new(2)));
    assert_eq!(controller.partition("sole").leader, Some(broker_id));
    assert!(!controller.image.is_active(broker_id));
}

#[test]
fn an_unregistered_broker_is_gone() {
    let mut controller = Controller::with_brokers(2);
    controller.create_assigned("shared", &[1, 2]);
    controller.run(UnregisterBroker { broker_id: BrokerId::new(1) }).unwrap();
    assert_eq!(controller.image.brokers().count(), 1);
    assert_eq!(controller.partition("shared").leader, Some(BrokerId::new(2)));
    let again = controller.run(UnregisterBroker { broker_id: BrokerId::new(1) });
    assert_eq!(refusal(again, "not registered"), ErrorCode::BrokerIdNotRegistered);
}

#[test]
fn among_several_folders_the_broker_chooses() {
    let mut controller = Controller::new();
    let mut two_folders = registration(1, 5, StartKind::Fresh);
    two_folders.directories = vec![directory(1), directory(50)];
    controller.run(two_folders).unwrap();
    controller.unfence(1);
    controller.create_assigned("t", &[1]);
    let broker_id = BrokerId::new(1);
    assert_eq!(controller.partition("t").directory_of(broker_id), None);
    let topic_id = controller.image.topic("t").unwrap().id;
    let assign = |directory| AssignDirectories {
        broker_id,
        broker_epoch: 0,
        assignments: vec![(topic_id, 0.into(), directory)],
    };
    controller.run(assign(directory(50))).unwrap();
    assert_eq!(controller.partition("t").directory_of(broker_id), Some(directory(50)));
    assert_eq!(controller.partition("t").leader_epoch.get(), 0);
}

#[test]
fn folder_that_is_unknown_keeps_no_other_one_from_being_noted() {
    let mut controller = Controller::new();
    let mut two_folders = registration(1, 5, StartKind::Fresh);
    two_folders.directories = vec![directory(1), directory(50)];
    controller.run(two_folders).unwrap();
    controller.unfence(1);
    let broker_id = BrokerId::new(1);
    let mut assignments = Vec::new();
    for (name, folder) in [("lost", 60), ("kept", 50)] {
        controller.create_assigned(name, &[1]);
        let id = controller.image.topic(name).unwrap().id;
        assignments.push((id, 0.into(), directory(folder)));
    }
    controller.run(AssignDirectories { broker_id, broker_epoch: 0, assignments }).unwrap();
    assert_eq!(controller.partition("lost").directory_of(broker_id), None);
    assert_eq!(controller.partition("kept").directory_of(broker_id), Some(directory(50)));
}

#[test]
fn a_folder_that_fails_leads_nothing_until_its_partition_is_found_in_another() {
    let mut controller = Controller::new();
    let mut two_folders = registration(1, 5, StartKind::Fresh);
    two_folders.directories = vec![directory(1), directory(50)];
    controller.run(two_folders).unwrap();
    controller.unfence(1);
    let broker_id = BrokerId::new(1);
    let assign = |id, directory| AssignDirectories {
        broker_id,
        broker_epoch: 0,
        assignments: vec![(id, 0.into(), directory)],
    };
    for (name, folder) in [("lost", 50), ("kept", 1)] {
        controller.create_assigned(name, &[1]);
        let id = controller.image.topic(name).unwrap().id;
        controller.run(assign(id, directory(folder))).unwrap();
    }
    let fail = |directories| FailDirectories { broker_id, broker_epoch: 0, directories };
    controller.run(fail(vec![directory(50)])).unwrap();
    let lost = controller.partition("lost");
    assert_eq!((lost.leader, lost.isr.clone()), (None, ids(&[1])));
    assert!(!controller.image.is_online(&lost, broker_id));
    let kept = controller.partition("kept");
    assert_eq!((kept.leader, kept.leader_epoch.get()), (Some(broker_id), 0));
    assert!(controller.image.is_online(&kept, broker_id));
    assert_eq!(*controller.image.broker(broker_id).unwrap().directories, [directory(1)]);
    // Told twice, and told that nothing is left.
    controller.run(fail(vec![directory(50)])).unwrap();
    assert_eq!(controller.partition("lost").partition_epoch, lost.partition_epoch);
    let last = controller.run(fail(vec![directory(1)]));
    assert_eq!(refusal(last, "no log folder left"), ErrorCode::InvalidRequest);
    let id = controller.image.topic("lost").unwrap().id;
    controller.run(assign(id, directory(1))).unwrap();
    let found = controller.partition("lost");
    assert_eq!(found.leader, Some(broker_id));
    assert_eq!(found.leader_epoch.get(), lost.leader_epoch.get() + 1);
}

#[test]
fn blocks_of_producer_ids_never_overlap() {
    let mut controller = Controller::with_brokers(1);
    let (broker_id, broker_epoch) = (BrokerId::new(1), controller.epoch(1));
    for number in 0..3 {
        let block = controller.run(AllocateProducerIds { broker_id, broker_epoch }).unwrap();
        assert_eq!(block.first.get(), number * PRODUCER_ID_BLOCK_SIZE);
        assert_eq!(block.length, PRODUCER_ID_BLOCK_SIZE);
    }
    let stale = AllocateProducerIds { broker_id, broker_epoch: broker_epoch - 1 };
    assert_eq!(refusal(controller.run(stale), ""), ErrorCode::StaleBrokerEpoch);
}
