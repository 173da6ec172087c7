//! Connections over real sockets of the loopback interface, with a service that echoes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::*;
use crate::{Listener, RequestMemory, SocketOptions};

/// Answers each frame with itself. A frame that begins with `w` waits until the gate opens.
#[derive(Debug)]
struct Echo {
    gate: Arc<Semaphore>,
    started: AtomicUsize,
    /// The connection of the newest frame.
    last: Mutex<Option<Arc<ConnectionContext>>>,
}

impl Service for Echo {
    fn start(
        self: &Arc<Self>,
        connection: &Arc<ConnectionContext>,
        frame: Bytes,
        _memory: Hold,
    ) -> Result<Pin<Box<dyn Future<Output = Reply> + Send>>, ServiceError> {
        self.started.fetch_add(1, Ordering::SeqCst);
        let gate = Arc::clone(&self.gate);
        let _ = self.last.lock().map(|mut last| *last = Some(Arc::clone(connection)));
        Ok(Box::pin(async move {
            if frame.starts_with(b"w") {
                gate.acquire().await.map_err(|_| ServiceError("closed".to_owned()))?.forget();
            }
            if frame.starts_with(b"!") {
                return Err(ServiceError("asked to fail".to_owned()));
            }
            let length = (frame.len() as u32).to_be_bytes();
            Ok(Some(vec![Chunk::Bytes(Bytes::copy_from_slice(&length)), Chunk::Bytes(frame)]))
        }))
    }
}

struct Server {
    address: SocketAddr,
    echo: Arc<Echo>,
    _stop: watch::Sender<bool>,
}

async fn server(limits: ConnectionLimits) -> Server {
    let listener =
        Listener::bind("TEST", "127.0.0.1", 0, SocketOptions { backlog: 50, ..Default::default() })
            .await
            .unwrap();
    let address = listener.local_address().unwrap();
    let echo = Arc::new(Echo {
        gate: Arc::new(Semaphore::new(0)),
        started: AtomicUsize::new(0),
        last: Mutex::default(),
    });
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(listener.serve(Arc::clone(&echo), Arc::new(limits), stopped));
    Server { address, echo, _stop: stop }
}

fn limits() -> ConnectionLimits {
    ConnectionLimits::new(1 << 20, None, RequestMemory::new(4 << 20))
}

fn frame(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[..], body].concat()
}

async fn read_frame(stream: &mut TcpStream) -> Vec<u8> {
    let length = stream.read_u32().await.unwrap();
    let mut body = vec![0; length as usize];
    stream.read_exact(&mut body).await.unwrap();
    body
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let server = server(limits()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&[frame(b"w1"), frame(b"2"), frame(b"3")].concat()).await.unwrap();
    server.echo.gate.add_permits(1);
    for expected in [&b"w1"[..], b"2", b"3"] {
        assert_eq!(read_frame(&mut stream).await, expected);
    }
    assert_eq!(server.echo.started.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_frame_arrives_whole_however_it_is_cut() {
    let server = server(limits()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let large = vec![7u8; 300_000];
    let bytes = [frame(&large), frame(b"after")].concat();
    for piece in bytes.chunks(9_973) {
        stream.write_all(piece).await.unwrap();
    }
    assert_eq!(read_frame(&mut stream).await, large);
    assert_eq!(read_frame(&mut stream).await, b"after");
}

#[tokio::test]
async fn frames_over_the_limit_and_negative_lengths_end_the_connection() {
    for length in [(1 << 20) + 1, -1, i32::MIN, i32::MAX] {
        let server = server(limits()).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&length.to_be_bytes()).await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "length {length}");
    }
}

#[tokio::test]
async fn a_service_that_fails_ends_its_connection_only() {
    let server = server(limits()).await;
    let mut failing = TcpStream::connect(server.address).await.unwrap();
    let mut other = TcpStream::connect(server.address).await.unwrap();
    failing.write_all(&frame(b"!")).await.unwrap();
    assert_eq!(failing.read(&mut [0; 1]).await.unwrap(), 0);
    other.write_all(&frame(b"alive")).await.unwrap();
    assert_eq!(read_frame(&mut other).await, b"alive");
}

#[tokio::test]
async fn a_frame_is_read_although_another_holds_the_budget() {
    let limits = ConnectionLimits::new(1 << 20, None, RequestMemory::new(128 * 1024));
    let server = server(limits).await;
    let body = |first: u8| [&[first][..], &vec![0; 100_000]].concat();
    let mut first = TcpStream::connect(server.address).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    first.write_all(&frame(&body(b'w'))).await.unwrap();
    while server.echo.started.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    second.write_all(&frame(&body(b'2'))).await.unwrap();
    server.echo.gate.add_permits(1);
    assert_eq!(read_frame(&mut first).await, body(b'w'));
    assert_eq!(read_frame(&mut second).await, body(b'2'));
}

#[tokio::test]
async fn claims_that_are_not_kept_take_no_memory_from_others() {
    let limits = ConnectionLimits::new(1 << 20, None, RequestMemory::new(1 << 20));
    let server = server(limits).await;
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&(1u32 << 20).to_be_bytes()).await.unwrap();
        stream.write_all(&[0; 100]).await.unwrap();
        held.push(stream);
    }
    let mut other = TcpStream::connect(server.address).await.unwrap();
    let large = vec![7u8; 1 << 20];
    other.write_all(&frame(&large)).await.unwrap();
    assert_eq!(read_frame(&mut other).await, large);
}

