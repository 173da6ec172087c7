//! Generated from `schemas/` by `cargo xtask codegen`; change the schema instead.

use crate::prelude::*;

/// A record of type 17, v0 to v3, flexible from v0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BrokerRegistrationChangeRecord {
    pub broker_id: BrokerId,
    pub broker_epoch: i64,
    pub fenced: i8,
    /// From v1 on.
    pub in_controlled_shutdown: i8,
    /// From v2 on.
    pub log_dirs: Vec<Uuid>,
    /// v3 only.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Wire for BrokerRegistrationChangeRecord {
    const SIZE_MIN: usize = 13;

    fn get(r: &mut Reader) -> Result<Self, DecodeError> {
        let v = r.version();
        let mut m = Self::default();
        m.broker_id = r.get()?;
        m.broker_epoch = r.get()?;
        r.tags(&mut |r, tag| {
            match tag {
                0 => m.fenced = r.get()?,
                1 if v >= 1 => m.in_controlled_shutdown = r.get()?,
                2 if v >= 2 => m.log_dirs = r.get()?,
                3 if v >= 3 => m.cordoned_log_dirs = r.get()?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(m)
    }

    fn put(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let v = w.version();
        self.broker_id.put(w)?;
        self.broker_epoch.put(w)?;
        w.absent(v < 1 && self.in_controlled_shutdown != 0, "in_controlled_shutdown")?;
        w.absent(v < 2 && !self.log_dirs.is_empty(), "log_dirs")?;
        w.absent(v < 3 && self.cordoned_log_dirs.is_some(), "cordoned_log_dirs")?;
        w.tags(&[
            (0, self.fenced != 0, &|w| self.fenced.put(w)),
            (1, v >= 1 && self.in_controlled_shutdown != 0, &|w| {
                self.in_controlled_shutdown.put(w)
            }),
            (2, v >= 2 && !self.log_dirs.is_empty(), &|w| self.log_dirs.put(w)),
            (3, v >= 3 && self.cordoned_log_dirs.is_some(), &|w| self.cordoned_log_dirs.put(w)),
        ])?;
        Ok(())
    }
}

impl ToJson for BrokerRegistrationChangeRecord {
    fn to_json(&self, v: i16) -> Json {
        let mut o = JsonObject::default();
        o.set("brokerId", &self.broker_id, v);
        o.set("brokerEpoch", &self.broker_epoch, v);
        if self.fenced != 0 {
            o.set("fenced", &self.fenced, v);
        }
        if v >= 1 && self.in_controlled_shutdown != 0 {
            o.set("inControlledShutdown", &self.in_controlled_shutdown, v);
        }
        if v >= 2 && !self.log_dirs.is_empty() {
            o.set("logDirs", &self.log_dirs, v);
        }
        if v >= 3 && self.cordoned_log_dirs.is_some() {
            o.set("cordonedLogDirs", &self.cordoned_log_dirs, v);
        }
        Json::Object(o)
    }
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);
}

impl Record for BrokerRegistrationChangeRecord {
    const TYPE: i16 = 17;
}
