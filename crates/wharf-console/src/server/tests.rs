//! The control plane over real connections: what it answers, and that its bounds hold.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{CONNECTION_LIMIT, Console, Options, RunError};
use crate::pages::{
    BrokenDocument, EnvironmentProblem, HeldDocument, Metrics, Readiness, Ready, WaitingDocument,
};
use crate::refusals::{Reason, Refusals};

/// Long enough for a loaded machine; reached only when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whatever a test wants to be answered.
struct Scripted<F>(F);

impl<F: Fn() -> String + Send + Sync> Metrics for Scripted<F> {
    fn text(&self) -> String {
        (self.0)()
    }
}

impl<F: Fn() -> Readiness + Send + Sync> Ready for Scripted<F> {
    fn readiness(&self) -> Readiness {
        (self.0)()
    }
}

/// Counts nothing.
struct Uncounted;

impl Refusals for Uncounted {
    fn count(&self, _: Reason) {}
}

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RunError>>,
}

impl Running {
    fn start(
        adjust: impl FnOnce(&mut Console),
        metrics: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self::with_readiness(adjust, metrics, Readiness::default)
    }

    fn with_readiness(
        adjust: impl FnOnce(&mut Console),
        metrics: impl Fn() -> String + Send + Sync + 'static,
        readiness: impl Fn() -> Readiness + Send + Sync + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut console = Console::new(Options {
            listener,
            metrics: Arc::new(Scripted(metrics)),
            ready: Arc::new(Scripted(readiness)),
            refusals: Arc::new(Uncounted),
            api: None,
        });
        adjust(&mut console);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(console.run(async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop,
            task,
        }
    }

    fn plain() -> Self {
        Self::start(|_| (), || "# EOF\n".to_owned())
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The answer to one request, read to the end of the connection.
    async fn ask(&self, head: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        Answer::read(&mut stream).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ))
        .await
    }

