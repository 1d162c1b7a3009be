//! How far long work is, on a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use wharf_store::Progress;

use super::areas::size;

/// Time between two lines.
const INTERVAL: Duration = Duration::from_millis(200);

/// A line on standard error that is written over; nothing where that is no terminal.
pub(super) struct Meter {
    verb: &'static str,
    next: Option<Instant>,
    width: usize,
}

impl Meter {
    /// Work that is over soon shows nothing.
    pub(super) fn new(verb: &'static str) -> Self {
        let is_shown = io::stderr().is_terminal();
        Self {
            verb,
            next: is_shown.then(|| Instant::now() + INTERVAL),
            width: 0,
        }
    }

    pub(super) fn show(&mut self, progress: Progress) {
        let Some(next) = self.next else { return };
        if Instant::now() < next {
            return;
        }
        let Progress {
            area,
            done_bytes,
            total_bytes,
        } = progress;
        let percent = done_bytes.saturating_mul(100) / total_bytes.max(1);
        let text = format!(
            "{} {}: {percent} % of {}",
            self.verb,
            area.as_str(),
            size(total_bytes)
        );
        self.write(&text);
        self.width = text.len();
        self.next = Some(Instant::now() + INTERVAL);
    }

    fn write(&self, text: &str) {
        // Spaces and not a sequence: there are terminals that know none.
        let width = self.width;
        // What cannot be written there cannot be reported either.
        let _ = write!(io::stderr().lock(), "\r{text:<width$}\r");
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.width > 0 {
            self.write("");
        }
    }
}
