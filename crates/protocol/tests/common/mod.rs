//! Samples of every message, and every message by its name.

// Each test uses the part that it needs.
#![allow(dead_code)]

use bytes::Bytes;
use protocol::{DecodeError, EncodeError, Message, Reader, Writer};
use protocol_codegen::sample::{self, Random};
use protocol_codegen::schema;

/// What encoding yields and what `size` says.
type Encoded = Result<(Bytes, usize), EncodeError>;

/// What a test can do with a message whose type it does not name.
pub(crate) struct Codec {
    pub(crate) name: &'static str,
    pub(crate) role: schema::Role,
    pub(crate) decode: fn(Bytes, i16) -> Result<(), DecodeError>,
    /// Decodes, and encodes again.
    pub(crate) again: fn(Bytes, i16) -> Result<Encoded, DecodeError>,
}

fn codec<M: Message>() -> Codec {
    Codec {
        name: M::NAME,
        role: schema::Role::Data,
        decode: |bytes, version| M::decode(&mut Reader::new(bytes), version).map(|_| ()),
        again: |bytes, version| {
            let message = M::from_bytes(bytes, version)?;
            let mut writer = Writer::new();
            let encoded = message.encode(&mut writer, version).and_then(|()| {
                let size = message.size(version)?;
                Ok((writer.into_bytes()?, size))
            });
            Ok(encoded)
        },
    }
}

/// Every message of every API and every other message.
pub(crate) fn codecs() -> Vec<Codec> {
    macro_rules! apis {
        ($(($api:ident, $request:ident, $response:ident))*) => {
            vec![$(
                codec::<protocol::messages::$request>(),
                codec::<protocol::messages::$response>(),
            )*]
        };
    }
    macro_rules! data {
        ($($name:ident)*) => { vec![$(codec::<protocol::data::$name>(),)*] };
    }
    let mut codecs = protocol::for_each_api!(apis);
    codecs.extend(protocol::for_each_data!(data));
    codecs
}

/// Every message of the schemas.
pub(crate) fn messages() -> Vec<schema::Message> {
    let schemas = protocol_codegen::schemas().unwrap();
    schemas.into_iter().flat_map(|schema| schema.messages).collect()
}

/// Runs a check on `count` samples of every version of every message.
pub(crate) fn for_each_sample(count: u64, mut check: impl FnMut(&Codec, i16, Bytes)) {
    let mut codecs = codecs();
    for message in messages() {
        let codec = codecs.iter_mut().find(|codec| codec.name == message.name).unwrap();
        codec.role = message.role;
        for version in message.versions.clone() {
            for seed in 0..count {
                let mut random = Random::new(seed);
                check(codec, version, sample::bytes(&message, version, &mut random).into());
            }
        }
    }
}
