//! `/api/v1`: what changes the state of the running process, and what not everyone may read.
//!
//! Every path needs the token that the process made when it started, and no browser that shows a
//! page of another site gets anything: no answer lets such a page read it (CORS), and its requests
//! are refused before the token is looked at. docs/control-api.md has paths, bodies and bounds.

pub(crate) mod audit;
mod body;
pub(crate) mod callers;
mod origin;
mod problem;
pub(crate) mod store;
pub(crate) mod token;
pub mod wire;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{self, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use jiff::Timestamp;
use wharf_store::Actor;

use self::audit::Audit;
use self::callers::Callers;
use self::problem::{Kind, Refused};
use self::store::State;
use self::token::ControlToken;
use crate::problem::Problem;
use crate::refusals::{Reason, Teller};

/// Where the API is, its version included.
pub(crate) const PATH: &str = wire::PATH;

/// An answer that comes later. Dropped before, what it stands for is done or not, never half.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the API needs: one trait for each area, which whoever knows it fills.
pub struct Api {
    /// What every request must have.
    pub token: ControlToken,
    /// Who may call.
    pub callers: Arc<dyn Callers>,
    /// Who changed what.
    pub audit: Arc<dyn Audit>,
    /// What there is in the state.
    pub state: Arc<dyn State>,
}

/// The address that a connection came from.
#[derive(Clone, Copy)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

type Shared = Arc<Api>;

/// Every path below [`PATH`], behind the checks.
pub(crate) fn router(api: Api, refusals: Arc<Teller>) -> Router {
    let api = Arc::new(api);
    Router::new()
        .route("/callers", get(callers::list).post(callers::add))
        .route("/callers/{name}", delete(callers::remove))
        .route("/callers/{name}/restore", post(callers::restore))
        .route("/audit", get(audit::list))
        .route("/store", get(store::show))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(middleware::from_fn_with_state(
            (Arc::clone(&api), refusals),
            guard,
        ))
        .with_state(api)
}

/// Lets requests through that have the token and that no page of another site made a browser send.
async fn guard(
    extract::State((api, refusals)): extract::State<(Shared, Arc<Teller>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match check(&api.token, &mut request) {
        Ok(()) => next.run(request).await,
        Err((reason, refused)) => {
            if let Some(reason) = reason {
                refusals.tell(reason, &request);
            }
            refused.into_response()
        }
    };
    // By it a client knows that it does not talk with something else that took the port.
    let version = HeaderValue::from_static(wire::VERSION);
    response.headers_mut().insert(wire::HEADER, version);
    response
}

fn check(token: &ControlToken, request: &mut Request) -> Result<(), (Option<Reason>, Refused)> {
    let headers = request.headers();
    origin::check(headers).map_err(|refused| (Some(Reason::Origin), refused))?;
    if !is_authorised(token, headers) {
        let detail = "Send the token that control.json in the state folder holds, as \
                      `Authorization: Bearer TOKEN`. Each start makes a new one.";
        return Err((Some(Reason::Token), Kind::TokenRefused.because(detail)));
    }
    // As the store keeps it, so that what is told is what is found.
    let now = Timestamp::now();
    let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    ensure_in_time(headers, now).map_err(|refused| (None, refused))?;
    let attempt = attempt(request, now).map_err(|refused| (None, refused))?;
    request.extensions_mut().insert(attempt);
    Ok(())
}

fn is_authorised(token: &ControlToken, headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let value = value.as_bytes();
    let Some((scheme, presented)) = value.split_at_checked("Bearer ".len()) else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"Bearer ") && token.is(presented)
}

/// Refuses what nobody waits for any more: a process that was stopped for a while finds requests
/// whose clients have told their users that nothing is known of them.
fn ensure_in_time(headers: &HeaderMap, now: Timestamp) -> Result<(), Refused> {
    let Some(until) = headers.get(wire::UNTIL) else {
        return Ok(());
    };
    let until = until.to_str().ok().and_then(|text| text.parse().ok());
    let Some(until) = until else {
        let detail = "Wharf-Until is no time; write it as 2026-01-05T10:00:00Z.";
        return Err(Kind::ParameterInvalid.because(detail));
    };
    if now > until {
        let detail = "The time in Wharf-Until is over, so nothing was done. Ask again.";
        return Err(Kind::Expired.because(detail));
    }
    Ok(())
}

/// Who asks and from where, for the audit record. The token says that it is somebody who may; the
/// name is what the client says of its user.
fn attempt(request: &Request, at: Timestamp) -> Result<Actor, Refused> {
    let who = match request.headers().get(wire::USER) {
        None => "not told".to_owned(),
        Some(user) => match user.to_str() {
            Ok(user) if !user.is_empty() && user.len() <= wire::USER_LIMIT_BYTES => user.to_owned(),
            _ => {
                let detail = format!(
                    "Wharf-User takes 1 to {} characters of ASCII.",
                    wire::USER_LIMIT_BYTES
                );
                return Err(Kind::ParameterInvalid.because(detail));
            }
        },
    };
    let peer = request.extensions().get::<PeerAddress>();
    let from = peer.map_or_else(
        || "control API".to_owned(),
        |peer| format!("control API, {}", peer.0.ip()),
    );
    Ok(Actor { at, who, from })
}

#[cfg(test)]
mod tests;
