//! What happens when the service is out.

use std::time::Duration;

use wharf_diag::{Span, Spanned};

use super::IntegrationId;

/// The Disaster Recovery section.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// `Primary`, as written.
    pub primary: Option<Spanned<String>>,
    /// `Fallback`. `None`: there is none, or it is a placeholder.
    pub fallback: Option<Spanned<Fallback>>,
    /// Whether a line `Fallback` stands there and is a placeholder.
    pub fallback_open: bool,
    /// `Cache`: largest age of an answer during an outage.
    pub cache: Option<Spanned<Duration>>,
    /// Whether a line `Cache` stands there that could not be read.
    pub cache_open: bool,
    /// `Cache: none`: no answer is kept for an outage.
    pub cache_denied: Option<Span>,
    /// `Manual`, as written.
    pub manual: Option<Spanned<String>>,
    /// The table below: which operation stands in for which.
    pub operations: Vec<OperationMapping>,
    /// The table below: which environment of the fallback stands in for which of ours.
    pub environments: Vec<EnvironmentMapping>,
    /// Outage Procedure, in the document's order: the words of each step, and what the program
    /// makes of them.
    pub procedure: Vec<(Spanned<String>, Step)>,
}

/// What stands in for the service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fallback {
    /// Another integration, and one environment of it where the document names it.
    Integration {
        /// Whose operations are called.
        id: IntegrationId,
        /// The environment; the one of the same name where this is `None`.
        environment: Option<String>,
    },
    /// Something that the program cannot call.
    Words(String),
}

/// One row of the table of operations.
#[derive(Clone, Debug)]
pub struct OperationMapping {
    /// The id of an operation of this document.
    pub operation: Spanned<String>,
    /// The id of an operation of the fallback. `None`: it has none.
    pub fallback: Option<Spanned<String>>,
}

/// One row of the table of environments.
#[derive(Clone, Debug)]
pub struct EnvironmentMapping {
    /// An environment of this document.
    pub environment: Spanned<String>,
    /// An environment of the fallback.
    pub fallback: Spanned<String>,
}

/// One step of the Outage Procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `Detect via monitoring`.
    Detect,
    /// `Check vendor status page`.
    CheckVendorStatus,
    /// `Switch to fallback if > 5 min`.
    SwitchToFallback {
        /// How long the outage has to last; zero where the step names no time.
        after: Duration,
    },
    /// `Notify stakeholders`.
    Notify {
        /// The words behind `Notify`.
        whom: String,
    },
    /// `Document incident`.
    Document,
    /// A step for people.
    Other(String),
}

impl Recovery {
    /// How long an outage lasts before the procedure switches to the fallback.
    pub fn switch_after(&self) -> Option<Spanned<Duration>> {
        self.procedure.iter().find_map(|(words, step)| match step {
            Step::SwitchToFallback { after } => Some(Spanned::new(*after, words.span)),
            _ => None,
        })
    }
}
