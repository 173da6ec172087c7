//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of AlterClientQuotas (key 49), v0 to v1, flexible from v1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlterClientQuotasResponse {
    pub throttle_time_ms: i32,
    pub entries: Vec<EntryData>,
}

impl Wire for AlterClientQuotasResponse {
    const SIZE_MIN: usize = 6;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.entries = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        self.entries.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterClientQuotasResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntryData {
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub entity: Vec<EntityData>,
}

impl Wire for EntryData {
    const SIZE_MIN: usize = 5;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.entity = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.entity.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AlterClientQuotasResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntityData {
    pub entity_type: Str,
    pub entity_name: Option<Str>,
}

impl Wire for EntityData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.entity_type = r.get()?;
        m.entity_name = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.entity_type.put(w)?;
        self.entity_name.put(w)?;
        w.tags(&[])
    }
}

impl Message for AlterClientQuotasResponse {
    const NAME: &'static str = "AlterClientQuotasResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);
}
