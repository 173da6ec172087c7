//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 0, v0 to v1, flexible from v1.
#[derive(Debug, Clone, PartialEq)]
pub struct TransactionLogValue {
    pub producer_id: ProducerId,
    /// v1 only.
    pub previous_producer_id: ProducerId,
    /// v1 only.
    pub next_producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    /// v1 only.
    pub next_producer_epoch: ProducerEpoch,
    pub transaction_timeout_ms: i32,
    pub transaction_status: i8,
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    pub transaction_last_update_timestamp_ms: i64,
    pub transaction_start_timestamp_ms: i64,
    /// v1 only.
    pub client_transaction_version: i16,
}

impl Default for TransactionLogValue {
    fn default() -> Self {
        Self {
            producer_id: Default::default(),
            previous_producer_id: ProducerId::new(-1),
            next_producer_id: ProducerId::new(-1),
            producer_epoch: Default::default(),
            next_producer_epoch: ProducerEpoch::new(-1),
            transaction_timeout_ms: Default::default(),
            transaction_status: Default::default(),
            transaction_partitions: Some(Default::default()),
            transaction_last_update_timestamp_ms: Default::default(),
            transaction_start_timestamp_ms: Default::default(),
            client_transaction_version: Default::default(),
        }
    }
}

impl Wire for TransactionLogValue {
    const SIZE_MIN: usize = 33;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.producer_id = r.get()?;
        m.producer_epoch = r.get()?;
        m.transaction_timeout_ms = r.get()?;
        m.transaction_status = r.get()?;
        m.transaction_partitions = r.get()?;
        m.transaction_last_update_timestamp_ms = r.get()?;
        m.transaction_start_timestamp_ms = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.previous_producer_id = r.get()?,
                1 => m.next_producer_id = r.get()?,
                3 => m.next_producer_epoch = r.get()?,
                2 => m.client_transaction_version = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.producer_id.put(w)?;
        self.producer_epoch.put(w)?;
        self.transaction_timeout_ms.put(w)?;
        self.transaction_status.put(w)?;
        self.transaction_partitions.put(w)?;
        self.transaction_last_update_timestamp_ms.put(w)?;
        self.transaction_start_timestamp_ms.put(w)?;
        w.absent(
            v < 1 && self.previous_producer_id != ProducerId::new(-1),
            "previous_producer_id",
        )?;
        w.absent(v < 1 && self.next_producer_id != ProducerId::new(-1), "next_producer_id")?;
        w.absent(
            v < 1 && self.next_producer_epoch != ProducerEpoch::new(-1),
            "next_producer_epoch",
        )?;
        w.absent(v < 1 && self.client_transaction_version != 0, "client_transaction_version")?;
        w.tags(&[
            (0, self.previous_producer_id != ProducerId::new(-1), &|w| {
                self.previous_producer_id.put(w)
            }),
            (1, self.next_producer_id != ProducerId::new(-1), &|w| self.next_producer_id.put(w)),
            (2, self.client_transaction_version != 0, &|w| self.client_transaction_version.put(w)),
            (3, self.next_producer_epoch != ProducerEpoch::new(-1), &|w| {
                self.next_producer_epoch.put(w)
            }),
        ])?;
        Ok(())
    }
}

impl ToJson for TransactionLogValue {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("producerId", &self.producer_id, v);
        if self.previous_producer_id != ProducerId::new(-1) {
            o.set("previousProducerId", &self.previous_producer_id, v);
        }
        if self.next_producer_id != ProducerId::new(-1) {
            o.set("nextProducerId", &self.next_producer_id, v);
        }
        o.set("producerEpoch", &self.producer_epoch, v);
        if self.next_producer_epoch != ProducerEpoch::new(-1) {
            o.set("nextProducerEpoch", &self.next_producer_epoch, v);
        }
        o.set("transactionTimeoutMs", &self.transaction_timeout_ms, v);
        o.set("transactionStatus", &self.transaction_status, v);
        o.set("transactionPartitions", &self.transaction_partitions, v);
        o.set("transactionLastUpdateTimestampMs", &self.transaction_last_update_timestamp_ms, v);
        o.set("transactionStartTimestampMs", &self.transaction_start_timestamp_ms, v);
        if self.client_transaction_version != 0 {
            o.set("clientTransactionVersion", &self.client_transaction_version, v);
        }
        Json::Object(o)
    }
}

/// Part of [`TransactionLogValue`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartitionsSchema {
    pub topic: Str,
    pub partition_ids: Vec<PartitionIndex>,
}

impl Wire for PartitionsSchema {
    const SIZE_MIN: usize = 3;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let mut m = Self::default();
        m.topic = r.get()?;
        m.partition_ids = r.get()?;
        r.tags(&mut |_, _| Ok(false))?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        self.topic.put(w)?;
        self.partition_ids.put(w)?;
        w.tags(&[])
    }
}

impl ToJson for PartitionsSchema {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("topic", &self.topic, v);
        o.set("partitionIds", &self.partition_ids, v);
        Json::Object(o)
    }
}

impl Message for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);
}

impl Record for TransactionLogValue {
    const TYPE: i16 = 0;
}
