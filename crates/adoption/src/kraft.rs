//! A source of the KRaft era: the records of its metadata log, applied one after the other.
//!
//! Every kind of record that Kafka has is named here. One that is not known means a newer Kafka, and
//! the folder is not taken over: guessing what is left out could lose data or a lock on a door.

use std::collections::{BTreeMap, HashMap};

use bytes::{Buf, Bytes};
use metadata::{ConfigResource, ResourceType};
use model::{BrokerId, LeaderEpoch, Offset, TopicId};
use protocol::data::{
    AccessControlEntryRecord, ClientQuotaRecord, ConfigRecord, DelegationTokenRecord,
    FeatureLevelRecord, LeaderChangeMessage, PartitionChangeRecord, PartitionRecord,
    ProducerIdsRecord, RegisterBrokerRecord, RemoveAccessControlEntryRecord,
    RemoveDelegationTokenRecord, RemoveTopicRecord, RemoveUserScramCredentialRecord, TopicRecord,
    UnregisterBrokerRecord, UserScramCredentialRecord, VotersRecord, ZkMigrationStateRecord,
};
use protocol::{Message, Reader};
use records::ControlType;

use crate::error::RecordError;
use crate::folders::UNFINISHED_MIGRATION;
use crate::metadata_log::Sink;
use crate::source::{Source, SourcePartition, SourceTopic};

/// Kafka's versions of the frame around a record.
const FRAME_VERSIONS: std::ops::RangeInclusive<u32> = 0..=1;
/// `leader` of a change record that leaves the leader alone.
const LEADER_UNCHANGED: BrokerId = BrokerId::new(-2);
/// States of a migration from ZooKeeper that are not its end.
const MIGRATION_UNDER_WAY: [i8; 2] = [1, 2];
/// The control records that name the voters of the metadata quorum: of a term that begins, and of a
/// quorum whose voters may change.
const LEADER_CHANGE: ControlType = ControlType::Other(2);
const VOTERS: ControlType = ControlType::Other(6);
/// A transaction of metadata holds fewer records than this.
const TRANSACTION_RECORDS_MAX: usize = 10_000_000;

/// Applies records to a source.
#[derive(Default)]
pub(crate) struct Replay {
    source: Source,
    names: HashMap<TopicId, String>,
    /// Records of a transaction that has begun.
    transaction: Option<Vec<Bytes>>,
    migration: i8,
    /// The voters, and the offset at which they were named.
    voters: Option<(Offset, Vec<BrokerId>)>,
}

impl Sink for Replay {
    fn record(&mut self, offset: Offset, value: Bytes) -> Result<(), RecordError> {
        let epochs = &mut self.source.next_broker_epoch;
        *epochs = (*epochs).max(offset.get() + 1);
        self.take(value)
    }

    fn control(
        &mut self,
        offset: Offset,
        kind: ControlType,
        value: Bytes,
    ) -> Result<(), RecordError> {
        // Kafka reads both as version 0.
        let voters: Vec<BrokerId> = match kind {
            LEADER_CHANGE => {
                let voters = LeaderChangeMessage::decode(&mut Reader::new(value), 0)?.voters;
                voters.iter().map(|voter| voter.voter_id).collect()
            }
            VOTERS => {
                let voters = VotersRecord::decode(&mut Reader::new(value), 0)?.voters;
                voters.iter().map(|voter| voter.voter_id).collect()
            }
            _ => return Ok(()),
        };
        if self.voters.as_ref().is_none_or(|(known, _)| *known <= offset) {
            self.voters = Some((offset, voters));
        }
        Ok(())
    }
}

impl Replay {
    /// What the records came to, and why this node must not take it over. A transaction that never
    /// ended never happened.
    pub(crate) fn finish(mut self, end: Offset, node_id: BrokerId) -> (Source, Vec<String>) {
        let epochs = &mut self.source.next_broker_epoch;
        *epochs = (*epochs).max(end.get() + 1);
        let mut reasons = Vec::new();
        if MIGRATION_UNDER_WAY.contains(&self.migration) {
            reasons.push(UNFINISHED_MIGRATION.to_owned());
        }
        if let Some((_, voters)) = self.voters.filter(|(_, voters)| *voters != [node_id]) {
            let voters: Vec<_> = voters.iter().map(BrokerId::to_string).collect();
            reasons.push(format!(
                "its metadata belongs to the controllers of id {}, and this node is {node_id}: what is \
                 here may lack what they decided, or hold what they took back; only the folders of a \
                 broker that is its own and only controller can be taken over, so reduce the quorum to \
                 that one with Apache Kafka first (kafka-metadata-quorum.sh remove-controller)",
                voters.join(", ")
            ));
        }
        (self.source, reasons)
    }

