//! Numbers that each worker counts by itself, and that are added up when somebody asks.
//!
//! A number that all workers change is a line of memory that the processors pass around at every
//! call. Here each thread has a line of its own, as long as there are no more than [`LINES`] threads;
//! of more, some share a line, which costs time and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric, counter, gauge};

/// Lines of one number, in 64 bytes each. Every series has them, so there are not many.
const LINES: usize = 8;

/// What no other thread writes to, as long as there are lines for all.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Line<T>(T);

/// The line of this thread. Who comes first has the first: those are the workers, since nobody else
/// counts calls.
fn own<T>(lines: &[Line<T>; LINES]) -> &T {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    let index = OWN.with(|own| *own) % LINES;
    &lines[index].0
}

/// A count, as a counter's value.
#[derive(Debug, Default)]
pub(crate) struct Count([Line<AtomicU64>; LINES]);

impl counter::Atomic<u64> for Count {
    fn inc(&self) -> u64 {
        self.inc_by(1)
    }

    /// Returns what this thread had counted.
    fn inc_by(&self, more: u64) -> u64 {
        own(&self.0).fetch_add(more, Ordering::Relaxed)
    }

    fn get(&self) -> u64 {
        sum(self.0.iter().map(|line| &line.0))
    }
}

fn sum<'a>(numbers: impl Iterator<Item = &'a AtomicU64>) -> u64 {
    numbers.fold(0, |sum, number| {
        sum.wrapping_add(number.load(Ordering::Relaxed))
    })
}

/// Time, as a counter's value in seconds. Kept in nanoseconds, which last for 584 years.
#[derive(Debug, Default)]
pub(crate) struct Spent([Line<AtomicU64>; LINES]);

impl Spent {
    pub(crate) fn add(&self, more: Duration) {
        own(&self.0).fetch_add(nanoseconds(more), Ordering::Relaxed);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl counter::Atomic<f64> for Spent {
    fn inc(&self) -> f64 {
        self.inc_by(1.0)
    }

    fn inc_by(&self, more: f64) -> f64 {
        let before = self.get();
        self.add(Duration::try_from_secs_f64(more).unwrap_or_default());
        before
    }

    fn get(&self) -> f64 {
        Duration::from_nanos(sum(self.0.iter().map(|line| &line.0))).as_secs_f64()
    }
}

/// How many there are now, as a gauge's value. What began on one thread may end on another one: only
/// the sum means something.
#[derive(Debug, Default)]
pub(crate) struct Level([Line<AtomicI64>; LINES]);

impl gauge::Atomic<i64> for Level {
    fn inc(&self) -> i64 {
        self.inc_by(1)
    }

    fn inc_by(&self, more: i64) -> i64 {
        own(&self.0).fetch_add(more, Ordering::Relaxed)
    }

    fn dec(&self) -> i64 {
        self.dec_by(1)
    }

    fn dec_by(&self, less: i64) -> i64 {
        own(&self.0).fetch_sub(less, Ordering::Relaxed)
    }

    fn set(&self, level: i64) -> i64 {
        let before = self.get();
        self.inc_by(level.wrapping_sub(before));
        before
    }

    fn get(&self) -> i64 {
        self.0.iter().fold(0, |sum: i64, line| {
            sum.wrapping_add(line.0.load(Ordering::Relaxed))
        })
    }
}

/// How long things took, in buckets with these upper bounds, in seconds. Clones share their values.
#[derive(Debug)]
pub(crate) struct Durations<const BUCKETS: usize> {
    bounds: &'static [f64; BUCKETS],
    lines: Arc<[Line<Observed<BUCKETS>>; LINES]>,
}

#[derive(Debug)]
struct Observed<const BUCKETS: usize> {
    /// Of what was not above the bound and above the one before.
    buckets: [AtomicU64; BUCKETS],
    above_all: AtomicU64,
    nanoseconds: AtomicU64,
}

impl<const BUCKETS: usize> Default for Observed<BUCKETS> {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::default()),
            above_all: AtomicU64::default(),
            nanoseconds: AtomicU64::default(),
        }
    }
}

impl<const BUCKETS: usize> Clone for Durations<BUCKETS> {
    fn clone(&self) -> Self {
        Self {
            bounds: self.bounds,
            lines: Arc::clone(&self.lines),
        }
    }
}

impl<const BUCKETS: usize> Durations<BUCKETS> {
    /// None yet. `bounds` rise.
    pub(crate) fn new(bounds: &'static [f64; BUCKETS]) -> Self {
        Self {
            bounds,
            lines: Arc::default(),
        }
    }

    pub(crate) fn observe(&self, took: Duration) {
        let own = own(&self.lines);
        let seconds = took.as_secs_f64();
        let bucket = self.bounds.iter().zip(&own.buckets);
        let bucket = bucket
            .filter(|(bound, _)| seconds <= **bound)
            .map(|(_, bucket)| bucket)
            .next()
            .unwrap_or(&own.above_all);
        bucket.fetch_add(1, Ordering::Relaxed);
        own.nanoseconds
            .fetch_add(nanoseconds(took), Ordering::Relaxed);
    }
}

impl<const BUCKETS: usize> TypedMetric for Durations<BUCKETS> {
    const TYPE: MetricType = MetricType::Histogram;
}

impl<const BUCKETS: usize> EncodeMetric for Durations<BUCKETS> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let all = || self.lines.iter().map(|line| &line.0);
        let mut buckets: Vec<(f64, u64)> = self
            .bounds
            .iter()
            .enumerate()
            .map(|(index, &bound)| (bound, sum(all().map(|observed| &observed.buckets[index]))))
            .collect();
        buckets.push((
            f64::INFINITY,
            sum(all().map(|observed| &observed.above_all)),
        ));
        // Counted from the buckets, so that the two agree also while calls end.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let took = Duration::from_nanos(sum(all().map(|observed| &observed.nanoseconds)));
        encoder.encode_histogram::<NoLabelSet>(took.as_secs_f64(), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests;
