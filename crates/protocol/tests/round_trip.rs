//! Every version of every message: what is read is written again to the byte.

mod common;

use common::for_each_sample;

#[test]
fn decoded_samples_are_encoded_to_the_same_bytes_and_sizes() {
    for_each_sample(20, |codec, version, bytes| {
        let name = codec.name;
        let again = (codec.again)(bytes.clone(), version)
            .unwrap_or_else(|error| panic!("{name} v{version} is not decoded: {error}"))
            .unwrap_or_else(|error| panic!("{name} v{version} is not encoded: {error}"));
        assert_eq!(again, (bytes.clone(), bytes.len()), "{name} v{version}");
    });
}

#[test]
fn messages_cut_at_any_byte_are_refused() {
    for_each_sample(3, |codec, version, bytes| {
        for end in 0..bytes.len() {
            let cut = bytes.slice(..end);
            let result = (codec.decode)(cut, version);
            assert!(result.is_err(), "{} v{version} cut at {end}", codec.name);
        }
    });
}
