//! One attempt each, within its time and its bytes, and nothing followed.

use std::sync::Arc;
use std::time::Instant;

use http::header::HeaderValue;
use http::{HeaderMap, Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that says one thing to everybody, and then waits. Its address.
async fn saying(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(&answer).await;
                std::future::pending::<()>().await;
            });
        }
    });
    format!("http://{address}")
}

fn ask(address: &str, timeout: Duration) -> Ask {
    let mut headers = HeaderMap::new();
    headers.insert("x-vault-token", HeaderValue::from_static("canary-value"));
    Ask {
        method: Method::POST,
        url: format!("{address}/v1/secret?x=1").parse().unwrap(),
        headers,
        body: b"canary-value".to_vec().into(),
        timeout,
        trust: None,
    }
}

async fn asked(address: &str) -> Result<Said, Failure> {
    let requests = Requests::default();
    requests.ask(ask(address, Duration::from_secs(20))).await
}

#[tokio::test]
async fn an_answer_is_given_whatever_its_status() {
    let address = saying(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno".to_vec()).await;
    let said = asked(&address).await.unwrap();
    assert_eq!(said.status, StatusCode::FORBIDDEN);
    assert_eq!(said.body.expose_secret(), b"no");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let head = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let address = saying(head.into()).await;
    let said = asked(&address).await.unwrap();
    assert_eq!(said.status, StatusCode::FOUND);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_none() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n".to_vec();
    answer.resize(answer.len() + ANSWER_LIMIT_BYTES + 1, b'x');
    let said = asked(&saying(answer).await).await;
    assert_eq!(said.unwrap_err(), Failure::TooLong);
}

#[tokio::test]
async fn the_time_is_that_of_all_of_it() {
    let address = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec()).await;
    let requests = Requests::default();
    let most = Duration::from_millis(200);
    let started = Instant::now();
    let said = requests.ask(ask(&address, most)).await;
    assert_eq!(said.unwrap_err(), Failure::Timeout(most));
    assert!(started.elapsed() >= most);
}

#[tokio::test]
async fn nobody_there_is_told_from_no_answer_and_nothing_secret_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = asked(&address).await.unwrap_err();
    assert!(matches!(refused, Failure::NotSent(_)), "{refused:?}");
    let broken = asked(&saying(b"no http at all\r\n\r\n".to_vec()).await).await;
    let broken = broken.unwrap_err();
    assert!(matches!(broken, Failure::NoAnswer(_)), "{broken:?}");
    let shown = format!("{refused}{broken}{:?}", ask(&address, Duration::ZERO));
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn a_file_of_authorities_that_is_none_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    for content in [None, Some("not PEM")] {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let mut ask = ask("https://localhost:1", Duration::from_secs(20));
        ask.trust = Some(Arc::new(TrustFile(path.clone())));
        let refused = Requests::default().ask(ask).await.unwrap_err();
        let told = refused.to_string();
        assert!(told.contains("ca.pem"), "{told}");
    }
}
