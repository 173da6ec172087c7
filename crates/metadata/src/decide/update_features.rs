//! UpdateFeatures: features change together or not at all, by Kafka's rules.

use model::{BrokerId, ErrorCode};
use protocol::data::FeatureLevelRecord;

use crate::command::{FeatureChange, FeatureUpdate, UpdateFeatures};
use crate::error::ApiError;
use crate::features::{METADATA_VERSION, UNSUPPORTED_FEATURES, are_records_new, supported};
use crate::image::MetadataImage;
use crate::record::MetadataRecord;

pub(super) fn decide(
    image: &MetadataImage,
    command: &UpdateFeatures,
    records: &mut Vec<MetadataRecord>,
) -> Result<(), ApiError> {
    let mut decided = Vec::new();
    for update in &command.updates {
        check(image, update, command.controller_id)?;
        // A level that is reached already needs no record.
        if image.feature_level(&update.name) != update.level {
            decided.push(level_record(&update.name, update.level));
        }
    }
    if !command.validate_only {
        records.append(&mut decided);
    }
    Ok(())
}

/// The record that gives a new cluster, or one of an earlier version, its `metadata.version`.
pub(super) fn missing_metadata_version(image: &MetadataImage) -> Option<MetadataRecord> {
    let newest = supported(METADATA_VERSION)?.level_max;
    let is_missing = image.feature_level(METADATA_VERSION) == 0;
    is_missing.then(|| level_record(METADATA_VERSION, newest))
}

fn level_record(name: &str, feature_level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: name.into(), feature_level }.into()
}

fn check(
    image: &MetadataImage,
    update: &FeatureUpdate,
    controller_id: BrokerId,
) -> Result<(), ApiError> {
    let FeatureUpdate { name, level, change } = update;
    let refuse = |why: String| {
        let message = format!("Invalid update version {level} for feature {name}. {why}");
        Err(ApiError::new(ErrorCode::InvalidUpdateVersion, message))
    };
    let Some(change) = change else {
        return refuse("The controller does not support the given upgrade type.".to_owned());
    };
    if *level < 0 {
        return refuse("A feature version cannot be less than 0.".to_owned());
    }
    match supported(name) {
        Some(feature) if !feature.contains(*level) => {
            let (min, max) = (feature.level_min, feature.level_max);
            return refuse(format!(
                "Local controller {controller_id} only supports versions {min}-{max}"
            ));
        }
        Some(_) => {}
        None if *level == 0 && UNSUPPORTED_FEATURES.contains(&&**name) => {}
        None if *level == 0 => return refuse(format!("Feature {name} not found.")),
        None => {
            let why = format!("Local controller {controller_id} does not support this feature.");
            return refuse(why);
        }
    }
    let current = image.feature_level(name);
    if *level < current && *change == FeatureChange::Upgrade {
        return refuse(
            "Can't downgrade the version of this feature without setting the upgrade type to either \
             safe or unsafe downgrade."
                .to_owned(),
        );
    }
    if *level > current && *change != FeatureChange::Upgrade {
        return refuse("Can't downgrade to a newer version.".to_owned());
    }
    if &**name == METADATA_VERSION && *level < current && are_records_new(*level, current) {
        let why = match change {
            FeatureChange::UnsafeDowngrade => {
                "Unsafe metadata downgrade is not supported in this version."
            }
            FeatureChange::Upgrade | FeatureChange::SafeDowngrade => {
                "Refusing to perform the requested downgrade because it might delete metadata \
                 information."
            }
        };
        return Err(ApiError::new(
            ErrorCode::InvalidUpdateVersion,
            format!("Unsupported metadata.version downgrade from {current} to {level}. {why}"),
        ));
    }
    Ok(())
}
