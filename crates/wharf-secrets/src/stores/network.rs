//! Servers of others, and requests to them, for tests. Each request goes over a connection of its
//! own. The client of the program stands on this crate's floor, and no crate of a floor may use
//! another.

use std::net::TcpListener;
use std::process::Child;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;

use crate::exchange::{ANSWER_LIMIT_BYTES, Ask, Asking, Exchange, Failure, Said};

#[derive(Debug)]
pub(crate) struct Network;

async fn send(ask: Ask) -> Result<Said, Failure> {
    let host = ask.url.authority().unwrap().as_str();
    let stream = TcpStream::connect(host).await;
    let stream = stream.map_err(|error| Failure::NotSent(error.to_string()))?;
    let lost = |error: hyper::Error| Failure::NoAnswer(error.to_string());
    let made = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = made.map_err(lost)?;
    let mut request = Request::builder()
        .method(ask.method)
        .uri(ask.url.path_and_query().unwrap().as_str())
        .body(Full::new(Bytes::copy_from_slice(ask.body.expose_secret())))
        .unwrap();
    *request.headers_mut() = ask.headers;
    let host = HeaderValue::from_str(host).unwrap();
    request.headers_mut().insert(HOST, host);
    // Driven beside the request, and gone with it.
    let answer = async {
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(lost)?
            .into_parts();
        let body = Limited::new(body, ANSWER_LIMIT_BYTES).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Failure::TooLong
            } else {
                Failure::NoAnswer(error.to_string())
            }
        })?;
        Ok(Said {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes().to_vec().into(),
        })
    };
    let (mut answer, mut connection) = (std::pin::pin!(answer), std::pin::pin!(connection));
    tokio::select! {
        said = &mut answer => said,
        _ = &mut connection => answer.await,
    }
}

impl Exchange for Network {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        Box::pin(async move {
            let most = ask.timeout;
            let answer = tokio::time::timeout(most, send(ask)).await;
            answer.unwrap_or(Err(Failure::Timeout(most)))
        })
    }
}

/// A program that ends with this.
pub(super) struct Process(pub(super) Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Starts a server at an address of loopback. `None`: `variable` names no program, which is said.
pub(super) async fn at_free_port<Server>(
    variable: &str,
    what: &str,
    start: impl AsyncFn(String, String) -> Option<Server>,
) -> Option<Server> {
    let Ok(program) = std::env::var(variable) else {
        println!("skipped: {variable} names no {what} server; `scripts/test` installs it");
        return None;
    };
    // Another program may take the port between, so it is tried with others.
    for _ in 0..5 {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        if let Some(server) = start(program.clone(), address).await {
            return Some(server);
        }
    }
    panic!("the server did not start at any of five ports")
}
