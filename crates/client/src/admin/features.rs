//! Features: what a node supports, what the cluster has agreed on, and changing that.

use std::collections::BTreeMap;

use model::{BrokerId, ErrorCode};
use protocol::Str;
use protocol::messages::update_features_request::FeatureUpdateKey;
use protocol::messages::{ApiVersionsRequest, UpdateFeaturesRequest};

use super::Admin;
use crate::cluster::{Lane, retry};
use crate::error::ClientError;

/// The features of a node and of its cluster.
#[derive(Debug, Clone, Default)]
pub struct FeatureMetadata {
    /// The levels that the node supports.
    pub supported: BTreeMap<String, (i16, i16)>,
    /// The levels that the cluster has agreed on.
    pub finalized: BTreeMap<String, i16>,
    /// When it did, as an offset of the metadata log.
    pub epoch: Option<i64>,
}

/// Which way a level is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeType {
    /// Up.
    Upgrade,
    /// Down, unless metadata would be lost.
    SafeDowngrade,
    /// Down, at any price.
    UnsafeDowngrade,
}

impl UpgradeType {
    const fn number(self) -> i8 {
        match self {
            Self::Upgrade => 1,
            Self::SafeDowngrade => 2,
            Self::UnsafeDowngrade => 3,
        }
    }
}

impl Admin {
    /// The features as a node knows them; any node if none is named.
    pub async fn describe_features(
        &self,
        node: Option<BrokerId>,
    ) -> Result<FeatureMetadata, ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: Str::from_static("klamm"),
            client_software_version: Str::from_static(env!("CARGO_PKG_VERSION")),
            ..ApiVersionsRequest::default()
        };
        retry!(self.cluster, {
            let connection = match node {
                Some(node) => self.cluster.node(node, Lane::General).await?,
                None => self.cluster.any().await?,
            };
            // Version 3 leaves out features whose levels begin at 0.
            let version = connection.version_within::<ApiVersionsRequest>(3..=4)?;
            let timeout = self.cluster.config().request_timeout;
            let response = connection.call_in(&request, version, timeout).await?;
            ClientError::check(response.error_code, None, || "describing features".to_owned())?;
            let supported = response.supported_features.into_iter();
            let finalized = response.finalized_features.into_iter();
            let epoch = response.finalized_features_epoch;
            Ok(FeatureMetadata {
                supported: supported
                    .map(|feature| {
                        (feature.name.into(), (feature.min_version, feature.max_version))
                    })
                    .collect(),
                finalized: finalized
                    .map(|feature| (feature.name.into(), feature.max_version_level))
                    .collect(),
                epoch: (epoch >= 0).then_some(epoch),
            })
        })
    }

    /// Changes the levels of features; each has its own result.
    pub async fn update_features(
        &self,
        levels: &BTreeMap<String, i16>,
        upgrade_type: UpgradeType,
        validate_only: bool,
    ) -> Result<BTreeMap<String, Result<(), ClientError>>, ClientError> {
        let update = |(feature, level): (&String, &i16)| FeatureUpdateKey {
            feature: Str::from(feature),
            max_version_level: *level,
            allow_downgrade: upgrade_type != UpgradeType::Upgrade,
            upgrade_type: upgrade_type.number(),
        };
        let request = UpdateFeaturesRequest {
            timeout_ms: self.timeout_ms(),
            feature_updates: levels.iter().map(update).collect(),
            validate_only,
        };
        retry!(self.cluster, {
            let connection = self.cluster.controller().await?;
            // Before version 1 nothing could only be tried.
            let least = if validate_only { 1 } else { 0 };

            let version = connection.version_within::<UpdateFeaturesRequest>(least..=i16::MAX)?;
            let mut request = request.clone();
            for update in &mut request.feature_updates {
                if version == 0 {
                    update.upgrade_type = UpgradeType::Upgrade.number();
                } else {
                    update.allow_downgrade = false;
                }
            }
            let timeout = self.cluster.config().request_timeout;
            let response = connection.call_in(&request, version, timeout).await?;
            let whole = |feature: &String| {
                let message = response.error_message.as_deref();
                ClientError::check(response.error_code, message, || format!("feature {feature}"))
            };
            if response.error_code == ErrorCode::NotController.code() {
                return Err(whole(&String::new()).err().unwrap_or(ClientError::State("no error")));
            }
            let mut results: BTreeMap<String, Result<(), ClientError>> =
                levels.keys().map(|feature| (feature.clone(), whole(feature))).collect();
            if response.error_code == 0 {
                for result in &response.results {
                    let feature = String::from(result.feature.clone());
                    let message = result.error_message.as_deref();
                    let outcome = ClientError::check(result.error_code, message, || {
                        format!("feature {feature}")
                    });
                    results.insert(feature, outcome);
                }
            }
            Ok(results)
        })
    }
}
