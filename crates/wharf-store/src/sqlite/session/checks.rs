//! When the file of a database is read whole, to see whether somebody has damaged it.
//!
//! An open connection keeps pages in memory and does not see that its file was written over, as by a
//! copy that was put back in place or by a disk. So a file that was written to is opened anew, and
//! read whole. But `SQLite` itself writes to it, each time that it moves its log there: after 1,000
//! pages, which with a row of 1 KiB a second is 11 times an hour, and with larger changes every few
//! seconds. A database of 100 MB is read in 0.1 s, and who wants to read or write waits for that.
//!
//! So what was read by one connection counts for the other one, which goes on meanwhile, and reading
//! takes one hundredth of the time at most: what comes sooner is put off and not left out, also where
//! nobody writes any more. Opening anew takes less than 1 ms and is never put off: it finds another
//! file, and one whose beginning is gone.

use std::time::{Duration, Instant};

use super::FileMark;
use crate::error::Unavailable;

/// Reading the whole file takes one part of so many of the time.
const SHARE_OF_TIME: u32 = 100;

/// Longest time that it is put off, whatever it takes.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// What the connections to one database know of its file.
#[derive(Debug, Default)]
pub(super) struct Checks {
    found: Option<Found>,
    is_running: bool,
    /// When it may be read again. `None`: now.
    due: Option<Instant>,
}

/// What came of reading a file, as it was then.
#[derive(Debug)]
struct Found {
    mark: FileMark,
    damage: Option<Unavailable>,
}

/// What is known of a file.
#[derive(Debug)]
pub(super) enum Judgement {
    /// It was read, and is whole.
    Whole,
    /// It was read, and is not.
    Damaged(Unavailable),
    /// It is to be read now, by who asked, who then calls [`Checks::end`].
    Now,
    /// It is being read, or is to be later; until then it is taken for whole.
    Later,
}

impl Checks {
    pub(super) fn judge(&mut self, mark: FileMark, now: Instant) -> Judgement {
        let is_free = !self.is_running && self.due.is_none_or(|due| due <= now);
        let judgement = match &self.found {
            Some(Found { mark: of, damage }) if *of == mark => match damage {
                None => Judgement::Whole,
                // A disk may have given wrong bytes for a while.
                Some(_) if is_free => Judgement::Now,
                Some(damage) => Judgement::Damaged(damage.clone()),
            },
            // Whoever has mended it does not wait, nor is it taken for whole meanwhile.
            Some(Found {
                damage: Some(_), ..
            }) => Judgement::Now,
            _ if is_free => Judgement::Now,
            _ => Judgement::Later,
        };
        self.is_running |= matches!(judgement, Judgement::Now);
        judgement
    }

    /// What came of reading it, from `begun` on.
    pub(super) fn end(
        &mut self,
        mark: FileMark,
        read: &Result<(), Unavailable>,
        begun: Instant,
        now: Instant,
    ) {
        self.is_running = false;
        let took = now.saturating_duration_since(begun);
        let pause = took.saturating_mul(SHARE_OF_TIME - 1);
        self.due = now.checked_add(pause.min(LONGEST_PAUSE));
        let damage = match read {
            Ok(()) => None,
            Err(damage @ Unavailable::Damaged { .. }) => Some(damage.clone()),
            // It could not be read, which says nothing about it.
            Err(_) => return,
        };
        self.found = Some(Found { mark, damage });
    }

    /// Another file is in its place, which is read at once.
    pub(super) fn forget(&mut self) {
        self.found = None;
        self.due = None;
    }
}

#[cfg(test)]
mod tests;
