//! Phase 8: try again, wait, or give up.

use std::time::Duration;

use tokio::time::Instant;
use wharf_document::model::Verb;
use wharf_policy::retry::{Decision, Failure, Progress, Repeatable, Stop};

use crate::authorise::CredentialState;
use crate::body::CallBody;
use crate::classify::Verdict;
use crate::matching::Target;

/// What happens after a failed attempt.
pub(crate) enum Next {
    /// Wait, then try again.
    Retry {
        after: Duration,
        vendor_decided: bool,
    },
    /// Try again at once with a credential that changed.
    Replay,
    /// The outcome stands.
    Stop(Stop),
}

impl Next {
    /// For traces.
    pub(crate) fn describe(
        &self,
        verdict: &Verdict<'_>,
        repeatable: Repeatable,
    ) -> (String, String) {
        match self {
            Self::Retry {
                after,
                vendor_decided,
            } => (
                format!("retry in {:.3} s", after.as_secs_f64()),
                if *vendor_decided {
                    "the vendor names the wait".to_owned()
                } else {
                    repeatable.safety(verdict.sent).reason().to_owned()
                },
            ),
            Self::Replay => (
                "replay once".to_owned(),
                "the credential changed".to_owned(),
            ),
            Self::Stop(stop) => ("give up".to_owned(), stop.to_string()),
        }
    }
}

/// What the decision is about, beside the verdict.
pub(crate) struct Situation<'a> {
    pub(crate) target: &'a Target,
    /// What the attempt was authorised with.
    pub(crate) used: &'a CredentialState,
    pub(crate) body: &'a CallBody,
    pub(crate) repeatable: Repeatable,
    pub(crate) retries: u32,
    pub(crate) deadline: Instant,
    /// The call was replayed with a new credential already.
    pub(crate) replayed: bool,
}

/// Decides, and fetches the credential again where the document says so.
pub(crate) async fn next(verdict: &Verdict<'_>, situation: &Situation<'_>) -> Next {
    let target = situation.target;
    let safety = situation.repeatable.safety(verdict.sent);
    let rotate = verdict.says(Verb::RotateKey) || verdict.says(Verb::RefreshToken);
    if rotate && !situation.replayed {
        let changed = fetch_again(target, situation.used).await;
        if changed && safety.is_safe() && situation.body.lost().is_none() {
            return Next::Replay;
        }
    }
    let failure = Failure {
        status: verdict.status,
        row_asks: verdict.says(Verb::Retry),
        row_forbids: verdict.row.is_some_and(|row| row.specific) && !verdict.says(Verb::Retry),
        advice: verdict.advice,
        safety,
        body_lost: situation.body.lost(),
        wait_at_least: verdict.wait_at_least,
    };
    let progress = Progress {
        retries: situation.retries,
        remaining: situation.deadline.saturating_duration_since(Instant::now()),
        random: fastrand::f64(),
    };
    let integration = &target.integration;
    match target
        .settings()
        .retry
        .decide(failure, progress, || integration.budget.withdraw())
    {
        Decision::Retry {
            after,
            vendor_decided,
        } => Next::Retry {
            after,
            vendor_decided,
        },
        Decision::Stop(stop) => Next::Stop(stop),
    }
}

/// Fetches the credential of a target; says whether it is another one than was used.
async fn fetch_again(target: &Target, used: &CredentialState) -> bool {
    let credential = &target.environment().credential;
    // A call that was refused a moment ago has fetched it already.
    if credential.load_full().replaces(used) {
        return true;
    }
    credential.refresh().await;
    credential.load_full().replaces(used)
}
