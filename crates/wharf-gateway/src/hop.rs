//! One request on its way to one target, with that target's credential.
//!
//! Attempts and replays are hops. What is put in for one target is never seen by another.

use std::sync::Arc;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri};

use crate::credential::CredentialState;
use crate::inbound::Inbound;

use crate::problem::{Code, Problem};
use crate::target::Target;

/// What is sent, but for its body.
pub(crate) struct Hop {
    pub(crate) method: Method,
    /// With the credential.
    pub(crate) headers: HeaderMap,
    /// Path and query at the target, with the credential.
    pub(crate) uri: Uri,
}

impl Hop {
    /// Makes a caller's request into one for `target`.
    pub(crate) fn new(
        inbound: &Inbound,
        target: &Target,
        credential: &Arc<CredentialState>,
    ) -> Result<Self, Problem> {
        let mut headers = with_room(&inbound.headers);
        if let Some((name, value)) = &target.settings().version_header
            && !headers.contains_key(name)
        {
            headers.insert(name.clone(), value.clone());
        }
        credential.put_into(&mut headers)?;
        let uri = uri(
            target.base_path(),
            inbound.asked.rest(),
            inbound.asked.query(),
            credential,
        )
        .ok_or_else(|| {
            Problem::refused(Code::PathNotAllowed, "the path is not a valid URL path")
        })?;
        Ok(Self {
            method: inbound.method.clone(),
            headers,
            uri,
        })
    }
}

/// What is put into a request for its target: the host, credentials, a version.
const ADDED: usize = 4;

/// A copy that takes what is added without being moved: a clone has room for nothing more.
fn with_room(headers: &HeaderMap) -> HeaderMap {
    let mut copy = HeaderMap::with_capacity(headers.len() + ADDED);
    for (name, value) in headers {
        copy.append(name.clone(), value.clone());
    }
    copy
}

/// The path and query a request has at the vendor. `query` is what the caller sent; one that is
/// there and empty stays, since signatures and some servers tell it from none.
fn uri(
    base_path: &str,
    rest: &str,
    query: Option<&str>,
    credential: &CredentialState,
) -> Option<Uri> {
    let extra = credential.query();
    let asked = query.unwrap_or_default();
    let has_query = query.is_some() || extra.is_some();
    let has_both = !asked.is_empty() && extra.is_some();
    let target = [
        base_path,
        rest,
        if has_query { "?" } else { "" },
        asked,
        if has_both { "&" } else { "" },
        extra.unwrap_or_default(),
    ];
    // Of exactly its length, so that it is allocated once.
    let target = PathAndQuery::from_maybe_shared(Bytes::from(target.concat())).ok()?;
    Some(Uri::from(target))
}
