//! How Kafka's tools print errors: by the name of a class and with the words of Kafka's clients,
//! which scripts look for.

use client::ClientError;
use model::ErrorCode;

/// The package of the classes.
const PACKAGE: &str = "org.apache.kafka.common.errors.";

/// An error as Java prints an exception: `org.apache.kafka.common.errors.SomeException: words`.
pub(crate) fn exception(error: &ClientError) -> String {
    match error.code() {
        Some(code) => format!("{PACKAGE}{}: {}", class(code), words(error)),
        None => error.to_string(),
    }
}

/// An error with the words that Kafka's clients have for its code.
pub(crate) fn exception_of(code: ErrorCode) -> String {
    format!("{PACKAGE}{}: {}", class(code), usual_words(code))
}

/// The words of an error alone: the node's, else those of Kafka's clients.
pub(crate) fn words(error: &ClientError) -> String {
    match error {
        ClientError::Api { code, message, .. } if **message == *code.message() => {
            usual_words(*code).to_owned()
        }
        ClientError::Api { message, .. } => message.to_string(),
        ClientError::UnsupportedVersion { api, .. } => {
            format!("The node does not support {}", screaming(api.name()))
        }
        other => other.to_string(),
    }
}

/// `UpdateFeatures` as `UPDATE_FEATURES`.
fn screaming(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

/// The class of an error, with its package.
pub(crate) fn full_class(code: ErrorCode) -> String {
    format!("{PACKAGE}{}", class(code))
}

/// The class of an error.
fn class(code: ErrorCode) -> String {
    let odd = match code {
        ErrorCode::UnknownServerError => "UnknownServerException",
        ErrorCode::CorruptMessage => "CorruptRecordException",
        ErrorCode::RequestTimedOut => "TimeoutException",
        ErrorCode::MessageTooLarge => "RecordTooLargeException",
        ErrorCode::StaleControllerEpoch => "ControllerMovedException",
        ErrorCode::NetworkException => "NetworkException",
        ErrorCode::InvalidTopicException => "InvalidTopicException",
        ErrorCode::RecordListTooLarge => "RecordBatchTooLargeException",
        ErrorCode::TopicAuthorizationFailed => "TopicAuthorizationException",
        ErrorCode::GroupAuthorizationFailed => "GroupAuthorizationException",
        ErrorCode::ClusterAuthorizationFailed => "ClusterAuthorizationException",
        ErrorCode::TopicAlreadyExists => "TopicExistsException",
        ErrorCode::InvalidConfig => "InvalidConfigurationException",
        ErrorCode::KafkaStorageError => "KafkaStorageException",
        ErrorCode::NonEmptyGroup => "GroupNotEmptyException",
        ErrorCode::FeatureUpdateFailed => "FeatureUpdateFailedException",
        other => return format!("{other:?}Exception"),
    };
    odd.to_owned()
}

/// What Kafka's clients say when the node says nothing; for the codes that tools print.
fn usual_words(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::OffsetOutOfRange => {
            "The requested offset is not within the range of offsets maintained by the server."
        }
        ErrorCode::UnknownTopicOrPartition => "This server does not host this topic-partition.",
        ErrorCode::PolicyViolation => "Request parameters do not satisfy the configured policy.",
        ErrorCode::NonEmptyGroup => "The group is not empty.",
        ErrorCode::GroupIdNotFound => "The group id does not exist.",
        ErrorCode::ElectionNotNeeded => "Leader election not needed for topic partition.",
        ErrorCode::ClusterAuthorizationFailed => "Cluster authorization failed.",
        ErrorCode::KafkaStorageError => "Disk error when trying to access log file on the disk.",
        ErrorCode::InvalidUpdateVersion => "The given update version was invalid.",
        ErrorCode::UnsupportedVersion => "The version of API is not supported.",
        ErrorCode::BrokerIdNotRegistered => "The given broker ID was not registered.",
        other => other.message(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_go_by_the_names_of_their_classes() {
        for (code, name) in [
            (ErrorCode::UnknownTopicOrPartition, "UnknownTopicOrPartitionException"),
            (ErrorCode::NonEmptyGroup, "GroupNotEmptyException"),
            (ErrorCode::InvalidTopicException, "InvalidTopicException"),
        ] {
            assert_eq!(class(code), name);
        }
    }
}
