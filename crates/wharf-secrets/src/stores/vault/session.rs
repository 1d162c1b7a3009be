//! The life of a login: one for all secrets, kept while it lasts, made longer at two thirds of its
//! term, made anew when it cannot be.
//!
//! Nothing runs by itself here: a login is looked after by whoever asks for it next. Asking for
//! versions now and then keeps it alive.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use super::error::VaultError;
use super::login::{Door, Entry, Term, Unwrapped};
use super::proof::Proofs;
use super::settings::VaultLogin;
use super::wire::Wire;
use crate::exchange::Failure;
use crate::stores::file::Stamp;

/// After a login that failed, until the next one. It doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause where there was no answer: who comes back is to be found soon.
const LONGEST_UNANSWERED: Duration = Duration::from_secs(4);

/// Longest pause where a login was refused.
const LONGEST_REFUSED: Duration = Duration::from_secs(60);

/// Longest pause between logins that a refusal to read leads to, as long as they change nothing. Each
/// makes a token that the server keeps for its whole term.
const LONGEST_IN_VAIN: Duration = Duration::from_secs(3_600);

/// A token that was found to be good is not looked up again for so long.
const CONFIRMED: Duration = Duration::from_secs(1);

/// A term of less than this share of the one at login is about to meet the longest that the server
/// allows.
const WORTH_KEEPING: f64 = 0.5;

/// The login that all requests share.
pub(super) struct Session {
    login: VaultLogin,
    proofs: Proofs,
    /// Held while somebody logs in, so that all others wait for that one login.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// Counts tokens.
    number: u64,
    unwrapped: Option<Unwrapped>,
    /// Why the last login failed, and until when there is no other.
    failed: Option<(Instant, VaultError)>,
    /// Logins that failed in a row.
    failures: u32,
    /// When a refusal to read may next lead to a login.
    in_vain_until: Option<Instant>,
    in_vain: u32,
}

struct Held {
    pass: Arc<Pass>,
    /// `None`: never.
    refresh_at: Option<Instant>,
    is_renewable: bool,
    /// At login, of which later terms are a share.
    first_term: Duration,
    /// The file that the token is in, before it was read.
    stamp: Option<Stamp>,
    confirmed: Option<Instant>,
}

/// A token while it is used.
pub(super) struct Pass {
    pub(super) token: HeaderValue,
    /// `None`: it has no end.
    pub(super) ends: Option<Instant>,
    number: u64,
}

impl Held {
    fn lasts(&self, now: Instant) -> bool {
        self.pass.ends.is_none_or(|end| now < end)
    }
}

impl Session {
    pub(super) fn new(login: VaultLogin, proofs: Proofs) -> Self {
        Self {
            login,
            proofs,
            state: Mutex::default(),
        }
    }

    /// The token to use now.
    pub(super) async fn pass(
        &self,
        wire: &Wire,
        deadline: Instant,
    ) -> Result<Arc<Pass>, VaultError> {
        let mut state = self.lock(wire, deadline).await?;
        let door = self.door(wire, deadline);
        let stamp = self.stamp().await;
        let now = Instant::now();
        let Some(held) = state.held.as_ref().filter(|held| held.lasts(now)) else {
            return self.enter(&mut state, &door, stamp).await;
        };
        if held.stamp != stamp {
            let old = Arc::clone(&held.pass);
            // A file that is being replaced is no reason to drop a token that is good.
            let entered = self.enter(&mut state, &door, stamp).await;
            return entered.or(Ok(old));
        }
        let current = Arc::clone(&held.pass);
        if held.refresh_at.is_none_or(|at| now < at) {
            return Ok(current);
        }
        if let Some(pass) = self.refreshed(&mut state, &door, stamp).await {
            return Ok(pass);
        }
        state.put_off();
        Ok(current)
    }

    /// What a refusal to read means for a token. Another token, where this one was the reason;
    /// `None`: its policies are.
    pub(super) async fn denied(
        &self,
        pass: &Pass,
        wire: &Wire,
        deadline: Instant,
        path: &str,
    ) -> Result<Option<Arc<Pass>>, VaultError> {
        let mut state = self.lock(wire, deadline).await?;
        let door = self.door(wire, deadline);
        let now = Instant::now();
        if let Some(held) = &mut state.held {
            if held.pass.number != pass.number {
                return Ok(Some(Arc::clone(&held.pass)));
            }
            if held.confirmed.is_some_and(|at| now - at < CONFIRMED) {
                return Ok(None);
            }
            if door.look_up(&held.pass.token).await?.is_some() {
                held.confirmed = Some(now);
                return Ok(None);
            }
        }
        if let VaultLogin::Token { from } = &self.login {
            let stamp = self.stamp().await;
            if state.held.as_ref().is_some_and(|held| held.stamp == stamp) {
                return Err(VaultError::TokenRefused {
                    address: wire.shown_address(),
                    place: from.clone(),
                    path: path.to_owned(),
                });
            }
            return self.enter(&mut state, &door, stamp).await.map(Some);
        }
        if state.in_vain_until.is_some_and(|until| now < until) {
            return Ok(None);
        }
        state.in_vain = state.in_vain.saturating_add(1);
        state.in_vain_until = Some(now + doubled(state.in_vain, LONGEST_IN_VAIN));
        // Where it fails, the old token stays: what it can read, it may go on reading.
        self.enter(&mut state, &door, None).await.map(Some)
    }

