//! Requests over the network, for tests: as the program makes them, with the client that it uses.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use secrecy::ExposeSecret as _;
use wharf_net::{Client, Connector, Limits, Origin};

use crate::exchange::{ANSWER_LIMIT_BYTES, Ask, Asking, Exchange, Failure, Said};

pub(super) struct Network(Client<Full<Bytes>>);

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

impl Network {
    pub(super) fn new() -> Self {
        Self(Client::new(Connector::new(), Limits::default()))
    }

    async fn send(&self, ask: Ask) -> Result<Said, Failure> {
        let host = ask.url.host().unwrap();
        let origin = Origin::new(false, host, ask.url.port_u16().unwrap()).unwrap();
        let body = Full::new(Bytes::copy_from_slice(ask.body.expose_secret()));
        let mut request = Request::builder()
            .method(ask.method)
            .uri(ask.url.path_and_query().unwrap().as_str())
            .body(body)
            .unwrap();
        *request.headers_mut() = ask.headers;
        let sent = AtomicBool::new(false);
        let reply = self.0.send(&origin, request, ask.timeout, &sent).await;
        let reply = reply.map_err(|error| {
            let told = error.to_string();
            if error.wrote {
                Failure::NoAnswer(told)
            } else {
                Failure::NotSent(told)
            }
        })?;
        let (head, body) = reply.into_parts();
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
    }
}

impl Exchange for Network {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        Box::pin(async move {
            let most = ask.timeout;
            let answer = tokio::time::timeout(most, self.send(ask)).await;
            answer.unwrap_or(Err(Failure::Timeout(most)))
        })
    }
}
