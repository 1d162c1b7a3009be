//! Who waits for an answer of the writer, and how all of a group are woken.
//!
//! A runtime that is woken from another thread costs a call of the system each time, also where a
//! hundred of its tasks are woken one after the other. So the writer wakes one task of each thread, and
//! that one wakes the others on its own thread, which costs nearly nothing. A task that is woken and
//! does not look at its answer would keep the others waiting: whom nobody has woken after
//! [`LONGEST`], the writer wakes.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

/// Time after which an idle writer wakes who was not woken by another one.
const LONGEST: Duration = Duration::from_millis(1);

/// An answer that is waited for.
#[derive(Debug)]
pub(crate) struct Answered<T> {
    receiver: oneshot::Receiver<T>,
    waiter: Arc<Waiter>,
}

/// The writer's side of who waits. It goes behind the answer; dropped, it wakes.
#[derive(Debug)]
pub(crate) struct Wake(Arc<Waiter>);

#[derive(Debug)]
struct Waiter(Mutex<State>);

#[derive(Debug)]
enum State {
    /// Its task, and the thread that it was last on, once it has looked for the answer.
    Waiting(Option<(ThreadId, Waker)>),
    /// The answer is there, and this one wakes others when it takes it.
    Chained(Arc<Chain>),
    Over,
}

/// Tasks of one thread that are to be woken.
#[derive(Debug, Default)]
struct Chain(Mutex<Links>);

#[derive(Debug, Default)]
struct Links {
    wakers: Vec<Waker>,
    /// One of them has its answer, and woke those that were there.
    is_passed_on: bool,
}

/// Whom the writer has to wake.
#[derive(Debug, Default)]
pub(crate) struct Waking(Vec<(ThreadId, Arc<Chain>)>);

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for what is sent to a receiver. The sender is used or dropped before the [`Wake`].
pub(crate) fn answered<T>(receiver: oneshot::Receiver<T>) -> (Answered<T>, Wake) {
    let waiter = Arc::new(Waiter(Mutex::new(State::Waiting(None))));
    let wake = Wake(Arc::clone(&waiter));
    (Answered { receiver, waiter }, wake)
}

impl<T> Future for Answered<T> {
    type Output = Result<T, TryRecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Before the look: whoever answers afterwards finds it.
        self.waiter.wait(context.waker());
        let answer = self.receiver.try_recv();
        if matches!(answer, Err(TryRecvError::Empty)) {
            return Poll::Pending;
        }
        self.waiter.end();
        Poll::Ready(answer)
    }
}

impl<T> Drop for Answered<T> {
    fn drop(&mut self) {
        self.waiter.end();
    }
}

impl Waiter {
    fn wait(&self, waker: &Waker) {
        if let State::Waiting(place) = &mut *lock(&self.0) {
            let here = thread::current().id();
            let is_known = place
                .as_ref()
                .is_some_and(|(thread, known)| *thread == here && known.will_wake(waker));
            if !is_known {
                *place = Some((here, waker.clone()));
            }
        }
    }

    /// Nobody waits here any more, so nobody is to wait for this one.
    fn end(&self) {
        let before = std::mem::replace(&mut *lock(&self.0), State::Over);
        if let State::Chained(chain) = before {
            chain.pass_on();
        }
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        let place = match &mut *lock(&self.0.0) {
            State::Waiting(place) => place.take(),
            State::Chained(_) | State::Over => None,
        };
        if let Some((_, waker)) = place {
            waker.wake();
        }
    }
}

impl Chain {
    fn pass_on(&self) {
        let wakers = {
            let mut links = lock(&self.0);
            links.is_passed_on = true;
            std::mem::take(&mut links.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Wakes one, who wakes the others.
    fn start(&self) {
        let mut links = lock(&self.0);
        if links.is_passed_on {
            // That one did not see those who came behind it.
            drop(links);
            self.pass_on();
        } else {
            let first = links.wakers.pop();
            drop(links);
            first.into_iter().for_each(Waker::wake);
        }
    }

    fn is_over(&self) -> bool {
        lock(&self.0).wakers.is_empty()
    }
}

impl Waking {
    /// Wakes all that have their answers.
    pub(crate) fn wake(&mut self, all: Vec<Wake>) {
        self.finish();
        for wake in all {
            let mut state = lock(&wake.0.0);
            if let State::Waiting(place) = &mut *state
                && let Some((thread, waker)) = place.take()
            {
                let chain = self.chain(thread);
                lock(&chain.0).wakers.push(waker);
                *state = State::Chained(chain);
            }
        }
        for (_, chain) in &self.0 {
            chain.start();
        }
    }

    fn chain(&mut self, thread: ThreadId) -> Arc<Chain> {
        let found = self.0.iter().find(|(of, _)| *of == thread);
        if let Some((_, chain)) = found {
            return Arc::clone(chain);
        }
        let chain = Arc::<Chain>::default();
        self.0.push((thread, Arc::clone(&chain)));
        chain
    }

    /// Wakes who is left.
    fn finish(&mut self) {
        for (_, chain) in self.0.drain(..) {
            chain.pass_on();
        }
    }

    /// The next message; `None`: nobody can send one any more.
    pub(crate) fn next<M>(&mut self, inbox: &Receiver<M>) -> Option<M> {
        if self.0.iter().any(|(_, chain)| !chain.is_over()) {
            match inbox.recv_timeout(LONGEST) {
                Ok(message) => return Some(message),
                Err(RecvTimeoutError::Timeout) => self.finish(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        inbox.recv().ok()
    }
}

impl Drop for Waking {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests;
