//! The thread that writes: it takes what waits and commits it as one group.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::error::Failure;
use super::reader::Job;
use super::session::{Session, Standing};
use crate::error::Unavailable;

/// Most changes of one group, so that the first of them is not kept waiting by the rest.
const GROUP_LIMIT: usize = 512;

/// A change that somebody waits for.
pub(super) trait Waiting: Send {
    /// Whether somebody still does.
    fn is_awaited(&self) -> bool;
    /// Makes the change within the transaction of its group. Whether it counts.
    fn make(&mut self, connection: &Connection) -> bool;
    /// Why it does not count, where the whole group failed with it.
    fn failure(&mut self) -> Option<Failure>;
    /// Tells how it came out, after the fate of its group is known.
    fn answer(self: Box<Self>, session: &Session, group: &Result<(), Unavailable>);
}

/// A change as statements, with the place where its outcome is told.
pub(super) struct Write<T, Make> {
    make: Option<Make>,
    outcome: Option<Result<T, Failure>>,
    done: oneshot::Sender<Result<T, Unavailable>>,
}

impl<T, Make> Write<T, Make> {
    pub(super) fn new(make: Make, done: oneshot::Sender<Result<T, Unavailable>>) -> Self {
        Self {
            make: Some(make),
            outcome: None,
            done,
        }
    }
}

impl<T, Make> Waiting for Write<T, Make>
where
    T: Send,
    Make: FnOnce(&Connection) -> Result<T, Failure> + Send,
{
    fn is_awaited(&self) -> bool {
        !self.done.is_closed()
    }

    fn make(&mut self, connection: &Connection) -> bool {
        self.outcome = self.make.take().map(|make| make(connection));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn failure(&mut self) -> Option<Failure> {
        self.outcome.take()?.err()
    }

    fn answer(self: Box<Self>, session: &Session, group: &Result<(), Unavailable>) {
        let outcome = match (group, self.outcome) {
            (Ok(()), Some(outcome)) => outcome.map_err(|failure| session.error(failure)),
            (Err(unavailable), _) => Err(unavailable.clone()),
            // Dropped unanswered, it says that nobody works any more.
            (Ok(()), None) => return,
        };
        // Who went away meanwhile does not want to know.
        let _ = self.done.send(outcome);
    }
}

/// Writes until nobody can ask for anything more. `commits` counts the groups.
///
/// There is no timer: while one group waits for the disk, the next one gathers.
pub(super) fn run(
    mut session: Session,
    waiting: &Receiver<Box<dyn Waiting>>,
    reader: &Sender<Job>,
    commits: &AtomicU64,
) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP_LIMIT - 1));
        group.retain(|change| change.is_awaited());
        if group.is_empty() {
            continue;
        }
        let committed = commit(&mut session, &mut group);
        if committed.is_ok() {
            commits.fetch_add(1, Ordering::Relaxed);
        }
        for change in group {
            change.answer(&session, &committed);
        }
        // It is gone only where the reader has panicked.
        let _ = reader.send(Job::Look);
    }
}

/// Makes all changes of a group in one transaction, which is one wait for the disk.
fn commit(session: &mut Session, group: &mut [Box<dyn Waiting>]) -> Result<(), Unavailable> {
    let connection = session.ready()?;
    if let Err(error) = commit_on(connection, group) {
        return Err(session.error(error));
    }
    match session.standing() {
        // The commit itself may have written to the file.
        Standing::Untouched | Standing::Written => Ok(()),
        // What was committed went with the file.
        Standing::CutOff | Standing::Replaced | Standing::Gone => {
            Err(Unavailable::moved(session.path()))
        }
    }
}

fn commit_on(connection: &mut Connection, group: &mut [Box<dyn Waiting>]) -> Result<(), Failure> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in group {
        // A change of which a statement fails must not take the others with it.
        let point = transaction.savepoint()?;
        if change.make(&point) {
            point.commit()?;
        } else {
            // Where SQLite has rolled all of it back, as it does on a full disk, what came now
            // would be outside of any transaction.
            if point.is_autocommit()
                && let Some(failure) = change.failure()
            {
                return Err(failure);
            }
            point.finish()?;
        }
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests;
