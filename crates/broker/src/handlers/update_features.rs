//! UpdateFeatures (key 57), v0-v2.
//! Finalizes features at other levels, together or not at all (KIP-584, KIP-778).
//! - v1: upgrades, and downgrades that are safe or not; validate only   - v2: no result by feature
//!
//! Gaps: none. Which features there are is said in `metadata`, with the reasons.

use std::sync::Arc;

use metadata::{FeatureChange, FeatureUpdate, UpdateFeatures};
use protocol::Str;
use protocol::messages::update_features_request::FeatureUpdateKey;
use protocol::messages::update_features_response::UpdatableFeatureResult;
use protocol::messages::{UpdateFeaturesRequest, UpdateFeaturesResponse};

use crate::Broker;
use crate::dispatch::RequestContext;
use crate::handlers::admin::submit_within;

/// The first version that says in which direction a level may go.
const DIRECTION_SINCE: i16 = 1;
/// The first version whose answer is about all features at once.
const NO_RESULTS_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: Arc<Broker>,
    context: RequestContext,
    request: UpdateFeaturesRequest,
) -> UpdateFeaturesResponse {
    let updates = request.feature_updates.iter().map(|update| FeatureUpdate {
        name: update.feature.as_str().into(),
        level: update.max_version_level,
        change: change(update, context.version),
    });
    let command = UpdateFeatures {
        controller_id: broker.identity().broker_id,
        updates: updates.collect(),
        validate_only: request.validate_only,
    };
    let outcome = match submit_within(&broker, request.timeout_ms, command).await {
        Ok(outcome) => outcome,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) if context.version < NO_RESULTS_SINCE => {
            let results = request.feature_updates.into_iter().map(|update| {
                UpdatableFeatureResult { feature: update.feature, ..Default::default() }
            });
            UpdateFeaturesResponse { results: results.collect(), ..Default::default() }
        }
        Ok(()) => UpdateFeaturesResponse::default(),
        Err(error) => UpdateFeaturesResponse {
            error_code: error.code.code(),
            error_message: Some(Str::from(format!(
                "The update failed for all features since the following feature had an error: {}",
                error.message
            ))),
            ..Default::default()
        },
    }
}

fn change(update: &FeatureUpdateKey, version: i16) -> Option<FeatureChange> {
    if version < DIRECTION_SINCE {
        let down = update.allow_downgrade;
        return Some(if down { FeatureChange::SafeDowngrade } else { FeatureChange::Upgrade });
    }
    match update.upgrade_type {
        1 => Some(FeatureChange::Upgrade),
        2 => Some(FeatureChange::SafeDowngrade),
        3 => Some(FeatureChange::UnsafeDowngrade),
        _ => None,
    }
}
