//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The response of DescribeClientQuotas (key 48), v0 to v1, flexible from v1.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribeClientQuotasResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<Str>,
    pub entries: Option<Vec<EntryData>>,
}

impl Default for DescribeClientQuotasResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            entries: Some(Default::default()),
        }
    }
}

impl Wire for DescribeClientQuotasResponse {
    const SIZE_MIN: usize = 9;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.throttle_time_ms = r.get()?;
        m.error_code = r.get()?;
        m.error_message = r.get()?;
        m.entries = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.throttle_time_ms.put(w)?;
        w.error_code(self.error_code)?;
        self.error_message.put(w)?;
        self.entries.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeClientQuotasResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntryData {
    pub entity: Vec<EntityData>,
    pub values: Vec<ValueData>,
}

impl Wire for EntryData {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.entity = r.get()?;
        m.values = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.entity.put(w)?;
        self.values.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`DescribeClientQuotasResponse`].
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

/// Part of [`DescribeClientQuotasResponse`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ValueData {
    pub key: Str,
    pub value: f64,
}

impl Wire for ValueData {
    const SIZE_MIN: usize = 10;

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

impl Message for DescribeClientQuotasResponse {
    const NAME: &'static str = "DescribeClientQuotasResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);
}
