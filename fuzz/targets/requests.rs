//! A whole broker on a disk in memory that is sent anything: it answers, or ends the connection.
//!
//! The input is a list of frames, each with two bytes of length. State stays between inputs for a
//! while, as a broker's does; what an answer must look like is checked by decoding it.

#![no_main]

#[path = "../../crates/broker/tests/common/mod.rs"]
mod common;

use std::cell::RefCell;
use std::sync::LazyLock;

use bytes::Bytes;
use common::Node;
use libfuzzer_sys::fuzz_target;

/// Frames of one input.
const FRAMES_MAX: usize = 8;
/// Inputs that one broker takes: then a new one is started, so that a finding can be repeated.
const INPUTS_MAX: u32 = 500;

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
});

thread_local! {
    static NODE: RefCell<Option<(Node, u32)>> = const { RefCell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    let mut rest = data;
    let mut frames = Vec::new();
    while let [high, low, after @ ..] = rest
        && frames.len() < FRAMES_MAX
    {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        frames.push(Bytes::copy_from_slice(&after[..length]));
        rest = &after[length..];
    }
    NODE.with_borrow_mut(|node| {
        RUNTIME.block_on(async {
            if let Some((old, _)) = node.take_if(|(_, inputs)| *inputs >= INPUTS_MAX) {
                old.stop().await;
            }
            if node.is_none() {
                *node = Some((Node::start().await, 0));
            }
            let Some((node, inputs)) = node else { return };
            *inputs += 1;
            for frame in frames {
                node.send(frame).await;
            }
        });
    });
});
