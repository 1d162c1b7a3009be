//! The thread that reads, and that looks for changes while somebody wants to know of them.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::session::Session;
use crate::condition::Condition;

/// Time between two looks for changes. `SQLite` tells nobody of what another process has written:
/// its hooks are called for the connection that writes alone, and a notification of the file system
/// is absent on some of them. One can only ask, which costs a look at the file and at shared memory.
const INTERVAL: Duration = Duration::from_millis(250);

/// Something to do for the thread.
pub(super) enum Job {
    /// Statements that change nothing.
    Read(Box<dyn FnOnce(&mut Session) + Send>),
    /// Look for changes now, if somebody wants to know of them.
    Look,
}

/// Works until nobody can ask for anything more.
///
/// `told` has one receiver that is never read: the others are made of it.
pub(super) fn run(mut session: Session, jobs: &Receiver<Job>, told: &watch::Sender<Condition>) {
    let mut due = Instant::now();
    loop {
        let job = if is_watched(told) {
            match jobs.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => Job::Look,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        } else {
            match jobs.recv() {
                Ok(job) => job,
                Err(_) => return,
            }
        };
        let is_asked_to_look = match job {
            Job::Read(read) => {
                read(&mut session);
                false
            }
            Job::Look => true,
        };
        // Many reads must not put the look off.
        if is_watched(told) && (is_asked_to_look || Instant::now() >= due) {
            look(&mut session, told);
            due = Instant::now() + INTERVAL;
        }
    }
}

fn is_watched(told: &watch::Sender<Condition>) -> bool {
    told.receiver_count() > 1
}

fn look(session: &mut Session, told: &watch::Sender<Condition>) {
    let found = session.mark();
    told.send_if_modified(|condition| {
        let now = match found {
            Ok(mark) => Condition {
                mark,
                problem: None,
            },
            Err(problem) => Condition {
                mark: condition.mark,
                problem: Some(problem),
            },
        };
        let is_other = !condition.is_same(&now);
        *condition = now;
        is_other
    });
}
