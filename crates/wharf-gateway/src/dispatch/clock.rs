//! The time of one attempt: how long the vendor may think, and whose silence it was.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::{Broken, BrokenKind};
use crate::body::CallBody;
use crate::caller::{Caller, LOOK};
use crate::deadline::Deadline;
use wharf_policy::retry::Sent;

/// The clock of one attempt.
///
/// The vendor's time begins when the request was sent, so the clock starts anew with each piece
/// of the body. A caller that sends for an hour does not use up the vendor's seconds.
pub(crate) struct AttemptClock<'a> {
    started: Instant,
    timeout: Duration,
    deadline: Deadline,
    body: &'a CallBody,
    caller: &'a Caller,
}

impl<'a> AttemptClock<'a> {
    /// `now`: when the attempt begins.
    pub(crate) fn start(
        now: Instant,
        timeout: Duration,
        deadline: Deadline,
        body: &'a CallBody,
        caller: &'a Caller,
    ) -> Self {
        Self {
            started: now,
            timeout,
            deadline,
            body,
            caller,
        }
    }

    fn moved_at(&self) -> Instant {
        self.body
            .upload()
            .map_or(self.started, |upload| upload.moved_at.max(self.started))
    }

    /// The call's deadline, with the time that the upload took added.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline.later(self.moved_at() - self.started)
    }

    fn until(&self) -> Instant {
        (self.moved_at() + self.timeout).min(self.deadline().at)
    }

    /// Whether the time that the caller set is over.
    fn is_past_fixed_deadline(&self) -> bool {
        self.deadline.fixed && Instant::now() >= self.deadline.at
    }

    /// Waits for `future` for as long as the attempt may go on, and at most for `hold`. Nothing is
    /// waited for on behalf of a caller that was removed.
    pub(super) async fn within<F: Future>(
        &self,
        mut future: Pin<&mut F>,
        hold: Option<Duration>,
    ) -> Result<F::Output, Late> {
        let mut alarm = pin!(None::<Sleep>);
        let mut held_until = None;
        // From the start of the attempt, which is at hand. Where that look is due already, it is
        // made at once, and the next one counts from then.
        let mut look = self.started + LOOK;
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if let (None, Some(hold)) = (held_until, hold) {
                held_until = Some(Instant::now() + hold);
            }
            let limit = || held_until.map_or(self.until(), |held| held.min(self.until()));
            loop {
                if let Some(alarm) = alarm.as_mut().as_pin_mut() {
                    ready!(alarm.poll(cx));
                    let now = Instant::now();
                    // A piece of the body may have gone out meanwhile.
                    if limit() <= now || self.caller.is_removed() {
                        return Poll::Ready(Err(Late));
                    }
                    look = now + LOOK;
                }
                alarm.set(Some(sleep_until(limit().min(look))));
            }
        })
        .await
    }

    /// What it means that the time is over.
    pub(super) fn broken(&self, sent: Sent) -> Broken {
        let waits_for_caller = self
            .body
            .upload()
            .is_some_and(|upload| upload.waits_for_caller);
        let kind = if waits_for_caller && !self.is_past_fixed_deadline() {
            self.body.stalled();
            BrokenKind::CallerStalled(self.timeout)
        } else {
            BrokenKind::Timeout(self.until() - self.moved_at())
        };
        Broken { kind, sent }
    }
}

/// The time was over first.
pub(super) struct Late;
