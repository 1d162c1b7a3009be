//! Whether and when a call is tried again.
//!
//! Two questions are kept apart: may this request be sent twice at all ([`Repeatable::safety`]),
//! and does the document want another attempt now ([`Policy::decide`]).

use std::time::Duration;

/// How much of a request may have reached the vendor when an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Not one byte was written.
    Nothing,
    /// The connection itself said that the request was not processed (HTTP/2 `REFUSED_STREAM`, or
    /// a GOAWAY that leaves the request out).
    NotProcessed,
    /// Bytes were written; the vendor may have acted on them.
    Maybe,
}

impl Sent {
    /// The lower-case word used in problem documents and traces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::NotProcessed => "not_processed",
            Self::Maybe => "maybe",
        }
    }
}

/// What makes a request safe to repeat.
#[derive(Clone, Copy, Debug, Default)]
pub struct Repeatable {
    /// The method is idempotent (RFC 9110, 9.2.2).
    pub method: bool,
    /// The document marks the operation idempotent.
    pub operation: bool,
    /// The request carries an idempotency key that the vendor honours.
    pub key: bool,
}

/// The answer to "may this request be sent again?", with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It may.
    Safe(&'static str),
    /// It may not, whatever the document's tables say.
    Unsafe(&'static str),
}

impl Safety {
    /// Whether another attempt is allowed.
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Safe(_))
    }

    /// The reason, for traces.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Safe(reason) | Self::Unsafe(reason) => reason,
        }
    }
}

impl Repeatable {
    /// A ladder: the first rung that holds decides.
    pub const fn safety(self, sent: Sent) -> Safety {
        match sent {
            Sent::Nothing => Safety::Safe("nothing was sent"),
            Sent::NotProcessed => Safety::Safe("the vendor said it did not process the request"),
            Sent::Maybe if self.method => Safety::Safe("the method is idempotent"),
            Sent::Maybe if self.operation => {
                Safety::Safe("the document marks the operation idempotent")
            }
            Sent::Maybe if self.key => Safety::Safe("the request carries an idempotency key"),
            Sent::Maybe => {
                Safety::Unsafe("the request may have been processed and is not idempotent")
            }
        }
    }
}

/// What the document says about retries, compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Delay before each retry; the last repeats. Empty means no delay.
    pub delays: Vec<Duration>,
    /// Retries after the first attempt.
    pub max_retries: u32,
    /// Statuses that are retried.
    pub retry_on: Vec<u16>,
}

/// One failed attempt, as far as the decision needs it.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The status, when the vendor answered.
    pub status: Option<u16>,
    /// A Common Errors row of this status asks for `Retry`.
    pub row_asks: bool,
    /// A Common Errors row that tells this outcome from others, and not `Retry`, applies.
    pub row_forbids: bool,
    /// What the vendor says about sending the same request again.
    pub advice: Option<bool>,
    /// Whether repeating is safe.
    pub safety: Safety,
    /// Why the body is no more at hand in full; `None` where it is.
    pub body_lost: Option<BodyLost>,
    /// The vendor's wish (`Retry-After`), a floor for the delay.
    pub wait_at_least: Option<Duration>,
}

/// Why the body of a request cannot be sent a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLost {
    /// It is larger than what is kept of one call.
    TooLarge,
    /// What is kept of all calls together leaves no room for it.
    NoRoom,
    /// It did not come to its end.
    Broken,
    /// It was let go, since no other attempt was to follow.
    LetGo,
}

impl BodyLost {
    const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "the body was too large to keep for a retry",
            Self::NoRoom => "the bodies of other calls left no room to keep this one for a retry",
            Self::Broken => "the body did not come to its end",
            Self::LetGo => "the body was not kept, since no retry was to follow",
        }
    }
}

/// Where the call stands.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Retries made so far.
    pub retries: u32,
    /// Time left until the call's deadline.
    pub remaining: Duration,
    /// A number from 0 up to, not including, 1 that spreads the delays.
    pub random: f64,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Wait, then try again.
    Retry {
        /// The wait.
        after: Duration,
        /// Whether the vendor's wish decided the wait.
        vendor_decided: bool,
    },
    /// Do not try again.
    Stop(Stop),
}

/// Why there is no other attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The document does not retry this status.
    NotRetried,
    /// The vendor says that the same request must not be sent again.
    AdvisedAgainst,
    /// The number of retries is used up.
    RetriesSpent,
    /// The document allows none.
    NoneAllowed,
    /// The request must not be sent twice.
    NotSafe(&'static str),
    /// The body cannot be sent again.
    BodyNotKept(BodyLost),
    /// The wait would end behind the deadline.
    DeadlineTooClose {
        /// The wait that does not fit.
        wait: Duration,
    },
    /// Too many of the integration's calls are retries already.
    BudgetSpent,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotRetried => f.write_str("the document does not retry this outcome"),
            Self::AdvisedAgainst => {
                f.write_str("the vendor says that the request is not to be sent again")
            }
            Self::RetriesSpent => f.write_str("all retries are used up"),
            Self::NoneAllowed => f.write_str(
                "the document allows no retry: `max_retries` or `retry_attempts` is 0, or it has \
                 neither of them and no `retry_delays`",
            ),
            Self::NotSafe(reason) => write!(f, "not safe to repeat: {reason}"),
            Self::BodyNotKept(lost) => f.write_str(lost.as_str()),
            Self::DeadlineTooClose { wait } => {
                write!(
                    f,
                    "a wait of {:.3} s would end after the deadline",
                    wait.as_secs_f64()
                )
            }
            Self::BudgetSpent => f.write_str("the retry budget of the integration is spent"),
        }
    }
}

