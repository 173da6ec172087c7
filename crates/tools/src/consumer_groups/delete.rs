//! Deleting groups, and offsets of groups.

use std::collections::BTreeMap;

use client::{Admin, ClientError};
use model::{ErrorCode, PartitionIndex, TopicPartition};

use super::{chosen, print_error, reset, tables};
use crate::failure::{Failure, explain};
use crate::java;
use crate::options::Options;
use crate::output::print;

/// `--delete`.
pub(super) async fn groups(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let groups = chosen(admin, options).await?;
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for (group, result) in admin.delete_groups(&groups).await? {
        match result {
            Ok(()) => deleted.push(format!("'{group}'")),
            Err(error) if error.is_network() => return Err(error.into()),
            Err(error) => failed.push((group, error)),
        }
    }
    let deleted = deleted.join(", ");
    if failed.is_empty() {
        return print(&format!(
            "Deletion of requested consumer groups ({deleted}) was successful.\n"
        ));
    }
    print_error("Deletion of some consumer groups failed:")?;
    for (group, error) in failed {
        // As the newest Java clients: they do not ask for the node's own words here.
        let error = match error.code() {
            Some(code) => java::exception_of(code),
            None => explain(&error),
        };
        print(&format!("* Group '{group}' could not be deleted due to: {error}\n"))?;
    }
    if !deleted.is_empty() {
        print(&format!("\nThese consumer groups were deleted successfully: {deleted}\n"))?;
    }
    Ok(())
}

/// `--delete-offsets`.
pub(super) async fn offsets(admin: &Admin, options: &Options) -> Result<(), Failure> {
    let group = options.required("group")?;
    let mut results: BTreeMap<TopicPartition, Option<String>> = BTreeMap::new();
    let mut partitions = Vec::new();
    for topic in options.values("topic") {
        match reset::partitions(admin, &[topic]).await {
            Ok(found) => partitions.extend(found),
            Err(Failure::Client(error)) if !error.is_network() => {
                let unknown = TopicPartition::new(topic, PartitionIndex::new(-1));
                results.insert(unknown, Some(explain(&error)));
            }
            Err(failure) => return Err(failure),
        }
    }
    let mut refused: Option<ClientError> = None;
    if !partitions.is_empty() {
        match admin.delete_group_offsets(group, &partitions).await {
            Ok(found) => {
                for (partition, result) in found {
                    let error = result.err();
                    results.insert(partition, error.as_ref().map(explain));
                    refused = refused.or(error);
                }
            }
            Err(error) if error.is_network() => return Err(error.into()),
            Err(error) => {
                let text = explain(&error);
                results.extend(partitions.into_iter().map(|p| (p, Some(text.clone()))));
                refused = Some(error);
            }
        }
    }
    match refused {
        Some(error) if is_about_partitions(&error) => {
            print_error("Encountered some partition-level error, see the follow-up details.")?;
        }
        Some(error) => print_error(&explain(&error))?,
        None => print(&format!("Request succeeded for deleting offsets from group {group}.\n"))?,
    }
    print(&tables::deleted(&results))
}

fn is_about_partitions(error: &ClientError) -> bool {
    matches!(
        error.code(),
        Some(
            ErrorCode::GroupSubscribedToTopic
                | ErrorCode::TopicAuthorizationFailed
                | ErrorCode::UnknownTopicOrPartition
        )
    )
}
