//! What happened to one call, phase by phase.

use std::time::{Duration, Instant};

use crate::phase::Phase;

/// One step of a call.
#[derive(Clone, Debug)]
pub struct TraceEntry {
    /// The phase.
    pub phase: Phase,
    /// Which attempt it belongs to, from 1; 0 before the first.
    pub attempt: u32,
    /// Time spent in it.
    pub duration: Duration,
    /// What was decided, in a few words.
    pub decision: String,
    /// Why; empty where the decision speaks for itself.
    pub why: String,
}

/// Collects the steps of a call when asked to; otherwise only adds up times.
#[derive(Debug, Default)]
pub struct Trace {
    entries: Option<Vec<TraceEntry>>,
}

impl Trace {
    /// A trace that keeps nothing. The ordinary case: building texts for it costs nothing.
    pub const fn off() -> Self {
        Self { entries: None }
    }

    /// A trace that keeps every step.
    pub const fn on() -> Self {
        Self {
            entries: Some(Vec::new()),
        }
    }

    /// The steps so far, in order.
    pub fn entries(&self) -> &[TraceEntry] {
        self.entries.as_deref().unwrap_or_default()
    }
}

/// The clock of one call: which phase runs, and how long each took.
#[derive(Debug)]
pub(crate) struct Clock<'a> {
    trace: &'a mut Trace,
    started: Instant,
    lap: Instant,
    attempt: u32,
    spent: [Duration; Phase::COUNT],
}

impl<'a> Clock<'a> {
    pub(crate) fn start(trace: &'a mut Trace) -> Self {
        let now = Instant::now();
        Self {
            trace,
            started: now,
            lap: now,
            attempt: 0,
            spent: [Duration::ZERO; Phase::COUNT],
        }
    }

    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// When the last phase ended, and the one that runs began.
    pub(crate) const fn lap(&self) -> Instant {
        self.lap
    }

    pub(crate) const fn begin_attempt(&mut self) {
        self.attempt += 1;
    }

    /// Ends a phase that began where the last one ended. `decision` gives the decision and the
    /// reason; it is called only when somebody looks.
    pub(crate) fn done(&mut self, phase: Phase, decision: impl FnOnce() -> (String, String)) {
        let now = Instant::now();
        let duration = now.duration_since(self.lap);
        self.lap = now;
        self.spent[phase as usize] += duration;
        if let Some(entries) = &mut self.trace.entries {
            let (decision, why) = decision();
            entries.push(TraceEntry {
                phase,
                attempt: self.attempt,
                duration,
                decision,
                why,
            });
        }
    }

    /// Time spent in each phase so far, by index of [`Phase::ALL`].
    pub(crate) const fn spent(&self) -> &[Duration; Phase::COUNT] {
        &self.spent
    }

    /// Time since the call began, that of the phase that runs included.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Clock, Trace};
    use crate::phase::Phase;

    #[test]
    fn the_phase_that_runs_counts() {
        let mut trace = Trace::off();
        let mut clock = Clock::start(&mut trace);
        clock.done(Phase::Meter, || (String::new(), String::new()));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(1) {
            std::hint::spin_loop();
        }
        let ended: Duration = clock.spent().iter().sum();
        assert!(clock.elapsed() >= ended + Duration::from_millis(1));
    }
}
