//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 17, v0, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamsGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
    pub validated_topology_epoch: i32,
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
    pub stored_description_topology_epoch: i32,
    pub failed_description_topology_epoch: i32,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: Default::default(),
            metadata_hash: Default::default(),
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Default::default()),
            stored_description_topology_epoch: -1,
            failed_description_topology_epoch: -1,
        }
    }
}

impl Wire for StreamsGroupMetadataValue {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.epoch = r.get()?;
        m.metadata_hash = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.validated_topology_epoch = r.get()?,
                1 => m.last_assignment_configs = r.get()?,
                2 => m.stored_description_topology_epoch = r.get()?,
                3 => m.failed_description_topology_epoch = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.epoch.put(w)?;
        self.metadata_hash.put(w)?;
        w.tags(&[
            (0, self.validated_topology_epoch != -1, &|w| self.validated_topology_epoch.put(w)),
            (1, self.last_assignment_configs != Some(Vec::new()), &|w| {
                self.last_assignment_configs.put(w)
            }),
            (2, self.stored_description_topology_epoch != -1, &|w| {
                self.stored_description_topology_epoch.put(w)
            }),
            (3, self.failed_description_topology_epoch != -1, &|w| {
                self.failed_description_topology_epoch.put(w)
            }),
        ])?;
        Ok(())
    }
}

impl ToJson for StreamsGroupMetadataValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("epoch", &self.epoch, v);
        o.set("metadataHash", &self.metadata_hash, v);
        if self.validated_topology_epoch != -1 {
            o.set("validatedTopologyEpoch", &self.validated_topology_epoch, v);
        }
        if self.last_assignment_configs != Some(Vec::new()) {
            o.set("lastAssignmentConfigs", &self.last_assignment_configs, v);
        }
        if self.stored_description_topology_epoch != -1 {
            o.set("storedDescriptionTopologyEpoch", &self.stored_description_topology_epoch, v);
        }
        if self.failed_description_topology_epoch != -1 {
            o.set("failedDescriptionTopologyEpoch", &self.failed_description_topology_epoch, v);
        }
        Json::Object(o)
    }
}

/// Part of [`StreamsGroupMetadataValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LastAssignmentConfig {
    pub key: Str,
    pub value: Str,
}

impl Wire for LastAssignmentConfig {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.key = r.get()?;
        m.value = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.key.put(w)?;
        self.value.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for LastAssignmentConfig {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("key", &self.key, v);
        o.set("value", &self.value, v);
        Json::Object(o)
    }
}

impl Message for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for StreamsGroupMetadataValue {
    const TYPE: i16 = 17;
}
