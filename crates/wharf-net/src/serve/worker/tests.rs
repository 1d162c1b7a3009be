//! When whoever starts workers may say that they serve, and what a hand-over leaves open.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::{Workers, serve_with_workers};
use crate::serve::{Bounds, Peer, Refusal, Service, Shutdown};

#[derive(Clone)]
struct Nothing;

impl Service for Nothing {
    type Body = Full<Bytes>;
    type Error = Infallible;

    async fn call(
        &self,
        _: Request<Incoming>,
        _: &Peer,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        Ok(Response::default())
    }

    fn refuse(&self, _: &Refusal, _: SocketAddr) -> Response<Bytes> {
        Response::default()
    }
}

fn listener() -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

fn bounds(connections: usize, drain: Duration) -> Bounds {
    Bounds {
        connections,
        head: PATIENCE,
        idle: PATIENCE,
        lifetime: None,
        head_bytes: 8_192,
        drain,
    }
}

fn workers(count: usize) -> Workers {
    Workers {
        count,
        name: "test",
        on_change: Arc::new(|_| {}),
    }
}

/// Long enough for a loaded machine; reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn shutdown_is_asked_for_only_when_every_worker_is_at_work() {
    const COUNT: usize = 3;
    let listener = listener();
    let bounds = bounds(8, Duration::from_secs(1));
    let workers = workers(COUNT);
    let count = Arc::new(AtomicUsize::new(0));
    let make = {
        let count = Arc::clone(&count);
        move || {
            // A worker that takes its time to be made.
            std::thread::sleep(Duration::from_millis(50));
            count.fetch_add(1, Ordering::SeqCst);
            Nothing
        }
    };
    let mut seen = None;
    let shutdown = poll_fn(|_| {
        seen = Some(count.load(Ordering::SeqCst));
        Poll::Ready(())
    });
    serve_with_workers(listener, bounds, workers, make, shutdown)
        .await
        .unwrap();
    assert_eq!(seen, Some(COUNT));
}

/// Answers once it may.
#[derive(Clone)]
struct Held(Arc<Semaphore>);

impl Service for Held {
    type Body = Full<Bytes>;
    type Error = Infallible;

    async fn call(
        &self,
        _: Request<Incoming>,
        _: &Peer,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        drop(self.0.acquire().await);
        Ok(Response::default())
    }

    fn refuse(&self, _: &Refusal, _: SocketAddr) -> Response<Bytes> {
        Response::default()
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Reads until the other side ends the connection.
async fn last_answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut text));
    read.await.unwrap().unwrap();
    text.to_ascii_lowercase()
}

#[tokio::test]
async fn a_hand_over_serves_whoever_is_connected_once_more() {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    // Another process would have this one.
    let kept = listener.try_clone().unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let service = Held(Arc::clone(&gate));
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
        Shutdown::HandOver
    };
    let make = move || service.clone();
    let served = serve_with_workers(listener, bounds(2, PATIENCE), workers(1), make, shutdown);
    let served = tokio::spawn(served);

    let connect = || TcpStream::connect(address);
    let mut busy = [connect().await.unwrap(), connect().await.unwrap()];
    for stream in &mut busy {
        stream.write_all(REQUEST).await.unwrap();
    }
    // Taken from the queue, and without room: it belongs to this process already.
    let mut waiting = connect().await.unwrap();
    waiting.write_all(REQUEST).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    stop.send(()).unwrap();
    sleep(Duration::from_millis(50)).await;
    // In the queue, where the other process finds it.
    let _late = connect().await.unwrap();
    gate.add_permits(8);
    for stream in busy.iter_mut().chain([&mut waiting]) {
        let answer = last_answer(stream).await;
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    timeout(PATIENCE, served).await.unwrap().unwrap().unwrap();
    assert!(kept.accept().is_ok(), "the late one is still in the queue");
}

#[tokio::test]
async fn after_a_hand_over_an_unused_connection_stays_for_the_drain_and_no_longer() {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let drain = Duration::from_secs(1);
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
        Shutdown::HandOver
    };
    let make = || Nothing;
    let served = serve_with_workers(listener, bounds(8, drain), workers(1), make, shutdown);
    let served = tokio::spawn(served);
    let mut resting = TcpStream::connect(address).await.unwrap();
    resting.write_all(REQUEST).await.unwrap();
    let mut begun = [0; 12];
    resting.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    let started = std::time::Instant::now();
    stop.send(()).unwrap();
    last_answer(&mut resting).await;
    let took = started.elapsed();
    assert!(took >= drain / 4, "{took:?}");
    timeout(PATIENCE, served).await.unwrap().unwrap().unwrap();
}