    async fn finish(self) {
        self.stop.send(()).unwrap();
        timeout(PATIENCE, self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    async fn read(stream: &mut TcpStream) -> Self {
        let mut text = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut text))
            .await
            .expect("an answer in time")
            .unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        Self {
            status: head[9..12].parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Whether the other side closes the connection within the patience.
async fn closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    // A reset is as good as an end.
    timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .is_ok()
}

#[tokio::test]
async fn the_paths_answer() {
    let running = Running::start(
        |_| (),
        || "# TYPE calls counter\ncalls_total 1\n# EOF\n".to_owned(),
    );
    let health = running.get("/healthz").await;
    assert_eq!((health.status, health.body.as_str()), (200, "ok"));
    assert!(
        health.head.contains("cache-control: no-store"),
        "{}",
        health.head
    );
    let metrics = running.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert_eq!(metrics.body, "# TYPE calls counter\ncalls_total 1\n# EOF\n");
    assert!(
        metrics
            .head
            .contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{}",
        metrics.head
    );
    let index = running.get("/").await;
    assert_eq!(index.status, 200);
    for path in index.json()["paths"].as_object().unwrap().keys() {
        assert!(
            [200, 503].contains(&running.get(path).await.status),
            "{path}"
        );
    }
    running.finish().await;
}

#[tokio::test]
async fn refusals_are_problems() {
    let running = Running::plain();
    let cases = [
        ("GET /nothing HTTP/1.1\r\nHost: localhost", 404, "not_found"),
        // Without state there is no API.
        (
            "GET /api/v1/callers HTTP/1.1\r\nHost: localhost",
            404,
            "not_found",
        ),
        (
            "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0",
            405,
            "method_not_allowed",
        ),
        (
            "GET /metrics HTTP/1.1\r\nHost: attacker.example",
            421,
            "host_not_allowed",
        ),
        (
            "GET /nothing HTTP/1.1\r\nHost: attacker.example",
            421,
            "host_not_allowed",
        ),
        ("GET /healthz HTTP/1.1\r\nAccept: */*", 400, "host_missing"),
    ];
    for (head, status, code) in cases {
        let answer = running
            .ask(&format!("{head}\r\nConnection: close\r\n\r\n"))
            .await;
        assert_eq!(answer.status, status, "{head}");
        assert!(
            answer
                .head
                .contains("content-type: application/problem+json"),
            "{head}"
        );
        let problem = answer.json();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("urn:wharf:problem:{code}"));
    }
    let other = running
        .ask("GET /healthz HTTP/1.1\r\nHost: wharf.example\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(other.status, 421);
    assert_eq!(other.json()["detail"], "Use localhost or an IP address.");
    running.finish().await;
}

#[tokio::test]
async fn readiness_follows_its_source() {
    let draining = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&draining);
    let running = Running::with_readiness(
        |_| (),
        String::new,
        move || Readiness {
            ready: !seen.load(Ordering::Relaxed),
            draining: seen.load(Ordering::Relaxed),
            integrations: 4,
            max_connections: 60,
            connections_problem: Some("too few files".to_owned()),
            broken: vec![BrokenDocument {
                file: "stripe.md".to_owned(),
                message: "the version of 10:00 runs".to_owned(),
            }],
            held: vec![HeldDocument {
                integration: "slack".to_owned(),
                file: "slack.md".to_owned(),
                message: "looks as if it were not whole".to_owned(),
                command: "wharf reload slack --accept".to_owned(),
            }],
            waiting: vec![WaitingDocument {
                file: "github.md".to_owned(),
                message: "its file is gone".to_owned(),
            }],
            state_problem: Some("the state database is gone".to_owned()),
            kept_problem: Some("no room".to_owned()),
            endpoints_missing: vec![EnvironmentProblem {
                integration: "github".to_owned(),
                environment: "staging".to_owned(),
                message: "gives no usable endpoint".to_owned(),
            }],
            credentials_missing: vec![EnvironmentProblem {
                integration: "github".to_owned(),
                environment: "production".to_owned(),
                message: "environment variable GITHUB_TOKEN is not set".to_owned(),
            }],
            credential_warnings: Vec::new(),
        },
    );
    let mut wanted = json!({
        "ready": true,
        "draining": false,
        "integrations": 4,
        "max_connections": 60,
        "connections_problem": "too few files",
        "broken": [{ "file": "stripe.md", "message": "the version of 10:00 runs" }],
        "held": [{
            "integration": "slack",
            "file": "slack.md",
            "message": "looks as if it were not whole",
            "command": "wharf reload slack --accept",
        }],
        "waiting": [{ "file": "github.md", "message": "its file is gone" }],
        "state_problem": "the state database is gone",
        "kept_problem": "no room",
        "endpoints_missing": [{
            "integration": "github",
            "environment": "staging",
            "message": "gives no usable endpoint",
        }],
        "credentials_missing": [{
            "integration": "github",
            "environment": "production",
            "message": "environment variable GITHUB_TOKEN is not set",
        }],
        "credential_warnings": [],
    });
    let ready = running.get("/readyz").await;
    assert_eq!((ready.status, ready.json()), (200, wanted.clone()));
    draining.store(true, Ordering::Relaxed);
    wanted["ready"] = json!(false);
    wanted["draining"] = json!(true);
    let not_ready = running.get("/readyz").await;
    assert_eq!((not_ready.status, not_ready.json()), (503, wanted));
    assert_eq!(running.get("/healthz").await.status, 200);
    running.finish().await;
}

/// Silent connections, as many as there may be, must not fail a probe.
#[tokio::test]
async fn health_answers_while_all_places_are_held_by_silence() {
    let running = Running::plain();
    let mut held = Vec::new();
    for _ in 0..CONNECTION_LIMIT {
        held.push(running.connect().await);
    }
    let started = std::time::Instant::now();
    for _ in 0..3 {
        assert_eq!(running.get("/healthz").await.status, 200);
    }
    assert!(started.elapsed() < Duration::from_secs(3));
    // The one that came first made room.
    assert!(closed(&mut held[0]).await);
    drop(held);
    running.finish().await;
}

#[tokio::test]
async fn what_is_no_request_is_a_problem_too() {
    let running = Running::plain();
    let large = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    for (text, status, code) in [
        (
            "GET /metrics?a=<b> HTTP/1.1\r\n\r\n",
            400,
            "request_invalid",
        ),
        (large.as_str(), 431, "head_too_large"),
    ] {
        let answer = running.ask(text).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["code"], code);
        assert_eq!(answer.json()["error"]["code"], code);
    }
    running.finish().await;
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_closed() {
    let running = Running::start(
        |console| {
            console.bounds.head = Duration::from_millis(50);
            console.bounds.idle = Duration::from_millis(50);
        },
        String::new,
    );
    let mut slow = running.connect().await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc")
        .await
        .unwrap();
    let mut silent = running.connect().await;
    let mut idle = running.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(closed(&mut slow).await, "half a head");
    assert!(closed(&mut silent).await, "no byte at all");
    assert_eq!(Answer::read(&mut idle).await.status, 200);
    running.finish().await;
}

/// A client that asks and does not read would hold its place for good.
#[tokio::test]
async fn a_client_that_does_not_read_loses_its_place() {
    let running = Running::start(
        |console| {
            console.bounds.connections = 1;
            console.bounds.lifetime = Some(Duration::from_millis(50));
            console.bounds.drain = Duration::from_millis(50);
        },
        || "x".repeat(64 * 1024 * 1024),
    );
    let mut stuck = running.connect().await;
    stuck
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    stuck.read_exact(&mut first).await.unwrap();
    let next = timeout(PATIENCE, running.get("/healthz")).await.unwrap();
    assert_eq!(next.status, 200);
    drop(stuck);
    running.finish().await;
}

/// The answer under way is finished; idle connections end and new ones are refused at once.
#[tokio::test]
async fn stopping_finishes_what_is_under_way() {
    const SIZE_BYTES: usize = 64 * 1024 * 1024;
    let running = Running::start(|_| (), || "x".repeat(SIZE_BYTES));
    let mut idle = running.connect().await;
    let mut stream = running.connect().await;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    // The answer has begun and cannot have fitted into the buffers in between.
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    running.stop.send(()).unwrap();
    assert!(closed(&mut idle).await);
    assert!(TcpStream::connect(running.address).await.is_err());
    let mut rest = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut rest))
        .await
        .expect("the whole answer in time")
        .unwrap();
    let (_, body) = rest.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), SIZE_BYTES);
    timeout(PATIENCE, running.task)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn the_drain_ends_in_time() {
    let running = Running::start(
        |console| console.bounds.drain = Duration::from_millis(50),
        || "x".repeat(64 * 1024 * 1024),
    );
    let mut stuck = running.connect().await;
    stuck
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    stuck.read_exact(&mut first).await.unwrap();
    running.finish().await;
    drop(stuck);
}

#[tokio::test]
async fn a_panic_of_a_source_costs_one_connection() {
    let broken = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&broken);
    let running = Running::start(
        |_| (),
        move || {
            assert!(!seen.load(Ordering::Relaxed), "broken for this test");
            "whole".to_owned()
        },
    );
    let mut stream = running.connect().await;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(closed(&mut stream).await);
    broken.store(false, Ordering::Relaxed);
    assert_eq!(running.get("/metrics").await.body, "whole");
    running.finish().await;
}
