//! What a node of ours answers our client, call by call.

#[path = "../../../crates/broker/tests/common/mod.rs"]
mod common;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::Node;
use klamm_fuzz::hostile::{CALLS, PRODUCE, Script, ask, talk};
use tokio::net::TcpListener;

use crate::Seeds;

/// A conversation takes so long at most; what was said until then is enough.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) fn seeds(seeds: &Seeds) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        for call in 0..CALLS {
            let script = conversation(call).await?.write();
            seeds.put("hostile_node", &format!("call-{call}"), &[vec![call], script].concat())?;
        }
        Ok(())
    })
}

async fn conversation(call: u8) -> io::Result<Script> {
    let node = Arc::new(Node::start().await);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let script = Arc::new(Mutex::new(Script::default()));
    let (noted, served) = (Arc::clone(&script), Arc::clone(&node));
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (noted, served) = (Arc::clone(&noted), Arc::clone(&served));
            tokio::spawn(async move {
                let _ = talk(stream, |request| {
                    let (noted, served) = (Arc::clone(&noted), Arc::clone(&served));
                    async move {
                        let answer = served.answer(request.clone()).await?;
                        let mut script = noted.lock().expect("nobody panics");
                        script.note(&request, &answer, address.port())
                    }
                })
                .await;
            });
        }
    });
    // The producer makes the topic, and something to be read.
    if call != PRODUCE {
        let _ = tokio::time::timeout(PATIENCE, ask(PRODUCE, &address.to_string())).await;
        *script.lock().expect("nobody panics") = Script::default();
    }
    let _ = tokio::time::timeout(PATIENCE, ask(call, &address.to_string())).await;
    server.abort();
    let script = std::mem::take(&mut *script.lock().expect("nobody panics"));
    Ok(script)
}
