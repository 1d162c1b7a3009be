use std::sync::Barrier;
use std::thread;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::*;

/// Does something on many threads at once, more than there are lines.
fn on_many_threads(act: impl Fn(u64) + Sync) {
    const THREADS: u64 = 3 * LINES as u64;
    let begin = Barrier::new(usize::try_from(THREADS).unwrap());
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (act, begin) = (&act, &begin);
            scope.spawn(move || {
                begin.wait();
                act(number);
            });
        }
    });
}

#[test]
fn nothing_that_threads_count_at_once_is_lost() {
    let count = Counter::<u64, Count>::default();
    let spent = Counter::<f64, Spent>::default();
    let level = Gauge::<i64, Level>::default();
    on_many_threads(|number| {
        for _ in 0..10_000 {
            count.inc();
            spent.inner().add(Duration::from_micros(number));
            level.inc();
            level.dec();
        }
        count.inc_by(number);
        level.inc();
    });
    let threads = 3 * LINES as u64;
    let numbers: u64 = (0..threads).sum();
    assert_eq!(count.get(), threads * 10_000 + numbers);
    let expected = Duration::from_micros(numbers * 10_000).as_secs_f64();
    assert!(
        (spent.get() - expected).abs() < 1e-9,
        "{} and not {expected}",
        spent.get()
    );
    assert_eq!(level.get(), i64::try_from(threads).unwrap());
    level.set(-3);
    assert_eq!(level.get(), -3, "also where others counted");
}

#[test]
fn what_begins_on_one_thread_may_end_on_another() {
    let level = Gauge::<i64, Level>::default();
    level.inc_by(2);
    thread::scope(|scope| {
        scope.spawn(|| level.dec());
    });
    assert_eq!(level.get(), 1);
}

#[test]
fn threads_have_lines_of_their_own() {
    let count = Count::default();
    let lines = std::sync::Mutex::new(std::collections::BTreeSet::new());
    on_many_threads(|_| {
        let line = std::ptr::from_ref(own(&count.0)).addr();
        lines.lock().unwrap().insert(line);
    });
    let lines: Vec<usize> = lines.into_inner().unwrap().into_iter().collect();
    assert_eq!(lines.len(), LINES, "all of them are used");
    assert!(
        lines.windows(2).all(|pair| pair[1] - pair[0] >= 64),
        "{lines:?}"
    );
}

/// What a scrape shows of a histogram.
fn shown<M: prometheus_client::registry::Metric>(metric: M) -> String {
    let mut registry = Registry::default();
    registry.register_with_unit("took", "How long", Unit::Seconds, metric);
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    text
}

#[test]
fn buckets_are_those_of_the_library() {
    const BOUNDS: [f64; 4] = [0.001, 0.01, 0.5, 30.0];
    let (ours, theirs) = (Durations::new(&BOUNDS), Histogram::new(BOUNDS));
    assert_eq!(
        bucket_lines(&shown(ours.clone())),
        bucket_lines(&shown(theirs.clone()))
    );
    // On the bounds, beside them, and beyond all of them. In parts that a float has exactly.
    for milliseconds in [
        0, 1, 2, 10, 11, 250, 499, 500, 501, 30_000, 30_001, 3_600_000,
    ] {
        let took = Duration::from_millis(milliseconds);
        thread::scope(|scope| {
            scope.spawn(|| ours.observe(took));
        });
        theirs.observe(took.as_secs_f64());
    }
    let (ours, theirs) = (shown(ours), shown(theirs));
    assert_eq!(bucket_lines(&ours), bucket_lines(&theirs));
    assert!(
        ours.contains("took_seconds_bucket{le=\"+Inf\"} 12"),
        "{ours}"
    );
    let sum = |text: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("took_seconds_sum "));
        line.unwrap().parse::<f64>().unwrap()
    };
    assert!((sum(&ours) - sum(&theirs)).abs() < 1e-6, "{ours}\n{theirs}");
}

/// All but the sum, which a library adds up in floats.
fn bucket_lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.contains("_sum "))
        .collect()
}
