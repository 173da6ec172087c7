//! The table of Kafka's error codes: number, name, whether trying again can help, and what it
//! means in words for a person.

use std::fmt;

macro_rules! error_codes {
    ($($(#[$attr:meta])* $variant:ident = $code:literal, $name:literal, $kind:ident, $message:literal;)*) => {
        /// An error as the Kafka protocol numbers it.
        #[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ErrorCode {
            $(
                $(#[$attr])*
                #[doc = $message]
                $variant = $code,
            )*
        }

        impl ErrorCode {
            /// Every code, in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code of this number; `None` for numbers that the table does not know.
            pub const fn from_code(code: i16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name in the protocol guide, such as `UNKNOWN_TOPIC_OR_PARTITION`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Whether the same request may succeed when it is sent again.
            pub const fn is_retriable(self) -> bool {
                match self {
                    $(Self::$variant => error_codes!(@$kind),)*
                }
            }

            /// What the code means, for a person.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)*
                }
            }
        }
    };
    (@retriable) => { true };
    (@final) => { false };
}

impl ErrorCode {
    /// The number on the wire.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Whether this is [`ErrorCode::None`].
    pub const fn is_none(self) -> bool {
        matches!(self, Self::None)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<ErrorCode> for i16 {
    fn from(error: ErrorCode) -> Self {
        error.code()
    }
}

error_codes! {
    UnknownServerError = -1, "UNKNOWN_SERVER_ERROR", final, "The server met an error it did not expect; its log says which.";
    #[default]
    None = 0, "NONE", final, "No error.";
    OffsetOutOfRange = 1, "OFFSET_OUT_OF_RANGE", final, "The offset lies outside the partition's log; seek to the earliest or latest offset.";
    CorruptMessage = 2, "CORRUPT_MESSAGE", retriable, "A record batch failed its checksum, has an impossible size, or has a null key in a compacted topic.";
    UnknownTopicOrPartition = 3, "UNKNOWN_TOPIC_OR_PARTITION", retriable, "This server does not host the topic or partition; check the name, or refresh the metadata and try again.";
    InvalidFetchSize = 4, "INVALID_FETCH_SIZE", final, "The size asked for in the fetch is not valid.";
    LeaderNotAvailable = 5, "LEADER_NOT_AVAILABLE", retriable, "The partition has no leader at the moment; an election is under way, try again.";
    NotLeaderOrFollower = 6, "NOT_LEADER_OR_FOLLOWER", retriable, "This broker is neither leader nor follower of the partition; refresh the metadata and ask the leader.";
    RequestTimedOut = 7, "REQUEST_TIMED_OUT", retriable, "The request was not finished within its timeout; it may or may not have taken effect.";
    BrokerNotAvailable = 8, "BROKER_NOT_AVAILABLE", final, "The broker is not available.";
    ReplicaNotAvailable = 9, "REPLICA_NOT_AVAILABLE", retriable, "The replica is not available at the moment; refresh the metadata and try again.";
    MessageTooLarge = 10, "MESSAGE_TOO_LARGE", final, "The batch is larger than the topic's max.message.bytes; send smaller batches or raise the limit.";
    StaleControllerEpoch = 11, "STALE_CONTROLLER_EPOCH", final, "The controller has been replaced by a newer one.";
    OffsetMetadataTooLarge = 12, "OFFSET_METADATA_TOO_LARGE", final, "The text committed with the offset is longer than offset.metadata.max.bytes.";
    NetworkException = 13, "NETWORK_EXCEPTION", retriable, "The connection was lost before an answer came.";
    CoordinatorLoadInProgress = 14, "COORDINATOR_LOAD_IN_PROGRESS", retriable, "The coordinator is still loading its state; try again shortly.";
    CoordinatorNotAvailable = 15, "COORDINATOR_NOT_AVAILABLE", retriable, "There is no coordinator at the moment; try again.";
    NotCoordinator = 16, "NOT_COORDINATOR", retriable, "This broker is not the coordinator asked for; find the coordinator again.";
    InvalidTopicException = 17, "INVALID_TOPIC_EXCEPTION", final, "The topic's name is not valid, or the topic is internal and must not be written to.";
    RecordListTooLarge = 18, "RECORD_LIST_TOO_LARGE", final, "The batches together are larger than a segment of the log can hold.";
    NotEnoughReplicas = 19, "NOT_ENOUGH_REPLICAS", retriable, "Fewer replicas are in sync than min.insync.replicas asks for; nothing was appended.";
    NotEnoughReplicasAfterAppend = 20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", retriable, "The records were appended, but fewer replicas are in sync than min.insync.replicas asks for.";
    InvalidRequiredAcks = 21, "INVALID_REQUIRED_ACKS", final, "The value of acks is not valid; use 0, 1 or -1 (all).";
    IllegalGeneration = 22, "ILLEGAL_GENERATION", final, "The group has moved on to another generation; join it again.";
    InconsistentGroupProtocol = 23, "INCONSISTENT_GROUP_PROTOCOL", final, "The group's members use another protocol type, or share no assignor with this one.";
    InvalidGroupId = 24, "INVALID_GROUP_ID", final, "The group id is not valid; it must not be empty.";
    UnknownMemberId = 25, "UNKNOWN_MEMBER_ID", final, "The group does not know this member; join it again.";
    InvalidSessionTimeout = 26, "INVALID_SESSION_TIMEOUT", final, "The session timeout lies outside group.min.session.timeout.ms and group.max.session.timeout.ms.";
    RebalanceInProgress = 27, "REBALANCE_IN_PROGRESS", final, "The group is rebalancing; join it again.";
    InvalidCommitOffsetSize = 28, "INVALID_COMMIT_OFFSET_SIZE", final, "The offset commit is too large to be stored.";
    TopicAuthorizationFailed = 29, "TOPIC_AUTHORIZATION_FAILED", final, "Access to the topic is not allowed; ask for the right on it.";
    GroupAuthorizationFailed = 30, "GROUP_AUTHORIZATION_FAILED", final, "Access to the group is not allowed; ask for the right on it.";
    ClusterAuthorizationFailed = 31, "CLUSTER_AUTHORIZATION_FAILED", final, "This operation on the cluster is not allowed; ask for the right on the cluster.";
    InvalidTimestamp = 32, "INVALID_TIMESTAMP", final, "A record's timestamp is farther from the broker's clock than the topic allows; check both clocks.";
    UnsupportedSaslMechanism = 33, "UNSUPPORTED_SASL_MECHANISM", final, "The server does not offer this SASL mechanism.";
    IllegalSaslState = 34, "ILLEGAL_SASL_STATE", final, "The request does not fit the state of the SASL handshake.";
    UnsupportedVersion = 35, "UNSUPPORTED_VERSION", final, "The server does not speak this version of the request.";
    TopicAlreadyExists = 36, "TOPIC_ALREADY_EXISTS", final, "A topic of this name exists already.";
    InvalidPartitions = 37, "INVALID_PARTITIONS", final, "The number of partitions is not valid; it must be positive and can only grow.";
    InvalidReplicationFactor = 38, "INVALID_REPLICATION_FACTOR", final, "The replication factor is not positive, or larger than the number of brokers that can take a replica.";
    InvalidReplicaAssignment = 39, "INVALID_REPLICA_ASSIGNMENT", final, "The replica assignment is not valid.";
    InvalidConfig = 40, "INVALID_CONFIG", final, "A configuration is not valid.";
    NotController = 41, "NOT_CONTROLLER", retriable, "This node is not the active controller; find the controller and ask it.";
    InvalidRequest = 42, "INVALID_REQUEST", final, "The request contradicts itself or lacks something; this is a mistake in the client.";
    UnsupportedForMessageFormat = 43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", final, "The message format of the log does not support this.";
    PolicyViolation = 44, "POLICY_VIOLATION", final, "The request violates a policy of the cluster.";
    OutOfOrderSequenceNumber = 45, "OUT_OF_ORDER_SEQUENCE_NUMBER", final, "A batch of the producer is missing before this one.";
    DuplicateSequenceNumber = 46, "DUPLICATE_SEQUENCE_NUMBER", final, "The batch was received before.";
    InvalidProducerEpoch = 47, "INVALID_PRODUCER_EPOCH", final, "The producer uses an old epoch; another producer of the same id took over.";
    InvalidTxnState = 48, "INVALID_TXN_STATE", final, "The operation does not fit the state of the transaction.";
    InvalidProducerIdMapping = 49, "INVALID_PRODUCER_ID_MAPPING", final, "The producer id does not belong to this transactional id.";
    InvalidTransactionTimeout = 50, "INVALID_TRANSACTION_TIMEOUT", final, "The transaction timeout is longer than transaction.max.timeout.ms.";
    ConcurrentTransactions = 51, "CONCURRENT_TRANSACTIONS", retriable, "Another operation on the transaction is under way; try again.";
    TransactionCoordinatorFenced = 52, "TRANSACTION_COORDINATOR_FENCED", final, "The transaction coordinator has been replaced by a newer one.";
    TransactionalIdAuthorizationFailed = 53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", final, "Use of the transactional id is not allowed; ask for the right on it.";
    SecurityDisabled = 54, "SECURITY_DISABLED", final, "Security is not switched on in this cluster.";
    OperationNotAttempted = 55, "OPERATION_NOT_ATTEMPTED", final, "The operation was not tried, since another one of the same request failed.";
    KafkaStorageError = 56, "KAFKA_STORAGE_ERROR", retriable, "The disk of the partition has failed; the broker's log says how.";
    LogDirNotFound = 57, "LOG_DIR_NOT_FOUND", final, "The log directory is not one of this broker's log.dirs.";
    SaslAuthenticationFailed = 58, "SASL_AUTHENTICATION_FAILED", final, "Authentication failed; check user and password.";
    UnknownProducerId = 59, "UNKNOWN_PRODUCER_ID", final, "The broker has no records of this producer any more.";
    ReassignmentInProgress = 60, "REASSIGNMENT_IN_PROGRESS", final, "The partition is being reassigned; wait for it to end, or cancel it.";
    DelegationTokenAuthDisabled = 61, "DELEGATION_TOKEN_AUTH_DISABLED", final, "Delegation tokens are not switched on in this cluster.";
    DelegationTokenNotFound = 62, "DELEGATION_TOKEN_NOT_FOUND", final, "The server does not know this delegation token.";
    DelegationTokenOwnerMismatch = 63, "DELEGATION_TOKEN_OWNER_MISMATCH", final, "Only the owner or a renewer of the delegation token may do this.";
    DelegationTokenRequestNotAllowed = 64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", final, "Delegation tokens cannot be asked for over this connection; use SASL or mutual TLS.";
    DelegationTokenAuthorizationFailed = 65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", final, "Access to the delegation token is not allowed.";
    DelegationTokenExpired = 66, "DELEGATION_TOKEN_EXPIRED", final, "The delegation token has expired; ask for a new one.";
    InvalidPrincipalType = 67, "INVALID_PRINCIPAL_TYPE", final, "This type of principal is not supported.";
    NonEmptyGroup = 68, "NON_EMPTY_GROUP", final, "The group has members; stop its consumers first.";
    GroupIdNotFound = 69, "GROUP_ID_NOT_FOUND", final, "There is no such group.";
    FetchSessionIdNotFound = 70, "FETCH_SESSION_ID_NOT_FOUND", retriable, "The broker does not know this fetch session; begin a new one.";
    InvalidFetchSessionEpoch = 71, "INVALID_FETCH_SESSION_EPOCH", retriable, "The epoch of the fetch session is not the expected one; begin a new session.";
    ListenerNotFound = 72, "LISTENER_NOT_FOUND", retriable, "The leader has no listener of the name on which this request came; all brokers need the same listener names.";
    TopicDeletionDisabled = 73, "TOPIC_DELETION_DISABLED", final, "Topics cannot be deleted since delete.topic.enable is false.";
    FencedLeaderEpoch = 74, "FENCED_LEADER_EPOCH", retriable, "The leader epoch in the request is older than the broker's; refresh the metadata.";
    UnknownLeaderEpoch = 75, "UNKNOWN_LEADER_EPOCH", retriable, "The leader epoch in the request is newer than the broker's; try again shortly.";
    UnsupportedCompressionType = 76, "UNSUPPORTED_COMPRESSION_TYPE", final, "The compression codec is not supported in this version of the request; update the client, or use another codec.";
    StaleBrokerEpoch = 77, "STALE_BROKER_EPOCH", final, "The broker has registered again since; its epoch is no longer valid.";
    OffsetNotAvailable = 78, "OFFSET_NOT_AVAILABLE", retriable, "The new leader does not know its high watermark yet; try again shortly.";
    MemberIdRequired = 79, "MEMBER_ID_REQUIRED", final, "The member must join again with the member id that it was just given.";
    PreferredLeaderNotAvailable = 80, "PREFERRED_LEADER_NOT_AVAILABLE", retriable, "The preferred leader is not in sync or not alive.";
    GroupMaxSizeReached = 81, "GROUP_MAX_SIZE_REACHED", final, "The group has as many members as its limit allows; raise group.max.size, or start fewer consumers.";
    FencedInstanceId = 82, "FENCED_INSTANCE_ID", final, "Another consumer with the same group.instance.id has taken this one's place.";
    EligibleLeadersNotAvailable = 83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", retriable, "No replica that may lead the partition is available.";
    ElectionNotNeeded = 84, "ELECTION_NOT_NEEDED", retriable, "The partition already has the leader that the election would choose.";
    NoReassignmentInProgress = 85, "NO_REASSIGNMENT_IN_PROGRESS", final, "The partition is not being reassigned.";
    GroupSubscribedToTopic = 86, "GROUP_SUBSCRIBED_TO_TOPIC", final, "The group is subscribed to the topic, so that its offsets cannot be deleted; stop its consumers first.";
    InvalidRecord = 87, "INVALID_RECORD", final, "A record was refused: its fields do not agree with each other or with the topic's settings.";
    UnstableOffsetCommit = 88, "UNSTABLE_OFFSET_COMMIT", retriable, "Offsets of a pending transaction are not decided yet; try again.";
    ThrottlingQuotaExceeded = 89, "THROTTLING_QUOTA_EXCEEDED", retriable, "The quota is used up; try again after the time given.";
    ProducerFenced = 90, "PRODUCER_FENCED", final, "A newer producer with the same transactional id has taken over.";
    ResourceNotFound = 91, "RESOURCE_NOT_FOUND", final, "The resource does not exist.";
    DuplicateResource = 92, "DUPLICATE_RESOURCE", final, "The resource exists already, or is named twice in the request.";
    UnacceptableCredential = 93, "UNACCEPTABLE_CREDENTIAL", final, "The credential is not acceptable, for instance too few iterations.";
    InconsistentVoterSet = 94, "INCONSISTENT_VOTER_SET", final, "The voters known to the sender and to the receiver differ.";
    InvalidUpdateVersion = 95, "INVALID_UPDATE_VERSION", final, "The version of the update is not the one that follows the current one.";
    FeatureUpdateFailed = 96, "FEATURE_UPDATE_FAILED", final, "The features could not be updated.";
    PrincipalDeserializationFailure = 97, "PRINCIPAL_DESERIALIZATION_FAILURE", final, "The principal in a forwarded request could not be read; check that the brokers use the same principal builder.";
    SnapshotNotFound = 98, "SNAPSHOT_NOT_FOUND", final, "There is no such snapshot.";
    PositionOutOfRange = 99, "POSITION_OUT_OF_RANGE", final, "The position lies outside the snapshot.";
    UnknownTopicId = 100, "UNKNOWN_TOPIC_ID", retriable, "This server does not know the topic id; the topic may have been deleted. Refresh the metadata.";
    DuplicateBrokerRegistration = 101, "DUPLICATE_BROKER_REGISTRATION", final, "A live broker with this node id is registered already; give each node an id of its own.";
    BrokerIdNotRegistered = 102, "BROKER_ID_NOT_REGISTERED", final, "No broker with this node id is registered.";
    InconsistentTopicId = 103, "INCONSISTENT_TOPIC_ID", retriable, "The topic id in the log differs from the one in the request; refresh the metadata.";
    InconsistentClusterId = 104, "INCONSISTENT_CLUSTER_ID", final, "The cluster id in the request is that of another cluster; check the addresses.";
    TransactionalIdNotFound = 105, "TRANSACTIONAL_ID_NOT_FOUND", final, "There is no transaction with this transactional id.";
    FetchSessionTopicIdError = 106, "FETCH_SESSION_TOPIC_ID_ERROR", retriable, "The fetch session mixes topic names and topic ids; begin a new session.";
    IneligibleReplica = 107, "INELIGIBLE_REPLICA", final, "The replica may not join the in-sync replicas now: its broker is fenced or shutting down.";
    NewLeaderElected = 108, "NEW_LEADER_ELECTED", final, "The change made another replica the leader; refresh the metadata.";
    OffsetMovedToTieredStorage = 109, "OFFSET_MOVED_TO_TIERED_STORAGE", final, "The offset is no longer on the broker's disk, but in tiered storage.";
    FencedMemberEpoch = 110, "FENCED_MEMBER_EPOCH", final, "The member's epoch was fenced by the coordinator; join the group again with epoch 0.";
    UnreleasedInstanceId = 111, "UNRELEASED_INSTANCE_ID", final, "Another live member of the group uses this group.instance.id.";
    UnsupportedAssignor = 112, "UNSUPPORTED_ASSIGNOR", final, "The server does not know this assignor, or the group uses another.";
    StaleMemberEpoch = 113, "STALE_MEMBER_EPOCH", final, "The member's epoch is old; wait for the next heartbeat and try again.";
    MismatchedEndpointType = 114, "MISMATCHED_ENDPOINT_TYPE", final, "The request went to a broker but is for controllers, or the other way round; use the other address.";
    UnsupportedEndpointType = 115, "UNSUPPORTED_ENDPOINT_TYPE", final, "This type of endpoint is not supported.";
    UnknownControllerId = 116, "UNKNOWN_CONTROLLER_ID", final, "There is no controller with this id.";
    UnknownSubscriptionId = 117, "UNKNOWN_SUBSCRIPTION_ID", final, "The server does not know this telemetry subscription; ask for the current one.";
    TelemetryTooLarge = 118, "TELEMETRY_TOO_LARGE", final, "The telemetry is larger than the server takes.";
    InvalidRegistration = 119, "INVALID_REGISTRATION", final, "The registration is not valid; the controller's log says why.";
    TransactionAbortable = 120, "TRANSACTION_ABORTABLE", final, "The transaction met an error and must be aborted.";
    InvalidRecordState = 121, "INVALID_RECORD_STATE", final, "The records are not in a state in which they could be acknowledged.";
    ShareSessionNotFound = 122, "SHARE_SESSION_NOT_FOUND", retriable, "The broker does not know this share session; begin a new one.";
    InvalidShareSessionEpoch = 123, "INVALID_SHARE_SESSION_EPOCH", retriable, "The epoch of the share session is not the expected one; begin a new session.";
    FencedStateEpoch = 124, "FENCED_STATE_EPOCH", final, "The share coordinator refused an old state epoch.";
    InvalidVoterKey = 125, "INVALID_VOTER_KEY", final, "The key of the voter does not match the receiver's.";
    DuplicateVoter = 126, "DUPLICATE_VOTER", final, "This controller is a voter already.";
    VoterNotFound = 127, "VOTER_NOT_FOUND", final, "This controller is not among the voters.";
    InvalidRegularExpression = 128, "INVALID_REGULAR_EXPRESSION", final, "The regular expression is not valid.";
    RebootstrapRequired = 129, "REBOOTSTRAP_REQUIRED", final, "The client's metadata is stale or it reached the wrong node; it must start over from its bootstrap servers.";
    StreamsInvalidTopology = 130, "STREAMS_INVALID_TOPOLOGY", final, "The topology of the streams application is not valid.";
    StreamsInvalidTopologyEpoch = 131, "STREAMS_INVALID_TOPOLOGY_EPOCH", final, "The epoch of the topology is not valid.";
    StreamsTopologyFenced = 132, "STREAMS_TOPOLOGY_FENCED", final, "The epoch of the topology is older than the group's; update the application.";
    ShareSessionLimitReached = 133, "SHARE_SESSION_LIMIT_REACHED", retriable, "The broker has as many share sessions as it allows; try again later.";
    GroupDeletionFailed = 134, "GROUP_DELETION_FAILED", final, "The group could not be deleted completely; delete it again.";
    StreamsTopologyDescriptionUpdateFailed = 135, "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED", final, "The description of the topology could not be updated.";
    ControllerIdNotRegistered = 136, "CONTROLLER_ID_NOT_REGISTERED", final, "No controller with this id is registered.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_it_means() {
        for &error in ErrorCode::ALL {
            assert!(error.message().ends_with('.'), "{error} has no sentence");
        }
    }

    #[test]
    fn codes_round_trip_and_names_are_unique() {
        let mut names = std::collections::BTreeSet::new();
        for &error in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_code(error.code()), Some(error));
            assert!(names.insert(error.name()));
        }
        assert_eq!(ErrorCode::from_code(9999), None);
    }
}
