//! The life of one simulated call.

use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use wharf_net::serve::Peer;

use crate::Counters;
use crate::answer::{Call, Prepared};
use crate::compiled::{CompiledEnvironment, CompiledVendor, World};
use crate::fault::{self, Cut, Fault};
use crate::form;
use crate::handle::{Shared, UNDOCUMENTED};
use crate::idempotency::First;
use crate::outcome::{self, Outcome};
use crate::received::Received;
use crate::route::{self, Found, Parameters};
use crate::wire::WireBody;

/// Largest request body; a larger one is answered 413 and the connection closes.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Time a request's body may take; a slower one is answered 408 and the connection closes.
pub const BODY_READ_TIMEOUT: Duration = Duration::from_secs(60);

const SIMULATED: HeaderName = HeaderName::from_static("wharf-simulated");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The connection ends without an answer, as a fault on demand asked for.
#[derive(Debug, thiserror::Error)]
#[error("connection ended by `reset`")]
pub(crate) struct NoAnswer;

/// Answers one request. An error ends the connection without an answer.
///
/// The order is that of a real vendor: whom the request is for, its body, its credential, its
/// path, and only then what it asks for.
pub(crate) async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
    peer: &Peer,
) -> Result<Response<WireBody>, NoAnswer> {
    let world = shared.world();
    let is_head = request.method() == Method::HEAD;
    let mut outcome = match answer_inner(shared, &world, request).await {
        Ok(outcome) | Err(outcome) => outcome,
    };
    if let Some(delay) = outcome.delay {
        tokio::time::sleep(delay).await;
    }
    if outcome.cut == Some(Cut::Reset) || outcome.cuts_an_empty_body(is_head) {
        peer.reset_at_end();
        return Err(NoAnswer);
    }
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    outcome
        .headers
        .insert(SIMULATED, HeaderValue::from_static("true"));
    if let Ok(id) = HeaderValue::from_str(&format!("sim-{number:012}")) {
        outcome.headers.insert(REQUEST_ID, id);
    }
    Ok(outcome.into_response(is_head))
}

/// Both sides of the result are sent; an error is an answer that came early.
async fn answer_inner(
    shared: &Shared,
    world: &World,
    request: Request<Incoming>,
) -> Result<Box<Outcome>, Box<Outcome>> {
    let (head, body) = request.into_parts();
    let (vendor, environment, path) = target(world, head.uri.path())?;
    let bytes = read_body(body).await?;
    let fault = read_fault(&head.headers)?;
    let found = route::find(&vendor.integration.operations, &head.method, path);
    let meter = Meter::new(shared, vendor, environment, &found);
    tracing::debug!(
        integration = meter.integration,
        environment = meter.environment,
        operation = meter.operation,
        method = %head.method,
        "simulator: call"
    );

    check_credential(world, vendor, environment, &head, &meter)?;
    meter.count(|counters| counters.calls += 1);
    let (index, parameters) = documented(found, &meter, &head.method)?;
    let fault = fault.filter(|fault| lock(&shared.fault_counts).strikes(fault, &meter.scope()));
    if let Some(fault) = &fault {
        meter.count(|counters| counters.faults += 1);
        stop(fault)?;
    }

    let received = Received::read(&head.headers, &bytes)?;
    let call = Call {
        asks_to_stream: received.asks_to_stream(&head.headers),
        written: &received.written,
        parameters: &parameters,
        query: head.uri.query().unwrap_or_default(),
        method: &head.method,
        headers: &head.headers,
    };
    let unprepared = Prepared::default();
    let prepared = vendor.answers.get(index).unwrap_or(&unprepared);
    let make = || {
        prepared.answer(&call, || {
            json!({
                "simulated": true,
                "integration": meter.integration,
                "environment": meter.environment,
                "operation": meter.operation,
                "parameters": texts(&parameters),
                "query": shown_query(environment, &head),
                "received": received.account,
            })
        })
    };
    let mut outcome = match idempotency_key(environment, &head, &meter) {
        None => Outcome::new(make()),
        Some(key) => match lock(&shared.replays).first(key, make) {
            First::Made(answer) => Outcome::new(answer),
            First::Kept(answer) => {
                meter.count(|counters| counters.replayed += 1);
                Outcome::new(answer).with_header(REPLAYED, "true")
            }
        },
    };
    if let Some(fault) = fault {
        outcome.delay = fault.delay;
        outcome.cut = fault.cut;
    }
    Ok(outcome)
}

/// The place that a call is counted under.
struct Meter<'a> {
    shared: &'a Shared,
    integration: &'a str,
    environment: &'a str,
    operation: &'a str,
}

impl<'a> Meter<'a> {
    fn new(
        shared: &'a Shared,
        vendor: &'a CompiledVendor,
        environment: &'a CompiledEnvironment,
        found: &Found,
    ) -> Self {
        let operation = match found {
            Found::Operation { index, .. } => vendor.integration.operations.get(*index),
            Found::OtherMethods(_) | Found::Nothing => None,
        };
        Self {
            shared,
            integration: vendor.integration.id.as_str(),
            environment: &environment.segment,
            operation: operation.map_or(UNDOCUMENTED, |operation| operation.id.as_str()),
        }
    }

    fn count(&self, change: impl FnOnce(&mut Counters)) {
        self.shared
            .count(self.integration, self.environment, self.operation, change);
    }

    /// One text for all three, as part of a key. A line feed is in none of them.
    fn scope(&self) -> String {
        format!(
            "{}\n{}\n{}",
            self.integration, self.environment, self.operation
        )
    }
}

