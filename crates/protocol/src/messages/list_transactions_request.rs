//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of ListTransactions (key 66), v0 to v2, flexible from v0.
#[derive(Debug, Clone, PartialEq)]
pub struct ListTransactionsRequest {
    pub state_filters: Vec<Str>,
    pub producer_id_filters: Vec<ProducerId>,
    /// From v1 on.
    pub duration_filter: i64,
    /// v2 only.
    pub transactional_id_pattern: Option<Str>,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Default::default(),
            producer_id_filters: Default::default(),
            duration_filter: -1,
            transactional_id_pattern: Default::default(),
        }
    }
}

impl Wire for ListTransactionsRequest {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.state_filters = r.get()?;
        m.producer_id_filters = r.get()?;
        if v >= 1 {
            m.duration_filter = r.get()?;
        }
        if v >= 2 {
            m.transactional_id_pattern = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.state_filters.put(w)?;
        self.producer_id_filters.put(w)?;
        if v >= 1 {
            self.duration_filter.put(w)?;
        } else {
            w.absent(self.duration_filter != -1, "duration_filter")?;
        }
        if v >= 2 {
            self.transactional_id_pattern.put(w)?;
        } else {
            w.absent(self.transactional_id_pattern.is_some(), "transactional_id_pattern")?;
        }
        w.tags(&[])
    }
}

impl Message for ListTransactionsRequest {
    const NAME: &'static str = "ListTransactionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Request for ListTransactionsRequest {
    const KEY: ApiKey = ApiKey::ListTransactions;
    type Response = super::ListTransactionsResponse;
}
