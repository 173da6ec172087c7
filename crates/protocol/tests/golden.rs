//! Frames that real clients sent, and what a node answered them, are read and written again to the same bytes.
//!
//! The files in `golden` are made by `cargo xtask interop --record`: for each suite, one frame of each key and
//! version that its client sends.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use protocol::frame::{decode_request_header, decode_response_header};
use protocol::{ApiKey, Message, Reader};

/// One line of a golden file.
struct Frame {
    place: String,
    request: bool,
    api: ApiKey,
    version: i16,
    bytes: Bytes,
}

fn frames() -> Vec<Frame> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut frames = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let place = format!("{}:{}", path.file_name().unwrap().to_string_lossy(), number + 1);
            let words: Vec<&str> = line.split(' ').collect();
            let &[direction, key, version, hex] = &words[..] else { panic!("{place}: {line}") };
            frames.push(Frame {
                place,
                request: direction == "request",
                api: ApiKey::from_code(key.parse().unwrap()).unwrap(),
                version: version.parse().unwrap(),
                bytes: unhex(hex),
            });
        }
    }
    frames
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> =
        text.chars().map(|digit| digit.to_digit(16).unwrap().try_into().unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The names of request and response of each API.
fn names() -> BTreeMap<i16, [&'static str; 2]> {
    let mut names = BTreeMap::new();
    macro_rules! apis {
        ($(($api:ident, $request:ident, $response:ident))*) => {
            $(names.insert(
                ApiKey::$api.code(),
                [protocol::messages::$request::NAME, protocol::messages::$response::NAME],
            );)*
        };
    }
    protocol::for_each_api!(apis);
    names
}

#[test]
fn what_real_clients_sent_and_got_is_written_again_to_the_same_bytes() {
    let (names, codecs) = (names(), common::codecs());
    let mut wrong = Vec::new();
    for frame in frames() {
        let [request, response] = names[&frame.api.code()];
        let mut reader = Reader::new(frame.bytes.clone());
        let name = if frame.request {
            let head = decode_request_header(&mut reader).unwrap();
            assert_eq!(
                (head.api, head.version),
                (Some(frame.api), frame.version),
                "{}",
                frame.place
            );
            request
        } else {
            // Errors about a version too new are answered in version 0.
            decode_response_header(&mut reader, frame.api.response_header_version(frame.version))
                .unwrap();
            response
        };
        let body = reader.take_rest();
        let codec = codecs.iter().find(|codec| codec.name == name).unwrap();
        match (codec.again)(body.clone(), frame.version) {
            Ok(Ok((again, size))) if again == body && size == body.len() => {}
            other => wrong.push(format!("{} {name} v{}: {other:?}", frame.place, frame.version)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_golden_files_cover_every_generation_of_the_main_requests() {
    let sent: BTreeSet<(i16, i16)> = frames()
        .iter()
        .filter(|frame| frame.request)
        .map(|frame| (frame.api.code(), frame.version))
        .collect();
    let versions = |api: ApiKey| sent.iter().filter(|(key, _)| *key == api.code()).count();
    for (api, least) in [
        (ApiKey::Produce, 6),
        (ApiKey::Fetch, 6),
        (ApiKey::ListOffsets, 4),
        (ApiKey::Metadata, 6),
        (ApiKey::JoinGroup, 4),
        (ApiKey::OffsetCommit, 4),
        (ApiKey::ApiVersions, 4),
    ] {
        assert!(versions(api) >= least, "{api:?}: {} versions of {least}", versions(api));
    }
}
