//! The features of Kafka 4.3 and their levels: names of metadata versions, which levels of the other
//! features belong to them, and what these need.

/// The feature that the others follow.
pub(crate) const METADATA_VERSION: &str = "metadata.version";
/// The newest metadata version that Kafka 4.3 uses by itself.
pub(crate) const LATEST: &str = "4.3-IV0";

/// A metadata version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MetadataVersion {
    /// Its level.
    pub(crate) level: i16,
    /// Its name.
    pub(crate) name: &'static str,
}

/// The names of the metadata versions, from [`LEVEL_MIN`] on.
const NAMES: &[&str] = &[
    "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2",
    "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0",
    "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
    "4.4-IV0",
];
/// The level of the oldest metadata version.
const LEVEL_MIN: i16 = 7;

/// A feature beside `metadata.version`.
struct Feature {
    name: &'static str,
    /// For each level from 1 on, the metadata version that has it by default.
    since: &'static [&'static str],
    /// What a level needs of another feature: level, feature, its level.
    needs: &'static [(i16, &'static str, i16)],
}

/// The features, in the order in which Kafka shows them.
const FEATURES: &[Feature] = &[
    Feature { name: "kraft.version", since: &["3.9-IV0"], needs: &[] },
    Feature { name: "transaction.version", since: &["4.0-IV2", "4.0-IV2"], needs: &[] },
    Feature { name: "group.version", since: &["4.0-IV0"], needs: &[] },
    Feature {
        name: "eligible.leader.replicas.version",
        since: &["4.1-IV0"],
        needs: &[(1, METADATA_VERSION, 23)],
    },
    Feature { name: "share.version", since: &["4.2-IV0"], needs: &[] },
    Feature { name: "streams.version", since: &["4.2-IV1"], needs: &[] },
];

/// The metadata version of a name; the name of a release alone means its last one.
pub(crate) fn metadata_version(text: &str) -> Result<MetadataVersion, String> {
    let of_release = |name: &str| name.split_once('-').is_some_and(|(release, _)| release == text);
    let at = NAMES.iter().rposition(|name| *name == text || of_release(name));
    match at.and_then(|at| Some((i16::try_from(at).ok()?, *NAMES.get(at)?))) {
        Some((at, name)) => Ok(MetadataVersion { level: LEVEL_MIN + at, name }),
        None => Err(format!(
            "Unknown metadata.version '{text}'. Supported metadata.version are: {}",
            NAMES.join(", ")
        )),
    }
}

fn by_level(level: i16) -> Option<&'static str> {
    let at = usize::try_from(level.checked_sub(LEVEL_MIN)?).ok()?;
    NAMES.get(at).copied()
}

/// A level as it is shown.
pub(crate) fn name(feature: &str, level: i16) -> String {
    match by_level(level) {
        Some(name) if feature == METADATA_VERSION => name.to_owned(),
        None if feature == METADATA_VERSION => format!("UNKNOWN {level}"),
        _ => level.to_string(),
    }
}

/// The levels of the other features that belong to a metadata version.
pub(crate) fn defaults(version: MetadataVersion) -> impl Iterator<Item = (&'static str, i16)> {
    FEATURES.iter().map(move |feature| {
        let reached = feature.since.iter().filter(|since| {
            metadata_version(since).is_ok_and(|since| since.level <= version.level)
        });
        (feature.name, i16::try_from(reached.count()).unwrap_or(i16::MAX))
    })
}

/// What `version-mapping` prints.
pub(crate) fn mapping(text: &str) -> Result<String, String> {
    let version = metadata_version(text)?;
    let mut lines = format!("{METADATA_VERSION}={} ({text})\n", version.level);
    for (feature, level) in defaults(version) {
        lines.push_str(&format!("{feature}={level}\n"));
    }
    Ok(lines)
}

/// What `feature-dependencies` prints of one feature.
pub(crate) fn dependencies(feature: &str, level: i16) -> Result<String, String> {
    if feature == METADATA_VERSION {
        let name = by_level(level).ok_or_else(|| format!("Unknown metadata.version {level}"))?;
        return Ok(format!("{feature}={level} ({name}) has no dependencies.\n"));
    }
    let found = FEATURES.iter().find(|known| known.name == feature);
    let found = found.ok_or_else(|| format!("Unknown feature: {feature}"))?;
    if level < 0 || usize::try_from(level).is_ok_and(|level| level > found.since.len()) {
        return Err(format!("No feature:{feature} with feature level {level}"));
    }
    let needs: Vec<_> = found.needs.iter().filter(|(of, ..)| *of == level).collect();
    if needs.is_empty() {
        return Ok(format!("{feature}={level} has no dependencies.\n"));
    }
    let mut lines = format!("{feature}={level} requires:\n");
    for (_, other, needed) in needs {
        let shown = match by_level(*needed) {
            Some(name) if *other == METADATA_VERSION => format!(" ({name})"),
            _ => String::new(),
        };
        lines.push_str(&format!("    {other}={needed}{shown}\n"));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_means_its_last_metadata_version() {
        for (text, level) in
            [("3.3-IV3", 7), ("3.9", 21), ("4.0", 25), ("4.0-IV1", 23), (LATEST, 30)]
        {
            assert_eq!(metadata_version(text).unwrap().level, level, "{text}");
        }
        assert!(metadata_version("2.8").unwrap_err().starts_with("Unknown metadata.version '2.8'"));
    }

    #[test]
    fn levels_follow_the_metadata_version() {
        let levels = |text| -> Vec<i16> {
            defaults(metadata_version(text).unwrap()).map(|(_, level)| level).collect()
        };
        assert_eq!(levels("3.9"), [1, 0, 0, 0, 0, 0]);
        assert_eq!(levels("4.0"), [1, 2, 1, 0, 0, 0]);
        assert_eq!(levels(LATEST), [1, 2, 1, 1, 1, 1]);
    }
}
