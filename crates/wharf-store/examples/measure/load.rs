//! What is appended, and for how long.

use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use tokio::task::JoinSet;

use crate::Options;

/// Bytes of a body.
pub(crate) const BODY_BYTES: usize = 1024;

/// Random bytes that bodies are pieces of.
const RANDOM_BYTES: usize = 4 * 1024 * 1024;

/// All in one thread, as a worker that serves has it.
pub(crate) fn block_on(measured: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measured)
}

/// Random bodies. Making one costs next to nothing, so that it is not what is measured.
#[derive(Clone)]
pub(crate) struct Bodies(Bytes);

impl Bodies {
    pub(crate) fn new() -> Self {
        let mut bytes = vec![0; RANDOM_BYTES];
        fastrand::fill(&mut bytes);
        Self(bytes.into())
    }

    pub(crate) fn body(&self, bytes: usize) -> Bytes {
        let start = fastrand::usize(..RANDOM_BYTES - bytes);
        self.0.slice(start..start + bytes)
    }
}

pub(crate) fn key() -> Bytes {
    let mut key = [0; 16];
    fastrand::fill(&mut key);
    Bytes::copy_from_slice(&key)
}

/// How long each append took, in microseconds.
pub(crate) type Times = Vec<u32>;

pub(crate) fn microseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Lets so many writers append, each its next event when it has its answer, until the time is over.
pub(crate) async fn append<Appended>(
    options: &Options,
    once: impl Fn() -> Appended + Clone + Send + 'static,
) -> Result<Times>
where
    Appended: Future<Output = Result<()>> + Send,
{
    let end = Instant::now() + options.time;
    let mut writers = JoinSet::new();
    for _ in 0..options.writers {
        let once = once.clone();
        writers.spawn(async move {
            let mut times = Times::new();
            while Instant::now() < end {
                let started = Instant::now();
                once().await?;
                times.push(microseconds(started.elapsed()));
            }
            Ok::<_, anyhow::Error>(times)
        });
    }
    let mut all = Times::new();
    while let Some(times) = writers.join_next().await {
        all.extend(times??);
    }
    Ok(all)
}
