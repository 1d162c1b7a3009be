//! A call on its way, and what it is before it is one.

use std::sync::Arc;

use http::{Request, request};
use wharf_policy::retry::Sent;

use crate::body::CallerBody;
use crate::credential::CredentialState;
use crate::deadline::Deadline;
use crate::ended::Ended;
use crate::explain;
use crate::headers::{Kind, Kinds};
use crate::inbound::{CameOver, Inbound};
use crate::media_type::MediaType;
use crate::problem::Problem;
use crate::target::Target;

/// A request as it came, before anything is known of it.
pub(crate) struct Arrived {
    pub(crate) head: request::Parts,
    pub(crate) kinds: Kinds,
    pub(crate) body: CallerBody,
    pub(crate) came_over: CameOver,
}

impl Arrived {
    pub(crate) fn new(request: Request<CallerBody>, came_over: CameOver) -> Self {
        let (head, body) = request.into_parts();
        Self {
            kinds: Kinds::of_request(&head.headers),
            head,
            body,
            came_over,
        }
    }

    /// Under which its caller is told of a problem.
    pub(crate) fn media_type(&self) -> MediaType {
        if self.kinds.has(Kind::Negotiation) {
            MediaType::wanted(&self.head.headers)
        } else {
            MediaType::Problem
        }
    }
}

/// A call once it is matched: what the caller sent, where it goes, and how far it has come.
pub(crate) struct Call {
    pub(crate) inbound: Inbound,
    pub(crate) target: Target,
    pub(crate) deadline: Deadline,
    /// What the last attempt was authorised with.
    pub(crate) used: Option<Arc<CredentialState>>,
    pub(crate) ended: Box<Ended>,
}

impl Call {
    /// For traces: what is called, and what is asked for there.
    pub(crate) fn describe(&self) -> (String, String) {
        let (target, inbound) = (&self.target, &self.inbound);
        let id = &target.integration().id;
        (
            format!(
                "{id}@{} {}",
                target.environment_name(),
                target.operation_id()
            ),
            format!("{} {}", inbound.method, inbound.asked.rest()),
        )
    }

    /// Nothing is sent for, and nothing given to, a caller that was removed since the call began.
    pub(crate) fn ensure_let_in(&self, sent: Sent) -> Result<(), Problem> {
        if self.inbound.caller.is_removed() {
            return Err(explain::caller_removed(&self.inbound, sent));
        }
        Ok(())
    }
}
