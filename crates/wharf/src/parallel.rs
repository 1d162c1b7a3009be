//! Work on many things at once, on all processors, with the results in order.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use wharf_workspace::Processors;

/// Things that one worker takes at a time.
const CHUNK: usize = 16;

/// Every processor of the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllProcessors;

impl Processors for AllProcessors {
    fn map<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        map(items, work)
    }
}

/// Applies `work` to every item. The results are in the order of the items.
///
/// Few items are worked on by the calling thread alone: starting a thread costs more.
fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = workers(items.len());
    if workers < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            // Relaxed: each start is given out once, and the end of the scope orders the rest.
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            let Some(rest) = items.get(start..).filter(|rest| !rest.is_empty()) else {
                return done;
            };
            let results: Vec<R> = rest.iter().take(CHUNK).map(&work).collect();
            done.push((start, results));
        }
    };
    let mut chunks = thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(take)).collect();
        let mut chunks = take();
        for other in others {
            match other.join() {
                Ok(done) => chunks.extend(done),
                // A worker that failed fails the whole, as it would without threads.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        chunks
    });
    chunks.sort_by_key(|(start, _)| *start);
    chunks
        .into_iter()
        .flat_map(|(_, results)| results)
        .collect()
}

fn workers(items: usize) -> usize {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    processors.min(items.div_ceil(CHUNK))
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, 15, 16, 17, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let expected: Vec<_> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), expected);
        }
    }

    #[test]
    #[should_panic(expected = "seventeen")]
    fn a_failure_of_one_worker_is_a_failure_of_all() {
        let items: Vec<usize> = (0..100).collect();
        map(&items, |item| assert!(*item != 17, "seventeen"));
    }
}
