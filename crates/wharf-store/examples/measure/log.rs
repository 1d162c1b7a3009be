//! The store's log, through its face.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use jiff::Timestamp;
use tokio::task::JoinSet;
use wharf_store::{
    Batch, LaneId, LogLock, LogStatus, Name, NewEvent, Outcome, OwnedLane, Position, Reason, Step,
    Store,
};

use crate::Options;
use crate::load::{self, BODY_BYTES, Bodies};
use crate::meter::{Meter, tell, whole};

/// Events that are said to be done together.
pub(crate) const WINDOW: u64 = 64;

/// Batches under way while the store is filled.
const FILLING_COUNT: usize = 4;

/// A store that is open, and its one lane.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) lane: OwnedLane,
    pub(crate) handler: Name,
    source: Name,
    kind: Name,
}

impl Opened {
    pub(crate) async fn open(folder: &Path) -> Result<Self> {
        let store = Store::open(folder).await?;
        let lock = LogLock::take(folder)?.context("another process has the log")?;
        store.own_log(lock).await?;
        let name = Name::new("node")?;
        let leases = store.leases();
        let lease = leases.acquire(&name, Duration::from_secs(3600)).await?;
        let lease = lease.context("another one has the lease")?;
        let lane = LaneId::own(0).context("there is no such lane")?;
        Ok(Self {
            lane: store.events().own(lane, &lease).await?,
            handler: Name::new("handler")?,
            source: Name::new("vendor")?,
            kind: Name::new("made")?,
            store,
        })
    }

    pub(crate) fn event(&self, body: Bytes) -> NewEvent {
        NewEvent {
            source: self.source.clone(),
            kind: self.kind.clone(),
            key: Some(load::key()),
            order: None,
            at: Timestamp::now(),
            meta: Bytes::new(),
            body,
        }
    }

    pub(crate) async fn status(&self) -> Result<LogStatus> {
        let status = self.store.log_status().await?;
        status.context("the store is not on a disk")
    }

    /// Appends so many events in the largest batches there are.
    pub(crate) async fn fill(self: &Arc<Self>, count: usize, body_bytes: usize) -> Result<()> {
        let bodies = Bodies::new();
        let mut under_way = JoinSet::new();
        let mut left = count;
        while left > 0 {
            let size = left.min(wharf_store::BATCH_COUNT_LIMIT);
            left -= size;
            if under_way.len() >= FILLING_COUNT
                && let Some(appended) = under_way.join_next().await
            {
                appended??;
            }
            let events = (0..size).map(|_| self.event(bodies.body(body_bytes)));
            let batch = Batch::new(events.collect())?;
            let opened = Arc::clone(self);
            under_way.spawn(async move {
                let appended = opened.store.events().append(&opened.lane, batch).await;
                appended.map(drop).map_err(anyhow::Error::from)
            });
        }
        while let Some(appended) = under_way.join_next().await {
            appended??;
        }
        Ok(())
    }

    /// Says that events from one position to another are done, each with its attempt.
    pub(crate) async fn done(&self, from: u64, to: u64) -> Result<()> {
        let at = Timestamp::now();
        let outcomes = (from..to).map(|position| Outcome {
            position: Position::new(position),
            attempt: 1,
            is_done: true,
            at,
            took: Duration::from_millis(12),
            reason: Reason::new("200"),
        });
        let step = Step {
            cursor: Some(Position::new(to)),
            outcomes: outcomes.collect(),
            ..Step::default()
        };
        let events = self.store.events();
        events.advance(&self.lane, &self.handler, step).await?;
        Ok(())
    }
}

/// Many append one event each; with `outcomes`, one more says what came of them, a window after the
/// other.
pub(crate) async fn append(options: &Options, outcomes: bool) -> Result<()> {
    let started = Instant::now();
    let opened = Arc::new(Opened::open(&options.folder).await?);
    tell("open_seconds", started.elapsed().as_secs_f64());
    let before = opened.status().await?;
    let meter = Meter::start(&options.folder)?;
    let first = opened.store.events().head(opened.lane.id()).await?.number();
    let next = Arc::new(AtomicU64::new(first));
    let bodies = Bodies::new();
    let writer = Arc::clone(&opened);
    let once = move || {
        let (opened, next) = (Arc::clone(&writer), Arc::clone(&next));
        let event = opened.event(bodies.body(BODY_BYTES));
        async move {
            let batch = Batch::new(vec![event])?;
            opened.store.events().append(&opened.lane, batch).await?;
            // Events of a group are acknowledged together, so those before are there too.
            let to = next.fetch_add(1, Ordering::Relaxed) + 1;
            if outcomes && (to - first).is_multiple_of(WINDOW) {
                opened.done(to - WINDOW, to).await?;
            }
            Ok(())
        }
    };
    let times = load::append(options, once).await?;
    let seconds = meter.seconds();
    let after = opened.status().await?;
    let opened = Arc::into_inner(opened).context("a writer is left")?;
    opened.store.close().await;
    let counted = |of: fn(&LogStatus) -> u64| whole(of(&after) - of(&before));
    let events = counted(|status| status.counts.events);
    tell("groups", counted(|status| status.counts.groups));
    tell(
        "events_per_group",
        events / counted(|status| status.counts.groups),
    );
    tell("syncs", counted(|status| status.counts.syncs));
    tell(
        "handed_bytes",
        counted(|status| status.counts.bytes) / events,
    );
    tell_keys(&after);
    meter.end(seconds, times, 1)
}

fn tell_keys(status: &LogStatus) {
    tell("keys", whole(status.keys.count));
    tell("key_files", whole(status.keys.file_count));
    tell("key_mib", whole(status.keys.memory_bytes) / 1_048_576.0);
}

/// Puts events there that are small, for their keys.
pub(crate) async fn fill(options: &Options) -> Result<()> {
    let opened = Arc::new(Opened::open(&options.folder).await?);
    let started = Instant::now();
    opened.fill(options.count, 1).await?;
    tell("seconds", started.elapsed().as_secs_f64());
    crate::meter::tell_memory("")?;
    tell_keys(&opened.status().await?);
    let opened = Arc::into_inner(opened).context("a writer is left")?;
    opened.store.close().await;
    Ok(())
}
