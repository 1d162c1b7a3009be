//! Hot reload: documents, callers and credentials are watched by looking, several times a second.
//!
//! Looking works on every file system, network mounts and mapped volumes included. The three are
//! looked at by tasks of their own: whoever is removed is out within a second, whatever the
//! documents do. A change of a document goes this way:
//!
//! ```text
//!  documents.rs   the disk for the rules of wharf-workspace: what is taken over, stays or waits
//!  (the plan)     is in force
//!  disk.rs        the last good texts are kept for the next start, and then it is told:
//!  status.rs      /readyz and the log
//! ```
//!
//! Whoever reads that a change is in force can rely on it, also after a crash.

pub(crate) mod accept;
mod callers;
mod disk;
mod documents;
pub(crate) mod kept;
mod status;

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use wharf_gateway::Handle;
use wharf_plan::Plan;
use wharf_workspace::reload::{Documents, Outcome, Running};

use crate::notices;
use crate::retention::Retention;
use crate::simulation::Simulation;

pub(crate) use callers::{CallerWatch, directory};
pub(crate) use disk::{Announcer, Disk, DiskWatch};
pub(crate) use documents::start;
pub(crate) use status::Status;

/// Time between two looks that are quick. A change that can be taken over at once is live after at
/// most three of them.
const INTERVAL: Duration = Duration::from_millis(250);

/// Longest time between two looks at very many documents.
const LONGEST_INTERVAL: Duration = Duration::from_secs(2);

/// What a look may use of one processor: one part of so many.
const SHARE_OF_PROCESSOR: u32 = 10;

/// Watches a workspace and keeps a gateway up to date.
pub(crate) struct Watcher {
    pub(crate) documents: DocumentWatch,
    pub(crate) callers: CallerWatch,
    pub(crate) disk: DiskWatch,
    /// `None`: nothing is kept.
    pub(crate) notices: Option<notices::Desk>,
    /// `None`: nothing is kept.
    pub(crate) retention: Option<Retention>,
    pub(crate) handle: Handle,
}

impl Watcher {
    /// Watches until `drained`. What a task is doing then is finished first.
    ///
    /// The state folder is given up at `stop` already, so that the next process can begin while
    /// this one lets calls finish; the callers in it count to the end.
    pub(crate) async fn run(self, stop: CancellationToken, drained: CancellationToken) {
        let status = self.documents.status.clone();
        let callers = self.callers.run(&drained);
        let credentials = every(&drained, &status, pending, self.handle, |handle| {
            tokio::spawn(async move {
                handle.refresh_credentials().await;
                handle
            })
        });
        let mut in_force = self.disk.in_force.clone();
        let told = async move || {
            if in_force.changed().await.is_err() {
                pending::<()>().await;
            }
        };
        let disk = every(&stop, &status, told, self.disk, |mut disk| {
            tokio::task::spawn_blocking(move || {
                disk.look();
                disk
            })
        });
        // What it tells at its end is to be written too.
        let told = CancellationToken::new();
        let retention = async {
            if let Some(retention) = self.retention
                && let Err(error) = tokio::spawn(retention.run(stop.clone())).await
            {
                tracing::error!(%error, "what is old or too much is taken away no longer, which is a fault of the program; restart `wharf up`");
            }
            stop.cancelled().await;
            told.cancel();
        };
        let notices = async {
            let Some(notices) = self.notices else { return };
            if let Err(error) = tokio::spawn(notices.run(told.clone())).await {
                tracing::error!(%error, "notices are kept and logged no longer, which is a fault of the program; restart `wharf up`");
            }
        };
        let documents = self.documents.run(&drained);
        tokio::join!(callers, credentials, disk, retention, notices, documents);
    }
}

/// Looks at something again and again, in a task of its own each time, so that a panic in it is told
/// and not the end of the program.
///
/// `wake` ends where the next look should not wait for its turn.
async fn every<T: Send + 'static>(
    stop: &CancellationToken,
    status: &Status,
    mut wake: impl AsyncFnMut(),
    mut watched: T,
    look: fn(T) -> JoinHandle<T>,
) {
    let mut ticks = ticks();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = wake() => {}
            () = stop.cancelled() => return,
        }
        match look(watched).await {
            Ok(back) => watched = back,
            Err(error) => {
                status.tell_unwatched(&error);
                return;
            }
        }
    }
}

