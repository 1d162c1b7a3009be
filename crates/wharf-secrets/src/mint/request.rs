//! One request for a token, and what becomes of the answer.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{StatusCode, Uri};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use wharf_document::model::TemplatePart;
use wharf_policy::retry_after;

use super::answer::{Answer, http_date};
use super::assertion::value;
use super::error::{AnswerProblem, FieldProblem, MintError};
use super::recipe::{Proof, Request};
use super::refusal::{self, Refusal};
use super::sent::Sent;
use super::veil::Veil;
use crate::credential::Credential;
use crate::exchange::{Ask, Exchange, Said};

/// Time for one request, from the name's look-up to the last byte.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A clock that differs by no more than this is taken for ours, in seconds.
pub const SKEW_SECONDS: i64 = 30;

/// Unreserved characters (RFC 3986, 2.3) stand in a path as they are.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What was read, and a refresh token that has to be stored.
type Made = (Answer, Option<SecretString>);

impl Request {
    /// Asks, and once more where only the clocks are in the way.
    pub(super) async fn ask(
        &self,
        credential: &Credential,
        exchange: &dyn Exchange,
        now: Timestamp,
    ) -> Result<Made, MintError> {
        let (outcome, skew) = self.ask_as_of(credential, exchange, now, now).await;
        match outcome {
            Err(MintError::Refused { status, .. })
                if self.signs() && skew != 0 && matches!(status, 400 | 401 | 403) =>
            {
                let theirs = now.as_second().saturating_add(skew);
                let theirs = Timestamp::from_second(theirs).unwrap_or(now);
                self.ask_as_of(credential, exchange, now, theirs).await.0
            }
            outcome => outcome,
        }
    }

    /// One request, whose JWT is signed as of `signed_at`. Beside the outcome by how many seconds
    /// the vendor's clock is ahead of `now`, where it differs.
    async fn ask_as_of(
        &self,
        credential: &Credential,
        exchange: &dyn Exchange,
        now: Timestamp,
        signed_at: Timestamp,
    ) -> (Result<Made, MintError>, i64) {
        let prepared = self.url(credential).and_then(|url| {
            let sent = Sent::new(&self.proof, &self.endpoint, credential, signed_at)?;
            Ok((url, sent))
        });
        let (url, sent) = match prepared {
            Ok(prepared) => prepared,
            Err(problem) => return (Err(problem), 0),
        };
        let ask = Ask {
            method: self.method.clone(),
            url,
            headers: sent.headers,
            body: sent.body,
            timeout: TIMEOUT,
            trust: None,
        };
        match exchange.ask(ask).await {
            Ok(said) => {
                let skew = skew_seconds(&said, now);
                (self.read(&said, credential, now, skew, &sent.veil), skew)
            }
            Err(failure) => {
                let endpoint = self.endpoint.clone();
                (Err(MintError::NoAnswer { endpoint, failure }), 0)
            }
        }
    }

    const fn signs(&self) -> bool {
        match &self.proof {
            Proof::Bearer(_) => true,
            Proof::Form(form) => form.assertion.is_some(),
        }
    }

    /// The address, with the fields of the path in place.
    fn url(&self, credential: &Credential) -> Result<Uri, MintError> {
        let mut text = self.base.to_string();
        for part in &self.path.parts {
            match part {
                TemplatePart::Literal(literal) => text.push_str(literal),
                TemplatePart::Field(field) => {
                    let value = value(credential, field)?.expose_secret();
                    let problem = match value {
                        "" => Some(FieldProblem::Empty),
                        "." | ".." => Some(FieldProblem::Dots),
                        _ => None,
                    };
                    if let Some(problem) = problem {
                        let field = field.clone();
                        return Err(MintError::FieldUnusable { field, problem });
                    }
                    text.extend(utf8_percent_encode(value, IN_PATH));
                }
            }
        }
        if self.base.path.is_empty() && self.path.parts.is_empty() {
            text.push('/');
        }
        text.parse()
            .map_err(|_| MintError::NotSendable(self.endpoint.clone()))
    }

