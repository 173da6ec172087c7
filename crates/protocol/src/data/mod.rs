//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

pub mod abort_transaction_record;
pub mod aborted_txn;
pub mod access_control_entry_record;
pub mod begin_transaction_record;
pub mod broker_registration_change_record;
pub mod clear_elr_record;
pub mod client_quota_record;
pub mod config_record;
pub mod consumer_group_current_member_assignment_key;
pub mod consumer_group_current_member_assignment_value;
pub mod consumer_group_member_metadata_key;
pub mod consumer_group_member_metadata_value;
pub mod consumer_group_metadata_key;
pub mod consumer_group_metadata_value;
pub mod consumer_group_partition_metadata_key;
pub mod consumer_group_partition_metadata_value;
pub mod consumer_group_regular_expression_key;
pub mod consumer_group_regular_expression_value;
pub mod consumer_group_target_assignment_member_key;
pub mod consumer_group_target_assignment_member_value;
pub mod consumer_group_target_assignment_metadata_key;
pub mod consumer_group_target_assignment_metadata_value;
pub mod consumer_protocol_assignment;
pub mod consumer_protocol_subscription;
pub mod control_record_type_schema;
pub mod default_principal_data;
pub mod delegation_token_record;
pub mod end_transaction_record;
pub mod end_txn_marker;
pub mod feature_level_record;
pub mod fence_broker_record;
pub mod group_metadata_key;
pub mod group_metadata_value;
pub mod kraft_version_record;
pub mod leader_change_message;
pub mod legacy_offset_commit_key;
pub mod legacy_offset_commit_value;
pub mod no_op_record;
pub mod offset_commit_key;
pub mod offset_commit_value;
pub mod partition_change_record;
pub mod partition_record;
pub mod producer_ids_record;
pub mod quorum_state_data;
pub mod register_broker_record;
pub mod register_controller_record;
pub mod remove_access_control_entry_record;
pub mod remove_delegation_token_record;
pub mod remove_topic_record;
pub mod remove_user_scram_credential_record;
pub mod request_header;
pub mod response_header;
pub mod share_group_current_member_assignment_key;
pub mod share_group_current_member_assignment_value;
pub mod share_group_member_metadata_key;
pub mod share_group_member_metadata_value;
pub mod share_group_metadata_key;
pub mod share_group_metadata_value;
pub mod share_group_state_partition_metadata_key;
pub mod share_group_state_partition_metadata_value;
pub mod share_group_target_assignment_member_key;
pub mod share_group_target_assignment_member_value;
pub mod share_group_target_assignment_metadata_key;
pub mod share_group_target_assignment_metadata_value;
pub mod share_snapshot_key;
pub mod share_snapshot_value;
pub mod share_update_key;
pub mod share_update_value;
pub mod snapshot_footer_record;
pub mod snapshot_header_record;
pub mod streams_group_current_member_assignment_key;
pub mod streams_group_current_member_assignment_value;
pub mod streams_group_member_metadata_key;
pub mod streams_group_member_metadata_value;
pub mod streams_group_metadata_key;
pub mod streams_group_metadata_value;
pub mod streams_group_target_assignment_member_key;
pub mod streams_group_target_assignment_member_value;
pub mod streams_group_target_assignment_metadata_key;
pub mod streams_group_target_assignment_metadata_value;
pub mod streams_group_topology_key;
pub mod streams_group_topology_value;
pub mod topic_record;
pub mod transaction_log_key;
pub mod transaction_log_value;
pub mod unfence_broker_record;
pub mod unregister_broker_record;
pub mod unregister_controller_record;
pub mod user_scram_credential_record;
pub mod voters_record;
pub mod zk_migration_state_record;
pub use abort_transaction_record::AbortTransactionRecord;
pub use aborted_txn::AbortedTxn;
pub use access_control_entry_record::AccessControlEntryRecord;
pub use begin_transaction_record::BeginTransactionRecord;
pub use broker_registration_change_record::BrokerRegistrationChangeRecord;
pub use clear_elr_record::ClearElrRecord;
pub use client_quota_record::ClientQuotaRecord;
pub use config_record::ConfigRecord;
pub use consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey;
pub use consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
pub use consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey;
pub use consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue;
pub use consumer_group_metadata_key::ConsumerGroupMetadataKey;
pub use consumer_group_metadata_value::ConsumerGroupMetadataValue;
pub use consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey;
pub use consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue;
pub use consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey;
pub use consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
pub use consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey;
pub use consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
pub use consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey;
pub use consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
pub use consumer_protocol_assignment::ConsumerProtocolAssignment;
pub use consumer_protocol_subscription::ConsumerProtocolSubscription;
pub use control_record_type_schema::ControlRecordTypeSchema;
pub use default_principal_data::DefaultPrincipalData;
pub use delegation_token_record::DelegationTokenRecord;
pub use end_transaction_record::EndTransactionRecord;
pub use end_txn_marker::EndTxnMarker;
pub use feature_level_record::FeatureLevelRecord;
pub use fence_broker_record::FenceBrokerRecord;
pub use group_metadata_key::GroupMetadataKey;
pub use group_metadata_value::GroupMetadataValue;
pub use kraft_version_record::KRaftVersionRecord;
pub use leader_change_message::LeaderChangeMessage;
pub use legacy_offset_commit_key::LegacyOffsetCommitKey;
pub use legacy_offset_commit_value::LegacyOffsetCommitValue;
pub use no_op_record::NoOpRecord;
pub use offset_commit_key::OffsetCommitKey;
pub use offset_commit_value::OffsetCommitValue;
pub use partition_change_record::PartitionChangeRecord;
pub use partition_record::PartitionRecord;
pub use producer_ids_record::ProducerIdsRecord;
pub use quorum_state_data::QuorumStateData;
pub use register_broker_record::RegisterBrokerRecord;
pub use register_controller_record::RegisterControllerRecord;
pub use remove_access_control_entry_record::RemoveAccessControlEntryRecord;
pub use remove_delegation_token_record::RemoveDelegationTokenRecord;
pub use remove_topic_record::RemoveTopicRecord;
pub use remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
pub use request_header::RequestHeader;
pub use response_header::ResponseHeader;
pub use share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey;
pub use share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue;
pub use share_group_member_metadata_key::ShareGroupMemberMetadataKey;
pub use share_group_member_metadata_value::ShareGroupMemberMetadataValue;
pub use share_group_metadata_key::ShareGroupMetadataKey;
pub use share_group_metadata_value::ShareGroupMetadataValue;
pub use share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey;
pub use share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue;
pub use share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey;
pub use share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue;
pub use share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey;
pub use share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue;
pub use share_snapshot_key::ShareSnapshotKey;
pub use share_snapshot_value::ShareSnapshotValue;
pub use share_update_key::ShareUpdateKey;
pub use share_update_value::ShareUpdateValue;
pub use snapshot_footer_record::SnapshotFooterRecord;
pub use snapshot_header_record::SnapshotHeaderRecord;
pub use streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey;
pub use streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue;
pub use streams_group_member_metadata_key::StreamsGroupMemberMetadataKey;
pub use streams_group_member_metadata_value::StreamsGroupMemberMetadataValue;
pub use streams_group_metadata_key::StreamsGroupMetadataKey;
pub use streams_group_metadata_value::StreamsGroupMetadataValue;
pub use streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey;
pub use streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue;
pub use streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey;
pub use streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue;
pub use streams_group_topology_key::StreamsGroupTopologyKey;
pub use streams_group_topology_value::StreamsGroupTopologyValue;
pub use topic_record::TopicRecord;
pub use transaction_log_key::TransactionLogKey;
pub use transaction_log_value::TransactionLogValue;
pub use unfence_broker_record::UnfenceBrokerRecord;
pub use unregister_broker_record::UnregisterBrokerRecord;
pub use unregister_controller_record::UnregisterControllerRecord;
pub use user_scram_credential_record::UserScramCredentialRecord;
pub use voters_record::VotersRecord;
pub use zk_migration_state_record::ZkMigrationStateRecord;

