//! `--execute` and `--cancel`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::{BrokerId, ErrorCode, TopicPartition};

use super::plan::{self, Plan, Replica};
use super::{TIMEOUT_MS, Tool, joined, plural, told};
use crate::failure::Failure;
use crate::java;
use crate::options::Options;
use crate::output::print;

/// How long to wait before a move that cannot begin yet is asked for again.
const PAUSE: Duration = Duration::from_millis(100);

const OTHERS_GO_ON: &str = "Cannot execute because there is an existing partition assignment.  Use \
     --additional to override this and create a new partition assignment in addition to the existing \
     one. The --additional flag can also be used to change the throttle by resubmitting the current \
     reassignment.";

impl Tool {
    pub(super) async fn execute(&self, options: &Options, plan: &Plan) -> Result<(), Failure> {
        let between_brokers = options.number::<i64>("throttle")?.filter(|bytes| *bytes >= 0);
        let between_folders =
            options.number::<i64>("replica-alter-log-dirs-throttle")?.filter(|bytes| *bytes >= 0);
        let targets = plan.checked()?;
        let moves = self.admin.list_partition_reassignments(None).await?;
        if !options.has("additional") && !moves.is_empty() {
            return Err(told(OTHERS_GO_ON));
        }
        let known: BTreeSet<BrokerId> = self.nodes().await?.iter().map(|node| node.id).collect();
        if let Some(unknown) = targets.values().flatten().find(|broker| !known.contains(broker)) {
            return Err(Failure::Refused(format!("Error: Unknown broker id {unknown}")));
        }
        let current = self.current(plan, &targets).await?;
        print(&format!(
            "Current partition replica assignment\n\n{}\n\nSave this to use as the \
             --reassignment-json-file option during rollback\n",
            plan::json(&current, &self.folders(&current).await?)
        ))?;
        if between_brokers.is_some() || between_folders.is_some() {
            print(
                "Warning: You must run --verify periodically, until the reassignment completes, to \
                 ensure the throttle is removed.\n",
            )?;
        }
        if let Some(bytes) = between_brokers {
            self.throttle_brokers(&moves, &targets, &current, bytes).await?;
        }
        if let Some(bytes) = between_folders {
            self.throttle_folders(plan, bytes).await?;
        }
        let wanted = targets.iter().map(|(key, brokers)| (key.clone(), Some(brokers.clone())));
        let may_change = !options.has("disallow-replication-factor-change");
        self.alter(wanted.collect(), may_change, "Error reassigning partition(s):").await?;
        print(&format!(
            "Successfully started partition reassignment{} for {}\n",
            plural(targets.len()),
            joined(targets.keys())
        ))?;
        self.move_between_folders(options, plan.folders.clone()).await
    }

    /// Where the partitions of a plan are; all must be there.
    async fn current(
        &self,
        plan: &Plan,
        targets: &BTreeMap<TopicPartition, Vec<BrokerId>>,
    ) -> Result<BTreeMap<TopicPartition, Vec<BrokerId>>, Failure> {
        let mut current = self.replicas(plan.topics()).await?;
        current.retain(|partition, _| targets.contains_key(partition));
        let missing: Vec<String> = targets
            .keys()
            .filter(|partition| !current.contains_key(*partition))
            .map(ToString::to_string)
            .collect();
        if missing.is_empty() {
            return Ok(current);
        }
        let missing = missing.join(", ");
        Err(Failure::Refused(format!("Error: Unable to find partition: {missing}")))
    }

    async fn alter(
        &self,
        moves: BTreeMap<TopicPartition, Option<Vec<BrokerId>>>,
        may_change: bool,
        failed: &str,
    ) -> Result<(), Failure> {
        let mut message = failed.to_owned();
        for (partition, result) in
            self.admin.alter_partition_reassignments(&moves, may_change).await?
        {
            if let Err(error) = result {
                message.push_str(&format!("\n{partition}: {}", java::words(&error)));
            }
        }
        if message == failed { Ok(()) } else { Err(told(&message)) }
    }

    /// Begins moves between folders. A broker that has no replica yet is asked until it has, since a
    /// move between brokers may have to come first.
    async fn move_between_folders(
        &self,
        options: &Options,
        mut pending: BTreeMap<Replica, String>,
    ) -> Result<(), Failure> {
        let timeout = Duration::from_millis(options.number("timeout")?.unwrap_or(TIMEOUT_MS));
        let started = Instant::now();
        while !pending.is_empty() {
            let mut text = String::new();
            for (replica, folder) in self.begin(&pending).await? {
                pending.remove(&replica);
                let Replica { broker, partition } = replica;
                text.push_str(&format!(
                    "Successfully started moving log directory to {folder} for replica {partition} \
                     with broker {broker} \n"
                ));
            }
            print(&text)?;
            if pending.is_empty() {
                break;
            }
            if started.elapsed() >= timeout {
                return Err(told(&format!(
                    "Timed out before log directory move{} could be started for: {}",
                    plural(pending.len()),
                    joined(pending.keys())
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Asks for moves; returns those that have begun.
    async fn begin(
        &self,
        pending: &BTreeMap<Replica, String>,
    ) -> Result<BTreeMap<Replica, String>, Failure> {
        let mut by_broker: BTreeMap<BrokerId, BTreeMap<TopicPartition, String>> = BTreeMap::new();
        for (replica, folder) in pending {
            let moves = by_broker.entry(replica.broker).or_default();
            moves.insert(replica.partition.clone(), folder.clone());
        }
        let mut begun = BTreeMap::new();
        for (broker, moves) in by_broker {
            for (partition, result) in self.admin.alter_replica_log_dirs(broker, &moves).await? {
                let replica = Replica { broker, partition };
                match result {
                    Ok(()) => {
                        let folder = pending.get(&replica).cloned().unwrap_or_default();
                        begun.insert(replica, folder);
                    }
                    Err(error) if error.code() == Some(ErrorCode::ReplicaNotAvailable) => {}
                    Err(error) => {
                        return Err(Failure::Refused(format!(
                            "Error: Failed to alter dir for {replica}: {}",
                            java::words(&error)
                        )));
                    }
                }
            }
        }
        Ok(begun)
    }

    pub(super) async fn cancel(&self, options: &Options, plan: &Plan) -> Result<(), Failure> {
        let named: Vec<TopicPartition> = plan.targets().into_keys().collect();
        let moves = self.admin.list_partition_reassignments(Some(&named)).await?;
        let active: Vec<TopicPartition> = moves
            .into_iter()
            .filter(|(_, one)| !one.adding.is_empty() || !one.removing.is_empty())
            .map(|(partition, _)| partition)
            .collect();
        if active.is_empty() {
            print("None of the specified partition reassignments are active.\n")?;
        } else {
            let ends = active.iter().map(|partition| (partition.clone(), None)).collect();
            let failed = "Error cancelling partition reassignments for:";
            self.alter(ends, true, failed).await?;
            print(&format!(
                "Successfully cancelled partition reassignment{} for: {}\n",
                plural(active.len()),
                joined(&active)
            ))?;
        }
        let there = self.whereabouts(plan.folders.keys().cloned()).await?;
        let back: BTreeMap<Replica, String> = there
            .into_iter()
            .filter(|(_, one)| one.future.is_some())
            .filter_map(|(replica, one)| Some((replica, one.current?)))
            .collect();
        if back.is_empty() {
            // Kafka's tool ends no line here.
            print("None of the specified partition moves are active.")?;
        } else {
            self.move_between_folders(options, back).await?;
        }
        if options.has("preserve-throttles") { Ok(()) } else { self.clear_throttles(plan).await }
    }
}