    fn take(&mut self, value: Bytes) -> Result<(), RecordError> {
        let mut body = value.clone();
        let frame = take_varint(&mut body)?;
        if !FRAME_VERSIONS.contains(&frame) {
            return Err(RecordError::Frame(frame));
        }
        let key = take_varint(&mut body)?;
        let version = take_varint(&mut body)?;
        match (key, &mut self.transaction) {
            (23, _) => self.transaction = Some(Vec::new()),
            (24, _) => {
                for value in self.transaction.take().unwrap_or_default() {
                    self.take(value)?;
                }
            }
            (25, _) => self.transaction = None,
            (_, Some(waiting)) if waiting.len() < TRANSACTION_RECORDS_MAX => waiting.push(value),
            (_, Some(_)) => {
                let what = "a metadata transaction has no end".to_owned();
                return Err(RecordError::Contradiction(what));
            }
            (_, None) => self.apply(&Framed { key, version, body })?,
        }
        Ok(())
    }

    fn apply(&mut self, record: &Framed) -> Result<(), RecordError> {
        match record.key {
            0 => {
                let record: RegisterBrokerRecord = record.decode()?;
                let epochs = &mut self.source.next_broker_epoch;
                *epochs = (*epochs).max(record.broker_epoch.saturating_add(1));
                self.source.brokers.insert(record.broker_id);
            }
            1 => {
                let record: UnregisterBrokerRecord = record.decode()?;
                self.source.brokers.remove(&record.broker_id);
            }
            2 => self.topic(record.decode()?),
            3 => self.partition(record.decode()?)?,
            4 => self.config(record.decode()?),
            5 => self.partition_change(record.decode()?)?,
            9 => self.remove_topic(&record.decode::<RemoveTopicRecord>()?),
            10 | 26 | 11 | 22 | 18 | 19 => self.security(record)?,
            12 => self.feature(record.decode()?),
            14 => self.quota(record.decode()?),
            15 => {
                let next = record.decode::<ProducerIdsRecord>()?.next_producer_id.get();
                self.source.next_producer_id = self.source.next_producer_id.max(next);
            }
            21 => self.migration = record.decode::<ZkMigrationStateRecord>()?.zk_migration_state,
            // Fencing, unfencing and changes of a registration, no-ops, controllers, and cleared
            // eligible replicas: nothing that outlives the source on one node.
            7 | 8 | 17 | 20 | 27 | 28 | 29 => {}
            key => return Err(RecordError::Unknown { key, version: record.version }),
        }
        Ok(())
    }

    fn topic(&mut self, record: TopicRecord) {
        let name = record.name.to_string();
        self.names.insert(record.topic_id, name.clone());
        let topic = SourceTopic { id: Some(record.topic_id), partitions: BTreeMap::new() };
        self.source.topics.insert(name, topic);
    }

    fn topic_of(&mut self, id: TopicId) -> Result<&mut SourceTopic, RecordError> {
        let unknown = || RecordError::Contradiction(format!("there is no topic of id {id}"));
        let name = self.names.get(&id).ok_or_else(unknown)?;
        self.source.topics.get_mut(name).ok_or_else(unknown)
    }

    fn partition(&mut self, record: PartitionRecord) -> Result<(), RecordError> {
        let partition = SourcePartition {
            replicas: record.replicas,
            isr: with_eligible(record.isr, record.eligible_leader_replicas),
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            directories: record.directories,
            was_led: false,
        };
        self.topic_of(record.topic_id)?.partitions.insert(record.partition_id, partition);
        Ok(())
    }

