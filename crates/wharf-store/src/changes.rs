//! Word of changes, whoever makes them.

use std::future::pending;

use tokio::sync::watch;

use crate::condition::Condition;
use crate::engine::{Embedded, Engine, Shared};
use crate::error::Unavailable;

/// What has happened to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something in it may be another one than before.
    Content,
    /// Another file took the place of the one that was read: all of it is new.
    Replaced,
}

/// Tells of changes since it was made; see [`Store::changes`](crate::Store::changes).
///
/// It holds its store open.
pub struct Changes {
    told: watch::Receiver<Condition>,
    /// What was told last.
    last: Condition,
    is_over: bool,
    engine: Shared,
}

impl Changes {
    pub(crate) fn new(engine: Shared) -> Self {
        let mut told = match &*engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.watch(),
            Engine::Memory(memory) => memory.watch(),
        };
        let last = told.borrow_and_update().clone();
        Self {
            told,
            last,
            is_over: false,
            engine,
        }
    }

    /// Waits for the next change: several in between are one. A read after it sees the change.
    ///
    /// An error tells, once, why changes cannot be seen for now. What was read before still is the
    /// last that is known; the next `Ok` says that the state can be followed again.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Change, Unavailable> {
        loop {
            let now = self.told.borrow_and_update().clone();
            let news = between(&self.last, &now);
            self.last = now;
            if let Some(news) = news {
                return news;
            }
            if self.is_over {
                pending::<()>().await;
            }
            if self.told.changed().await.is_err() {
                self.is_over = true;
                if let Engine::Embedded(Embedded { sqlite, .. }) = &*self.engine {
                    return Err(sqlite.stopped());
                }
            }
        }
    }
}

/// What there is to say of a condition that came after another one.
fn between(last: &Condition, now: &Condition) -> Option<Result<Change, Unavailable>> {
    if last.is_same(now) {
        return None;
    }
    Some(match &now.problem {
        Some(problem) => Err(problem.clone()),
        None if last.mark.replacements != now.mark.replacements => Ok(Change::Replaced),
        None => Ok(Change::Content),
    })
}