    fn read(
        &self,
        said: &Said,
        credential: &Credential,
        now: Timestamp,
        skew_seconds: i64,
        veil: &Veil,
    ) -> Result<Made, MintError> {
        let endpoint = self.endpoint.clone();
        let status = said.status.as_u16();
        if said.status.is_redirection() {
            let to = said.headers.get(LOCATION).and_then(host);
            let to = to.and_then(|host| veil.code(&host, 255));
            return Err(MintError::Redirected {
                endpoint,
                status,
                to,
            });
        }
        let mut body = json(said.body.expose_secret());
        let outcome = self.judge(said, &body, credential, now, skew_seconds, veil);
        if let Ok(body) = &mut body {
            wipe(body);
        }
        outcome
    }

    fn judge(
        &self,
        said: &Said,
        body: &Result<Value, AnswerProblem>,
        credential: &Credential,
        now: Timestamp,
        skew_seconds: i64,
        veil: &Veil,
    ) -> Result<Made, MintError> {
        let endpoint = self.endpoint.clone();
        let status = said.status.as_u16();
        let nothing = Value::Null;
        let told = body.as_ref().unwrap_or(&nothing);
        let refusal = || Refusal::read(told, veil);
        let wait = said.headers.get(RETRY_AFTER).and_then(|value| {
            let since = u64::try_from(now.as_second()).unwrap_or_default();
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(since);
            retry_after::parse(value.to_str().ok()?, now)
        });
        if !said.status.is_success() {
            let refusal = refusal();
            let is_busy = said.status == StatusCode::TOO_MANY_REQUESTS
                || (said.status == StatusCode::SERVICE_UNAVAILABLE && wait.is_some());
            return Err(if is_busy {
                MintError::Busy {
                    endpoint,
                    status,
                    wait,
                    refusal,
                }
            } else if said.status.is_client_error() {
                MintError::Refused {
                    endpoint,
                    status,
                    refusal,
                }
            } else {
                MintError::Failing {
                    endpoint,
                    status,
                    refusal,
                }
            });
        }
        let refresh_token = self.refresh_token(told, credential);
        let answer = match body {
            Ok(body) => self.reading.read(body, now, skew_seconds, veil),
            Err(problem) => Err(problem.clone()),
        };
        match answer {
            Ok(answer) => Ok((answer, refresh_token)),
            // A token that stands there goes before an error that stands there too.
            Err(AnswerProblem::TokenMissing { .. }) if refusal::is_error(told) => {
                Err(MintError::Refused {
                    endpoint,
                    status,
                    refusal: refusal(),
                })
            }
            Err(problem) => Err(MintError::Unusable {
                endpoint,
                status,
                problem,
                refresh_token,
            }),
        }
    }

    /// One that is not the one that was sent.
    fn refresh_token(&self, body: &Value, credential: &Credential) -> Option<SecretString> {
        if !self.proof.refreshes() {
            return None;
        }
        let new = self.reading.refresh_token(body)?;
        let old = credential.get("refresh_token");
        let is_old = old.is_some_and(|old| old.expose_secret() == new.expose_secret());
        (!is_old).then_some(new)
    }
}

/// By how many seconds the clock of an answer is ahead; 0 where that is within [`SKEW_SECONDS`], or
/// not told.
fn skew_seconds(said: &Said, now: Timestamp) -> i64 {
    let date = said.headers.get(DATE).and_then(|date| date.to_str().ok());
    let ahead = date
        .and_then(http_date)
        .map_or(0, |theirs| theirs.saturating_sub(now.as_second()));
    if ahead.saturating_abs() > SKEW_SECONDS {
        ahead
    } else {
        0
    }
}

fn json(body: &[u8]) -> Result<Value, AnswerProblem> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = body.trim_ascii_start();
    if text.is_empty() {
        return Err(AnswerProblem::Empty);
    }
    serde_json::from_slice(text).map_err(|_| {
        if text.starts_with(b"<") {
            AnswerProblem::Html
        } else {
            AnswerProblem::NotJson
        }
    })
}

/// Leaves nothing of the texts in memory that is given back.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The host of a `Location`; what else stands there may hold a secret.
fn host(location: &HeaderValue) -> Option<String> {
    let uri: Uri = location.to_str().ok()?.parse().ok()?;
    uri.host().map(str::to_owned)
}
