//! Whether the other side of an HTTP/2 connection is still there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use h2::{Ping, PingPong};
use tokio::time::{sleep, timeout};

use super::State;

/// How long silence is borne.
#[derive(Clone, Copy)]
pub(in super::super) struct Patience {
    /// After so much silence with answers due, a ping asks whether the other side is there.
    pub(in super::super) quiet: Duration,
    /// So long at least until the next look at a connection with answers due.
    pub(in super::super) shortest_pause: Duration,
    /// A ping must be answered within this time, or the connection is given up.
    pub(in super::super) pong: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(20),
            shortest_pause: Duration::from_secs(1),
            pong: Duration::from_secs(20),
        }
    }
}

/// Asks whether the other side is still there, after a silence or a suspicion. Ends when a ping
/// was not answered.
pub(super) async fn watch(pings: Option<PingPong>, patience: Patience, state: &State) {
    // Only the first call for the handle of a connection gets it, and this is the first.
    let Some(mut pings) = pings else {
        return std::future::pending().await;
    };
    loop {
        // Who waits for it counts too: it may allow no stream, and never say again that it does.
        let is_idle = || state.streams.load(Ordering::Acquire) == 0 && state.bell.waiting() == 0;
        // What is silent already is waited for no longer than the rest of its time.
        let left = patience.quiet.saturating_sub(state.traffic.silence());
        let pause = if is_idle() {
            patience.quiet
        } else {
            left.max(patience.shortest_pause)
        };
        tokio::select! {
            () = state.suspected.notified() => {}
            () = sleep(pause) => {
                if is_idle() || state.traffic.silence() < patience.quiet {
                    continue;
                }
            }
        }
        match timeout(patience.pong, pings.ping(Ping::opaque())).await {
            Ok(Ok(_pong)) => {
                if state.suspect.swap(false, Ordering::AcqRel) {
                    state.bell.ring_for_all();
                }
            }
            // The connection itself tells what broke.
            Ok(Err(_)) => std::future::pending().await,
            Err(_) => {
                tracing::debug!("connection to vendor ended: a ping was not answered");
                return;
            }
        }
    }
}
