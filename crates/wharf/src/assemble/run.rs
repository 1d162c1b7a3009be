//! How the parts run side by side, and in which order they end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::Program;
use crate::signals::Signals;

/// Signals that come this soon after each other count as one.
const SAME_WISH: Duration = Duration::from_millis(500);

impl Program {
    /// Runs until a signal asks for the end and calls under way have finished, or until a second
    /// one. `announce` is called when every worker is at work; where it fails, so does this.
    ///
    /// New calls end at the first signal. The control plane, the simulator and the list of callers
    /// go on until the last call is counted.
    pub(crate) async fn run(
        self,
        mut signals: Signals,
        announce: impl FnOnce() -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let Self {
            server,
            console,
            watcher,
            draining,
        } = self;
        let stop = CancellationToken::new();
        let drained = CancellationToken::new();
        let asked_to_end = {
            let stop = stop.clone();
            async move {
                signals.recv().await;
                tracing::info!(
                    "stopping: calls under way may finish; a second signal ends at once"
                );
                draining.store(true, Ordering::Relaxed);
                stop.cancel();
                // Some tools signal the process and its group, which is one wish and not two.
                tokio::time::sleep(SAME_WISH).await;
                Signals::new()?.recv().await;
                anyhow::bail!("ended at once by a second signal; calls under way were cut off")
            }
        };
        let data = async {
            let mut announced = Ok(());
            // Asked for the first time when every worker is at work.
            let until_stopped = async {
                announced = announce();
                if announced.is_ok() {
                    stop.cancelled().await;
                }
            };
            let result = server
                .run(until_stopped)
                .await
                .context("the data plane failed")
                .and(announced.context("that it is ready could not be written"));
            // Metrics stay readable until the last call is counted; the simulator answers until then.
            stop.cancel();
            drained.cancel();
            result
        };
        let control = async {
            console
                .run(drained.cancelled())
                .await
                .context("the control plane failed")
        };
        let services = async {
            let changes = watcher.run(stop.clone(), drained.clone());
            let (data, control, ()) = tokio::join!(data, control, changes);
            data.and(control)
        };
        tokio::select! {
            result = services => {
                tracing::info!("stopped");
                result
            }
            result = asked_to_end => result,
        }
    }
}
