//! What `cargo xtask bench store` starts: one measurement in one process, its figures on standard
//! output, one a line.

mod bare;
mod load;
mod log;
mod meter;
mod pending;
mod sqlite;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// A folder of its own; what is in it from before is gone on with.
    folder: PathBuf,
    /// How many append at once.
    writers: usize,
    time: Duration,
    /// Events that are written together where nothing decides it.
    group: usize,
    /// How many events, or keys, are put there.
    count: usize,
}

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let what = words.next().context("what is to be measured?")?;
    let folder = words.next().context("in which folder?")?;
    let mut options = Options {
        folder: folder.into(),
        writers: 1,
        time: Duration::from_secs(1),
        group: 1,
        count: 0,
    };
    for word in words {
        let (name, number) = word.split_once('=').context("options are NAME=NUMBER")?;
        let number: u32 = number.parse()?;
        match name {
            "writers" => options.writers = usize::try_from(number)?,
            "milliseconds" => options.time = Duration::from_millis(number.into()),
            "group" => options.group = usize::try_from(number)?,
            "count" => options.count = usize::try_from(number)?,
            _ => bail!("there is no option {name}"),
        }
    }
    std::fs::create_dir_all(&options.folder)?;
    match what.as_str() {
        "log" => load::block_on(log::append(&options, false)),
        "outcomes" => load::block_on(log::append(&options, true)),
        "fill-log" => load::block_on(log::fill(&options)),
        "sqlite" => load::block_on(sqlite::append(&options)),
        "fill-sqlite" => sqlite::fill(&options),
        "bare" => bare::append(&options),
        "pending" => load::block_on(pending::load(&options)),
        "reopened" => load::block_on(pending::reopen(&options)),
        _ => bail!("there is no measurement {what}"),
    }
}
