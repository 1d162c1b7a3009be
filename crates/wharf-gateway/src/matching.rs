//! Phase 2: which integration, environment and operation is meant?

use std::sync::Arc;
use std::time::Duration;

use http::header::{HOST, HeaderMap, HeaderValue};
use http::uri::Authority;
use http::{Version, request};
use percent_encoding::percent_decode_str;

use tokio::time::Instant;
use wharf_net::is_chunked_at_most;
use wharf_plan::{CompiledEnvironment, CompiledIntegration};
use wharf_policy::retry::LONGEST_CALL;

use crate::address::Address;
use crate::call::{Arrived, Call};
use crate::deadline::Deadline;
use crate::ended::Ended;
use crate::explain;
use crate::headers::{Kind, Kinds, WHARF_ENVIRONMENT, WHARF_TIMEOUT, asks_for_websocket};
use crate::inbound::Identified;
use crate::inbound::{CameOver, Inbound, Reached};
use crate::path::leads_out;
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::snapshot::{Environment, Integration, Shared, Snapshot};
use crate::target::Target;
use crate::trace::Clock;

/// Refuses what no vendor must get from us, whatever its document says.
fn can_be_forwarded(head: &request::Parts, kinds: Kinds) -> Result<(), Problem> {
    let (method, headers) = (&head.method, &head.headers);
    // Of what no path may have (RFC 3986, 3.3), the parser refuses `<`, `>` and the grave accent and
    // lets `"`, `{`, `|`, `}`, `\` and `^` through. Those that vendors are sent as they are pass; a
    // quotation mark ends a URL where one stands in a text, as `<` and `>` do (appendix C).
    if memchr::memchr(b'"', head.uri.path().as_bytes()).is_some() {
        let detail = wharf_net::serve::odd_in_target(b'"');
        return Err(Problem::refused(Code::RequestInvalid, detail));
    }
    // Both ask a server to send back what it got, our credential included.
    // Methods are told apart by case (RFC 9110, 9.1), and some servers do not know.
    let is = |name: &str| method.as_str().eq_ignore_ascii_case(name);
    if is("TRACE") || is("TRACK") {
        return Err(Problem::refused(
            Code::MethodNotAllowed,
            format!(
                "{method} asks the vendor to send the request back, with its credential; use another method"
            ),
        ));
    }
    if is("CONNECT") {
        return Err(Problem::refused(
            Code::MethodNotAllowed,
            "Wharf is no proxy for other servers; call /INTEGRATION/PATH with the method the vendor expects",
        ));
    }
    if kinds.has(Kind::Upgrade) && asks_for_websocket(headers) {
        return Err(Problem::refused(
            Code::UpgradeNotSupported,
            "calls go through Wharf, WebSocket connections do not; open this one at the vendor directly",
        ));
    }
    if kinds.has(Kind::TransferEncoding) && !is_chunked_at_most(headers) {
        return Err(Problem::refused(
            Code::RequestInvalid,
            "the body has a transfer coding other than `chunked`; send it without, or as a content coding that the vendor knows",
        ));
    }
    Ok(())
}

/// The host that a request was sent to (RFC 9112, 3.2 and 3.2.2); `None` when it names none, which
/// over a connection only HTTP/1.0 may do.
///
/// What comes back of a vendor's references is led to this host, so it must be one, and plain.
pub(crate) fn host(
    head: &request::Parts,
    came_over: CameOver,
) -> Result<Option<HeaderValue>, Problem> {
    let invalid = |detail: &str| Problem::refused(Code::RequestInvalid, detail);
    let mut hosts = head.headers.get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    if second.is_some() {
        return Err(invalid("there is more than one Host header; send one"));
    }
    let needs_host = matches!(came_over, CameOver::Connection(_));
    if first.is_none() && needs_host && head.version == Version::HTTP_11 {
        return Err(invalid("there is no Host header; send one"));
    }
    let in_target = head.uri.authority().map(|host| host.as_str().as_bytes());
    let Some(host) = in_target.or_else(|| first.map(HeaderValue::as_bytes)) else {
        return Ok(None);
    };
    if host.is_empty() {
        return Ok(None);
    }
    if !is_plain_host(host) {
        return Err(invalid(
            "the host is not a name or an address, with a port where needed",
        ));
    }
    Ok(match in_target {
        Some(host) => HeaderValue::from_bytes(host).ok(),
        None => first.cloned(),
    })
}

