//! What a caller sent, cleaned of what concerns only its connection to us.
//!
//! It never changes after the call began, and never holds a secret of a vendor: those go into a
//! [`Hop`](crate::hop::Hop), which is made anew for each attempt.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri, request};
use wharf_plan::CompiledPlacement;
use wharf_policy::retry::Repeatable;

use crate::address::Address;
use crate::body::{Allowance, CallBody};
use crate::call::Arrived;
use crate::caller::Caller;
use crate::headers::{self, Kind};
use crate::identify;
use crate::matching;
use crate::problem::Problem;
use crate::snapshot::Shared;
use crate::target::Target;
use crate::token::{Token, TrailerRules};

/// How a call reached us.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CameOver {
    /// It began inside the program.
    Nothing,
    /// A connection, to this address of ours where it is known.
    Connection(Option<SocketAddr>),
}

/// Where a request came to: the host it names, and the address of ours.
pub(crate) struct Reached {
    pub(crate) host: Option<HeaderValue>,
    pub(crate) here: Option<SocketAddr>,
}

impl Reached {
    /// Refuses a request whose host is none.
    pub(crate) fn of(head: &request::Parts, came_over: CameOver) -> Result<Self, Problem> {
        Ok(Self {
            host: matching::host(head, came_over)?,
            here: match came_over {
                CameOver::Connection(here) => here,
                CameOver::Nothing => None,
            },
        })
    }
}

/// Path and query of a request below its integration, without copying them where nothing is
/// changed.
#[derive(Debug)]
pub(crate) struct Asked {
    /// As the caller sent it.
    uri: Uri,
    /// Where the path below the integration begins. At its end, nothing stands there.
    rest_from: usize,
    /// Nothing stands there, and the vendor's path must not be empty.
    is_root: bool,
    /// Without the caller's token, where that stood in it.
    cleaned: Option<String>,
}

impl Asked {
    fn new(uri: Uri, target: &Target, placements: &[CompiledPlacement], token: &Token) -> Self {
        let rest = Address::of(&uri).rest;
        let query =
            identify::query_without_credentials(uri.query().unwrap_or_default(), placements, token);
        let cleaned = match query {
            Cow::Borrowed(_) => None,
            Cow::Owned(query) => Some(query),
        };
        Self {
            rest_from: uri.path().len() - rest.len(),
            is_root: rest.is_empty() && target.base_path().is_empty(),
            cleaned,
            uri,
        }
    }

    /// The path as the caller sent it, with the integration.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The path at the vendor, below its base: exactly the base's where the caller wrote nothing.
    pub(crate) fn rest(&self) -> &str {
        if self.is_root {
            return "/";
        }
        self.path().get(self.rest_from..).unwrap_or_default()
    }

    /// The query to pass on; `None` where the caller sent none, or only its token.
    pub(crate) fn query(&self) -> Option<&str> {
        let asked = self.uri.query()?;
        match &self.cleaned {
            None => Some(asked),
            Some(cleaned) => Some(cleaned.as_str()).filter(|cleaned| !cleaned.is_empty()),
        }
    }
}

/// Who calls, and by which token.
#[derive(Debug)]
pub(crate) struct Identified {
    pub(crate) caller: Arc<Caller>,
    pub(crate) token: Token,
}

/// One request of a caller whose token is known.
pub(crate) struct Inbound {
    pub(crate) caller: Arc<Caller>,
    pub(crate) method: Method,
    /// Without the caller's token, and without what belongs to one connection.
    pub(crate) headers: HeaderMap,
    pub(crate) reached: Reached,
    /// What is asked for at the vendor.
    pub(crate) asked: Asked,
    pub(crate) body: CallBody,
    pub(crate) repeatable: Repeatable,
}

impl Inbound {
    /// Takes in a request for `target`, without the token that it came with. Refuses one whose
    /// path holds the token.
    pub(crate) fn new(
        arrived: Arrived,
        identified: Identified,
        reached: Reached,
        target: &Target,
        shared: &Shared,
    ) -> Result<Self, Problem> {
        let Arrived {
            head, kinds, body, ..
        } = arrived;
        let Identified { caller, token } = identified;
        let compiled = target.integration();
        let asked = Asked::new(head.uri, target, &compiled.placements, &token);
        if token.stands_in(asked.rest().as_bytes()) {
            return Err(matching::token_in_path());
        }
        let mut headers = head.headers;
        identify::remove_credentials(&mut headers, &compiled.credential_headers);
        token.remove_from(&mut headers, kinds.has(Kind::Cookie));
        headers::clean_request(&mut headers, kinds, shared.simulated);
        // Behind the cleaning, which takes away how the caller's connection frames the body.
        headers::frame_request(&mut headers, kinds, body.size_hint().exact());
        let repeatable = Repeatable {
            method: head.method.is_idempotent(),
            operation: target.is_idempotent(),
            key: target
                .idempotency_headers()
                .any(|name| headers::is_given(&headers, name)),
        };
        let allowance = || Allowance {
            keep: target.may_repeat(),
            limit_bytes: target.settings().max_body_bytes,
            budget: &shared.kept,
            trailers: TrailerRules::new(Arc::clone(compiled), token),
        };
        Ok(Self {
            caller,
            method: head.method,
            headers,
            asked,
            reached,
            body: CallBody::new(body, allowance),
            repeatable,
        })
    }
}
