//! Many events that nobody has taken yet: memory, reading them, a kill, and saying that they are
//! done.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use wharf_store::{Position, ReadLimit};

use crate::Options;
use crate::load::{Times, microseconds};
use crate::log::{Opened, WINDOW};
use crate::meter::{processor_seconds, tell, tell_memory, tell_percentiles, whole};

/// Bytes of a body here.
const BODY_BYTES: usize = 256;

/// Most windows that are said to be done.
const DONE_WINDOW_LIMIT: u64 = 2_000;

/// Loads them, reads all, and waits to be killed.
pub(crate) async fn load(options: &Options) -> Result<()> {
    let opened = Arc::new(Opened::open(&options.folder).await?);
    tell_memory("empty_")?;
    opened.done(0, 0).await?;
    let started = Instant::now();
    opened.fill(options.count, BODY_BYTES).await?;
    tell("load_seconds", started.elapsed().as_secs_f64());
    tell_memory("loaded_")?;
    let mut times = Times::new();
    let limit = ReadLimit {
        count: usize::try_from(WINDOW)?,
        bytes: 16 * 1024 * 1024,
    };
    let events = opened.store.events();
    let mut next = Position::FIRST;
    let started = Instant::now();
    loop {
        let asked = Instant::now();
        let read = events.read(&opened.lane, next, limit).await?;
        let Some(last) = read.last() else { break };
        times.push(microseconds(asked.elapsed()));
        next = last.place.position.next();
    }
    ensure!(next.number() == options.count as u64, "not all were read");
    tell("read_seconds", started.elapsed().as_secs_f64());
    tell_percentiles("claim_", &mut times);
    tell_memory("read_")?;
    tell("ready", 1.0);
    // The end of standard input is that of who started this.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Opens what a killed process left, and says of the first events that they are done.
pub(crate) async fn reopen(options: &Options) -> Result<()> {
    let started = Instant::now();
    let opened = Opened::open(&options.folder).await?;
    tell("open_seconds", started.elapsed().as_secs_f64());
    tell_memory("opened_")?;
    let lane = opened.lane.id();
    let cursor = opened.store.events().cursor(lane, &opened.handler).await?;
    let first = cursor.context("the handler is gone")?.position.number();
    let head = opened.store.events().head(lane).await?.number();
    ensure!(
        head - first == options.count as u64,
        "{} events are pending",
        head - first
    );
    let mut times = Times::new();
    let (started, processor) = (Instant::now(), processor_seconds());
    let mut next = first;
    let last = head.min(first + WINDOW * DONE_WINDOW_LIMIT);
    while next < last {
        let to = last.min(next + WINDOW);
        let asked = Instant::now();
        opened.done(next, to).await?;
        times.push(microseconds(asked.elapsed()));
        next = to;
    }
    tell("done_seconds", started.elapsed().as_secs_f64());
    tell_percentiles("done_", &mut times);
    let processor = processor_seconds() - processor;
    tell("done_processor_us", processor * 1e6 / whole(last - first));
    opened.store.close().await;
    Ok(())
}
