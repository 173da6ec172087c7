//! A connection to the HTTP listener that sends anything, in pieces: it is answered as HTTP/1 wants
//! it, by the same words however the pieces were cut, or closed.

#![no_main]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use http::{Doors, HEAD_BYTES_MAX, Page, Site, Status};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The page of every path is the path.
struct Echo;

impl Site for Echo {
    fn page(self: &Arc<Self>, path: &str) -> Pin<Box<dyn Future<Output = Page> + Send>> {
        assert!(path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()));
        let page = Page::plain(Status::Ok, path);
        Box::pin(async move { page })
    }
}

static DOORS: LazyLock<Arc<Doors>> = LazyLock::new(Arc::default);
static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // Nothing waits for a real clock: a client that says no more is given up at once.
    builder.enable_time().start_paused(true).build().expect("a runtime")
});

fn answer(request: &[u8], piece: usize) -> Vec<u8> {
    RUNTIME.block_on(async {
        let (mut ours, theirs) = tokio::io::duplex(64 * 1024);
        let serve = http::answer(theirs, &ECHO, &DOORS);
        let ask = async {
            for piece in request.chunks(piece) {
                if ours.write_all(piece).await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let _ = ours.shutdown().await;
            let mut answer = Vec::new();
            let _ = ours.read_to_end(&mut answer).await;
            answer
        };
        tokio::join!(serve, ask).1
    })
}

static ECHO: LazyLock<Arc<Echo>> = LazyLock::new(|| Arc::new(Echo));

fuzz_target!(|data: &[u8]| {
    let Some((&piece, request)) = data.split_first() else { return };
    let told = answer(request, request.len().max(1));
    if request.len() <= HEAD_BYTES_MAX {
        assert_eq!(answer(request, usize::from(piece) + 1), told, "however it is cut");
    }
    if told.is_empty() {
        return;
    }
    let told = std::str::from_utf8(&told).expect("an answer is text");
    let (head, text) = told.split_once("\r\n\r\n").expect("a head and its end");
    assert!(head.starts_with("HTTP/1.1 "), "{head}");
    assert!(head.lines().all(|line| !line.contains('\r')), "one line is one line");
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length: usize = length.expect("a length").parse().expect("which is a number");
    assert!(text.is_empty() || text.len() == length, "{length} is not the length of {text:?}");
    // Whatever was sent stands on no page but the echo of its path.
    assert!(head.lines().count() <= 7, "{head}");
});