    fn partition_change(&mut self, record: PartitionChangeRecord) -> Result<(), RecordError> {
        let (id, index) = (record.topic_id, record.partition_id);
        let partition = self.topic_of(id)?.partitions.get_mut(&index).ok_or_else(|| {
            RecordError::Contradiction(format!("topic {id} has no partition {index}"))
        })?;
        if let Some(isr) = record.isr {
            partition.isr = with_eligible(isr, record.eligible_leader_replicas);
        }
        if let Some(replicas) = record.replicas {
            partition.replicas = replicas;
            partition.directories = Vec::new();
        }
        if let Some(directories) = record.directories {
            partition.directories = directories;
        }
        if record.leader != LEADER_UNCHANGED {
            let next = partition.leader_epoch.get().saturating_add(1);
            partition.leader_epoch = LeaderEpoch::new(next);
        }
        partition.partition_epoch = partition.partition_epoch.saturating_add(1);
        Ok(())
    }

    fn remove_topic(&mut self, record: &RemoveTopicRecord) {
        if let Some(name) = self.names.remove(&record.topic_id) {
            self.source.topics.remove(&name);
            self.source.configs.remove(&ConfigResource::topic(name));
        }
    }

    fn config(&mut self, record: ConfigRecord) {
        let Some(kind) = ResourceType::from_code(record.resource_type) else {
            let note = format!(
                "the configuration {} of a resource of kind {} is not taken over",
                record.name, record.resource_type
            );
            self.source.notes.insert(note);
            return;
        };
        let resource = ConfigResource::new(kind, &*record.resource_name);
        let values = self.source.configs.entry(resource.clone()).or_default();
        match record.value {
            Some(value) => drop(values.insert(record.name.to_string(), value.to_string())),
            None => drop(values.remove(&*record.name)),
        }
        if values.is_empty() {
            self.source.configs.remove(&resource);
        }
    }

    fn feature(&mut self, record: FeatureLevelRecord) {
        let name = record.name.to_string();
        // Level 0 means that the feature is off, which is how an absent one reads.
        if record.feature_level == 0 {
            self.source.features.remove(&name);
        } else {
            self.source.features.insert(name, record.feature_level);
        }
    }

    fn quota(&mut self, record: ClientQuotaRecord) {
        let entity = record.entity.iter().map(|part| {
            format!("{} {}", part.entity_type, part.entity_name.as_deref().unwrap_or("<default>"))
        });
        let name = format!("{}: {}", entity.collect::<Vec<_>>().join(", "), record.key);
        if record.remove {
            self.source.quotas.remove(&name);
        } else {
            self.source.quotas.insert(name, record.value);
        }
    }

    fn security(&mut self, record: &Framed) -> Result<(), RecordError> {
        let security = &mut self.source.security;
        match record.key {
            10 => {
                let record: DelegationTokenRecord = record.decode()?;
                security.tokens.insert(record.token_id.to_string(), record.owner.to_string());
            }
            26 => {
                let record: RemoveDelegationTokenRecord = record.decode()?;
                security.tokens.remove(&*record.token_id);
            }
            11 => {
                let record: UserScramCredentialRecord = record.decode()?;
                security.scram_users.insert((record.name.to_string(), record.mechanism));
            }
            22 => {
                let record: RemoveUserScramCredentialRecord = record.decode()?;
                security.scram_users.remove(&(record.name.to_string(), record.mechanism));
            }
            18 => {
                let record: AccessControlEntryRecord = record.decode()?;
                let words = format!("{} on {}", record.principal, record.resource_name);
                security.acls.insert(record.id, words);
            }
            _ => {
                let record: RemoveAccessControlEntryRecord = record.decode()?;
                security.acls.remove(&record.id);
            }
        }
        Ok(())
    }
}

/// Replicas that may be elected without loss count as in sync when they are all there is.
fn with_eligible(mut isr: Vec<BrokerId>, eligible: Option<Vec<BrokerId>>) -> Vec<BrokerId> {
    isr.extend(eligible.unwrap_or_default());
    isr
}

/// A record out of its frame.
struct Framed {
    key: u32,
    version: u32,
    body: Bytes,
}

impl Framed {
    fn decode<M: Message>(&self) -> Result<M, RecordError> {
        let unknown = RecordError::Unknown { key: self.key, version: self.version };
        match i16::try_from(self.version) {
            Ok(version) if M::VERSIONS.contains(&version) => {
                Ok(M::from_bytes(self.body.clone(), version)?)
            }
            _ => Err(unknown),
        }
    }
}

fn take_varint(bytes: &mut Bytes) -> Result<u32, RecordError> {
    let mut value = 0u32;
    for shift in (0..35).step_by(7) {
        let byte = bytes.try_get_u8().map_err(|_| RecordError::Cut)?;
        value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(RecordError::Cut)
}
