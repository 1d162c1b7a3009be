//! One request on its way to one target, with that target's credential.
//!
//! Attempts and replays are hops. What is put in for one target is never seen by another.

use std::sync::Arc;

use http::{HeaderMap, Method, Uri};

use crate::authorise::CredentialState;
use crate::dispatch;
use crate::inbound::Inbound;
use crate::matching::Target;
use crate::problem::{Code, Problem};

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
        let uri = dispatch::uri(
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
