//! When whoever starts workers may say that they serve.

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

use super::{Workers, serve_with_workers};
use crate::serve::{Bounds, Peer, Refusal, Service};

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

#[tokio::test]
async fn shutdown_is_asked_for_only_when_every_worker_is_at_work() {
    const COUNT: usize = 3;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let second = Duration::from_secs(1);
    let bounds = Bounds {
        connections: 8,
        head: second,
        idle: second,
        lifetime: None,
        head_bytes: 8_192,
        drain: second,
    };
    let workers = Workers {
        count: COUNT,
        name: "test",
        on_change: Arc::new(|_| {}),
    };
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