fn ticks() -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

/// How long to wait after a look that kept a processor for so long. Thousands of documents would
/// else keep it busy while nothing changes.
fn pause_after(worked: Duration) -> Duration {
    (worked * (SHARE_OF_PROCESSOR - 1)).clamp(INTERVAL, LONGEST_INTERVAL)
}

/// What this thread has used of a processor. Waiting for a slow disk is none of it.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Watches documents, and puts what they say in force.
pub(crate) struct DocumentWatch {
    /// `None`: the documents are not on disk.
    pub(crate) documents: Option<Documents>,
    /// `None`: calls go to the real vendors.
    pub(crate) simulation: Option<Simulation>,
    /// What is in force.
    pub(crate) running: Running,
    /// Where it is told what is in force.
    pub(crate) told: watch::Sender<Arc<Outcome>>,
    /// Where requests to accept a change are.
    pub(crate) state: Option<PathBuf>,
    pub(crate) handle: Handle,
    pub(crate) status: Status,
}

impl DocumentWatch {
    async fn run(mut self, stop: &CancellationToken) {
        let mut pause = Duration::ZERO;
        let status = self.status.clone();
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
            let looked = tokio::task::spawn_blocking(move || {
                let start = worked();
                let outcome = self.look();
                (self, outcome, pause_after(worked().saturating_sub(start)))
            });
            let outcome;
            match looked.await {
                Ok(after) => (self, outcome, pause) = after,
                Err(error) => {
                    status.tell_unwatched(&error);
                    return;
                }
            }
            let Some(outcome) = outcome else { continue };
            match self.put_in_force(outcome).await {
                Ok(back) => self = back,
                Err(error) => {
                    status.tell_unwatched(&error);
                    return;
                }
            }
        }
    }

    fn look(&mut self) -> Option<Outcome> {
        let documents = self.documents.as_mut()?;
        let held = documents.held();
        let accepted = self
            .state
            .as_ref()
            .map(|state| accept::accepted(state, held));
        documents::look(documents, accepted.unwrap_or_default(), Instant::now())
    }

    /// The plan first, then the word of it.
    async fn put_in_force(mut self, outcome: Outcome) -> Result<Self, JoinError> {
        let is_other = !is_same(&self.running, &outcome.running);
        let documents: Vec<_> = outcome.running.values().map(Arc::clone).collect();
        let redirected = match &self.simulation {
            Some(simulation) if is_other => match simulation.follow(&documents).await {
                Ok(redirected) => Some(redirected),
                Err(error) => {
                    tracing::error!("changed documents cannot be taken over: {error:#}");
                    return Ok(self);
                }
            },
            _ => None,
        };
        let plan = match redirected {
            None if is_other => {
                // At thousands of documents it keeps a processor for long.
                Some(tokio::task::spawn_blocking(|| Plan::new(documents)).await?)
            }
            redirected => redirected,
        };
        // A task of its own, so that a panic in it is told.
        tokio::spawn(async move {
            if let Some(plan) = plan {
                self.handle.replace_plan(&plan).await;
            }
            self.running.clone_from(&outcome.running);
            self.told.send_replace(Arc::new(outcome));
            self
        })
        .await
    }
}

/// Whether the same versions of the same documents run.
fn is_same(one: &Running, other: &Running) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|((a, x), (b, y))| a == b && Arc::ptr_eq(x, y))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause_after;

    #[test]
    fn looking_keeps_a_tenth_of_a_processor_busy_and_waits_for_two_seconds_at_most() {
        let pause = |milliseconds| pause_after(Duration::from_millis(milliseconds)).as_millis();
        assert_eq!([0, 1, 27].map(pause), [250, 250, 250]);
        assert_eq!([80, 200].map(pause), [720, 1_800]);
        assert_eq!([300, 60_000].map(pause), [2_000, 2_000]);
    }
}
