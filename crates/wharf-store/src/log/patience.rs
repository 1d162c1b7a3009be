//! How long the writer waits for more before it writes a group.
//!
//! Who has an answer often brings the next change at once, and comes just too late for the group that
//! is gathered meanwhile. Two half groups then take turns, each with a wait for the disk of its own.
//! So the writer waits a little for as many as it answered last, and where they do not come it does
//! so ever more seldom.

use std::num::NonZeroU64;
use std::thread;
use std::time::Duration;

/// Time between two looks for more.
const NAP: Duration = Duration::from_micros(20);

/// The wait is at most this part of the time that a group takes.
const PART: u32 = 5;

/// Fewer than these are not waited for.
const COUNT_MIN: usize = 8;

/// Most groups in a row that are written without a wait, after waits for nothing.
const SKIP_LIMIT: u32 = 256;

/// What the writer knows of those who bring changes.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// How many changes the last group had.
    answered: usize,
    /// How long groups took of late.
    took: Duration,
    /// The wait for the group that is gathered.
    wait: Option<Wait>,
    /// Groups that are written without a wait before one is tried again.
    skip: u32,
    /// The same, after the next wait for nothing.
    next_skip: u32,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    /// How many were there before it.
    from: usize,
    so_far: Duration,
}

impl Patience {
    /// For this thread, whose naps are short from now on: a system lets others be late by more than
    /// all of the wait.
    pub(super) fn of_this_thread() -> Self {
        if let Err(error) = rustix::thread::set_current_timer_slack(NonZeroU64::new(1)) {
            tracing::debug!(%error, "naps of the writer may be long");
        }
        Self::default()
    }

    /// Waits, where that is worth it. Whether there may be more than these now.
    pub(super) fn wait(&mut self, there: usize) -> bool {
        let nap = self.nap(there);
        if let Some(nap) = nap {
            thread::sleep(nap);
        }
        nap.is_some()
    }

    fn nap(&mut self, there: usize) -> Option<Duration> {
        if there == 0 || there >= self.answered || self.answered < COUNT_MIN || self.skip > 0 {
            return None;
        }
        let wait = self.wait.get_or_insert(Wait {
            from: there,
            so_far: Duration::ZERO,
        });
        if wait.so_far + NAP > self.took / PART {
            return None;
        }
        wait.so_far += NAP;
        Some(NAP)
    }

    /// A group of so many changes took so long to be written.
    pub(super) fn wrote(&mut self, count: usize, took: Duration) {
        self.skip = self.skip.saturating_sub(1);
        let wait = self.wait.take();
        if let Some(wait) = wait.filter(|wait| !wait.so_far.is_zero()) {
            let came = count.saturating_sub(wait.from);
            if came * 4 < self.answered {
                self.next_skip = (self.next_skip * 2).clamp(1, SKIP_LIMIT);
                self.skip = self.next_skip;
            } else {
                self.next_skip = 0;
            }
        }
        self.answered = count;
        // One that was slow says little of the next.
        self.took = (self.took * 3 + took) / 4;
    }
}

#[cfg(test)]
mod tests;