/// Whether this is a name or an address, perhaps with a port, and nothing else.
fn is_plain_host(host: &[u8]) -> bool {
    let colon = host.iter().position(|byte| *byte == b':');
    let (name, port) = host.split_at(colon.unwrap_or(host.len()));
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    // Nearly all are such, and what else there is takes a parser to tell.
    let is_common = !name.is_empty()
        && name.iter().all(is_letter)
        && port.iter().skip(1).all(u8::is_ascii_digit);
    is_common || (!host.contains(&b'@') && Authority::try_from(host).is_ok())
}

/// The path holds the caller's token, which it would carry to the vendor.
pub(crate) fn token_in_path() -> Problem {
    Problem::refused(
        Code::PathNotAllowed,
        "the path holds your token, and no vendor must see it; send it where the vendor's key would stand",
    )
}

/// Phase 2. `named`: the integration that the address names.
pub(crate) fn phase(
    shared: &Shared,
    snapshot: &Snapshot,
    named: Option<&Arc<Integration>>,
    arrived: Arrived,
    identified: Identified,
    clock: &mut Clock<'_>,
) -> Result<Call, Problem> {
    let logged = |problem: Problem| {
        let id = named.map(|integration| integration.compiled.id.as_str());
        explain::log_unmatched(&problem, id, &identified.caller);
        problem
    };
    can_be_forwarded(&arrived.head, arrived.kinds).map_err(logged)?;
    let reached = Reached::of(&arrived.head, arrived.came_over)?;
    let target = target(snapshot, named, &arrived).map_err(logged)?;
    let limit = target.settings().max_body_bytes;
    if let (Some(limit), Some(length)) = (limit, arrived.body.size_hint().exact())
        && length > limit
    {
        return Err(explain::too_large(limit));
    }
    let inbound = Inbound::new(arrived, identified, reached, &target, shared)?;
    let started = Instant::from_std(clock.started());
    let meter = target.environment.meter(target.operation);
    let ended = Ended::new(meter, &inbound.caller, &inbound.body, clock.started());
    let call = Call {
        deadline: Deadline {
            at: started + target.deadline,
            fixed: target.caller_deadline,
            // An answer that flows has no longer either.
            longest: started + LONGEST_CALL,
        },
        used: None,
        ended: Box::new(ended),
        inbound,
        target,
    };
    clock.done(Phase::Match, || call.describe());
    Ok(call)
}

/// Finds what a request is about, or says what is wrong with it.
///
/// `named`: the integration that the address names.
fn target(
    snapshot: &Snapshot,
    named: Option<&Arc<Integration>>,
    arrived: &Arrived,
) -> Result<Target, Problem> {
    let (head, address) = (&arrived.head, Address::of(&arrived.head.uri));
    let integration = named.ok_or_else(|| {
        Problem::refused(
            Code::UnknownIntegration,
            format!(
                "the path must start with the id of an integration; known ids: {}",
                known_ids(snapshot)
            ),
        )
    })?;
    let compiled = &integration.compiled;
    if !compiled.active {
        return Err(Problem::refused(
            Code::IntegrationInactive,
            format!(
                "the document of {} says `active: false`; set it to true to allow calls",
                compiled.id
            ),
        ));
    }
    let has_ours = arrived.kinds.has(Kind::Ours);
    let ours = |name| has_ours.then(|| head.headers.get(name)).flatten();
    let environment = environment(integration, &address, has_ours.then_some(&head.headers))?;
    if leads_out(address.rest) {
        return Err(Problem::refused(
            Code::PathNotAllowed,
            "the path has a `.` or `..` segment, perhaps an encoded one, which could lead outside the vendor's base URL; send the resolved path",
        ));
    }
    let route = if address.rest.is_empty() {
        "/"
    } else {
        address.rest
    };
    let operation = compiled.route(&head.method, route);
    let settings = &environment.compiled.settings;
    let attempt_timeout = operation
        .and_then(|index| compiled.operations.get(index)?.attempt_timeout)
        .unwrap_or(settings.attempt_timeout);
    let asked = ours(WHARF_TIMEOUT)
        .map(|value| deadline(value.to_str().unwrap_or_default()))
        .transpose()?;
    Ok(Target {
        environment: Arc::clone(environment),
        operation,
        attempt_timeout,
        deadline: asked.unwrap_or_else(|| settings.call_timeout(attempt_timeout)),
        caller_deadline: asked.is_some(),
    })
}

