//! Requests to AWS: what is signed, which are repeated, what an answer's word for an error tells, and
//! whose clock counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, Uri};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::error::{AwsAsked, AwsError};
use crate::exchange::{Ask, Exchange, Failure, Said, TrustFile};
use crate::sign::aws4::{Aws4, Aws4Payload, AwsKeys};
use crate::stores::remote::{TOLD_SKEW_SECONDS, skew_seconds};

/// Before each repetition. There are no more than these. Every request here may be repeated: it reads,
/// or asks for keys that end by themselves.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_millis(1_000),
];

/// The longest pause that a server may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(30);

/// Clocks that differ by less are none of the reasons for a refusal: AWS takes five minutes.
const CORRECTED_SKEW_SECONDS: i64 = 240;

/// Longest word for an error that is shown.
const LONGEST_CODE: usize = 64;

/// Words for keys that are not accepted.
const KEYS_REFUSED: [&str; 12] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Words for a time that is none.
const TIME_REFUSED: [&str; 4] = [
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "InvalidSignatureException",
];

const THROTTLED: [&str; 7] = [
    "LimitExceededException",
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
];

/// The way to AWS.
pub(super) struct Wire {
    exchange: Arc<dyn Exchange>,
    trust: Option<Arc<TrustFile>>,
    /// How far AWS's clock is ahead of this machine's, once that was a reason for a refusal.
    ahead_seconds: AtomicI64,
}

/// One request.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: SecretSlice<u8>,
    pub(super) signed: Option<Signer<'a>>,
    /// Longest time for one attempt. `None`: all that is left.
    pub(super) attempt: Option<Duration>,
    pub(super) at: AwsAsked,
}

/// What a request is signed with.
#[derive(Clone, Copy)]
pub(super) struct Signer<'a> {
    pub(super) keys: &'a AwsKeys,
    pub(super) source_name: &'static str,
    pub(super) aws: Aws4<'a>,
}

/// An answer that is no refusal of the keys, and none that passes by itself.
pub(super) struct Answer {
    pub(super) at: AwsAsked,
    pub(super) status: u16,
    headers: HeaderMap,
    body: SecretSlice<u8>,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "__type", alias = "code", alias = "Code")]
    kind: Option<String>,
    #[serde(default, alias = "Message")]
    message: Option<String>,
}

/// Whether another attempt may follow.
enum Again {
    No,
    /// Not before this.
    After(Duration),
    /// At once, since the clock was corrected.
    Corrected,
}

impl Wire {
    pub(super) fn new(exchange: Arc<dyn Exchange>, trust: Option<Arc<TrustFile>>) -> Self {
        Self {
            exchange,
            trust,
            ahead_seconds: AtomicI64::new(0),
        }
    }

