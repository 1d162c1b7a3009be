//! What a caller sent, cleaned of what concerns only its connection to us.
//!
//! It never changes after the call began, and never holds a secret of a vendor: those go into a
//! [`Hop`](crate::hop::Hop), which is made anew for each attempt.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Uri};
use wharf_policy::retry::Repeatable;

use crate::body::CallBody;
use crate::identify::Caller;

/// One request of a caller whose token is known.
pub(crate) struct Inbound {
    pub(crate) caller: Arc<Caller>,
    pub(crate) method: Method,
    /// Without the caller's token, and without what belongs to one connection.
    pub(crate) headers: HeaderMap,
    /// As the caller sent it, and the host it was sent to.
    pub(crate) uri: Uri,
    pub(crate) host: Option<HeaderValue>,
    /// The path below the integration.
    pub(crate) rest: String,
    /// Without the caller's token.
    pub(crate) query: String,
    pub(crate) body: CallBody,
    pub(crate) repeatable: Repeatable,
}

impl Inbound {
    /// The query to pass on; `None` where the caller sent none, or only its token.
    pub(crate) fn query(&self) -> Option<&str> {
        let is_bare = self.uri.query() == Some("");
        Some(self.query.as_str()).filter(|query| !query.is_empty() || is_bare)
    }
}
