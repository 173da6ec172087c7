//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

/// A request of the protocol by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum ApiKey {
    /// Produce, v0 to v13.
    Produce = 0,
    /// Fetch, v0 to v18.
    Fetch = 1,
    /// ListOffsets, v0 to v11.
    ListOffsets = 2,
    /// Metadata, v0 to v13.
    Metadata = 3,
    /// LeaderAndIsr, v0 to v7.
    LeaderAndIsr = 4,
    /// StopReplica, v0 to v4.
    StopReplica = 5,
    /// UpdateMetadata, v0 to v8.
    UpdateMetadata = 6,
    /// ControlledShutdown, v0 to v3.
    ControlledShutdown = 7,
    /// OffsetCommit, v0 to v10.
    OffsetCommit = 8,
    /// OffsetFetch, v0 to v10.
    OffsetFetch = 9,
    /// FindCoordinator, v0 to v6.
    FindCoordinator = 10,
    /// JoinGroup, v0 to v9.
    JoinGroup = 11,
    /// Heartbeat, v0 to v4.
    Heartbeat = 12,
    /// LeaveGroup, v0 to v5.
    LeaveGroup = 13,
    /// SyncGroup, v0 to v5.
    SyncGroup = 14,
    /// DescribeGroups, v0 to v6.
    DescribeGroups = 15,
    /// ListGroups, v0 to v5.
    ListGroups = 16,
    /// SaslHandshake, v0 to v1.
    SaslHandshake = 17,
    /// ApiVersions, v0 to v5.
    ApiVersions = 18,
    /// CreateTopics, v0 to v7.
    CreateTopics = 19,
    /// DeleteTopics, v0 to v6.
    DeleteTopics = 20,
    /// DeleteRecords, v0 to v2.
    DeleteRecords = 21,
    /// InitProducerId, v0 to v6.
    InitProducerId = 22,
    /// OffsetForLeaderEpoch, v0 to v4.
    OffsetForLeaderEpoch = 23,
    /// AddPartitionsToTxn, v0 to v5.
    AddPartitionsToTxn = 24,
    /// AddOffsetsToTxn, v0 to v4.
    AddOffsetsToTxn = 25,
    /// EndTxn, v0 to v5.
    EndTxn = 26,
    /// WriteTxnMarkers, v0 to v2.
    WriteTxnMarkers = 27,
    /// TxnOffsetCommit, v0 to v6.
    TxnOffsetCommit = 28,
    /// DescribeAcls, v0 to v3.
    DescribeAcls = 29,
    /// CreateAcls, v0 to v3.
    CreateAcls = 30,
    /// DeleteAcls, v0 to v3.
    DeleteAcls = 31,
    /// DescribeConfigs, v0 to v4.
    DescribeConfigs = 32,
    /// AlterConfigs, v0 to v2.
    AlterConfigs = 33,
    /// AlterReplicaLogDirs, v0 to v2.
    AlterReplicaLogDirs = 34,
    /// DescribeLogDirs, v0 to v5.
    DescribeLogDirs = 35,
    /// SaslAuthenticate, v0 to v2.
    SaslAuthenticate = 36,
    /// CreatePartitions, v0 to v3.
    CreatePartitions = 37,
    /// CreateDelegationToken, v0 to v3.
    CreateDelegationToken = 38,
    /// RenewDelegationToken, v0 to v2.
    RenewDelegationToken = 39,
    /// ExpireDelegationToken, v0 to v2.
    ExpireDelegationToken = 40,
    /// DescribeDelegationToken, v0 to v3.
    DescribeDelegationToken = 41,
    /// DeleteGroups, v0 to v3.
    DeleteGroups = 42,
    /// ElectLeaders, v0 to v2.
    ElectLeaders = 43,
    /// IncrementalAlterConfigs, v0 to v1.
    IncrementalAlterConfigs = 44,
    /// AlterPartitionReassignments, v0 to v1.
    AlterPartitionReassignments = 45,
    /// ListPartitionReassignments, v0 to v0.
    ListPartitionReassignments = 46,
    /// OffsetDelete, v0 to v0.
    OffsetDelete = 47,
    /// DescribeClientQuotas, v0 to v1.
    DescribeClientQuotas = 48,
    /// AlterClientQuotas, v0 to v1.
    AlterClientQuotas = 49,
    /// DescribeUserScramCredentials, v0 to v0.
    DescribeUserScramCredentials = 50,
    /// AlterUserScramCredentials, v0 to v0.
    AlterUserScramCredentials = 51,
    /// Vote, v0 to v2.
    Vote = 52,
    /// BeginQuorumEpoch, v0 to v1.
    BeginQuorumEpoch = 53,
    /// EndQuorumEpoch, v0 to v1.
    EndQuorumEpoch = 54,
    /// DescribeQuorum, v0 to v2.
    DescribeQuorum = 55,
    /// AlterPartition, v0 to v3.
    AlterPartition = 56,
    /// UpdateFeatures, v0 to v2.
    UpdateFeatures = 57,
    /// Envelope, v0 to v0.
    Envelope = 58,
    /// FetchSnapshot, v0 to v1.
    FetchSnapshot = 59,
    /// DescribeCluster, v0 to v2.
    DescribeCluster = 60,
    /// DescribeProducers, v0 to v0.
    DescribeProducers = 61,
    /// BrokerRegistration, v0 to v4.
    BrokerRegistration = 62,
    /// BrokerHeartbeat, v0 to v2.
    BrokerHeartbeat = 63,
    /// UnregisterBroker, v0 to v0.
    UnregisterBroker = 64,
    /// DescribeTransactions, v0 to v0.
    DescribeTransactions = 65,
    /// ListTransactions, v0 to v2.
    ListTransactions = 66,
    /// AllocateProducerIds, v0 to v0.
    AllocateProducerIds = 67,
    /// ConsumerGroupHeartbeat, v0 to v1.
    ConsumerGroupHeartbeat = 68,
    /// ConsumerGroupDescribe, v0 to v1.
    ConsumerGroupDescribe = 69,
    /// ControllerRegistration, v0 to v0.
    ControllerRegistration = 70,
    /// GetTelemetrySubscriptions, v0 to v0.
    GetTelemetrySubscriptions = 71,
    /// PushTelemetry, v0 to v0.
    PushTelemetry = 72,
    /// AssignReplicasToDirs, v0 to v0.
    AssignReplicasToDirs = 73,
    /// ListConfigResources, v0 to v1.
    ListConfigResources = 74,
    /// DescribeTopicPartitions, v0 to v0.
    DescribeTopicPartitions = 75,
    /// ShareGroupHeartbeat, v0 to v1.
    ShareGroupHeartbeat = 76,
    /// ShareGroupDescribe, v0 to v1.
    ShareGroupDescribe = 77,
    /// ShareFetch, v0 to v2.
    ShareFetch = 78,
    /// ShareAcknowledge, v0 to v2.
    ShareAcknowledge = 79,
    /// AddRaftVoter, v0 to v1.
    AddRaftVoter = 80,
    /// RemoveRaftVoter, v0 to v0.
    RemoveRaftVoter = 81,
    /// UpdateRaftVoter, v0 to v0.
    UpdateRaftVoter = 82,
    /// InitializeShareGroupState, v0 to v0.
    InitializeShareGroupState = 83,
    /// ReadShareGroupState, v0 to v0.
    ReadShareGroupState = 84,
    /// WriteShareGroupState, v0 to v1.
    WriteShareGroupState = 85,
    /// DeleteShareGroupState, v0 to v0.
    DeleteShareGroupState = 86,
    /// ReadShareGroupStateSummary, v0 to v1.
    ReadShareGroupStateSummary = 87,
    /// StreamsGroupHeartbeat, v0 to v1.
    StreamsGroupHeartbeat = 88,
    /// StreamsGroupDescribe, v0 to v1.
    StreamsGroupDescribe = 89,
    /// DescribeShareGroupOffsets, v0 to v1.
    DescribeShareGroupOffsets = 90,
    /// AlterShareGroupOffsets, v0 to v0.
    AlterShareGroupOffsets = 91,
    /// DeleteShareGroupOffsets, v0 to v0.
    DeleteShareGroupOffsets = 92,
    /// StreamsGroupTopologyDescriptionUpdate, v0 to v0.
    StreamsGroupTopologyDescriptionUpdate = 93,
    /// UnregisterController, v0 to v0.
    UnregisterController = 94,
}

