//! Notices of this process and of others: what is told is kept in the store, and the log has it.
//!
//! Until there are routes, the log is where people hear of a notice. Who tells one here has logged
//! it in its own words; what others wrote into the store, a procedure in its own transaction or
//! another process, is logged by [`Desk`], one line each. Its place is kept as that of the route
//! `log`, so what was told while nothing served is logged at the next start.

mod made;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wharf_policy::bounded::{Name, NameError};
use wharf_policy::notice::{Notice, Severity};
use wharf_store::{Change, NoticeRecord, Records, Store, Unavailable};

use crate::redact;

pub(crate) use made::{broken, held, undelivered, undelivered_words};

/// Most notices that wait to be written. What comes beyond is dropped and counted: it stands in the
/// log, and whoever tells must not wait for a disk.
const WAITING: usize = 256;

/// The log, as a route of notices.
const LOG: &str = "log";

/// Most notices that are read at once.
const PAGE: u32 = 100;

/// Time until what the store did not take is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Where the process tells notices. Clones tell the same desk; the default tells nobody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Teller(Option<Arc<Queue>>);

#[derive(Debug)]
struct Queue {
    sender: mpsc::Sender<Notice>,
    dropped: AtomicU64,
}

impl Teller {
    /// Tells a notice that was logged already. Never waits.
    pub(crate) fn tell(&self, notice: Notice) {
        if let Some(queue) = &self.0
            && queue.sender.try_send(notice).is_err()
        {
            queue.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Writes what is told into the store, and logs what others wrote there.
pub(crate) struct Desk {
    store: Store,
    /// Its cursor says how far the log is.
    route: Name,
    told: mpsc::Receiver<Notice>,
    queue: Arc<Queue>,
    /// Told, and not written yet: at most [`WAITING`].
    waiting: Vec<Notice>,
    /// Numbers of notices that were logged by who told them, above the cursor.
    logged: BTreeSet<u64>,
    /// Why the store took nothing last.
    problem: Option<String>,
}

/// A desk for a store, and where it is told.
pub(crate) fn desk(store: &Store) -> Result<(Desk, Teller), NameError> {
    let (sender, told) = mpsc::channel(WAITING);
    let queue = Arc::new(Queue {
        sender,
        dropped: AtomicU64::new(0),
    });
    let desk = Desk {
        store: store.clone(),
        route: Name::new(LOG)?,
        told,
        queue: Arc::clone(&queue),
        waiting: Vec::new(),
        logged: BTreeSet::new(),
        problem: None,
    };
    Ok((desk, Teller(Some(queue))))
}

impl Desk {
    /// Works until `stop`; what was told by then is written.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let records = self.store.records();
        let mut changes = self.store.changes();
        // Something may have been told since a process logged last.
        let mut again = Some(Instant::now());
        loop {
            let is_full = self.waiting.len() >= WAITING;
            let due = again.unwrap_or_else(Instant::now);
            tokio::select! {
                notice = self.told.recv(), if !is_full => self.waiting.extend(notice),
                // Why changes cannot be seen, who watches the callers tells.
                change = changes.next() => {
                    if matches!(change, Ok(Change::Replaced)) {
                        // The numbers of another state are others.
                        self.logged.clear();
                    }
                }
                () = tokio::time::sleep_until(due), if again.is_some() => {}
                () = stop.cancelled() => break,
            }
            let done = self.write_and_log(&records).await;
            again = done.is_err().then(|| Instant::now() + AGAIN);
            self.tell_problem(done.err());
        }
        // Who is asked to end may have told of it.
        let done = self.write_and_log(&records).await;
        self.tell_problem(done.err());
    }

    /// Writes what waits, and logs what nobody here has logged.
    async fn write_and_log(&mut self, records: &Records) -> Result<(), Unavailable> {
        while self.waiting.len() < WAITING {
            let Ok(notice) = self.told.try_recv() else {
                break;
            };
            self.waiting.push(notice);
        }
        let told = records.tell(&self.waiting).await?;
        self.waiting.clear();
        let new = told.iter().filter(|told| told.is_new);
        self.logged.extend(new.map(|told| told.number));
        let dropped = self.queue.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(
                dropped,
                "{dropped} notices were not kept, because more came than could be written; \
                 the log has what they say"
            );
        }
        self.log(records).await
    }

    async fn log(&mut self, records: &Records) -> Result<(), Unavailable> {
        let start = records.notice_cursor(&self.route).await?;
        let mut cursor = start;
        loop {
            let page = records.notices_after(cursor, PAGE).await?;
            for record in &page {
                if !self.logged.remove(&record.number) {
                    log(record);
                }
                cursor = cursor.max(record.number);
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        // Those that gave way to others before they were read.
        self.logged = self.logged.split_off(&cursor.saturating_add(1));
        if cursor > start
            && let Err(error) = records.advance_notice_cursor(&self.route, cursor).await
        {
            tracing::warn!("notices in the log will be there again at the next start: {error}");
        }
        Ok(())
    }

    /// Tells once that the store takes nothing, where there is something to take. That the state
    /// cannot be used at all, who watches the callers tells.
    fn tell_problem(&mut self, error: Option<Unavailable>) {
        let error = error.filter(|_| !self.waiting.is_empty());
        let problem = error.map(|error| format!("{:#}", anyhow::Error::from(error)));
        if problem != self.problem {
            if let Some(problem) = &problem {
                tracing::error!("notices cannot be kept now: {problem}");
            }
            self.problem = problem;
        }
    }
}

/// One line, by how severe it is.
fn log(record: &NoticeRecord) {
    let NoticeRecord { number, notice, .. } = record;
    let kind = notice.kind.as_str();
    let about = notice.subject.to_string();
    let (title, text) = (notice.title.as_str(), notice.text.as_str());
    let words = if text.is_empty() {
        title.to_owned()
    } else {
        format!("{title}: {text}")
    };
    let words = redact::without_secrets(&words.replace(['\n', '\r'], " "));
    match notice.severity {
        Severity::Critical => tracing::error!(notice = number, kind, about, "{words}"),
        Severity::Warning => tracing::warn!(notice = number, kind, about, "{words}"),
        Severity::Info => tracing::info!(notice = number, kind, about, "{words}"),
    }
}

#[cfg(test)]
mod tests;
