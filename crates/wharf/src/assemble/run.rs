//! How the parts run side by side, and in which order they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use wharf_net::serve::Shutdown;

use super::{Program, events};
use crate::service_manager::{State, tell};
use crate::signals::Signals;
use crate::takeover::{Offer, named};

/// How long what is kept may take to be on the disk once the last call is counted, and to be closed
/// behind that. A disk that hangs would keep the process for as long as it does; what was acknowledged
/// is on it by then.
const KEPT_WITHIN: Duration = Duration::from_secs(3);

/// Signals that come this soon after each other count as one.
const SAME_WISH: Duration = Duration::from_millis(500);

impl Program {
    /// Runs until a signal asks for the end, or another process takes over, and calls under way have
    /// finished; or until a second signal. `announce` is called when every worker is at work and this
    /// process is to serve; where it fails, so does this.
    ///
    /// New calls end at the first signal. The control plane, the simulator and the list of callers
    /// go on until the last call is counted; where another process took over, it has the control
    /// plane at once.
    pub(crate) async fn run(
        self,
        signals: Signals,
        announce: impl FnOnce() -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let Self {
            server,
            console,
            simulator,
            watcher,
            draining,
            handover,
            events,
        } = self;
        let turns = Turns::default();
        let Turns {
            stop,
            drained,
            begun,
            handed_over,
        } = &turns;
        let asked_to_end = turns
            .clone()
            .asked_to_end(signals, handover.offer(), draining);
        let data = async {
            let mut announced = Ok(());
            // Asked for the first time when every worker is at work.
            let until_stopped = async {
                match handover.begin(announce, stop).await {
                    Ok(true) => {
                        tell(State::Ready);
                        begun.cancel();
                        stop.cancelled().await;
                    }
                    Ok(false) => {}
                    Err(error) => announced = Err(error),
                }
                manner(handed_over)
            };
            let result = server
                .run(until_stopped)
                .await
                .context("the data plane failed")
                .and(announced);
            // Metrics stay readable until the last call is counted; the simulator answers until then.
            stop.cancel();
            drained.cancel();
            result
        };
        let control = async {
            if !has_begun(begun, drained).await {
                return Ok(());
            }
            // Whoever asks at the address is to hear of the process that serves there.
            let ended = async {
                tokio::select! { () = handed_over.cancelled() => {}, () = drained.cancelled() => {} }
                manner(handed_over)
            };
            console.run(ended).await.context("the control plane failed")
        };
        let vendors = async {
            let Some(simulator) = simulator else {
                return Ok(());
            };
            let ended = simulator.run(drained.cancelled()).await;
            ended.context("the vendor simulator failed")
        };
        let changes = async {
            // Until then the state folder may be another's to write into.
            if has_begun(begun, drained).await {
                watcher.run(stop.clone(), drained.clone()).await;
            }
        };
        let kept = async move {
            stop.cancelled().await;
            // With the place in the state folder: another process may have both while calls of this
            // one finish.
            if let Some(events) = &events {
                events.quit().await;
            }
            events
        };
        let state = async { tokio::join!(changes, kept) };
        let services = async {
            let state = soon_after(drained, KEPT_WITHIN, state);
            let (data, control, vendors, state) = tokio::join!(data, control, vendors, state);
            if let Some(((), Some(events))) = state {
                soon_after(drained, KEPT_WITHIN, events::end(events)).await;
            }
            data.and(control).and(vendors)
        };
        tokio::select! {
            // In this order a signal is heard before anything is begun.
            biased;
            result = asked_to_end => result,
            result = services => {
                tracing::info!("stopped");
                result
            }
        }
    }
}

/// What has come to pass in the life of the process; each is set once.
#[derive(Clone, Default)]
struct Turns {
    /// No more calls are taken.
    stop: CancellationToken,
    /// The last call is counted.
    drained: CancellationToken,
    /// This process serves.
    begun: CancellationToken,
    /// Another one serves in its place.
    handed_over: CancellationToken,
}

impl Turns {
    /// Waits for the wish to end, has calls end, and then waits for a second wish, which is an error:
    /// what is under way then is cut.
    async fn asked_to_end(
        self,
        mut signals: Signals,
        offer: Arc<Offer>,
        draining: Arc<AtomicBool>,
    ) -> anyhow::Result<()> {
        let taken = async {
            self.begun.cancelled().await;
            offer.until_taken().await
        };
        // The offer ends here either way, and with it its share of the listeners.
        let successor = tokio::select! {
            () = signals.recv() => None,
            number = taken => Some(number),
        };
        if let Some(number) = successor {
            tracing::info!(
                "handed over to {}: calls under way may finish, and this process ends",
                named(number)
            );
            if let Some(number) = number {
                tell(State::Successor(number));
            }
            self.handed_over.cancel();
            self.stop.cancel();
            // Whoever stops a service signals all its processes; this one is ending already.
            signals.recv().await;
        } else {
            // One that does not serve yet is not the service: another one may be.
            if self.begun.is_cancelled() {
                draining.store(true, Ordering::Relaxed);
                tell(State::Stopping);
            }
            self.stop.cancel();
        }
        tracing::info!("stopping: calls under way may finish; a second signal ends at once");
        // Some tools signal the process and its group, which is one wish and not two.
        tokio::time::sleep(SAME_WISH).await;
        Signals::new()?.recv().await;
        anyhow::bail!("ended at once by a second signal; calls under way were cut off")
    }
}

/// Waits until this process serves; `false`: it ends before.
async fn has_begun(begun: &CancellationToken, ended: &CancellationToken) -> bool {
    tokio::select! {
        biased;
        () = begun.cancelled() => true,
        () = ended.cancelled() => false,
    }
}

/// Lets something of the state end, but not for longer than this after another thing has; `None`: it did
/// not.
async fn soon_after<T>(
    other: &CancellationToken,
    limit: Duration,
    ending: impl Future<Output = T>,
) -> Option<T> {
    let too_late = async {
        other.cancelled().await;
        tokio::time::sleep(limit).await;
    };
    tokio::select! {
        biased;
        ended = ending => Some(ended),
        () = too_late => {
            tracing::warn!(
                "the disk of the state folder did not take all that was to be written within {} \
                 seconds, and is not waited for any more: nothing that was acknowledged is lost",
                limit.as_secs()
            );
            None
        }
    }
}

fn manner(handed_over: &CancellationToken) -> Shutdown {
    if handed_over.is_cancelled() {
        Shutdown::HandOver
    } else {
        Shutdown::Close
    }
}

#[cfg(test)]
mod tests;
