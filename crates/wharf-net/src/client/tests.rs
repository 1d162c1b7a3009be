//! The client against scripted servers.

mod field;
mod identity;
mod model;
mod scarce;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Client, Limits, Reply};
use crate::{Connector, Origin, Resolve, Resolving, SendError, SendErrorKind};

type TestClient = Client<Full<Bytes>>;

/// What the vendor does with each connection, by its number.
type Script = fn(usize, TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

struct Vendor {
    origin: Origin,
    connections: Arc<AtomicUsize>,
}

async fn vendor(script: Script) -> Vendor {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(script(number, stream));
        }
    });
    Vendor {
        origin: Origin::new(false, "127.0.0.1", port).unwrap(),
        connections,
    }
}

/// Reads one request without a body; `false` when the connection ended.
async fn read_head(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    let mut byte = [0; 1];
    while !seen.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => seen.push(byte[0]),
            _ => return false,
        }
    }
    true
}

fn keep_alive(
    _: usize,
    mut stream: TcpStream,
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        while read_head(&mut stream).await {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .await
                .unwrap();
        }
    })
}

fn client(limits: Limits) -> TestClient {
    Client::new(Connector::new(), limits)
}

async fn send(
    client: &TestClient,
    origin: &Origin,
) -> (Result<Reply<Full<Bytes>>, SendError>, bool) {
    let handed_over = AtomicBool::new(false);
    let request = Request::get("/x").body(Full::default()).unwrap();
    let result = client
        .send(origin, request, Duration::from_secs(5), &handed_over)
        .await;
    (result, handed_over.into_inner())
}

async fn body(reply: Result<Reply<Full<Bytes>>, SendError>) -> Bytes {
    reply
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
}

/// Waits until something is so, for 10 s at most.
pub(super) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_connection_read_to_its_end_is_used_again() {
    let vendor = vendor(keep_alive).await;
    let client = client(Limits::default());
    for _ in 0..5 {
        assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
        // The connection's own task has to notice the end as well.
        tokio::task::yield_now().await;
    }
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_is_dropped_half_read_closes_its_connection() {
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            while read_head(&mut stream).await {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
                    .await;
            }
        })
    })
    .await;
    let client = client(Limits::default());
    drop(send(&client, &vendor.origin).await.0.unwrap());
    eventually("connections to end", || client.open_connections() == 0).await;
    drop(send(&client, &vendor.origin).await.0.unwrap());
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_connection_the_vendor_closed_is_replaced_without_a_word() {
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            if read_head(&mut stream).await {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    .await
                    .unwrap();
            }
        })
    })
    .await;
    let client = client(Limits::default());
    for round in 1..=5 {
        assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
        eventually("connections to end", || client.open_connections() == 0).await;
        assert_eq!(vendor.connections.load(Ordering::SeqCst), round);
    }
}

#[tokio::test]
async fn a_refused_connection_wrote_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let origin = Origin::new(false, "127.0.0.1", port).unwrap();
    let (result, handed_over) = send(&client(Limits::default()), &origin).await;
    let error = result.err().unwrap();
    assert_eq!(
        (error.kind, error.wrote, handed_over),
        (SendErrorKind::Connect, false, false)
    );
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_may_have_been_read() {
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            read_head(&mut stream).await;
        })
    })
    .await;
    let (result, handed_over) = send(&client(Limits::default()), &vendor.origin).await;
    let error = result.err().unwrap();
    assert_eq!(
        (error.kind, error.wrote, handed_over),
        (SendErrorKind::Closed, true, true)
    );
}

#[tokio::test]
async fn garbage_is_told_from_a_closed_connection() {
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            read_head(&mut stream).await;
            stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n").await.unwrap();
        })
    })
    .await;
    let error = send(&client(Limits::default()), &vendor.origin)
        .await
        .0
        .err()
        .unwrap();
    assert_eq!(error.kind, SendErrorKind::Protocol);
}

