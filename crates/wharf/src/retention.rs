//! What is kept too long, or is too much, is taken away: events, records of calls, notices and runs of
//! procedures. One task does all of it, one after the other.
//!
//! By age once an hour, and at the start; the store takes a day of it away with each run, so that a
//! clock that is wrong takes little. By bytes every [`LOOK`], where something came since. So a bound
//! in bytes is overrun by what comes in that time and while the log does it: at 218 MiB/s of events
//! 190 MiB were measured, at 18 MiB/s 3 MiB. What is written always stays, a segment or a file.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use wharf_store::{Name, Retained, Store, Unavailable};
use wharf_workspace::settings::{Kept, Settings};

use crate::notices::{self, Teller};

/// Time between two looks for what is too old.
const AGE_LOOK: Duration = Duration::from_secs(3_600);

/// Time between two looks for what is too much. Nothing is asked where nothing came since.
const LOOK: Duration = Duration::from_millis(500);

/// How long the end of the process waits for what is under way: a thing that is asked of the log and
/// takes milliseconds, unless the disk hangs.
const GRACE: Duration = Duration::from_secs(1);

/// How long notices are kept after they were told last.
const NOTICE_DAYS: i64 = 90;

/// How long runs of procedures are kept after their end.
const RUN_DAYS: i64 = 400;

/// How long and how much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    events: Kept,
    calls: Kept,
}

impl Bounds {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            events: settings.events_kept(),
            calls: settings.calls_kept(),
        }
    }
}

/// Takes away what is not to be kept.
pub(crate) struct Retention {
    store: Store,
    bounds: Bounds,
    teller: Teller,
    /// What had come when there was last a look for what is too much.
    seen: Seen,
    /// Bytes that went since it was last logged.
    gone: Gone,
    /// Why something could not be taken away, by what it is.
    problems: BTreeMap<&'static str, String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    events: Option<u64>,
    calls: u64,
}

#[derive(Clone, Copy, Default)]
struct Gone {
    events: u64,
    calls: u64,
}

impl Retention {
    pub(crate) fn new(store: Store, bounds: Bounds, teller: Teller) -> Self {
        Self {
            store,
            bounds,
            teller,
            seen: Seen::default(),
            gone: Gone::default(),
            problems: BTreeMap::new(),
        }
    }

    /// Works until `stop`, and then ends what is under way, for which it takes [`GRACE`] at most. What
    /// is dropped then is taken up by the next start; that a handler never got an event may be told
    /// nowhere then.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut hours = tokio::time::interval(AGE_LOOK);
        let mut looks = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
        for ticks in [&mut hours, &mut looks] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            let is_by_age = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = hours.tick() => true,
                _ = looks.tick() => false,
            };
            let look = self.look(is_by_age, Timestamp::now());
            if unless_late(look, &stop).await.is_none() {
                return;
            }
        }
    }

    /// Looks once for what is too much, and, where that is wanted, for what is too old.
    async fn look(&mut self, is_by_age: bool, now: Timestamp) {
        let seen = self.seen();
        if is_by_age || seen.events != self.seen.events {
            self.events(is_by_age, now).await;
        }
        if is_by_age || seen.calls != self.seen.calls {
            self.calls(is_by_age, now).await;
        }
        self.seen = seen;
        if is_by_age {
            self.records(now).await;
            self.log_gone();
        }
    }

    /// What has come so far. Of records of calls those of this process: the others' are looked at
    /// once an hour.
    fn seen(&self) -> Seen {
        let news = self.store.events().news();
        Seen {
            events: news.ok().map(|news| *news.borrow()),
            calls: self.store.calls().counts().kept,
        }
    }

    async fn events(&mut self, is_by_age: bool, now: Timestamp) {
        let Kept { age, bytes } = self.bounds.events;
        let retention = wharf_store::Retention {
            age: if is_by_age { age } else { Duration::MAX },
            bytes,
        };
        let retained = self.store.retain(retention, now).await;
        if let Some(retained) = self.settled("events", retained) {
            self.gone.events += retained.bytes;
            self.tell_undelivered(&retained, now);
        }
    }

    fn tell_undelivered(&self, retained: &Retained, now: Timestamp) {
        let mut counts: BTreeMap<&Name, u64> = BTreeMap::new();
        for undelivered in &retained.undelivered {
            *counts.entry(&undelivered.handler).or_default() += undelivered.count;
        }
        let bytes = self.bounds.events.bytes;
        for (handler, count) in counts {
            let handler = handler.as_str();
            tracing::error!(
                handler,
                count,
                "{}",
                notices::undelivered_words(handler, count, bytes)
            );
            match notices::undelivered(handler, count, bytes, now) {
                Ok(notice) => self.teller.tell(notice),
                Err(error) => tracing::error!(%error, "no notice of it is kept"),
            }
        }
    }

    async fn calls(&mut self, is_by_age: bool, now: Timestamp) {
        let Kept { age, bytes } = self.bounds.calls;
        let age = SignedDuration::try_from(age).ok().filter(|_| is_by_age);
        let before = age.and_then(|age| now.saturating_sub(age).ok());
        let before = before.unwrap_or(Timestamp::MIN);
        let gone = self.store.calls().retain(bytes, before).await;
        if let Some(gone) = self.settled("records of calls", gone) {
            self.gone.calls += gone;
        }
    }

    async fn records(&mut self, now: Timestamp) {
        let before = |days| {
            let age = SignedDuration::from_hours(24 * days);
            now.saturating_sub(age).unwrap_or(Timestamp::MIN)
        };
        let records = self.store.records();
        let notices = records.retain_notices(before(NOTICE_DAYS)).await;
        let runs = records.retain_runs(before(RUN_DAYS)).await;
        self.settled("notices", notices);
        self.settled("procedures", runs);
    }

    /// What came of it, where something did. Why nothing did is logged once.
    fn settled<T>(&mut self, what: &'static str, done: Result<T, Unavailable>) -> Option<T> {
        let error = match done {
            Ok(done) => {
                self.problems.remove(what);
                return Some(done);
            }
            // Whoever watches the state, or has the log, tells of it.
            Err(Unavailable::Moved { .. } | Unavailable::LogNotOwned { .. }) => return None,
            Err(error) => format!("{:#}", anyhow::Error::from(error)),
        };
        if self.problems.get(what) != Some(&error) {
            tracing::warn!("old {what} are kept for now, and it is tried again: {error}");
            self.problems.insert(what, error);
        }
        None
    }

    fn log_gone(&mut self) {
        let Gone { events, calls } = std::mem::take(&mut self.gone);
        if events + calls > 0 {
            tracing::info!(
                events_bytes = events,
                calls_bytes = calls,
                "what was too old or too much was taken away"
            );
        }
    }
}

/// Does something to its end, but for what takes longer than [`GRACE`] after `stop`: that is dropped.
async fn unless_late<T>(work: impl Future<Output = T>, stop: &CancellationToken) -> Option<T> {
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        done = work => Some(done),
        () = late => None,
    }
}

#[cfg(test)]
mod tests;
