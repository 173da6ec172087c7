//! What every generated file needs.

pub(crate) use std::ops::RangeInclusive;

pub(crate) use bytes::Bytes;
pub(crate) use model::{
    BrokerId, LeaderEpoch, Offset, PartitionIndex, ProducerEpoch, ProducerId, Uuid,
};

pub(crate) use crate::api_key::ApiKey;
pub(crate) use crate::chunk::Records;
pub(crate) use crate::error::{DecodeError, EncodeError};
pub(crate) use crate::json::{Json, JsonObject, ToJson};
pub(crate) use crate::message::{Message, Record, Request};
pub(crate) use crate::reader::Reader;
pub(crate) use crate::text::Str;
pub(crate) use crate::wire::{Wire, put_tagged_struct};
pub(crate) use crate::writer::Writer;
