//! What every test needs: documents, a gateway, a caller, a vendor, and patience with a bound.

pub(crate) mod caller;
pub(crate) mod child;
pub(crate) mod document;
pub(crate) mod frames;
pub(crate) mod gateway;
pub(crate) mod key_file;
pub(crate) mod process;
pub(crate) mod raw;
pub(crate) mod tls;
pub(crate) mod vendor;

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a condition may take to come true before the test fails.
const PATIENCE: Duration = Duration::from_secs(15);

/// Waits until `probe` gives something; what it gives instead is shown when it never does.
pub(crate) async fn eventually<T, Other: Debug>(
    what: &str,
    mut probe: impl FnMut() -> Result<T, Other>,
) -> T {
    eventually_async(what, async || probe()).await
}

/// The same for a probe that has to wait itself.
pub(crate) async fn eventually_async<T, Other: Debug>(
    what: &str,
    mut probe: impl AsyncFnMut() -> Result<T, Other>,
) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match probe().await {
            Ok(found) => return found,
            Err(other) => assert!(
                Instant::now() < deadline,
                "waited in vain for {what}; it is {other:?}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A value has stopped to change when it was the same for so long.
const STILL: Duration = Duration::from_millis(300);

/// Waits until `probe` gives the same for a while, and gives that.
pub(crate) async fn until_still<T: Debug + PartialEq + Copy>(
    what: &str,
    mut probe: impl FnMut() -> T,
) -> T {
    let mut last = (probe(), Instant::now());
    eventually(what, || {
        let now = probe();
        if now != last.0 {
            last = (now, Instant::now());
        }
        (last.1.elapsed() > STILL).then_some(now).ok_or(now)
    })
    .await
}
