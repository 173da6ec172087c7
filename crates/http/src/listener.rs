//! The listening socket and its connections.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{debug, warn};

use crate::doors::Doors;
use crate::request::{self, Request};
use crate::{ANSWER_TIME_MAX, HEAD_BYTES_MAX, HEAD_TIME_MAX, PAGE_TIME_MAX, Page, Site, Status};

/// How long accepting rests after it failed, for want of descriptors say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What a client still sends is thrown away for this long, so that it gets to read its answer.
const LINGER_MAX: Duration = Duration::from_secs(1);
/// So much of it, at most.
const LINGER_BYTES_MAX: usize = 64 * 1024;

/// A listening socket.
#[derive(Debug)]
pub struct HttpListener {
    socket: TcpListener,
}

impl HttpListener {
    /// Opens the socket; of several addresses of a host the first that can be opened, IPv4 before
    /// IPv6. An empty host is every interface.
    pub async fn bind(host: &str, port: u16) -> io::Result<Self> {
        if host.is_empty() {
            let everywhere = [IpAddr::from([0u16; 8]), IpAddr::from([0u8; 4])];
            let addresses = everywhere.map(|ip| SocketAddr::new(ip, port));
            return Ok(Self { socket: TcpListener::bind(addresses.as_slice()).await? });
        }
        let mut addresses: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
        // `localhost` first means 127.0.0.1, as it does to clients.
        addresses.sort_by_key(|address| !address.is_ipv4());
        Ok(Self { socket: TcpListener::bind(addresses.as_slice()).await? })
    }

