//! Binding, bounds, exchange of documents, and the end.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wharf_net::serve::LINGER_BYTES;
use wharf_sim::{
    DRAIN_TIMEOUT, Error, HEADER_READ_TIMEOUT, MAX_BODY_BYTES, Options, Simulator, Vendor,
};

use crate::support::{
    Running, authorised, loopback, small_document, start, vendor, within_deadline,
};

const ROWS: &[&str] = &["List | GET | /items", "Create | POST | /items"];
const PATH: &str = "/alpha/production/items";

fn alpha() -> Vendor {
    vendor(&small_document("alpha", "api.example.com", ROWS))
}

async fn running() -> Running {
    start(vec![alpha()]).await
}

async fn refusal(listen: SocketAddr, vendors: Vec<Vendor>) -> Error {
    let options = Options { listen, vendors };
    Simulator::bind(options).await.err().expect("refused")
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    for ip in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::new(192, 0, 2, 1)] {
        let error = refusal(SocketAddr::from((ip, 0)), Vec::new()).await;
        assert!(matches!(error, Error::NotLoopback { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_an_error_with_its_address() {
    let running = running().await;
    let error = refusal(running.address, Vec::new()).await;
    assert!(
        matches!(&error, Error::Listen { address, source }
            if *address == running.address && source.kind() == std::io::ErrorKind::AddrInUse),
        "{error}"
    );
}

#[tokio::test]
async fn contradictory_vendors_are_errors() {
    let error = refusal(loopback(), vec![alpha(), alpha()]).await;
    assert!(
        matches!(error, Error::DuplicateIntegration { .. }),
        "{error}"
    );

    let mut twice = alpha();
    twice.environments.push(twice.environments[0].clone());
    let error = refusal(loopback(), vec![twice]).await;
    assert!(
        matches!(error, Error::DuplicateEnvironment { .. }),
        "{error}"
    );

    let mut incomplete = alpha();
    incomplete.environments[1].fields.clear();
    let error = refusal(loopback(), vec![incomplete]).await;
    assert_eq!(
        error.to_string(),
        "environment `Staging` of `alpha` has no made-up value for the credential field `api_key`"
    );
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = |connection| {
        format!(
            "GET {PATH} HTTP/1.1\r\nhost: x\r\nconnection: {connection}\r\n\
             authorization: Bearer sim-alpha-production-key\r\n\r\n"
        )
    };
    let two = request("keep-alive") + &request("close");
    stream.write_all(two.as_bytes()).await.unwrap();
    let mut answers = String::new();
    within_deadline(stream.read_to_string(&mut answers))
        .await
        .unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
}

#[tokio::test]
async fn a_body_announced_too_large_is_refused_unread() {
    let running = running().await;
    let raw = running
        .raw(&format!(
            "POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
            MAX_BODY_BYTES + 1
        ))
        .await;
    assert!(raw.starts_with("HTTP/1.1 413 "), "{raw}");
    assert!(raw.contains("connection: close"), "{raw}");
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_refused() {
    let running = running().await;
    let (mut reader, mut writer) = TcpStream::connect(running.address)
        .await
        .unwrap()
        .into_split();
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    writer.write_all(head.as_bytes()).await.unwrap();
    let upload = async {
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let mut sent_bytes = 0;
        // Ends when the simulator closes its side: what comes behind the answer is read and thrown
        // away for a bounded time, so that the answer is not lost.
        while writer.write_all(chunk.as_bytes()).await.is_ok() {
            sent_bytes += 0x10000;
            assert!(
                sent_bytes < 2 * MAX_BODY_BYTES + usize::try_from(LINGER_BYTES).unwrap(),
                "nothing stopped the upload"
            );
        }
    };
    let answer = async {
        let mut start = [0; 13];
        reader.read_exact(&mut start).await.unwrap();
        start
    };
    let ((), start) = within_deadline(async { tokio::join!(upload, answer) }).await;
    assert_eq!(&start, b"HTTP/1.1 413 ");
}

/// A client that writes all of its body before it reads gets the answer each time.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_still_sends() {
    let running = running().await;
    for _ in 0..5 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let length = MAX_BODY_BYTES + (4 << 20);
        let head = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let mut answer = String::new();
        within_deadline(stream.read_to_string(&mut answer))
            .await
            .unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    }
}

#[tokio::test]
async fn the_largest_body_is_taken() {
    let running = running().await;
    let body = format!("\"{}\"", "x".repeat(MAX_BODY_BYTES - 2));
    let answer = running.call("POST", PATH, &body).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn half_a_header_does_not_hold_a_connection() {
    let running = running().await;
    let start = tokio::time::Instant::now();
    let raw = running.raw("GET /alpha HTTP/1.1\r\nhost:").await;
    let waited = start.elapsed();
    assert!(
        (HEADER_READ_TIMEOUT..2 * HEADER_READ_TIMEOUT).contains(&waited),
        "{waited:?}"
    );
    assert!(raw.is_empty() || raw.starts_with("HTTP/1.1 408 "), "{raw}");
}

#[tokio::test(start_paused = true)]
async fn half_a_body_does_not_hold_a_connection() {
    let running = running().await;
    let raw = running
        .raw(&format!(
            "POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345"
        ))
        .await;
    assert!(raw.starts_with("HTTP/1.1 408 "), "{raw}");
}

#[tokio::test]
async fn documents_are_exchanged_while_it_runs() {
    let running = running().await;
    let path = "/alpha/production/folders";
    assert_eq!(
        running.call("GET", path, "").await.status,
        StatusCode::NOT_FOUND
    );

    let rows = ["Folders | GET | /folders"];
    let changed = vendor(&small_document("alpha", "api.example.com", &rows));
    assert_eq!(running.handle.replace(vec![changed]).await.unwrap(), []);
    assert_eq!(running.call("GET", path, "").await.status, StatusCode::OK);
    assert_eq!(
        running.call("GET", PATH, "").await.status,
        StatusCode::NOT_FOUND
    );

    let broken = running.handle.replace(vec![alpha(), alpha()]).await;
    assert!(broken.is_err());
    assert_eq!(running.call("GET", path, "").await.status, StatusCode::OK);
}

fn tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

/// Waits until the server has begun to work on a call.
async fn reached(running: &wharf_sim::Handle, calls: u64) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while running.operation("alpha", "list").calls < calls {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the call never arrived"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn shutdown_lets_a_call_finish_and_leaves_nothing() {
    let before = tasks();
    let running = running().await;
    let address = running.address;
    let handle = running.handle.clone();
    let idle = TcpStream::connect(address).await.unwrap();
    let mut busy = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sim-alpha-production-key\r\n\
         wharf-simulate: delay=300ms\r\n\r\n"
    );
    busy.write_all(request.as_bytes()).await.unwrap();
    reached(&handle, 1).await;

    let start = std::time::Instant::now();
    let served = running.begin_stop();
    let mut answer = String::new();
    within_deadline(busy.read_to_string(&mut answer))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    within_deadline(served).await.unwrap().unwrap();
    assert!(
        start.elapsed() < DRAIN_TIMEOUT,
        "idle connections end at once"
    );
    assert_eq!(tasks(), before);
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}

#[tokio::test(start_paused = true)]
async fn shutdown_cuts_off_what_outlasts_the_drain() {
    let before = tasks();
    let running = running().await;
    let handle = running.handle.clone();
    let mut busy = TcpStream::connect(running.address).await.unwrap();
    let request = format!(
        "GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sim-alpha-production-key\r\n\
         wharf-simulate: delay=10m\r\n\r\n"
    );
    busy.write_all(request.as_bytes()).await.unwrap();
    reached(&handle, 1).await;

    let start = tokio::time::Instant::now();
    within_deadline(running.begin_stop())
        .await
        .unwrap()
        .unwrap();
    let drained = start.elapsed();
    assert!(
        (DRAIN_TIMEOUT..2 * DRAIN_TIMEOUT).contains(&drained),
        "{drained:?}"
    );
    assert_eq!(tasks(), before);
    let mut answer = Vec::new();
    within_deadline(busy.read_to_end(&mut answer))
        .await
        .unwrap();
    assert!(answer.is_empty());
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections() {
    let before = tasks();
    let options = Options {
        listen: loopback(),
        vendors: vec![alpha()],
    };
    let (simulator, _) = Simulator::bind(options).await.unwrap();
    let address = simulator.address();
    let handle = simulator.handle();
    let server = tokio::spawn(simulator.run(std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = authorised("GET", PATH);
    let authorization = request.headers_ref().unwrap()["authorization"]
        .to_str()
        .unwrap();
    let text = format!("GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    reached(&handle, 1).await;
    server.abort();
    assert!(server.await.unwrap_err().is_cancelled());
    let mut rest = Vec::new();
    // The answer may still come; the connection ends in any case.
    let _ = within_deadline(stream.read_to_end(&mut rest)).await;
    assert_eq!(tasks(), before);
}
