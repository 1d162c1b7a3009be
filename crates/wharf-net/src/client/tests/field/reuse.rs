//! Which connection of HTTP/1.1 gets the next request, and which gets none.

use std::os::fd::AsFd;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::{TestClient, body, client, eventually, read_head, send, vendor};
use crate::client::{Limits, Reply};
use crate::{Origin, SendError};

/// Looks like the answer to a request that was not sent yet.
const FORGED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";

async fn ask(
    client: &TestClient,
    origin: &Origin,
    method: Method,
    content: Bytes,
) -> Result<Reply<Full<Bytes>>, SendError> {
    let handed_over = std::sync::atomic::AtomicBool::new(false);
    let request = Request::builder().method(method).uri("/x");
    let request = request.body(Full::new(content)).unwrap();
    let patience = Duration::from_secs(5);
    client.send(origin, request, patience, &handed_over).await
}

/// musana/fuzzuli#9, lightpanda-io/browser#3591, apache/httpcomponents-core#57,
/// JuliaWeb/HTTP.jl#1112, spring-projects/spring-boot#42058: what stood behind an answer was taken
/// for the next one.
#[tokio::test]
async fn what_stands_behind_an_answer_is_no_answer() {
    for (method, answer) in [
        (
            Method::HEAD,
            "HTTP/1.1 200 OK\r\ncontent-length: 46\r\n\r\n",
        ),
        (Method::GET, "HTTP/1.1 204 No Content\r\n\r\n"),
        (
            Method::GET,
            "HTTP/1.1 204 No Content\r\ncontent-length: 46\r\n\r\n",
        ),
        (
            Method::GET,
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 46\r\n\r\n",
        ),
        (Method::GET, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        (
            Method::GET,
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ),
        (
            Method::GET,
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let said = match number % 2 {
                    0 => format!("{answer}{FORGED}"),
                    _ => "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue".to_owned(),
                };
                tokio::spawn(async move {
                    if read_head(&mut stream).await {
                        stream.write_all(said.as_bytes()).await.unwrap();
                        // It stays open; the first one has said what it had to say.
                        while read_head(&mut stream).await {}
                    }
                });
            }
        });
        let origin = Origin::new(false, "127.0.0.1", port).unwrap();
        for _ in 0..20 {
            let client = client(Limits::default());
            let reply = ask(&client, &origin, method.clone(), Bytes::new()).await;
            let _ = reply.unwrap().into_body().collect().await.unwrap();
            // At once, before anything else can have a look at the connection.
            let reply = ask(&client, &origin, Method::POST, Bytes::from("x")).await;
            assert_eq!(body(reply).await, "true", "{method} {answer}");
        }
    }
}

/// hyperium/hyper#1242, elnormous/HTTPRequest#70, ziglang/zig#25181: the end of such an answer was
/// waited for, or its connection closed.
#[tokio::test]
async fn an_answer_without_a_body_leaves_its_connection_in_use() {
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            let answers = [
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n",
                "HTTP/1.1 204 No Content\r\ncontent-length: 100\r\n\r\n",
            ];
            for answer in answers.iter().cycle() {
                if !read_head(&mut stream).await {
                    return;
                }
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        })
    })
    .await;
    let client = client(Limits::default());
    for _ in 0..12 {
        let asked = body(send(&client, &vendor.origin).await.0);
        let said = tokio::time::timeout(Duration::from_secs(5), asked).await;
        assert!(said.expect("an end").is_empty());
        tokio::task::yield_now().await;
    }
    assert_eq!(vendor.connections.load(Ordering::SeqCst), 1);
}

