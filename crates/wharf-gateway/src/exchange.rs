//! Requests to secret stores and token endpoints, made with the client that calls vendors.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{PathAndQuery, Scheme};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;
use wharf_net::{Client, Connector, Limits, Origin, SendError};
use wharf_secrets::{ANSWER_LIMIT_BYTES, Ask, Asking, Exchange, Failure, Said, TrustFile};

use crate::causes::with_causes;

/// Few requests at a time to few places, and seldom.
const LIMITS: Limits = Limits {
    shared_per_origin: 2,
    idle_per_origin: 4,
    spare_per_origin: 2,
    burst_timeout: Duration::from_secs(5),
    idle_timeout: Duration::from_secs(30),
    max_age: Duration::from_secs(600),
};

/// Makes requests with one pool for each file of authorities.
#[derive(Default)]
pub struct Requests {
    clients: Mutex<HashMap<Option<TrustFile>, Client<Full<Bytes>>>>,
}

impl Requests {
    async fn client(&self, trust: Option<&TrustFile>) -> Result<Client<Full<Bytes>>, Failure> {
        let known = self.clients().get(&trust.cloned()).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let client = Client::new(connector(trust.cloned()).await?, LIMITS);
        self.clients().insert(trust.cloned(), client.clone());
        Ok(client)
    }

    fn clients(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<Option<TrustFile>, Client<Full<Bytes>>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, ask: Ask, was_sent: &AtomicBool) -> Result<Said, Failure> {
        let client = self.client(ask.trust.as_deref()).await?;
        client.sweep();
        let origin = origin(&ask.url)?;
        let path = ask.url.path_and_query().map_or("/", PathAndQuery::as_str);
        let body = Bytes::copy_from_slice(ask.body.expose_secret());
        let mut request = Request::builder()
            .method(ask.method)
            .uri(path)
            .body(Full::new(body))
            .map_err(|error| Failure::NotSent(error.to_string()))?;
        *request.headers_mut() = ask.headers;
        let sent = client.send(&origin, request, ask.timeout, was_sent);
        let reply = sent.await.map_err(|error| {
            if !error.wrote && ask.trust.is_some() {
                // Another authority may stand in the file by now.
                self.clients().remove(&ask.trust.as_deref().cloned());
            }
            failure(&error)
        })?;
        let (head, body) = reply.into_parts();
        let collected = Limited::new(body, ANSWER_LIMIT_BYTES).collect().await;
        let body = collected.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Failure::TooLong
            } else {
                Failure::NoAnswer(with_causes(&*error))
            }
        })?;
        Ok(Said {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes().to_vec().into(),
        })
    }
}

impl Exchange for Requests {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        Box::pin(async move {
            let (was_sent, most) = (AtomicBool::new(false), ask.timeout);
            let answer = timeout(most, self.send(ask, &was_sent)).await;
            answer.unwrap_or_else(|_| {
                Err(if was_sent.load(Ordering::Relaxed) {
                    Failure::Timeout(most)
                } else {
                    Failure::NotSent(format!("no connection within {} ms", most.as_millis()))
                })
            })
        })
    }
}

/// Reads the certificates of authorities elsewhere, where it may wait for files.
async fn connector(trust: Option<TrustFile>) -> Result<Connector, Failure> {
    let read = move || match trust {
        None => Ok(Connector::new()),
        Some(TrustFile(path)) => Connector::trusting_file(&path),
    };
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|error| Failure::NotSent(error.to_string()))?;
    read.map_err(|error| Failure::NotSent(with_causes(&error)))
}

fn origin(url: &Uri) -> Result<Origin, Failure> {
    let is_tls = match url.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => false,
        _ => {
            return Err(Failure::NotSent(
                "the address has no http or https".to_owned(),
            ));
        }
    };
    let host = url.host().unwrap_or_default();
    let port = url.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    Origin::new(is_tls, host, port).map_err(|error| Failure::NotSent(error.to_string()))
}

fn failure(error: &SendError) -> Failure {
    let told = with_causes(error);
    if error.wrote {
        Failure::NoAnswer(told)
    } else {
        Failure::NotSent(told)
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
