//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// The request of AddPartitionsToTxn (key 24), v0 to v5, flexible from v3.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnRequest {
    /// From v4 on.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// Up to v3.
    pub v3_and_below_transactional_id: Str,
    /// Up to v3.
    pub v3_and_below_producer_id: ProducerId,
    /// Up to v3.
    pub v3_and_below_producer_epoch: ProducerEpoch,
    /// Up to v3.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

impl Wire for AddPartitionsToTxnRequest {
    const SIZE_MIN: usize = 2;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        if v >= 4 {
            m.transactions = r.get()?;
        }
        if v <= 3 {
            m.v3_and_below_transactional_id = r.get()?;
        }
        if v <= 3 {
            m.v3_and_below_producer_id = r.get()?;
        }
        if v <= 3 {
            m.v3_and_below_producer_epoch = r.get()?;
        }
        if v <= 3 {
            m.v3_and_below_topics = r.get()?;
        }
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        if v >= 4 {
            self.transactions.put(w)?;
        } else {
            w.absent(!self.transactions.is_empty(), "transactions")?;
        }
        if v <= 3 {
            self.v3_and_below_transactional_id.put(w)?;
        } else {
            w.absent(
                !self.v3_and_below_transactional_id.is_empty(),
                "v3_and_below_transactional_id",
            )?;
        }
        if v <= 3 {
            self.v3_and_below_producer_id.put(w)?;
        } else {
            w.absent(
                self.v3_and_below_producer_id != ProducerId::new(0),
                "v3_and_below_producer_id",
            )?;
        }
        if v <= 3 {
            self.v3_and_below_producer_epoch.put(w)?;
        } else {
            w.absent(
                self.v3_and_below_producer_epoch != ProducerEpoch::new(0),
                "v3_and_below_producer_epoch",
            )?;
        }
        if v <= 3 {
            self.v3_and_below_topics.put(w)?;
        } else {
            w.absent(!self.v3_and_below_topics.is_empty(), "v3_and_below_topics")?;
        }
        w.tags(&[])
    }
}

/// Part of [`AddPartitionsToTxnRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnTransaction {
    pub transactional_id: Str,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub verify_only: bool,
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

impl Wire for AddPartitionsToTxnTransaction {
    const SIZE_MIN: usize = 14;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.transactional_id = r.get()?;
        m.producer_id = r.get()?;
        m.producer_epoch = r.get()?;
        m.verify_only = r.get()?;
        m.topics = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.transactional_id.put(w)?;
        self.producer_id.put(w)?;
        self.producer_epoch.put(w)?;
        self.verify_only.put(w)?;
        self.topics.put(w)?;
        w.tags(&[])
    }
}

/// Part of [`AddPartitionsToTxnRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddPartitionsToTxnTopic {
    pub name: Str,
    pub partitions: Vec<PartitionIndex>,
}

impl Wire for AddPartitionsToTxnTopic {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.name = r.get()?;
        m.partitions = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.name.put(w)?;
        self.partitions.put(w)?;
        w.tags(&[])
    }
}

impl Message for AddPartitionsToTxnRequest {
    const NAME: &'static str = "AddPartitionsToTxnRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);
}

impl Request for AddPartitionsToTxnRequest {
    const KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    type Response = super::AddPartitionsToTxnResponse;
}