fn check_credential(
    world: &World,
    vendor: &CompiledVendor,
    environment: &CompiledEnvironment,
    head: &Parts,
    meter: &Meter<'_>,
) -> Result<(), Box<Outcome>> {
    let query = head.uri.query().unwrap_or_default();
    let others = world.others(vendor, environment);
    environment
        .expected
        .check(&head.headers, query, others)
        .map_err(|message| {
            meter.count(|counters| counters.refused += 1);
            Outcome::error(StatusCode::UNAUTHORIZED, "invalid_credential", message)
        })
}

/// The operation's place in the table and the values of its path.
fn documented(
    found: Found,
    meter: &Meter<'_>,
    method: &Method,
) -> Result<(usize, Parameters), Box<Outcome>> {
    let not_documented = |status, kind: &str, message: String| {
        let mut body = outcome::error(status, kind, &message);
        body["documented"] = false.into();
        Outcome::json(status, &body)
    };
    match found {
        Found::Operation { index, parameters } => Ok((index, parameters)),
        Found::OtherMethods(methods) => {
            let allow = methods.join(", ");
            let message =
                format!("the API Endpoints table has this path with {allow}, not with {method}");
            let status = StatusCode::METHOD_NOT_ALLOWED;
            Err(not_documented(status, "method_not_allowed", message).with_header(ALLOW, &allow))
        }
        Found::Nothing => Err(not_documented(
            StatusCode::NOT_FOUND,
            "unknown_path",
            format!(
                "the API Endpoints table of `{}` has no such path",
                meter.integration
            ),
        )),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Splits `/{integration}/{environment}/{rest}`; the rest keeps its leading slash.
fn target<'w, 'p>(
    world: &'w World,
    path: &'p str,
) -> Result<(&'w CompiledVendor, &'w CompiledEnvironment, &'p str), Box<Outcome>> {
    let unknown = || {
        let mut message = "no such integration and environment here; known are".to_owned();
        for (index, path) in world.base_paths().enumerate() {
            // Cannot fail: the target is a string.
            let _ = write!(message, "{} `{path}`", if index == 0 { "" } else { "," });
        }
        Outcome::error(StatusCode::NOT_FOUND, "unknown_vendor", message)
    };
    let below = path.strip_prefix('/').unwrap_or(path);
    let (integration, below) = below.split_once('/').unwrap_or((below, ""));
    let (segment, rest) = match below.find('/') {
        Some(slash) => below.split_at(slash),
        None => (below, ""),
    };
    let vendor = world.vendor(integration).ok_or_else(unknown)?;
    let environment = vendor
        .environments
        .iter()
        .find(|environment| environment.segment == segment)
        .ok_or_else(unknown)?;
    Ok((vendor, environment, rest))
}

async fn read_body(body: Incoming) -> Result<Bytes, Box<Outcome>> {
    let too_large = || {
        Outcome::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("the simulator takes bodies of up to {MAX_BODY_BYTES} bytes"),
        )
        .with_header(CONNECTION, "close")
    };
    // A length that is announced too large is refused before anything is read.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(too_large());
    }
    let collected = Limited::new(body, MAX_BODY_BYTES).collect();
    match tokio::time::timeout(BODY_READ_TIMEOUT, collected).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Outcome::error(
            StatusCode::BAD_REQUEST,
            "unreadable_body",
            format!("the body could not be read: {error}"),
        )
        .with_header(CONNECTION, "close")),
        Err(_) => Err(Outcome::error(
            StatusCode::REQUEST_TIMEOUT,
            "body_timeout",
            format!("the body took longer than {BODY_READ_TIMEOUT:?}"),
        )
        .with_header(CONNECTION, "close")),
    }
}

fn read_fault(headers: &HeaderMap) -> Result<Option<Fault>, Box<Outcome>> {
    let mut values = headers.get_all(fault::FAULT_HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let parsed = if values.next().is_some() {
        Err("the header may stand only once".to_owned())
    } else {
        value
            .to_str()
            .map_err(|_| "the value is not plain text".to_owned())
            .and_then(Fault::parse)
    };
    parsed.map(Some).map_err(|problem| {
        Outcome::error(
            StatusCode::BAD_REQUEST,
            "invalid_fault",
            format!(
                "header `{}`: {problem}; it takes {}",
                fault::FAULT_HEADER,
                fault::GRAMMAR
            ),
        )
    })
}

/// The outcome of a fault that keeps the operation from being carried out.
fn stop(fault: &Fault) -> Result<(), Box<Outcome>> {
    let mut outcome = match (fault.status, fault.cut) {
        (Some(status), _) => {
            let message = format!("status {} was asked for", status.as_u16());
            Outcome::error(status, "simulated_fault", message)
        }
        (None, Some(Cut::Reset)) => Outcome::json(StatusCode::OK, &Value::Null),
        (None, _) => return Ok(()),
    };
    if let Some(retry_after) = fault.retry_after {
        outcome = outcome.with_header(RETRY_AFTER, &retry_after.to_header(SystemTime::now()));
    }
    outcome.delay = fault.delay;
    outcome.cut = fault.cut;
    Err(outcome)
}

/// Where the answer to this key is kept; `None` when the call carries no key that counts.
fn idempotency_key(
    environment: &CompiledEnvironment,
    head: &Parts,
    meter: &Meter<'_>,
) -> Option<String> {
    if matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    let header = environment.idempotency_header.as_ref()?;
    let key = head.headers.get(header)?.to_str().ok()?;
    Some(format!("{}\n{key}", meter.scope()))
}

fn texts(pairs: &[(String, String)]) -> Value {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The query without the parameters that carry a credential.
fn shown_query(environment: &CompiledEnvironment, head: &Parts) -> Value {
    let query = head.uri.query().unwrap_or_default();
    let pairs: Vec<_> = form::pairs(query)
        .filter(|(name, _)| !environment.expected.is_query_credential(name))
        .collect();
    texts(&pairs)
}
