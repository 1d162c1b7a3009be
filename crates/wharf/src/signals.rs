//! Signals that ask the program to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Lets a write beyond the limit of a file's size (`ulimit -f`, `LimitFSIZE=`) fail as on a full disk,
/// which calls survive, instead of ending the process. Called inside a runtime.
pub(crate) fn survive_size_limits() -> std::io::Result<()> {
    let too_large = rustix::process::Signal::XFSZ.as_raw();
    // Once it was listened for, the system's own way with it never comes back.
    signal(SignalKind::from_raw(too_large)).map(drop)
}

/// SIGTERM, and SIGINT, which Ctrl-C sends.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on: what came before is not seen.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them. Dropped before, it loses none.
    pub(crate) async fn recv(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }
}
