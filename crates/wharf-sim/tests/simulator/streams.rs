//! Event streams leave the simulator event by event.

use crate::support::{authorised, document, start, vendor};

const CHAT: &str = r#"
## Service Details

### Environments

| Environment | Endpoint | Status | Notes |
|---|---|---|---|
| Production | api.example.com | Active | |

## API Endpoints

| Operation | Method | Endpoint | Rate Limit |
|---|---|---|---|
| Chat | POST | /chat | |
| Watch | GET | /watch | |

### Examples

```json chat
{"model": "example", "text": "Hello world"}
```

```sse chat
data: {"model": "example", "delta": "Hello"}

data: {"model": "example", "delta": " world"}

data: [DONE]
```

```sse watch
event: added
data: 1
```
"#;

const WHOLE: [&str; 3] = [
    "data: {\"model\":\"m1\",\"delta\":\"Hello\"}\n\n",
    "data: {\"model\":\"m1\",\"delta\":\" world\"}\n\n",
    "data: [DONE]\n\n",
];

/// The chunks of a raw HTTP/1.1 answer.
fn chunks(raw: &str) -> Vec<String> {
    let (head, mut body) = raw.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_ascii_lowercase()
            .contains("transfer-encoding: chunked"),
        "{head}"
    );
    let mut chunks = Vec::new();
    loop {
        let (size, rest) = body.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return chunks;
        }
        chunks.push(rest[..size].to_owned());
        body = rest[size..].strip_prefix("\r\n").unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn each_event_is_a_chunk_of_its_own() {
    let running = start(vec![vendor(&document("chat", CHAT))]).await;
    let body = r#"{"stream": true, "model": "m1"}"#;
    let start = tokio::time::Instant::now();
    let raw = running
        .raw(&format!(
            "POST /chat/production/chat HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    assert!(raw.contains("text/event-stream"), "{raw}");
    assert_eq!(chunks(&raw), WHOLE);
    // The clock stands still but for the two pauses between three events.
    let paused = start.elapsed();
    assert!((10..100).contains(&paused.as_millis()), "{paused:?}");
}

#[tokio::test]
async fn a_stream_is_sent_to_those_who_ask() {
    let running = start(vec![vendor(&document("chat", CHAT))]).await;
    let path = "/chat/production/chat";
    let kind = async |request: http::request::Builder, body: &str| {
        let answer = running.send(request, body).await;
        answer.header("content-type").to_owned()
    };
    let plain = "application/json";
    let stream = "text/event-stream";
    assert_eq!(kind(authorised("POST", path), "{}").await, plain);
    assert_eq!(
        kind(authorised("POST", path), r#"{"stream": false}"#).await,
        plain
    );
    assert_eq!(
        kind(authorised("POST", path), r#"{"stream": "true"}"#).await,
        plain
    );
    assert_eq!(
        kind(authorised("POST", path), r#"{"stream": true}"#).await,
        stream
    );
    let accept = authorised("POST", path).header("accept", "application/json, text/event-stream");
    assert_eq!(kind(accept, "{}").await, stream);
    let form = http::Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(kind(form, "stream=true").await, stream);
}

#[tokio::test]
async fn an_operation_that_shows_only_a_stream_always_streams() {
    let running = start(vec![vendor(&document("chat", CHAT))]).await;
    let answer = running.call("GET", "/chat/production/watch", "").await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.text(), "event: added\ndata: 1\n\n");
}

#[tokio::test]
async fn a_truncated_stream_breaks_after_half_of_its_events() {
    let running = start(vec![vendor(&document("chat", CHAT))]).await;
    let body = r#"{"stream": true, "model": "m1"}"#;
    let raw = running
        .raw(&format!(
            "POST /chat/production/chat HTTP/1.1\r\nhost: x\r\nwharf-simulate: truncate\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    let (_, sent) = raw.split_once("\r\n\r\n").unwrap();
    assert!(sent.contains("Hello") && !sent.contains("world"), "{sent}");
    assert!(!sent.ends_with("0\r\n\r\n"), "{sent}");
}