    /// The address that the socket really has.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Answers requests until `stop` becomes true, as one of a node's doors.
    pub async fn serve<S: Site>(
        self,
        site: Arc<S>,
        doors: Arc<Doors>,
        mut stop: watch::Receiver<bool>,
    ) {
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match accepted {
                Ok((stream, peer)) => match doors.admit(peer.ip().to_canonical()) {
                    Some(admission) => {
                        let (site, doors) = (Arc::clone(&site), Arc::clone(&doors));
                        let mut stop = stop.clone();
                        tokio::spawn(async move {
                            let _admission = admission;
                            tokio::select! {
                                () = answer(stream, &site, &doors) => {}
                                _ = stop.wait_for(|stop| *stop) => {}
                            }
                        });
                    }
                    None => debug!(%peer, "too many HTTP connections: closed"),
                },
                Err(error) => {
                    warn!(%error, "cannot accept an HTTP connection; trying again");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Reads one request and answers it. A client that goes away or dawdles is owed nothing.
pub async fn answer<S: Site>(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    site: &Arc<S>,
    doors: &Arc<Doors>,
) {
    let Ok(Some(asked)) = timeout(HEAD_TIME_MAX, read_head(&mut stream)).await else { return };
    let (page, wants_text) = match asked {
        Ok(Request { path, wants_text }) => {
            let made = timeout(PAGE_TIME_MAX, site.page(&path)).await;
            (made.unwrap_or_else(|_| late()), wants_text)
        }
        Err(status) => (Page::plain(status, format!("{}\n", status.line())), true),
    };
    let mut ticket = doors.hold(page.text.len());
    let sent = tokio::select! {
        sent = timeout(ANSWER_TIME_MAX, send(&mut stream, &page, wants_text)) => sent,
        _ = &mut ticket.ended => return debug!("others need the memory of a page that is read slowly"),
    };
    drop((page, ticket));
    if matches!(sent, Ok(Ok(()))) {
        let _ = timeout(LINGER_MAX, linger(&mut stream)).await;
    }
}

fn late() -> Page {
    let seconds = PAGE_TIME_MAX.as_secs();
    let text =
        format!("the page was not ready in {seconds} s: does a disk hang? See the node's log.\n");
    Page::plain(Status::Unavailable, text)
}

/// The request; `None` if the client went away before it was whole.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<Result<Request, Status>> {
    let mut head = Vec::with_capacity(512);
    loop {
        if let Some(end) = request::end(&head) {
            return Some(request::parse(head.get(..end).unwrap_or_default()));
        }
        let room = HEAD_BYTES_MAX.checked_sub(head.len()).filter(|room| *room > 0);
        let Some(room) = room else { return Some(Err(Status::HeadersTooLarge)) };
        match (&mut *stream).take(room as u64).read_buf(&mut head).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    page: &Page,
    wants_text: bool,
) -> io::Result<()> {
    let allow = if page.status == Status::MethodNotAllowed { "Allow: GET, HEAD\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\n{allow}Connection: close\r\n\r\n",
        page.status.line(),
        page.content_type,
        page.text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if wants_text {
        stream.write_all(page.text.as_bytes()).await?;
    }
    stream.shutdown().await
}

/// Throws away what the client still sends: closed with bytes unread, the connection would be reset,
/// and the answer with it.
async fn linger(stream: &mut (impl AsyncRead + Unpin)) {
    let mut scrap = [0; 1024];
    let mut left = LINGER_BYTES_MAX;
    while let Ok(count @ 1..) = stream.read(&mut scrap).await {
        left = left.saturating_sub(count);
        if left == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;

    use tokio::net::TcpStream;

    use super::*;
    use crate::{CONNECTIONS_MAX, CONNECTIONS_PER_IP_MAX, FINISHED_BYTES_MAX};

    struct Hello;

    impl Site for Hello {
        fn page(self: &Arc<Self>, path: &str) -> Pin<Box<dyn Future<Output = Page> + Send>> {
            let page = match path {
                "/hello" => Page::plain(Status::Ok, "hello\n"),
                "/large" => Page::plain(Status::Ok, "x".repeat(FINISHED_BYTES_MAX / 2)),
                "/hangs" => return Box::pin(std::future::pending()),
                _ => Page::plain(Status::NotFound, "no such page\n"),
            };
            Box::pin(async move { page })
        }
    }

    async fn start() -> (SocketAddr, watch::Sender<bool>) {
        let listener = HttpListener::bind("localhost", 0).await.unwrap();
        let address = listener.local_address().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(listener.serve(Arc::new(Hello), Arc::default(), stopped));
        (address, stop)
    }

    async fn ask(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn pages_are_served_and_everything_else_is_told_why_not() {
        let (address, _stop) = start().await;
        let get = ask(address, b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(
            get.starts_with("HTTP/1.1 200 OK\r\n") && get.ends_with("\r\n\r\nhello\n"),
            "{get}"
        );
        let head = ask(address, b"HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(head.contains("Content-Length: 6") && head.ends_with("\r\n\r\n"), "{head}");
        let lost = ask(address, b"GET /nowhere HTTP/1.0\r\n\r\n").await;
        assert!(lost.starts_with("HTTP/1.1 404 "), "{lost}");
        let post =
            [b"POST /hello HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(), &[b'x'; 32_000]].concat();
        let post = ask(address, &post).await;
        assert!(post.starts_with("HTTP/1.1 405 ") && post.contains("Allow: GET, HEAD"), "{post}");
        // What comes behind the head is no part of it, whether it has come already or not.
        let more = ask(address, b"GET /hello HTTP/1.1\r\n\r\nHost: x\r\n\r\n\xff").await;
        assert!(more.starts_with("HTTP/1.1 400 "), "{more}");
        let more = ask(address, b"GET /hello HTTP/1.0\r\n\r\n\xff\xff").await;
        assert!(more.starts_with("HTTP/1.1 200 "), "{more}");
        let long = format!("GET /hello HTTP/1.1\r\nHost: x\r\nX: {}", "y".repeat(HEAD_BYTES_MAX));
        assert!(ask(address, long.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_hangs_is_given_up() {
        let (mut client, server) = tokio::io::duplex(1024);
        client.write_all(b"GET /hangs HTTP/1.0\r\n\r\n").await.unwrap();
        let mut told = String::new();
        let asked = async {
            client.read_to_string(&mut told).await.unwrap();
            drop(client);
        };
        let (site, doors) = (Arc::new(Hello), Arc::default());
        tokio::join!(answer(server, &site, &doors), asked);
        assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("does a disk hang?"), "{told}");
    }

    #[tokio::test]
    async fn one_address_cannot_take_all_connections() {
        let (address, _stop) = start().await;
        let mut silent = Vec::new();
        for _ in 0..CONNECTIONS_PER_IP_MAX {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut refused = TcpStream::connect(address).await.unwrap();
        assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0, "the next one is closed");
        drop(silent.pop());
        let mut served = String::new();
        while served.is_empty() {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let _ = stream.write_all(b"GET /hello HTTP/1.0\r\n\r\n").await;
            let _ = stream.read_to_string(&mut served).await;
        }
        assert!(served.ends_with("hello\n"));
    }

    #[tokio::test]
    async fn doors_share_one_count_of_connections() {
        let doors: Arc<Doors> = Arc::default();
        let ip = |n: usize| IpAddr::from([10, 0, 0, n as u8]);
        let open: Vec<_> = (0..CONNECTIONS_MAX)
            .map(|n| doors.admit(ip(n / CONNECTIONS_PER_IP_MAX)).unwrap())
            .collect();
        let listener = HttpListener::bind("localhost", 0).await.unwrap();
        let address = listener.local_address().unwrap();
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(listener.serve(Arc::new(Hello), Arc::clone(&doors), stopped));
        let mut refused = TcpStream::connect(address).await.unwrap();
        assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0);
        drop(open);
        assert!(ask(address, b"GET /hello HTTP/1.0\r\n\r\n").await.ends_with("hello\n"));
    }

    #[tokio::test]
    async fn a_large_page_is_served_while_others_read_theirs_slowly() {
        let (address, _stop) = start().await;
        let mut slow = Vec::new();
        for _ in 0..4 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /large HTTP/1.0\r\n\r\n").await.unwrap();
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 1);
            slow.push(stream);
        }
        let page = ask(address, b"GET /large HTTP/1.0\r\n\r\n").await;
        assert!(page.len() > FINISHED_BYTES_MAX / 2);
        // What had been read longest is cut off.
        let mut rest = Vec::new();
        let _ = slow.remove(0).read_to_end(&mut rest).await;
        assert!(rest.len() < FINISHED_BYTES_MAX / 2);
    }
}
