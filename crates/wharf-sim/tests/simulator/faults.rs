//! Faults on demand over the wire.

use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Running, authorised, small_document, start, vendor, within_deadline};

const ROWS: &[&str] = &["List | GET | /items", "Create | POST | /items"];
const PATH: &str = "/alpha/production/items";

async fn running() -> Running {
    start(vec![vendor(&small_document(
        "alpha",
        "api.example.com",
        ROWS,
    ))])
    .await
}

async fn with_fault(running: &Running, method: &str, fault: &str) -> crate::support::Answer {
    let request = authorised(method, PATH).header("wharf-simulate", fault);
    running.send(request, "").await
}

#[tokio::test]
async fn a_status_replaces_the_answer() {
    let running = running().await;
    let answer = with_fault(&running, "GET", "status=503").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["error"]["type"], "simulated_fault");

    let answer = with_fault(&running, "GET", "status=429;retry-after=1").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "1");

    let before = SystemTime::now();
    let answer = with_fault(&running, "GET", "status=429;retry-after-date=3600").await;
    let date = httpdate::parse_http_date(answer.header("retry-after")).unwrap();
    let ahead = date.duration_since(before).unwrap();
    assert!((3_598..3_660).contains(&ahead.as_secs()), "{ahead:?}");

    let answer = with_fault(&running, "GET", "status=204").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.body.is_empty());

    let counters = running.handle.operation("alpha", "list");
    assert_eq!((counters.calls, counters.faults), (4, 4));
}

#[tokio::test]
async fn the_first_calls_fail_and_then_it_recovers() {
    let running = running().await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = with_fault(&running, "GET", "first=2;status=503").await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
    let other = with_fault(&running, "POST", "first=2;status=503").await;
    assert_eq!(other.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_struck_write_leaves_nothing_to_replay() {
    let running = running().await;
    let create = async || {
        let request = authorised("POST", PATH)
            .header("idempotency-key", "k")
            .header("wharf-simulate", "first=1;status=500");
        running.send(request, "{}").await
    };
    assert_eq!(create().await.status, StatusCode::INTERNAL_SERVER_ERROR);
    let second = create().await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_eq!(create().await.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_delay_comes_before_the_answer() {
    let running = running().await;
    let start = Instant::now();
    let answer = with_fault(&running, "GET", "delay=150ms").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_reset_ends_the_connection_without_a_byte() {
    let running = running().await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let request = format!(
        "GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sim-alpha-production-key\r\n\
         wharf-simulate: reset\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let error = within_deadline(stream.read_to_end(&mut answer))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(answer.is_empty());
}

#[tokio::test]
async fn truncate_sends_half_of_the_announced_body() {
    let running = running().await;
    let whole = running.call("GET", PATH, "").await;
    let raw = running
        .raw(&format!(
            "GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sim-alpha-production-key\r\n\
             wharf-simulate: truncate\r\n\r\n"
        ))
        .await;
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let announced = format!("content-length: {}", whole.body.len());
    assert!(head.to_ascii_lowercase().contains(&announced), "{head}");
    assert_eq!(body, &whole.text()[..whole.body.len() / 2]);

    let request = authorised("GET", PATH).header("wharf-simulate", "truncate");
    let error = running.try_send(request, b"").await.unwrap_err();
    assert!(
        error.is_incomplete_message()
            || error.is_body_write_aborted()
            || error.to_string().contains("body"),
        "{error:?}"
    );
}

#[tokio::test]
async fn truncating_no_body_resets_the_connection() {
    let running = running().await;
    let request = authorised("GET", PATH).header("wharf-simulate", "status=204;truncate");
    running.try_send(request, b"").await.unwrap_err();
    let request = authorised("HEAD", PATH).header("wharf-simulate", "truncate");
    running.try_send(request, b"").await.unwrap_err();
}

#[tokio::test]
async fn a_value_that_cannot_be_read_explains_the_grammar() {
    let running = running().await;
    let answer = with_fault(&running, "GET", "status=teapot").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        answer.json()["error"],
        json!({
            "type": "invalid_fault",
            "code": "invalid_fault",
            "message": format!(
                "header `wharf-simulate`: `status` has no such value; it takes {}",
                wharf_sim::FAULT_GRAMMAR
            )
        })
    );
    let twice = authorised("GET", PATH)
        .header("wharf-simulate", "reset")
        .header("wharf-simulate", "truncate");
    assert_eq!(
        running.send(twice, "").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(running.handle.operation("alpha", "list").faults, 0);
}

#[tokio::test]
async fn a_wrong_credential_is_refused_before_a_fault_strikes() {
    let running = running().await;
    let request = http::Request::builder()
        .uri(PATH)
        .header("wharf-simulate", "status=503");
    assert_eq!(
        running.send(request, "").await.status,
        StatusCode::UNAUTHORIZED
    );
}