/// Calls a macro with the name of every message in `data`.
#[macro_export]
macro_rules! for_each_data {
    ($callback:ident) => {
        $callback! {
        ConsumerProtocolSubscription
        ConsumerProtocolAssignment
        ControlRecordTypeSchema
        EndTxnMarker
        LeaderChangeMessage
        SnapshotHeaderRecord
        SnapshotFooterRecord
        KRaftVersionRecord
        VotersRecord
        AbortedTxn
        QuorumStateData
        LegacyOffsetCommitKey
        LegacyOffsetCommitValue
        OffsetCommitKey
        OffsetCommitValue
        GroupMetadataKey
        GroupMetadataValue
        ConsumerGroupMetadataKey
        ConsumerGroupMetadataValue
        ConsumerGroupPartitionMetadataKey
        ConsumerGroupPartitionMetadataValue
        ConsumerGroupMemberMetadataKey
        ConsumerGroupMemberMetadataValue
        ConsumerGroupTargetAssignmentMetadataKey
        ConsumerGroupTargetAssignmentMetadataValue
        ConsumerGroupTargetAssignmentMemberKey
        ConsumerGroupTargetAssignmentMemberValue
        ConsumerGroupCurrentMemberAssignmentKey
        ConsumerGroupCurrentMemberAssignmentValue
        ShareGroupMemberMetadataKey
        ShareGroupMemberMetadataValue
        ShareGroupMetadataKey
        ShareGroupMetadataValue
        ShareGroupTargetAssignmentMetadataKey
        ShareGroupTargetAssignmentMetadataValue
        ShareGroupTargetAssignmentMemberKey
        ShareGroupTargetAssignmentMemberValue
        ShareGroupCurrentMemberAssignmentKey
        ShareGroupCurrentMemberAssignmentValue
        ShareGroupStatePartitionMetadataKey
        ShareGroupStatePartitionMetadataValue
        ConsumerGroupRegularExpressionKey
        ConsumerGroupRegularExpressionValue
        StreamsGroupMetadataKey
        StreamsGroupMetadataValue
        StreamsGroupMemberMetadataKey
        StreamsGroupMemberMetadataValue
        StreamsGroupTargetAssignmentMetadataKey
        StreamsGroupTargetAssignmentMetadataValue
        StreamsGroupTargetAssignmentMemberKey
        StreamsGroupTargetAssignmentMemberValue
        StreamsGroupCurrentMemberAssignmentKey
        StreamsGroupCurrentMemberAssignmentValue
        StreamsGroupTopologyKey
        StreamsGroupTopologyValue
        RequestHeader
        ResponseHeader
        RegisterBrokerRecord
        UnregisterBrokerRecord
        TopicRecord
        PartitionRecord
        ConfigRecord
        PartitionChangeRecord
        FenceBrokerRecord
        UnfenceBrokerRecord
        RemoveTopicRecord
        DelegationTokenRecord
        UserScramCredentialRecord
        FeatureLevelRecord
        ClientQuotaRecord
        ProducerIdsRecord
        BrokerRegistrationChangeRecord
        AccessControlEntryRecord
        RemoveAccessControlEntryRecord
        NoOpRecord
        ZkMigrationStateRecord
        RemoveUserScramCredentialRecord
        BeginTransactionRecord
        EndTransactionRecord
        AbortTransactionRecord
        RemoveDelegationTokenRecord
        RegisterControllerRecord
        ClearElrRecord
        UnregisterControllerRecord
        DefaultPrincipalData
        ShareSnapshotKey
        ShareSnapshotValue
        ShareUpdateKey
        ShareUpdateValue
        TransactionLogKey
        TransactionLogValue
        }
    };
}
