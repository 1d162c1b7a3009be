//! How much of what could be tried a test tries: some of it in every run, all of it where a proof asks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Set by the proofs `segment-cuts` and `full-disk`.
const EVERY: &str = "WHARF_STORE_EVERY";

/// Whether all is to be tried.
pub(crate) fn is_every() -> bool {
    std::env::var_os(EVERY).is_some()
}

/// Every `distance`th of these, or all where a proof asks for it.
pub(crate) fn sample<T>(all: impl Iterator<Item = T>, distance: usize) -> Vec<T> {
    all.step_by(if is_every() { 1 } else { distance }).collect()
}

/// The bits of a byte to turn around: one, or all where a proof asks for it.
pub(crate) fn bits(byte: u64) -> std::ops::Range<u8> {
    let one = u8::try_from(byte % 8).unwrap();
    if is_every() { 0..8 } else { one..one + 1 }
}

/// Tries each on all processors, and says how many there were, for the proof to tell.
pub(crate) fn each<T: Sync>(what: &str, all: &[T], attempt: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            attempt(one);
        }
    };
    let count = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let all: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        for one in all {
            if let Err(panic) = one.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    assert!(!all.is_empty(), "no {what}");
    println!("tried: {} {what}", all.len());
}