/// Name, first and last version, first flexible version.
type Entry = (&'static str, i16, i16, i16);

const TABLE: &[Entry] = &[
    ("Produce", 0, 13, 9),
    ("Fetch", 0, 18, 12),
    ("ListOffsets", 0, 11, 6),
    ("Metadata", 0, 13, 9),
    ("LeaderAndIsr", 0, 7, 4),
    ("StopReplica", 0, 4, 2),
    ("UpdateMetadata", 0, 8, 6),
    ("ControlledShutdown", 0, 3, 3),
    ("OffsetCommit", 0, 10, 8),
    ("OffsetFetch", 0, 10, 6),
    ("FindCoordinator", 0, 6, 3),
    ("JoinGroup", 0, 9, 6),
    ("Heartbeat", 0, 4, 4),
    ("LeaveGroup", 0, 5, 4),
    ("SyncGroup", 0, 5, 4),
    ("DescribeGroups", 0, 6, 5),
    ("ListGroups", 0, 5, 3),
    ("SaslHandshake", 0, 1, 32767),
    ("ApiVersions", 0, 5, 3),
    ("CreateTopics", 0, 7, 5),
    ("DeleteTopics", 0, 6, 4),
    ("DeleteRecords", 0, 2, 2),
    ("InitProducerId", 0, 6, 2),
    ("OffsetForLeaderEpoch", 0, 4, 4),
    ("AddPartitionsToTxn", 0, 5, 3),
    ("AddOffsetsToTxn", 0, 4, 3),
    ("EndTxn", 0, 5, 3),
    ("WriteTxnMarkers", 0, 2, 1),
    ("TxnOffsetCommit", 0, 6, 3),
    ("DescribeAcls", 0, 3, 2),
    ("CreateAcls", 0, 3, 2),
    ("DeleteAcls", 0, 3, 2),
    ("DescribeConfigs", 0, 4, 4),
    ("AlterConfigs", 0, 2, 2),
    ("AlterReplicaLogDirs", 0, 2, 2),
    ("DescribeLogDirs", 0, 5, 2),
    ("SaslAuthenticate", 0, 2, 2),
    ("CreatePartitions", 0, 3, 2),
    ("CreateDelegationToken", 0, 3, 2),
    ("RenewDelegationToken", 0, 2, 2),
    ("ExpireDelegationToken", 0, 2, 2),
    ("DescribeDelegationToken", 0, 3, 2),
    ("DeleteGroups", 0, 3, 2),
    ("ElectLeaders", 0, 2, 2),
    ("IncrementalAlterConfigs", 0, 1, 1),
    ("AlterPartitionReassignments", 0, 1, 0),
    ("ListPartitionReassignments", 0, 0, 0),
    ("OffsetDelete", 0, 0, 32767),
    ("DescribeClientQuotas", 0, 1, 1),
    ("AlterClientQuotas", 0, 1, 1),
    ("DescribeUserScramCredentials", 0, 0, 0),
    ("AlterUserScramCredentials", 0, 0, 0),
    ("Vote", 0, 2, 0),
    ("BeginQuorumEpoch", 0, 1, 1),
    ("EndQuorumEpoch", 0, 1, 1),
    ("DescribeQuorum", 0, 2, 0),
    ("AlterPartition", 0, 3, 0),
    ("UpdateFeatures", 0, 2, 0),
    ("Envelope", 0, 0, 0),
    ("FetchSnapshot", 0, 1, 0),
    ("DescribeCluster", 0, 2, 0),
    ("DescribeProducers", 0, 0, 0),
    ("BrokerRegistration", 0, 4, 0),
    ("BrokerHeartbeat", 0, 2, 0),
    ("UnregisterBroker", 0, 0, 0),
    ("DescribeTransactions", 0, 0, 0),
    ("ListTransactions", 0, 2, 0),
    ("AllocateProducerIds", 0, 0, 0),
    ("ConsumerGroupHeartbeat", 0, 1, 0),
    ("ConsumerGroupDescribe", 0, 1, 0),
    ("ControllerRegistration", 0, 0, 0),
    ("GetTelemetrySubscriptions", 0, 0, 0),
    ("PushTelemetry", 0, 0, 0),
    ("AssignReplicasToDirs", 0, 0, 0),
    ("ListConfigResources", 0, 1, 0),
    ("DescribeTopicPartitions", 0, 0, 0),
    ("ShareGroupHeartbeat", 0, 1, 0),
    ("ShareGroupDescribe", 0, 1, 0),
    ("ShareFetch", 0, 2, 0),
    ("ShareAcknowledge", 0, 2, 0),
    ("AddRaftVoter", 0, 1, 0),
    ("RemoveRaftVoter", 0, 0, 0),
    ("UpdateRaftVoter", 0, 0, 0),
    ("InitializeShareGroupState", 0, 0, 0),
    ("ReadShareGroupState", 0, 0, 0),
    ("WriteShareGroupState", 0, 1, 0),
    ("DeleteShareGroupState", 0, 0, 0),
    ("ReadShareGroupStateSummary", 0, 1, 0),
    ("StreamsGroupHeartbeat", 0, 1, 0),
    ("StreamsGroupDescribe", 0, 1, 0),
    ("DescribeShareGroupOffsets", 0, 1, 0),
    ("AlterShareGroupOffsets", 0, 0, 0),
    ("DeleteShareGroupOffsets", 0, 0, 0),
    ("StreamsGroupTopologyDescriptionUpdate", 0, 0, 0),
    ("UnregisterController", 0, 0, 0),
];

impl ApiKey {
    /// Every request, in the order of the numbers.
    pub const ALL: &'static [Self] = &[
        Self::Produce,
        Self::Fetch,
        Self::ListOffsets,
        Self::Metadata,
        Self::LeaderAndIsr,
        Self::StopReplica,
        Self::UpdateMetadata,
        Self::ControlledShutdown,
        Self::OffsetCommit,
        Self::OffsetFetch,
        Self::FindCoordinator,
        Self::JoinGroup,
        Self::Heartbeat,
        Self::LeaveGroup,
        Self::SyncGroup,
        Self::DescribeGroups,
        Self::ListGroups,
        Self::SaslHandshake,
        Self::ApiVersions,
        Self::CreateTopics,
        Self::DeleteTopics,
        Self::DeleteRecords,
        Self::InitProducerId,
        Self::OffsetForLeaderEpoch,
        Self::AddPartitionsToTxn,
        Self::AddOffsetsToTxn,
        Self::EndTxn,
        Self::WriteTxnMarkers,
        Self::TxnOffsetCommit,
        Self::DescribeAcls,
        Self::CreateAcls,
        Self::DeleteAcls,
        Self::DescribeConfigs,
        Self::AlterConfigs,
        Self::AlterReplicaLogDirs,
        Self::DescribeLogDirs,
        Self::SaslAuthenticate,
        Self::CreatePartitions,
        Self::CreateDelegationToken,
        Self::RenewDelegationToken,
        Self::ExpireDelegationToken,
        Self::DescribeDelegationToken,
        Self::DeleteGroups,
        Self::ElectLeaders,
        Self::IncrementalAlterConfigs,
        Self::AlterPartitionReassignments,
        Self::ListPartitionReassignments,
        Self::OffsetDelete,
        Self::DescribeClientQuotas,
        Self::AlterClientQuotas,
        Self::DescribeUserScramCredentials,
        Self::AlterUserScramCredentials,
        Self::Vote,
        Self::BeginQuorumEpoch,
        Self::EndQuorumEpoch,
        Self::DescribeQuorum,
        Self::AlterPartition,
        Self::UpdateFeatures,
        Self::Envelope,
        Self::FetchSnapshot,
        Self::DescribeCluster,
        Self::DescribeProducers,
        Self::BrokerRegistration,
        Self::BrokerHeartbeat,
        Self::UnregisterBroker,
        Self::DescribeTransactions,
        Self::ListTransactions,
        Self::AllocateProducerIds,
        Self::ConsumerGroupHeartbeat,
        Self::ConsumerGroupDescribe,
        Self::ControllerRegistration,
        Self::GetTelemetrySubscriptions,
        Self::PushTelemetry,
        Self::AssignReplicasToDirs,
        Self::ListConfigResources,
        Self::DescribeTopicPartitions,
        Self::ShareGroupHeartbeat,
        Self::ShareGroupDescribe,
        Self::ShareFetch,
        Self::ShareAcknowledge,
        Self::AddRaftVoter,
        Self::RemoveRaftVoter,
        Self::UpdateRaftVoter,
        Self::InitializeShareGroupState,
        Self::ReadShareGroupState,
        Self::WriteShareGroupState,
        Self::DeleteShareGroupState,
        Self::ReadShareGroupStateSummary,
        Self::StreamsGroupHeartbeat,
        Self::StreamsGroupDescribe,
        Self::DescribeShareGroupOffsets,
        Self::AlterShareGroupOffsets,
        Self::DeleteShareGroupOffsets,
        Self::StreamsGroupTopologyDescriptionUpdate,
        Self::UnregisterController,
    ];

    /// The request of this number; `None` for numbers that the schemas do not know.
    pub fn from_code(code: i16) -> Option<Self> {
        usize::try_from(code).ok().and_then(|index| Self::ALL.get(index)).copied()
    }

    /// The number on the wire.
    pub const fn code(self) -> i16 {
        self as i16
    }

    const fn entry(self) -> Entry {
        TABLE[self as usize]
    }

    /// The name in the protocol guide, such as `DescribeConfigs`.
    pub const fn name(self) -> &'static str {
        self.entry().0
    }

    /// The oldest version that the codec knows.
    pub const fn version_min(self) -> i16 {
        self.entry().1
    }

    /// The newest version that the codec knows.
    pub const fn version_max(self) -> i16 {
        self.entry().2
    }

    /// Whether the codec knows the version.
    pub const fn has_version(self, version: i16) -> bool {
        version >= self.version_min() && version <= self.version_max()
    }

    /// Whether the version has compact lengths and tagged fields (KIP-482).
    pub const fn is_flexible(self, version: i16) -> bool {
        version >= self.entry().3
    }

    /// The version of the header before a request of this version.
    pub const fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) {
            2
        } else if matches!(self, Self::ControlledShutdown) && version == 0 {
            // The first brokers told their controller no client id.
            0
        } else {
            1
        }
    }

    /// The version of the header before the response to a request of this version. ApiVersions keeps
    /// the old header for ever: its caller does not know yet what the other side can read.
    pub const fn response_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) && !matches!(self, Self::ApiVersions) { 1 } else { 0 }
    }
}

impl std::fmt::Display for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
