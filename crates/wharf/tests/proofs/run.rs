//! One run of a proof: how often, until when, with which random numbers, and what came of it.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

/// No round is begun later, so that every proof ends within its 30 minutes.
const LONGEST: Duration = Duration::from_secs(28 * 60);

/// So much is shown of a failure: a changed document of the catalog whole, a log not.
const MOST_BYTES: usize = 64_000;

/// After so many failures nothing new is learnt.
const ENOUGH_FAILURES: usize = 5;

/// Which of its two counts a proof runs at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Small,
    Long,
}

/// A run under way.
pub(crate) struct Run {
    /// The proof's.
    pub(crate) name: &'static str,
    /// Rounds to make.
    pub(crate) count: u64,
    pub(crate) length: Length,
    /// What is random follows from the seed.
    pub(crate) random: Rng,
    /// Rounds that ended, well or not.
    pub(crate) done: u64,
    /// What was measured, for the result.
    pub(crate) notes: Vec<String>,
    failures: Vec<String>,
    started: Instant,
}

impl Run {
    pub(crate) fn new(name: &'static str, length: Length, count: u64, seed: u64) -> Self {
        Self {
            name,
            count,
            length,
            random: Rng::with_seed(seed),
            done: 0,
            notes: Vec::new(),
            failures: Vec::new(),
            started: Instant::now(),
        }
    }

    /// Makes every round; one that panics has failed. Stops when the time is up, which is a
    /// failure too, and after a handful of failures.
    pub(crate) fn each(&mut self, mut round: impl FnMut(&mut Self, u64)) {
        for number in 0..self.count {
            if self.started.elapsed() > LONGEST {
                self.fail(format!("out of time after {number} of {}", self.count));
                return;
            }
            self.attempt(|run| round(run, number));
            self.done += 1;
            if self.failures.len() >= ENOUGH_FAILURES {
                return;
            }
        }
    }

    /// The same at several places side by side: each makes every n-th round, in their order.
    pub(crate) fn each_at<Place: Send>(
        &mut self,
        places: &mut [Place],
        round: impl Fn(&mut Place, u64) + Sync,
    ) {
        let (count, started, step) = (self.count, self.started, places.len());
        let (run, round) = (Mutex::new(self), &round);
        thread::scope(|scope| {
            for (first, place) in (0..).zip(places) {
                let run = &run;
                scope.spawn(move || {
                    for number in (first..count).step_by(step) {
                        if started.elapsed() > LONGEST {
                            let text = format!("out of time before {number} of {count}");
                            run.lock().unwrap().fail(text);
                            return;
                        }
                        // A round leaves nothing behind but what it counted.
                        let ended = catch_unwind(AssertUnwindSafe(|| round(place, number)));
                        let mut run = run.lock().unwrap();
                        if let Err(panic) = ended {
                            run.fail(message(&*panic));
                        }
                        run.done += 1;
                        if run.failures.len() >= ENOUGH_FAILURES {
                            return;
                        }
                    }
                });
            }
        });
    }

    /// The same as [`Self::each`], but begins no round that would end after the time is up, judged by the longest so
    /// far; that is no failure. The result says how many rounds there were.
    pub(crate) fn as_many_as_fit(&mut self, mut round: impl FnMut(&mut Self)) {
        let mut longest = Duration::ZERO;
        while self.done < self.count && self.failures.len() < ENOUGH_FAILURES {
            if self.took() + longest > LONGEST {
                self.note(format!("no more of the {} fit in the time", self.count));
                return;
            }
            let started = Instant::now();
            self.attempt(&mut round);
            longest = longest.max(started.elapsed());
            self.done += 1;
        }
    }

    /// Does something once; a panic is a failure of the proof, not its end.
    pub(crate) fn attempt(&mut self, what: impl FnOnce(&mut Self)) {
        // A round leaves nothing behind but what it counted.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| what(self))) {
            self.fail(message(&*panic));
        }
    }

    pub(crate) fn fail(&mut self, what: String) {
        println!("failure: {}", bounded(&what, MOST_BYTES));
        self.failures.push(what);
    }

    pub(crate) fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    pub(crate) const fn failed(&self) -> usize {
        self.failures.len()
    }

    pub(crate) fn took(&self) -> Duration {
        self.started.elapsed()
    }
}

/// How long this thread has had a processor. On a busy machine that is what a bound on work can be
/// held against; a machine that does not tell gives the time since the start of `clock`.
pub(crate) fn worked(clock: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| clock.elapsed(), Duration::from_nanos)
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words").to_owned()
}

/// Says of a panic where it is and the most of what it says. The language's own words have no end
/// where a log is part of them.
pub(crate) fn bound_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        println!(
            "panic at {place}: {}",
            bounded(&message(panic.payload()), 2_000)
        );
    }));
}

/// The start of a long text and its last tenth.
fn bounded(text: &str, most_bytes: usize) -> Cow<'_, str> {
    if text.len() <= most_bytes {
        return Cow::Borrowed(text);
    }
    let end_bytes = most_bytes / 10;
    let start = &text[..text.floor_char_boundary(most_bytes - end_bytes)];
    let end = &text[text.ceil_char_boundary(text.len() - end_bytes)..];
    let left_out = text.len() - start.len() - end.len();
    Cow::Owned(format!("{start}\n[… {left_out} bytes …]\n{end}"))
}

/// The same bytes with a few random changes: what is cut, torn, doubled or flipped on its way.
pub(crate) fn mutated(random: &mut Rng, original: &[u8]) -> Vec<u8> {
    /// Signs that mean something to one reader or another.
    const SIGNS: &[u8] = b"\0\t\n\r \"#$%&'()*,-./0123456789:;<=>?@AZ[\\]^_`az{|}~\x7f\x80\xff";
    let mut bytes = original.to_vec();
    for _ in 0..random.usize(1..=8) {
        let at = random.usize(0..=bytes.len());
        let end = bytes.len().min(at + random.usize(0..=32));
        match random.u8(0..7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            3 if at < bytes.len() => bytes[at] ^= 1 << random.u8(0..8),
            4 if at < bytes.len() => bytes[at] = random.u8(..),
            _ => {
                let sign = SIGNS[random.usize(0..SIGNS.len())];
                let often = if random.u8(0..16) == 0 { 500 } else { 1 };
                bytes.splice(at..at, std::iter::repeat_n(sign, often));
            }
        }
    }
    bytes
}
