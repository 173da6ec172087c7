//! A node that answers our own client with anything: each call of the client ends, with what it
//! found or an error.
//!
//! Input: what is asked, and the answers in their order (`hostile::Script`). Time is simulated, so no
//! call waits.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use klamm_fuzz::hostile::{self, Script};
use libfuzzer_sys::fuzz_target;

/// Far beyond every timeout of the client, in simulated time.
const PATIENCE: Duration = Duration::from_secs(600);

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().expect("a runtime")
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else { return };
    let script = Script::read(data);
    RUNTIME.block_on(async {
        let (address, server) = hostile::serve(script).await;
        let asked = hostile::ask(choice, &address);
        tokio::time::timeout(PATIENCE, asked).await.expect("a call that never ends");
        server.abort();
    });
});
