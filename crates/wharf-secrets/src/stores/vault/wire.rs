//! Requests to Vault: what each of them carries, which are repeated, and what an answer's status
//! tells.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::error::{Asked, ServerState, VaultError};
use super::settings::{Effective, Namespace};
use crate::exchange::{Ask, Exchange, Failure, Said, TrustFile};
use crate::stores::remote::{Base, SecretText, TOLD_SKEW_SECONDS, skew_seconds};

/// Before each repetition. There are no more than these.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(800),
];

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
/// Vault's agents want it of every request, so that no form on a page can make one.
const REQUEST: HeaderName = HeaderName::from_static("x-vault-request");

/// The way to one Vault.
pub(super) struct Wire {
    address: Result<Base, VaultError>,
    namespace: Result<Option<Namespace>, VaultError>,
    trust: Option<Arc<TrustFile>>,
    exchange: Arc<dyn Exchange>,
}

/// When a request may be sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Whatever came of it: it changes nothing.
    Always,
    /// When nothing of it was sent.
    Unsent,
}

/// One request.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    /// Below `/v1/`, encoded.
    pub(super) path: String,
    pub(super) token: Option<&'a HeaderValue>,
    pub(super) body: Option<SecretSlice<u8>>,
    pub(super) repeat: Repeat,
    pub(super) at: Asked,
}

/// An answer that is not one of the refusals that mean the same for every request.
pub(super) struct Answer {
    pub(super) at: Asked,
    pub(super) status: u16,
    headers: HeaderMap,
    body: SecretSlice<u8>,
}

/// What all answers look like.
#[derive(Deserialize)]
pub(super) struct Envelope<D> {
    pub(super) lease_id: Option<String>,
    pub(super) lease_duration: Option<u64>,
    pub(super) data: Option<D>,
    pub(super) auth: Option<Auth>,
    #[serde(default)]
    pub(super) warnings: Option<Vec<String>>,
}

/// A login.
#[derive(Deserialize)]
pub(super) struct Auth {
    pub(super) client_token: SecretText,
    #[serde(default)]
    pub(super) lease_duration: u64,
    #[serde(default)]
    pub(super) renewable: bool,
}

#[derive(Deserialize)]
struct Errors {
    #[serde(default)]
    errors: Vec<String>,
}

impl Wire {
    pub(super) fn new(effective: &mut Effective, exchange: Arc<dyn Exchange>) -> Self {
        Self {
            address: effective.address.clone(),
            namespace: effective.namespace.clone(),
            trust: effective.trust.take(),
            exchange,
        }
    }

    /// Where Vault is, for people.
    pub(super) fn shown_address(&self) -> String {
        let address = self.address.as_ref();
        address.map_or_else(
            |_| "an unknown address".to_owned(),
            |base| base.as_str().to_owned(),
        )
    }

    /// What is asked, for people.
    pub(super) fn at(&self, mount: Option<&str>, path: &str) -> Asked {
        let namespace = self.namespace.as_ref().ok().and_then(Option::as_ref);
        let namespace = namespace.map(|namespace| namespace.shown.as_str());
        Asked::new(&self.shown_address(), namespace, mount, path)
    }

