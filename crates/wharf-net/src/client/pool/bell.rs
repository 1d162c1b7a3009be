//! Who waits for the connections of an origin, in the order in which they came.
//!
//! A ring says that a look is worthwhile, not what is found. Who finds nothing keeps its place: were
//! it put at the end, those that come later would be served first, and under load the same ones would
//! wait until their time is over.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Rings for those that wait.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    queue: Mutex<Queue>,
    /// As many as are in the queue, for who asks without its lock.
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Queue {
    /// By the number of their place: the first has waited longest.
    waiters: BTreeMap<u64, Waiter>,
    next: u64,
    /// A ring that nobody heard, for the next that comes: what it is about may have happened
    /// between its look and its place in the queue.
    unheard: bool,
}

#[derive(Debug, Default)]
struct Waiter {
    /// It was rung for, and has not looked since.
    rung: bool,
    task: Option<Waker>,
}

/// A place in the queue, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    bell: Arc<Bell>,
    number: u64,
}

impl Bell {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// The last place.
    pub(super) fn queue_up(self: &Arc<Self>) -> Place {
        let mut queue = self.queue();
        let number = queue.next;
        queue.next += 1;
        let waiter = Waiter {
            rung: std::mem::take(&mut queue.unheard),
            task: None,
        };
        queue.waiters.insert(number, waiter);
        self.waiting.store(queue.waiters.len(), Ordering::Release);
        drop(queue);
        Place {
            bell: Arc::clone(self),
            number,
        }
    }

    /// Rings for the first that was not rung for since it looked. Where there is none, the next that
    /// comes has it.
    pub(crate) fn ring(&self) {
        let mut queue = self.queue();
        let first = queue.waiters.values_mut().find(|waiter| !waiter.rung);
        let task = if let Some(waiter) = first {
            waiter.rung = true;
            waiter.task.take()
        } else {
            queue.unheard = true;
            None
        };
        // Not under the lock: what is woken may be on another thread, and ask for it at once.
        drop(queue);
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Rings for all that wait.
    pub(crate) fn ring_for_all(&self) {
        let mut queue = self.queue();
        let tasks: Vec<Waker> = queue
            .waiters
            .values_mut()
            .filter_map(|waiter| {
                waiter.rung = true;
                waiter.task.take()
            })
            .collect();
        drop(queue);
        tasks.into_iter().for_each(Waker::wake);
    }
}

impl Place {
    /// Waits until it is rung for, and from then on can be rung for again. Dropping the future loses
    /// no ring.
    pub(super) async fn rung(&self) {
        poll_fn(|cx| {
            let mut queue = self.bell.queue();
            let Some(waiter) = queue.waiters.get_mut(&self.number) else {
                // It is there as long as its place lives.
                return Poll::Ready(());
            };
            if std::mem::take(&mut waiter.rung) {
                return Poll::Ready(());
            }
            if !waiter
                .task
                .as_ref()
                .is_some_and(|task| task.will_wake(cx.waker()))
            {
                waiter.task = Some(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut queue = self.bell.queue();
        let left = queue.waiters.remove(&self.number);
        self.bell
            .waiting
            .store(queue.waiters.len(), Ordering::Release);
        drop(queue);
        // What it was rung for is there for another one.
        if left.is_some_and(|waiter| waiter.rung) {
            self.bell.ring();
        }
    }
}

#[cfg(test)]
mod tests;
