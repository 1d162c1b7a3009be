//! Until when a call may take.

use std::time::Duration;

use tokio::time::Instant;

/// When a call must have its answer's head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    /// The caller set it, so nothing moves it.
    pub(crate) fixed: bool,
    /// Nothing moves it beyond this.
    pub(crate) longest: Instant,
}

impl Deadline {
    /// The same, with time that was not the vendor's added.
    pub(crate) fn later(self, by: Duration) -> Self {
        let at = if self.fixed {
            self.at
        } else {
            (self.at + by).min(self.longest)
        };
        Self { at, ..self }
    }
}