#[tokio::test]
async fn large_frames_that_arrive_together_are_all_read_within_a_small_budget() {
    let limits = ConnectionLimits::new(1 << 20, None, RequestMemory::new(256 << 10));
    let server = server(limits).await;
    let clients = (0..20u8).map(|number| {
        let address = server.address;
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let large = vec![number; 1 << 20];
            let (mut read, mut write) = stream.split();
            let bytes = frame(&large);
            let (sent, ()) = tokio::join!(write.write_all(&bytes), async {
                let length = read.read_u32().await.unwrap();
                let mut body = vec![0; length as usize];
                read.read_exact(&mut body).await.unwrap();
                assert_eq!(body, large);
            });
            sent.unwrap();
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_holds_memory_may_not_stand_still() {
    let server = server(limits()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(&(1u32 << 20).to_be_bytes()).await.unwrap();
    stream.write_all(&[0; 5000]).await.unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_frame_that_comes_a_byte_at_a_time_is_given_up_after_the_idle_time() {
    const PATIENCE: Duration = Duration::from_secs(30);
    let idle_max = Some(Duration::from_millis(200));
    let server =
        server(ConnectionLimits::new(1 << 20, idle_max, RequestMemory::new(1 << 20))).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(&(1u32 << 20).to_be_bytes()).await.unwrap();
    stream.write_all(&[0; 50_000]).await.unwrap();
    // Never idle, and far from whole.
    let until_closed = async {
        let mut pace = tokio::time::interval(Duration::from_millis(1));
        while stream.write_all(&[0]).await.is_ok() {
            pace.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, until_closed).await.expect("the connection is still open");
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_given_up_after_the_idle_time() {
    const PATIENCE: Duration = Duration::from_secs(30);
    let limits = ConnectionLimits::new(
        1 << 20,
        Some(Duration::from_millis(50)),
        RequestMemory::new(64 << 20),
    );
    let server = server(limits).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let question = frame(&vec![7; 1 << 20]);
    // Its answers fill every buffer on the way, and then nothing moves.
    let until_closed = async { while stream.write_all(&question).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, until_closed).await.expect("the connection is still open");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_waiting_one_is_not() {
    let limits = ConnectionLimits::new(
        1 << 20,
        Some(Duration::from_millis(50)),
        RequestMemory::new(1 << 20),
    );
    let server = server(limits).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut waiting = TcpStream::connect(server.address).await.unwrap();
    waiting.write_all(&frame(b"w")).await.unwrap();
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    server.echo.gate.add_permits(1);
    assert_eq!(read_frame(&mut waiting).await, b"w");
}

#[tokio::test]
async fn giving_up_ends_a_connection_whose_answer_stands_still_and_no_other() {
    let server = server(ConnectionLimits::new(64 << 20, None, RequestMemory::new(128 << 20))).await;
    let last = || server.echo.last.lock().unwrap().clone().unwrap();
    let mut taking = TcpStream::connect(server.address).await.unwrap();
    taking.write_all(&frame(b"small")).await.unwrap();
    assert_eq!(read_frame(&mut taking).await, b"small");
    let quiet = last();
    let mut stalled = TcpStream::connect(server.address).await.unwrap();
    stalled.write_all(&frame(&vec![7; 48 << 20])).await.unwrap();
    let patience = Duration::from_millis(300);
    let standing = loop {
        tokio::task::yield_now().await;
        let newest = last();
        if newest.delivery.stands_still().is_some_and(|time| time > patience) {
            break newest;
        }
    };
    assert_eq!(quiet.delivery.stands_still(), None);
    quiet.delivery.give_up();
    standing.delivery.give_up();
    let mut rest = Vec::new();
    // It gets what the system had taken, and no more.
    let _ = stalled.read_to_end(&mut rest).await;
    assert!(rest.len() < 48 << 20);
    taking.write_all(&frame(b"still there")).await.unwrap();
    assert_eq!(read_frame(&mut taking).await, b"still there");
}
