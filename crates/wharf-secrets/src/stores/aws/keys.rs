//! The life of AWS's keys: found by one search for all secrets, kept until five minutes before their
//! end, used on while they last where their source is away.
//!
//! Nothing runs by itself here: keys are looked after by whoever asks for them next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use super::error::{AwsAsked, AwsError};
use super::neighbours::OF_INSTANCE;
use super::sources::{Found, Search, Sources};
use crate::exchange::Failure;
use crate::sign::aws4::AwsKeys;
use crate::stores::aside;
use crate::stores::file::Stamp;

/// Keys are replaced so long before their end; those that last less than twice as long, at half.
const AHEAD: Duration = Duration::from_secs(300);

/// How long keys that an instance gives behind their end are used: its service may be behind, and AWS
/// may still take them. They are asked for anew meanwhile.
const OUTLIVED: Duration = Duration::from_secs(600);

/// After a search that failed, until the next one. It doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause between searches that fail.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Longest pause between searches that a refusal leads to, as long as they give the same keys.
const LONGEST_IN_VAIN: Duration = Duration::from_secs(300);

/// Keys while they are used.
pub(super) struct Pass {
    pub(super) keys: AwsKeys,
    pub(super) source_name: &'static str,
    number: u64,
}

/// The keys that all requests share.
pub(super) struct Purse {
    pub(super) sources: Sources,
    /// Held while somebody searches, so that all others wait for that one search.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Counts keys.
    number: u64,
    /// Why the last search failed, and until when there is no other.
    failed: Option<(Instant, AwsError)>,
    /// Searches that failed in a row.
    failures: u32,
    in_vain_until: Option<Instant>,
    in_vain: u32,
}

struct Held {
    pass: Arc<Pass>,
    /// `None`: never.
    renew_at: Option<Instant>,
    end: Option<Instant>,
    /// AWS's files before they were read, where the keys depend on them.
    stamps: Option<Stamps>,
}

type Stamps = [Option<Stamp>; 2];

impl Purse {
    pub(super) fn new(sources: Sources) -> Self {
        Self {
            sources,
            state: Mutex::default(),
        }
    }

    /// The keys to use now.
    pub(super) async fn pass(&self, search: Search<'_>) -> Result<Arc<Pass>, AwsError> {
        let mut state = self.lock(search).await?;
        let now = Instant::now();
        let lasting = state
            .held
            .as_ref()
            .filter(|h| h.end.is_none_or(|end| now < end));
        let Some(held) = lasting else {
            return self.enter(&mut state, search).await;
        };
        let pass = Arc::clone(&held.pass);
        let is_due = held.renew_at.is_some_and(|at| at <= now);
        let is_changed = match held.stamps {
            Some(stamps) => stamps != self.stamps().await,
            None => false,
        };
        if !is_due && !is_changed {
            return Ok(pass);
        }
        // What follows needs time too.
        let deadline = now + search.deadline.saturating_duration_since(now) / 2;
        let entered = self.enter(&mut state, Search { deadline, ..search }).await;
        entered.or_else(|error| {
            tracing::debug!(%error, "keys for AWS were not renewed, and are used on");
            Ok(pass)
        })
    }

    /// What a refusal means for keys: other keys, where there are some now.
    pub(super) async fn refused(
        &self,
        pass: &Pass,
        search: Search<'_>,
    ) -> Result<Option<Arc<Pass>>, AwsError> {
        let mut state = self.lock(search).await?;
        let now = Instant::now();
        if let Some(held) = state.held.as_ref().filter(|h| h.pass.number != pass.number) {
            return Ok(Some(Arc::clone(&held.pass)));
        }
        if state.in_vain_until.is_some_and(|until| now < until) {
            return Ok(None);
        }
        state.in_vain = state.in_vain.saturating_add(1);
        state.in_vain_until = Some(now + doubled(state.in_vain, LONGEST_IN_VAIN));
        let other = self.enter(&mut state, search).await?;
        if other.keys.are(&pass.keys) {
            return Ok(None);
        }
        Ok(Some(other))
    }

    /// Keys were taken. While somebody searches this is let be: no answer waits for it.
    pub(super) fn accepted(&self) {
        if let Ok(mut state) = self.state.try_lock() {
            state.in_vain = 0;
            state.in_vain_until = None;
        }
    }

    async fn lock(&self, search: Search<'_>) -> Result<MutexGuard<'_, State>, AwsError> {
        let locked = timeout_at(search.deadline, self.state.lock()).await;
        locked.map_err(|_| AwsError::NoAnswer {
            at: AwsAsked::source("AWS", search.region),
            failure: Failure::NotSent("a search for keys is under way for too long".to_owned()),
        })
    }

    async fn stamps(&self) -> Stamps {
        let files = self.sources.files.clone();
        aside(move || files.stamps()).await.unwrap_or_default()
    }

    /// Searches, unless that failed a moment ago.
    async fn enter(&self, state: &mut State, search: Search<'_>) -> Result<Arc<Pass>, AwsError> {
        if let Some((until, error)) = &state.failed
            && Instant::now() < *until
        {
            return Err(error.clone());
        }
        let stamps = self.stamps().await;
        match self.sources.find(search).await {
            Ok(found) => {
                state.failed = None;
                state.failures = 0;
                tracing::debug!(source = found.source_name, "keys for AWS were found");
                Ok(state.hold(found, stamps, search))
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                let until = Instant::now() + doubled(state.failures, LONGEST_PAUSE);
                state.failed = Some((until, error.clone()));
                Err(error)
            }
        }
    }
}

impl State {
    fn hold(&mut self, found: Found, stamps: Stamps, search: Search<'_>) -> Arc<Pass> {
        self.number += 1;
        let now = Instant::now();
        let term = found.expires.map(|expires| {
            let left = expires.duration_since(search.wire.now());
            match Duration::try_from(left) {
                Ok(left) if !left.is_zero() => left,
                _ if found.source_name == OF_INSTANCE => OUTLIVED,
                _ => Duration::ZERO,
            }
        });
        let pass = Arc::new(Pass {
            keys: found.keys,
            source_name: found.source_name,
            number: self.number,
        });
        self.held = Some(Held {
            pass: Arc::clone(&pass),
            // The clock may not count as far as a year that somebody made up.
            renew_at: term
                .and_then(|term| now.checked_add(term.saturating_sub(AHEAD).max(term / 2))),
            end: term.and_then(|term| now.checked_add(term)),
            stamps: found.is_of_files.then_some(stamps),
        });
        pass
    }
}

/// The pause behind so many failures.
fn doubled(failures: u32, longest: Duration) -> Duration {
    let times = 1_u32 << failures.saturating_sub(1).min(16);
    FIRST_PAUSE.saturating_mul(times).min(longest)
}
