//! Frames: four bytes of length, a header, a body. The reading side gets frames without the length,
//! which `net` needs before it reads the rest.

use crate::api_key::ApiKey;
use crate::chunk::Chunk;
use crate::data::{RequestHeader, ResponseHeader};
use crate::error::{DecodeError, EncodeError};
use crate::message::{Message, Request};
use crate::reader::Reader;
use crate::text::Str;
use crate::writer::{ErrorCounts, Writer};

/// How many bytes the length takes that stands before every frame.
pub const LENGTH_BYTES: usize = 4;

/// What the header of a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The number of the request as it was sent.
    pub key: i16,
    /// The request, if the number is known.
    pub api: Option<ApiKey>,
    /// The version of the body.
    pub version: i16,
    /// What the answer must repeat.
    pub correlation_id: i32,
    /// How the client calls itself.
    pub client_id: Option<Str>,
}

/// Reads the header of a request; the reader then stands at the body. The layout of the header
/// follows from key and version; of a request whose key is unknown, only the part that every header
/// begins with is read.
pub fn decode_request_header(reader: &mut Reader) -> Result<RequestHead, DecodeError> {
    let mut peek = reader.clone();
    let key: i16 = peek.get()?;
    let version: i16 = peek.get()?;
    let Some(api) = ApiKey::from_code(key) else {
        let correlation_id = peek.get()?;
        *reader = peek;
        return Ok(RequestHead { key, api: None, version, correlation_id, client_id: None });
    };
    let header = RequestHeader::decode(reader, api.request_header_version(version))?;
    Ok(RequestHead {
        key,
        api: Some(api),
        version,
        correlation_id: header.correlation_id,
        client_id: header.client_id,
    })
}

/// Reads the body of a request. Bytes behind it are ignored, as Kafka ignores them: librdkafka
/// (2.16) asks for all topics in flexible versions with four bytes of null where one is meant, and
/// what is left over then are the last three bytes of what it wanted to say.
pub fn decode_request<R: Request>(reader: &mut Reader, version: i16) -> Result<R, DecodeError> {
    R::decode(reader, version)
}

/// A whole frame of a request, its length included.
pub fn encode_request<R: Request>(
    correlation_id: i32,
    client_id: Option<&Str>,
    body: &R,
    version: i16,
) -> Result<Vec<Chunk>, EncodeError> {
    let header = RequestHeader {
        request_api_key: R::KEY.code(),
        request_api_version: version,
        correlation_id,
        client_id: client_id.cloned(),
    };
    let mut writer = Writer::new();
    writer.begin_frame();
    header.encode(&mut writer, R::KEY.request_header_version(version))?;
    body.encode(&mut writer, version)?;
    writer.end_frame()
}

/// Reads the header of a response; returns its correlation id.
pub fn decode_response_header(
    reader: &mut Reader,
    header_version: i16,
) -> Result<i32, DecodeError> {
    Ok(ResponseHeader::decode(reader, header_version)?.correlation_id)
}

/// A whole frame of a response, its length included, and the errors that it tells. The header's
/// version comes from [`ApiKey::response_header_version`].
pub fn encode_response<M: Message>(
    correlation_id: i32,
    header_version: i16,
    body: &M,
    version: i16,
) -> Result<(Vec<Chunk>, ErrorCounts), EncodeError> {
    let mut writer = Writer::new();
    writer.begin_frame();
    ResponseHeader { correlation_id }.encode(&mut writer, header_version)?;
    body.encode(&mut writer, version)?;
    let errors = writer.take_errors();
    Ok((writer.end_frame()?, errors))
}
