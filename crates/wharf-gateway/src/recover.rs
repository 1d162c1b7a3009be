//! Phase 8: try again, wait, or give up.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use wharf_document::model::Verb;
use wharf_policy::retry::{self, Decision, Failure, Repeatable, Sent, Stop};

use crate::call::Call;
use crate::caller::{Caller, LOOK};
use crate::classify::Verdict;
use crate::credential::CredentialState;
use crate::phase::Phase;
use crate::target::Target;
use crate::trace::Clock;

/// What happens after a failed attempt.
pub(crate) enum Next {
    /// Wait, then try again.
    Retry {
        after: Duration,
        vendor_decided: bool,
    },
    /// Try again at once with a credential that changed.
    Replay,
    /// Send it again at once: its connection took it and did not pass it on.
    Anew,
    /// The outcome stands.
    Stop(Stop),
}

impl Next {
    /// For traces.
    fn describe(&self, verdict: &Verdict<'_>, repeatable: Repeatable) -> (String, String) {
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
            Self::Anew => (
                "send again".to_owned(),
                repeatable.safety(verdict.sent).reason().to_owned(),
            ),
            Self::Stop(stop) => ("give up".to_owned(), stop.to_string()),
        }
    }
}

/// What was tried already.
#[derive(Default)]
pub(crate) struct Progress {
    retries: u32,
    /// The call was replayed with a new credential.
    replayed: bool,
    /// It was sent again since its connection said that it had not been processed.
    sent_anew: bool,
}

/// Phase 8, up to the wait: what is to be done after `verdict`. `used`: what the attempt was
/// authorised with.
pub(crate) async fn phase(
    call: &Call,
    used: &CredentialState,
    verdict: &Verdict<'_>,
    progress: &mut Progress,
    clock: &mut Clock<'_>,
) -> Next {
    let next = next(call, used, verdict, progress).await;
    match &next {
        Next::Stop(_) => clock.done(Phase::Recover, || {
            next.describe(verdict, call.inbound.repeatable)
        }),
        Next::Replay => progress.replayed = true,
        Next::Anew => progress.sent_anew = true,
        Next::Retry { .. } => progress.retries += 1,
    }
    next
}

/// The rest of phase 8: waits until the next attempt is due, or its caller is removed.
pub(crate) async fn wait(next: Next, verdict: &Verdict<'_>, call: &Call, clock: &mut Clock<'_>) {
    if let Next::Retry { after, .. } = &next {
        rest(*after, &call.inbound.caller).await;
    }
    clock.done(Phase::Recover, || {
        next.describe(verdict, call.inbound.repeatable)
    });
}

/// Waits, and not to the end for a caller that was removed: no attempt follows.
async fn rest(time: Duration, caller: &Caller) {
    let mut now = Instant::now();
    let until = now + time;
    while now < until && !caller.is_removed() {
        sleep_until(until.min(now + LOOK)).await;
        now = Instant::now();
    }
}

/// Decides, and fetches the credential again where the document says so.
async fn next(
    call: &Call,
    used: &CredentialState,
    verdict: &Verdict<'_>,
    progress: &Progress,
) -> Next {
    let (target, body) = (&call.target, &call.inbound.body);
    // A server that closes a connection in order says so of the requests that come too late. That is
    // no outcome of the call: it went over a connection that was at its end. Once, and within the
    // budget, since a vendor may say it of all.
    if verdict.sent == Sent::NotProcessed
        && !progress.sent_anew
        && body.lost().is_none()
        && target.environment.budget.withdraw()
    {
        return Next::Anew;
    }
    let safety = call.inbound.repeatable.safety(verdict.sent);
    let rotate = verdict.says(Verb::RotateKey) || verdict.says(Verb::RefreshToken);
    if rotate && !progress.replayed {
        let changed = fetch_again(target, used).await;
        if changed && safety.is_safe() && body.lost().is_none() {
            return Next::Replay;
        }
    }
    let failure = Failure {
        status: verdict.status,
        row_asks: verdict.says(Verb::Retry),
        row_forbids: verdict.row.is_some_and(|row| row.specific) && !verdict.says(Verb::Retry),
        advice: verdict.advice,
        safety,
        body_lost: body.lost(),
        wait_at_least: verdict.wait_at_least,
    };
    let progress = retry::Progress {
        retries: progress.retries,
        remaining: call.deadline.at.saturating_duration_since(Instant::now()),
        random: fastrand::f64(),
    };
    match target
        .settings()
        .retry
        .decide(failure, progress, || target.environment.budget.withdraw())
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
    let credential = &target.environment.credential;
    // A call that was refused a moment ago has fetched it already.
    if credential.load_full().replaces(used) {
        return true;
    }
    credential.refresh().await;
    credential.load_full().replaces(used)
}