/// nodejs/node#38890, ClickHouse/ClickHouse#61873: servers say so before they close a connection
/// that rests too long, and nobody has asked for it.
#[tokio::test]
async fn a_request_timeout_that_comes_at_rest_answers_nothing() {
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            if read_head(&mut stream).await {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
                let late = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\
                    content-length: 0\r\n\r\n";
                let _ = stream.write_all(late).await;
                // It is not closed yet.
                while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
            }
        })
    })
    .await;
    let client = client(Limits::default());
    for _ in 0..3 {
        let reply = send(&client, &vendor.origin).await.0.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(body(Ok(reply)).await, "ok");
        eventually("the connection to be left", || {
            // What a vendor does to one at rest is seen when somebody looks.
            client.sweep();
            client.open_connections() == 0
        })
        .await;
    }
}

/// hyperium/hyper#2646: the next request was written into the rest of the one before.
#[tokio::test]
async fn a_connection_that_still_sends_gets_no_further_request() {
    const BODY_BYTES: usize = 8 << 20;
    let vendor = vendor(|number, mut stream| {
        Box::pin(async move {
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{number}");
            assert!(read_head(&mut stream).await);
            stream.write_all(answer.as_bytes()).await.unwrap();
            if number > 0 {
                while read_head(&mut stream).await {}
                return;
            }
            // What was answered is read late, to its last byte.
            tokio::time::sleep(Duration::from_millis(200)).await;
            let mut rest = vec![0; BODY_BYTES];
            stream.read_exact(&mut rest).await.unwrap();
            assert!(rest.iter().all(|byte| *byte == b'x'), "a request in a body");
            while read_head(&mut stream).await {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        })
    })
    .await;
    let client = client(Limits::default());
    let much = Bytes::from(vec![b'x'; BODY_BYTES]);
    let reply = ask(&client, &vendor.origin, Method::POST, much).await;
    assert_eq!(body(reply).await, "0");
    let reply = ask(&client, &vendor.origin, Method::GET, Bytes::new()).await;
    assert_eq!(body(reply).await, "1");
    // Once all is sent, it can be used again.
    eventually("the rest to be sent", || client.open_connections() == 2).await;
}

/// sneako/finch#93: the one that had rested longest came first, so all of them were kept, and the
/// one that was used was the likeliest to be closed.
#[tokio::test]
async fn the_connection_that_was_used_last_comes_first() {
    let vendor = vendor(|number, mut stream| {
        Box::pin(async move {
            while read_head(&mut stream).await {
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{number}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        })
    })
    .await;
    let client = client(Limits::default());
    let mut replies = Vec::new();
    for _ in 0..4 {
        replies.push(send(&client, &vendor.origin).await.0);
    }
    let mut last = Bytes::new();
    for reply in replies {
        last = body(reply).await;
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
        assert_eq!(body(send(&client, &vendor.origin).await.0).await, last);
    }
}

/// lysine-dev/okhttp#220, hyperium/hyper#2136, hyperium/hyper#3077: a server that starts anew
/// closes all that rest at once, more of them than a request is tried over.
#[tokio::test]
async fn many_that_close_at_once_cost_no_request() {
    const RESTING: usize = 40;
    static OPEN: Mutex<Vec<std::net::TcpStream>> = Mutex::new(Vec::new());
    let vendor = vendor(|_, mut stream| {
        Box::pin(async move {
            let same = stream.as_fd().try_clone_to_owned().unwrap();
            OPEN.lock().unwrap().push(same.into());
            while read_head(&mut stream).await {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
            }
        })
    })
    .await;
    let client = client(Limits::default());
    let mut replies = Vec::new();
    for _ in 0..RESTING {
        replies.push(send(&client, &vendor.origin).await.0);
    }
    for reply in replies {
        assert_eq!(body(reply).await, "ok");
    }
    // All of them rest by now.
    tokio::time::sleep(Duration::from_millis(50)).await;
    for open in OPEN.lock().unwrap().drain(..) {
        open.shutdown(std::net::Shutdown::Both).unwrap();
    }
    // The runtime has looked at its sockets by then.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let reply = ask(&client, &vendor.origin, Method::POST, Bytes::from("x")).await;
    assert_eq!(body(reply).await, "ok");
}