    /// Sends a request, and again where that is safe and the time allows. Refusals that mean the same
    /// for every request are errors; statuses 200, 204, 400, 403, 404 and 405 are the caller's.
    pub(super) async fn send(
        &self,
        request: Request<'_>,
        deadline: Instant,
    ) -> Result<Answer, VaultError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let (again, outcome) = self.once(&request, deadline).await;
            let pause = match outcome {
                Err(_) if again => pauses.next(),
                outcome => return outcome,
            };
            match pause.filter(|pause| Instant::now() + *pause < deadline) {
                Some(pause) => sleep(pause).await,
                None => return outcome,
            }
        }
    }

    /// One attempt, and whether another one may follow.
    async fn once(
        &self,
        request: &Request<'_>,
        deadline: Instant,
    ) -> (bool, Result<Answer, VaultError>) {
        let ask = match self.ask(request, deadline) {
            Ok(ask) => ask,
            Err(error) => return (false, Err(error)),
        };
        let at = request.at.clone();
        match self.exchange.ask(ask).await {
            Ok(said) => {
                let answer = judge(said, at);
                let is_passing = matches!(
                    answer,
                    Err(VaultError::Unavailable {
                        state: ServerState::Standby | ServerState::Behind | ServerState::Failing,
                        ..
                    })
                );
                (is_passing && request.repeat == Repeat::Always, answer)
            }
            Err(Failure::TooLong) => (false, Err(VaultError::TooLong { at })),
            Err(failure) => {
                let again = match failure {
                    Failure::NotSent(_) => true,
                    Failure::NoAnswer(_) => request.repeat == Repeat::Always,
                    Failure::Timeout(_) | Failure::TooLong => false,
                };
                (again, Err(VaultError::NoAnswer { at, failure }))
            }
        }
    }

    fn ask(&self, request: &Request<'_>, deadline: Instant) -> Result<Ask, VaultError> {
        let address = self.address.as_ref().map_err(VaultError::clone)?;
        let namespace = self.namespace.as_ref().map_err(VaultError::clone)?;
        let url = address.url(&format!("v1/{}", request.path));
        let url = url.ok_or_else(|| VaultError::Refused {
            at: request.at.clone(),
            status: 0,
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST, HeaderValue::from_static("true"));
        if let Some(namespace) = namespace {
            headers.insert(NAMESPACE, namespace.header.clone());
        }
        if let Some(token) = request.token {
            headers.insert(TOKEN, token.clone());
        }
        if request.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = request.body.as_ref();
        let body = body.map_or_else(Vec::new, |body| body.expose_secret().to_vec());
        Ok(Ask {
            method: request.method.clone(),
            url,
            headers,
            body: SecretSlice::from(body),
            timeout: deadline.saturating_duration_since(Instant::now()),
            trust: self.trust.clone(),
        })
    }
}

/// Takes out what means the same for every request.
fn judge(said: Said, at: Asked) -> Result<Answer, VaultError> {
    let status = said.status.as_u16();
    let answer = Answer {
        at,
        status,
        headers: said.headers,
        body: said.body,
    };
    if said.status.is_redirection() {
        return Err(VaultError::Redirected {
            to: answer.leads_to(),
            at: answer.at,
        });
    }
    if let Some(state) = ServerState::of(status, answer.says("sealed")) {
        let at = answer.at;
        return Err(VaultError::Unavailable { at, status, state });
    }
    if status == 404 && answer.says("namespace not found") {
        return Err(VaultError::NoNamespace { at: answer.at });
    }
    match status {
        200 | 204 | 400 | 403 | 404 | 405 => Ok(answer),
        _ => Err(VaultError::Refused {
            at: answer.at,
            status,
        }),
    }
}

impl Answer {
    /// Reads it. `shape` says what is missing where it is JSON of another form; what the reader says
    /// may quote a value.
    pub(super) fn read<'a, T: Deserialize<'a>>(
        &'a self,
        shape: &'static str,
    ) -> Result<T, VaultError> {
        let body = self.body.expose_secret();
        serde_json::from_slice(body).map_err(|error| {
            let is_text = body.trim_ascii_start().starts_with(b"<");
            self.is_not_vault(match () {
                () if body.trim_ascii().is_empty() => "is empty",
                () if is_text || self.is_html() => "is a page of HTML",
                () if error.is_data() => shape,
                () => "is not JSON",
            })
        })
    }

    /// The error of an answer that no Vault gives.
    pub(super) fn is_not_vault(&self, what: &'static str) -> VaultError {
        VaultError::NotVault {
            at: self.at.clone(),
            status: self.status,
            what,
        }
    }

    /// Whether one of its errors has these words in it.
    pub(super) fn says(&self, words: &str) -> bool {
        let read = serde_json::from_slice::<Errors>(self.body.expose_secret());
        read.is_ok_and(|said| said.errors.iter().any(|error| error.contains(words)))
    }

    /// How far the server's clock is ahead of `now`, where that is worth telling.
    pub(super) fn skew_seconds(&self, now: jiff::Timestamp) -> Option<i64> {
        let skew = skew_seconds(&self.headers, now)?;
        (skew.abs() > TOLD_SKEW_SECONDS).then_some(skew)
    }

    fn is_html(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE);
        kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    }

    /// Scheme and host: the rest may hold a token.
    fn leads_to(&self) -> Option<String> {
        let to: Uri = self.headers.get(LOCATION)?.to_str().ok()?.parse().ok()?;
        let (scheme, host) = (to.scheme_str()?, to.host()?);
        let port = to.port().map(|port| format!(":{port}"));
        Some(format!("{scheme}://{host}{}", port.unwrap_or_default()))
    }
}

/// A token as it is sent. `None`: it is empty, or cannot be sent.
pub(super) fn token(text: &SecretString) -> Option<HeaderValue> {
    let text = text.expose_secret();
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    (!text.is_empty()).then_some(value)
}
