//! What a caller sent, cleaned of what concerns only its connection to us.
//!
//! It never changes after the call began, and never holds a secret of a vendor: those go into a
//! [`Hop`](crate::hop::Hop), which is made anew for each attempt.

use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri, request};
use wharf_policy::retry::Repeatable;

use crate::body::{Allowance, CallBody, CallerBody};
use crate::headers;
use crate::identify::{self, Caller, Identified, TrailerRules};
use crate::matching::{self, Address, Target};
use crate::problem::Problem;
use crate::snapshot::Shared;

/// Marks a request that came over a connection, with the address of ours that it came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CameOver(pub(crate) Option<SocketAddr>);

/// Where a request came to: the host it names, and the address of ours.
pub(crate) struct Reached {
    pub(crate) host: Option<HeaderValue>,
    pub(crate) here: Option<SocketAddr>,
}

/// One request of a caller whose token is known.
pub(crate) struct Inbound {
    pub(crate) caller: Arc<Caller>,
    pub(crate) method: Method,
    /// Without the caller's token, and without what belongs to one connection.
    pub(crate) headers: HeaderMap,
    /// As the caller sent it.
    pub(crate) uri: Uri,
    pub(crate) reached: Reached,
    /// The path below the integration.
    pub(crate) rest: String,
    /// Without the caller's token.
    pub(crate) query: String,
    pub(crate) body: CallBody,
    pub(crate) repeatable: Repeatable,
}

impl Inbound {
    /// Takes in a request for `target`, without the token that it came with. Refuses one whose
    /// path holds the token.
    pub(crate) fn new(
        head: request::Parts,
        body: CallerBody,
        identified: Identified,
        reached: Reached,
        target: &Target,
        shared: &Shared,
    ) -> Result<Self, Problem> {
        let Identified { caller, token } = identified;
        let compiled = &target.integration.compiled;
        let rest = target.rest(Address::of(&head.uri).rest).to_owned();
        if token.stands_in(rest.as_bytes()) {
            return Err(matching::token_in_path());
        }
        let query = head.uri.query().unwrap_or_default();
        let query = identify::query_without_credentials(query, &compiled.placements, &token);
        let query = query.into_owned();
        let mut headers = head.headers;
        identify::remove_credentials(&mut headers, &compiled.placements);
        token.remove_from(&mut headers);
        headers::clean_request(&mut headers, shared.simulated);
        // Behind the cleaning, which takes away how the caller's connection frames the body.
        headers::frame_request(&mut headers, body.size_hint().exact());
        let repeatable = Repeatable {
            method: head.method.is_idempotent(),
            operation: target.is_idempotent(),
            key: compiled
                .idempotency_header
                .as_ref()
                .is_some_and(|name| headers::is_given(&headers, name)),
        };
        let allowance = || Allowance {
            keep: compiled.may_repeat(),
            limit_bytes: compiled.max_body_bytes,
            budget: &shared.kept,
            trailers: TrailerRules::new(&compiled.placements, token),
        };
        Ok(Self {
            caller,
            method: head.method,
            headers,
            uri: head.uri,
            reached,
            rest,
            query,
            body: CallBody::new(body, allowance),
            repeatable,
        })
    }

    /// The query to pass on; `None` where the caller sent none, or only its token.
    pub(crate) fn query(&self) -> Option<&str> {
        let is_bare = self.uri.query() == Some("");
        Some(self.query.as_str()).filter(|query| !query.is_empty() || is_bare)
    }
}