    /// Another token could read what the one before could not.
    pub(super) async fn helped(&self) {
        let mut state = self.state.lock().await;
        state.in_vain = 0;
        state.in_vain_until = None;
    }

    async fn lock(
        &self,
        wire: &Wire,
        deadline: Instant,
    ) -> Result<MutexGuard<'_, State>, VaultError> {
        let locked = timeout_at(deadline, self.state.lock()).await;
        locked.map_err(|_| VaultError::NoAnswer {
            at: wire.at(None, "auth"),
            failure: Failure::NotSent("a login has been under way for too long".to_owned()),
        })
    }

    const fn door<'a>(&'a self, wire: &'a Wire, deadline: Instant) -> Door<'a> {
        Door {
            wire,
            proofs: &self.proofs,
            deadline,
        }
    }

    /// Of the file with the token, where it is in one.
    async fn stamp(&self) -> Option<Stamp> {
        match &self.login {
            VaultLogin::Token { from } => self.proofs.stamp(from).await,
            _ => None,
        }
    }

    /// Logs in, unless it failed a moment ago.
    async fn enter(
        &self,
        state: &mut State,
        door: &Door<'_>,
        stamp: Option<Stamp>,
    ) -> Result<Arc<Pass>, VaultError> {
        let started = Instant::now();
        // Another file is another try.
        let is_other = matches!(self.login, VaultLogin::Token { .. })
            && state.held.as_ref().is_some_and(|held| held.stamp != stamp);
        if let Some((until, error)) = &state.failed
            && started < *until
            && !is_other
        {
            return Err(error.clone());
        }
        match door.enter(&self.login, &mut state.unwrapped).await {
            Ok(entry) => {
                state.failed = None;
                state.failures = 0;
                tracing::debug!(address = door.wire.shown_address(), "logged in to Vault");
                Ok(state.hold(entry, started, None, stamp))
            }
            Err(error) => {
                state.failures = state.failures.saturating_add(1);
                let longest = match &error {
                    VaultError::LoginRefused { .. } | VaultError::WrappingSpent { .. } => {
                        LONGEST_REFUSED
                    }
                    _ => LONGEST_UNANSWERED,
                };
                let until = Instant::now() + doubled(state.failures, longest);
                state.failed = Some((until, error.clone()));
                Err(error)
            }
        }
    }

    /// Makes a login last that is good still. `None`: it stays as it is.
    async fn refreshed(
        &self,
        state: &mut State,
        door: &Door<'_>,
        stamp: Option<Stamp>,
    ) -> Option<Arc<Pass>> {
        let started = Instant::now();
        // What follows needs time too.
        let half = started + door.deadline.saturating_duration_since(started) / 2;
        let door = self.door(door.wire, half);
        let is_given = matches!(self.login, VaultLogin::Token { .. });
        let held = state.held.as_mut()?;
        let mut renewed = None;
        if held.is_renewable {
            let first = held.first_term;
            match door.renew(&held.pass.token).await {
                Ok(Some(entry)) => {
                    let pass = state.hold(entry, started, Some(first), stamp);
                    let left = pass.ends.map(|end| end.saturating_duration_since(started));
                    if is_given || left.is_none_or(|left| left >= first.mul_f64(WORTH_KEEPING)) {
                        return Some(pass);
                    }
                    renewed = Some(pass);
                }
                // Taken back, or at the end of what it may be.
                Ok(None) => held.is_renewable = false,
                Err(error) => {
                    tracing::debug!(%error, "the login to Vault was not renewed");
                    return None;
                }
            }
        }
        if is_given {
            return None;
        }
        self.enter(state, &door, stamp).await.ok().or(renewed)
    }
}

impl State {
    /// Closer and closer to its end, and not at each call.
    fn put_off(&mut self) {
        if let Some(held) = &mut self.held {
            let now = Instant::now();
            held.refresh_at = held.pass.ends.map(|end| {
                let left = end.saturating_duration_since(now);
                now + (left / 3).max(FIRST_PAUSE)
            });
        }
    }

    /// `first` is the term at login; `None`: this is the login.
    fn hold(
        &mut self,
        entry: Entry,
        started: Instant,
        first: Option<Duration>,
        stamp: Option<Stamp>,
    ) -> Arc<Pass> {
        self.number += 1;
        let Term {
            seconds,
            is_renewable,
        } = entry.term;
        // More than a century is without end: the clock may not count so far.
        let term = seconds.filter(|seconds| *seconds < 1 << 32);
        let term = term.map(Duration::from_secs);
        let pass = Arc::new(Pass {
            token: entry.token,
            ends: term.map(|term| started + term),
            number: self.number,
        });
        self.held = Some(Held {
            pass: Arc::clone(&pass),
            refresh_at: term.map(|term| started + term * 2 / 3),
            is_renewable,
            first_term: first.or(term).unwrap_or_default(),
            stamp,
            confirmed: None,
        });
        pass
    }
}

/// The pause behind so many failures.
fn doubled(failures: u32, longest: Duration) -> Duration {
    let times = 1_u32 << failures.saturating_sub(1).min(16);
    FIRST_PAUSE.saturating_mul(times).min(longest)
}