/// No call takes longer until the head of its answer, whatever its document says or its caller asks
/// for.
pub const LONGEST_CALL: Duration = Duration::from_secs(3_600);

/// The longest that a call can take until the head of its answer, where the caller sets no deadline
/// and the vendor asks for no longer waits: every attempt at its timeout, and every delay, but no
/// longer than [`LONGEST_CALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongestCall {
    /// The first attempt and every retry.
    pub attempts: u32,
    /// The delays before the retries, as the document gives them.
    pub delays: Duration,
    /// The same at their longest: each may be a fifth longer than the document says.
    pub spread_delays: Duration,
    /// Attempts and delays together, at most [`LONGEST_CALL`].
    pub total: Duration,
    /// Attempts and delays together would take longer than that.
    pub is_cut: bool,
}

impl LongestCall {
    /// Of calls whose attempts may take `attempt_timeout` each. The last of `delays` repeats.
    pub fn new(attempt_timeout: Duration, max_retries: u32, delays: &[Duration]) -> Self {
        let count = usize::try_from(max_retries).unwrap_or(usize::MAX);
        let own = delays.get(..count).unwrap_or(delays);
        // Not one by one: a document may ask for billions of retries.
        let repeats = max_retries.saturating_sub(u32::try_from(own.len()).unwrap_or(u32::MAX));
        let repeated = delays.last().copied().unwrap_or_default();
        let own = own
            .iter()
            .fold(Duration::ZERO, |sum, delay| sum.saturating_add(*delay));
        let delays = own.saturating_add(repeated.saturating_mul(repeats));
        let spread_delays = delays.saturating_add(delays / SPREAD_DIVISOR);
        let attempts = max_retries.saturating_add(1);
        let all = attempt_timeout
            .saturating_mul(attempts)
            .saturating_add(spread_delays);
        Self {
            attempts,
            delays,
            spread_delays,
            total: all.min(LONGEST_CALL),
            is_cut: all > LONGEST_CALL,
        }
    }
}

impl Policy {
    /// The longest call with this policy.
    pub fn longest_call(&self, attempt_timeout: Duration) -> LongestCall {
        LongestCall::new(attempt_timeout, self.max_retries, &self.delays)
    }

    /// Decides about the next attempt. The budget is asked last, so that it is only charged
    /// for retries that would really be made.
    pub fn decide(
        &self,
        failure: Failure,
        progress: Progress,
        budget: impl FnOnce() -> bool,
    ) -> Decision {
        if failure.advice == Some(false) {
            return Decision::Stop(Stop::AdvisedAgainst);
        }
        let listed = |status| self.retry_on.contains(&status);
        let asked = failure.row_asks || failure.advice == Some(true);
        let wanted = asked || failure.status.is_none_or(listed);
        if failure.row_forbids || !wanted {
            return Decision::Stop(Stop::NotRetried);
        }
        if self.max_retries == 0 {
            return Decision::Stop(Stop::NoneAllowed);
        }
        if progress.retries >= self.max_retries {
            return Decision::Stop(Stop::RetriesSpent);
        }
        if let Safety::Unsafe(reason) = failure.safety {
            return Decision::Stop(Stop::NotSafe(reason));
        }
        if let Some(lost) = failure.body_lost {
            return Decision::Stop(Stop::BodyNotKept(lost));
        }
        let own = spread(self.delay(progress.retries), progress.random);
        let floor = failure.wait_at_least.unwrap_or_default();
        let after = own.max(floor);
        if after >= progress.remaining {
            return Decision::Stop(Stop::DeadlineTooClose { wait: after });
        }
        if !budget() {
            return Decision::Stop(Stop::BudgetSpent);
        }
        Decision::Retry {
            after,
            vendor_decided: floor > own,
        }
    }

    fn delay(&self, retry: u32) -> Duration {
        let index = usize::try_from(retry).unwrap_or(usize::MAX);
        self.delays
            .get(index)
            .or_else(|| self.delays.last())
            .copied()
            .unwrap_or_default()
    }
}

/// A delay is made longer or shorter by up to this part of it: a fifth.
const SPREAD_DIVISOR: u32 = 5;

/// Spreads a delay over 80 % to 120 % of itself, so that callers that failed together do not
/// come back together.
fn spread(delay: Duration, random: f64) -> Duration {
    let part = 1.0 / f64::from(SPREAD_DIVISOR);
    delay.mul_f64(1.0 - part + 2.0 * part * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