    /// The time by AWS's clock, as far as it is known.
    pub(super) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead_seconds.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    }

    /// Sends a request, and again where the time allows. Refused keys, a service that fails and what
    /// is no answer of AWS's are errors; every other answer is the caller's to judge.
    pub(super) async fn send(
        &self,
        request: &Request<'_>,
        deadline: Instant,
    ) -> Result<Answer, AwsError> {
        let mut pauses = PAUSES.into_iter();
        let mut was_corrected = false;
        loop {
            let (again, outcome) = self.once(request, deadline).await;
            match again {
                Again::No => return outcome,
                Again::Corrected if was_corrected => return outcome,
                Again::Corrected => was_corrected = true,
                Again::After(least) => match pauses.next().map(|pause| pause.max(least)) {
                    Some(pause) if Instant::now() + pause < deadline => sleep(pause).await,
                    _ => return outcome,
                },
            }
        }
    }

    async fn once(
        &self,
        request: &Request<'_>,
        deadline: Instant,
    ) -> (Again, Result<Answer, AwsError>) {
        let at = request.at.clone();
        let ask = match self.ask(request, deadline) {
            Ok(ask) => ask,
            Err(error) => return (Again::No, Err(error)),
        };
        match self.exchange.ask(ask).await {
            Ok(said) => self.judge(said, at, request.signed),
            Err(Failure::TooLong) => (Again::No, Err(AwsError::TooLong { at })),
            Err(failure) => (
                Again::After(Duration::ZERO),
                Err(AwsError::NoAnswer { at, failure }),
            ),
        }
    }

    fn ask(&self, request: &Request<'_>, deadline: Instant) -> Result<Ask, AwsError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = request.attempt.map_or(left, |most| most.min(left));
        let mut headers = request.headers.clone();
        let body = request.body.expose_secret();
        if let Some(Signer { keys, aws, .. }) = request.signed {
            let target = (&request.method, &request.url);
            let payload = Aws4Payload::Bytes(body);
            let signed = aws.sign(keys, target, &mut headers, payload, self.now());
            signed.map_err(|problem| AwsError::Refused {
                at: request.at.clone(),
                status: 0,
                code: problem.to_string(),
            })?;
        }
        let is_tls = request.url.scheme_str() == Some("https");
        Ok(Ask {
            method: request.method.clone(),
            url: request.url.clone(),
            headers,
            body: SecretSlice::from(body.to_vec()),
            timeout,
            trust: self.trust.clone().filter(|_| is_tls),
        })
    }

    fn judge(
        &self,
        said: Said,
        at: AwsAsked,
        signed: Option<Signer<'_>>,
    ) -> (Again, Result<Answer, AwsError>) {
        let status = said.status.as_u16();
        let answer = Answer {
            at: at.clone(),
            status,
            headers: said.headers,
            body: said.body,
        };
        if said.status.is_redirection() {
            return (Again::No, Err(AwsError::Redirected { at }));
        }
        if said.status.is_success() {
            return (Again::No, Ok(answer));
        }
        let code = answer.code().unwrap_or_default();
        if status == 429 || THROTTLED.contains(&code.as_str()) {
            let asked = answer.asked_pause();
            return (Again::After(asked), Err(AwsError::Throttled { at, status }));
        }
        if status >= 500 {
            let asked = answer.asked_pause();
            return (
                Again::After(asked),
                Err(AwsError::Unavailable { at, status }),
            );
        }
        let Some(Signer { source_name, .. }) = signed else {
            return (Again::No, Ok(answer));
        };
        let is_of_time = TIME_REFUSED.contains(&code.as_str()) || code == "SignatureDoesNotMatch";
        if !is_of_time && !KEYS_REFUSED.contains(&code.as_str()) {
            return (Again::No, Ok(answer));
        }
        let again = if is_of_time && self.corrects(&answer) {
            Again::Corrected
        } else {
            Again::No
        };
        let error = AwsError::KeysRefused {
            at,
            status,
            code,
            source_name,
            skew_seconds: answer
                .skew_seconds(Timestamp::now())
                .filter(|skew| skew.abs() > TOLD_SKEW_SECONDS),
        };
        (again, Err(error))
    }

    /// Takes the server's clock, where the one that was signed by is so far from it that it can be the
    /// reason.
    fn corrects(&self, answer: &Answer) -> bool {
        let wrong = answer.skew_seconds(self.now());
        if wrong.is_none_or(|skew| skew.abs() <= CORRECTED_SKEW_SECONDS) {
            return false;
        }
        // Counted from this machine's clock, not from the last correction.
        let Some(ahead) = answer.skew_seconds(Timestamp::now()) else {
            return false;
        };
        tracing::warn!(
            ahead_seconds = ahead,
            "AWS's clock and this machine's differ; requests are signed by AWS's"
        );
        self.ahead_seconds.store(ahead, Ordering::Relaxed);
        true
    }
}

impl Answer {
    /// Reads it. `shape` says what is missing where it is JSON of another form; what the reader says
    /// may quote a value.
    pub(super) fn read<'a, T: Deserialize<'a>>(
        &'a self,
        shape: &'static str,
    ) -> Result<T, AwsError> {
        let body = self.body.expose_secret();
        serde_json::from_slice(body).map_err(|error| {
            let is_data = error.is_data();
            self.is_not_aws(match () {
                () if body.trim_ascii().is_empty() => "is empty",
                () if body.trim_ascii_start().starts_with(b"<") => "is a page of HTML or XML",
                () if is_data => shape,
                () => "is not JSON",
            })
        })
    }

    /// Its text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.body.expose_secret()).ok()
    }

    /// The error of an answer that AWS gives nowhere.
    pub(super) fn is_not_aws(&self, what: &'static str) -> AwsError {
        AwsError::NotAws {
            at: self.at.clone(),
            status: self.status,
            what,
        }
    }

    /// AWS's word for the error, in JSON or in XML. It is a word, so it can be shown.
    pub(super) fn code(&self) -> Option<String> {
        let header = self.headers.get("x-amzn-errortype");
        let header = header
            .and_then(|kind| kind.to_str().ok())
            .map(str::to_owned);
        let code = header.or_else(|| self.error()?.kind);
        let code = code.or_else(|| element(self.text()?, "Code").map(str::to_owned))?;
        let code = code.rsplit('#').next()?.split(':').next()?;
        let is_word = !code.is_empty()
            && code.len() <= LONGEST_CODE
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        is_word.then(|| code.to_owned())
    }

    /// Whether its message has one of these words. The message itself is never shown.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        let message = self.error().and_then(|error| error.message);
        message.is_some_and(|message| words.iter().any(|word| message.contains(word)))
    }

    fn error(&self) -> Option<ErrorBody> {
        serde_json::from_slice(self.body.expose_secret()).ok()
    }

    /// How long the server wants to be left alone.
    fn asked_pause(&self) -> Duration {
        let asked = self.headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok());
        let asked = asked.and_then(|seconds| seconds.trim().parse().ok());
        asked.map_or(Duration::ZERO, |seconds: u64| {
            Duration::from_secs(seconds).min(LONGEST_ASKED)
        })
    }

    /// How far the server's clock is ahead of `now`, where it tells.
    fn skew_seconds(&self, now: Timestamp) -> Option<i64> {
        skew_seconds(&self.headers, now)
    }
}

/// The text of the first element of a name. What STS answers has no attributes there, and no
/// characters that would need to be escaped.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let text = text.trim();
    (!text.contains(['<', '&'])).then_some(text)
}