fn known_ids(snapshot: &Snapshot) -> String {
    let mut ids: Vec<&str> = snapshot.integrations.keys().map(String::as_str).collect();
    ids.sort_unstable();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

fn environment<'a>(
    integration: &'a Integration,
    address: &Address<'_>,
    headers: Option<&HeaderMap>,
) -> Result<&'a Arc<Environment>, Problem> {
    let compiled = &integration.compiled;
    let known = || {
        compiled
            .environments
            .iter()
            .map(|e| e.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let decoded = address
        .environment
        .map(|name| percent_decode_str(name).decode_utf8_lossy());
    let headers = headers.map(|headers| headers.get_all(WHARF_ENVIRONMENT));
    let mut headers = headers.into_iter().flatten().map(value_of);
    let named = decoded.as_deref().or_else(|| headers.next());
    let found = compiled.environment(named);
    let differs = |other: &&str| !named.is_some_and(|named| named.eq_ignore_ascii_case(other));
    // Who says two things must not meet the wrong one, such as production.
    if let Some(other) = headers.find(differs) {
        let both = [found, compiled.environment(Some(other))];
        let [Some(one), Some(other)] =
            both.map(|index| Some(&compiled.environments.get(index?)?.name))
        else {
            return Err(unknown_environment(compiled, &known()));
        };
        let detail = format!(
            "the call names {one} and, in a header Wharf-Environment, {other}; send one of the two"
        );
        return Err(Problem::refused(Code::EnvironmentUnclear, detail));
    }
    let found = found.and_then(|index| integration.environments.get(index));
    let environment = found.ok_or_else(|| match named {
        Some(_) => unknown_environment(compiled, &known()),
        None => Problem::refused(
            Code::EnvironmentNeeded,
            format!(
                "{0} has no default environment; call /{0}@ENVIRONMENT/… or send Wharf-Environment; it has: {1}",
                compiled.id,
                known()
            ),
        ),
    })?;
    if environment.origin.is_some() {
        return Ok(environment);
    }
    Err(not_callable(compiled, &environment.compiled))
}

fn value_of(header: &HeaderValue) -> &str {
    header.to_str().unwrap_or_default()
}

fn unknown_environment(integration: &CompiledIntegration, known: &str) -> Problem {
    Problem::refused(
        Code::UnknownEnvironment,
        format!(
            "{} has no such environment; it has: {known}",
            integration.id
        ),
    )
}

/// Why no call can go to an environment.
fn not_callable(integration: &CompiledIntegration, environment: &CompiledEnvironment) -> Problem {
    let (id, name) = (&integration.id, &environment.name);
    let Some(connection) = &environment.connection else {
        let detail = format!(
            "the Environments table of {id} gives no usable endpoint for {name}; fill it in"
        );
        return Problem::refused(Code::EnvironmentNotConfigured, detail);
    };
    let detail = if connection.is_socket() {
        format!(
            "{id}@{name} is a local socket, and calls go over the network only; connect to {connection} directly"
        )
    } else {
        format!(
            "{id}@{name} does not speak HTTP, so no call can go there; connect to {connection} directly"
        )
    };
    Problem::refused(Code::EnvironmentNotHttp, detail)
}

/// Reads `Wharf-Timeout`: seconds, with or without `s`, or milliseconds with `ms`.
pub(crate) fn deadline(value: &str) -> Result<Duration, Problem> {
    let value = value.trim();
    let (number, scale) = match value.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (value.strip_suffix('s').unwrap_or(value), 1.0),
    };
    let seconds = plain_number(number.trim()).map(|number| number * scale);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    // What is too small to be told from zero would end every call at once.
    let valid = time.filter(|time| !time.is_zero() && *time <= LONGEST_CALL);
    valid.ok_or_else(|| {
        Problem::refused(
            Code::BadTimeout,
            "Wharf-Timeout is a time above zero and up to one hour, such as `2.5`, `30s` or `800ms`",
        )
    })
}

/// Reads digits, with more of them behind a point: no sign, no exponent, no word.
fn plain_number(text: &str) -> Option<f64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(whole) && is_digits(decimals)).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests;
