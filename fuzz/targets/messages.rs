//! Every message of the protocol in every version, and every stored record.
//!
//! What decodes can be encoded, and what was encoded decodes to the same message.

#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::{Corpus, fuzz_target};
use protocol::Message;

/// Decodes, and holds the message against its own encoding; false when the bytes are no message.
type Check = fn(Bytes, i16) -> bool;

fn check<M: Message>(bytes: Bytes, version: i16) -> bool {
    let Ok(message) = M::from_bytes(bytes, version) else { return false };
    let encoded = message.to_bytes(version).expect("what was read can be written");
    assert_eq!(message.size(version), Ok(encoded.len()), "size of {} v{version}", M::NAME);
    let again = M::from_bytes(encoded.clone(), version).expect("what was written can be read");
    // By bytes and not by `==`, as a NaN is not equal to itself.
    assert_eq!(again.to_bytes(version).as_ref(), Ok(&encoded), "{} v{version}", M::NAME);
    true
}

static CHECKS: LazyLock<Vec<Check>> = LazyLock::new(|| {
    macro_rules! apis {
        ($(($api:ident, $request:ident, $response:ident))*) => {
            vec![$(
                check::<protocol::messages::$request> as Check,
                check::<protocol::messages::$response> as Check,
            )*]
        };
    }
    macro_rules! data {
        ($($name:ident)*) => { [$(check::<protocol::data::$name> as Check,)*] };
    }
    let mut checks = protocol::for_each_api!(apis);
    checks.extend(protocol::for_each_data!(data));
    checks
});

// The first byte chooses the message, the second its version.
fuzz_target!(|data: &[u8]| -> Corpus {
    let [message, version, body @ ..] = data else { return Corpus::Reject };
    let Some(check) = CHECKS.get(usize::from(*message)) else { return Corpus::Reject };
    check(Bytes::copy_from_slice(body), i16::from(*version));
    Corpus::Keep
});