// golang/go#65035
#[tokio::test]
async fn interim_answers_without_end_are_an_answer_that_is_not_valid() {
    let vendor = vendor(|number, mut stream| {
        Box::pin(async move {
            read_head(&mut stream).await;
            let interim = "HTTP/1.1 103 \r\n\r\n";
            if number == 0 {
                while stream.write_all(interim.as_bytes()).await.is_ok() {}
                return;
            }
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            for _ in 0..3 {
                // On one connection, each request has the whole bound for itself.
                let text = format!("{}{answer}", interim.repeat(60));
                stream.write_all(text.as_bytes()).await.unwrap();
                read_head(&mut stream).await;
            }
        })
    })
    .await;
    let client = client(Limits::default());
    let error = send(&client, &vendor.origin).await.0.err().unwrap();
    assert_eq!((error.kind, error.wrote), (SendErrorKind::Protocol, true));
    for _ in 0..3 {
        assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
    }
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn unused_connections_are_closed_by_the_sweep_and_by_the_bound() {
    let vendor = vendor(keep_alive).await;
    let none = client(Limits {
        idle_per_origin: 0,
        ..Limits::default()
    });
    assert_eq!(body(send(&none, &vendor.origin).await.0).await, "ok");
    eventually("connections to end", || none.open_connections() == 0).await;

    let short = client(Limits {
        idle_timeout: Duration::ZERO,
        ..Limits::default()
    });
    assert_eq!(body(send(&short, &vendor.origin).await.0).await, "ok");
    assert_eq!(short.open_connections(), 1);
    short.sweep();
    eventually("connections to end", || short.open_connections() == 0).await;
}

#[tokio::test]
async fn what_a_burst_left_is_closed_first() {
    let vendor = vendor(keep_alive).await;
    let client = client(Limits {
        spare_per_origin: 2,
        burst_timeout: Duration::ZERO,
        ..Limits::default()
    });
    let mut replies = Vec::new();
    for _ in 0..6 {
        replies.push(send(&client, &vendor.origin).await.0);
    }
    for reply in replies {
        assert_eq!(body(reply).await, "ok");
    }
    assert_eq!(client.open_connections(), 6);
    client.sweep();
    eventually("the rest to end", || client.open_connections() == 2).await;
    // The spares stay, and are lent.
    client.sweep();
    assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
    assert_eq!(client.open_connections(), 2);
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_sweep_during_a_call_does_not_cost_its_connection() {
    let vendor = vendor(keep_alive).await;
    let client = client(Limits::default());
    let reply = send(&client, &vendor.origin).await.0;
    client.sweep();
    assert_eq!(body(reply).await, "ok");
    tokio::task::yield_now().await;
    assert_eq!(body(send(&client, &vendor.origin).await.0).await, "ok");
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 1);
}

/// Knows one name.
struct Names(Vec<SocketAddr>);

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a str, _: u16) -> Resolving<'a> {
        Box::pin(async move {
            if host == "vendor.test" {
                Ok(self.0.clone())
            } else {
                Err(std::io::Error::other("no such name"))
            }
        })
    }
}

fn named(addresses: Vec<SocketAddr>) -> (TestClient, Origin) {
    let connector = Connector::new().with_resolver(Names(addresses));
    let origin = Origin::new(false, "vendor.test", 1).unwrap();
    (Client::new(connector, Limits::default()), origin)
}

/// A port that drops what wants to connect: its queue is full, and nobody takes from it.
fn deaf(address: SocketAddr) -> (socket2::Socket, Vec<socket2::Socket>) {
    use socket2::{Domain, Socket, Type};
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(0).unwrap();
    let callers = (0..4).map(|_| {
        let caller = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        caller.set_nonblocking(true).unwrap();
        // It is under way, and stays so.
        let _ = caller.connect(&address.into());
        caller
    });
    let callers = callers.collect();
    (listener, callers)
}

// hyperium/hyper#1958, aio-libs/aiohttp#7342, algesten/ureq#618
#[tokio::test]
async fn an_address_that_drops_packets_does_not_hide_the_next_one() {
    let vendor = vendor(keep_alive).await;
    let port = vendor.origin.port();
    let dropping = SocketAddr::from(([127, 0, 0, 2], port));
    let _deaf = deaf(dropping);
    let (client, origin) = named(vec![dropping, ([127, 0, 0, 1], port).into()]);
    let started = Instant::now();
    assert_eq!(body(send(&client, &origin).await.0).await, "ok");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn an_address_that_refuses_gives_way_at_once() {
    let vendor = vendor(keep_alive).await;
    let port = vendor.origin.port();
    let refusing = (2..=60).map(|last| SocketAddr::from(([127, 0, 0, last], port)));
    let well = SocketAddr::from(([127, 0, 0, 1], port));
    let (client, origin) = named(refusing.chain([well]).collect());
    let started = Instant::now();
    assert_eq!(body(send(&client, &origin).await.0).await, "ok");
    // A head start for each would be 15 seconds.
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn every_address_that_failed_is_named() {
    let port = vendor(keep_alive).await.origin.port();
    let addresses = [2, 3].map(|last| SocketAddr::from(([127, 0, 0, last], port)));
    let (client, origin) = named(addresses.to_vec());
    let error = send(&client, &origin).await.0.err().unwrap();
    assert_eq!(error.kind, SendErrorKind::Connect);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    for address in addresses {
        assert!(cause.contains(&address.to_string()), "{cause}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_known_is_told_from_a_port_that_refuses() {
    let (client, _) = named(Vec::new());
    for (host, told) in [("other.test", "other.test"), ("vendor.test", "no address")] {
        let origin = Origin::new(false, host, 1).unwrap();
        let error = send(&client, &origin).await.0.err().unwrap();
        assert_eq!((error.kind, error.wrote), (SendErrorKind::Dns, false));
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(told), "{cause}");
    }
}
