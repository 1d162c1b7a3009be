//! What lists of many events cost: run with the number of events, a million without one.
//!
//! Prints how long the index takes to be made from the log, its size, how long the check at a start
//! takes, and how long lists do.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use wharf_store::{
    Batch, Exception, Filter, LaneId, LogLock, Match, Name, NewEvent, Outcome, Paging, Position,
    Reason, Standing, State, Step, Store,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const BATCH: u64 = 512;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let argument = std::env::args().nth(1);
    let count: u64 = argument.map_or(Ok(1_000_000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    fill(folder.path(), count).await?;
    std::fs::remove_dir_all(folder.path().join("index"))?;

    let (store, opened) = open(folder.path()).await?;
    let start = Instant::now();
    while !store.events().listed().await? {}
    println!("log opened in {opened:?}");
    let (made, bytes) = (start.elapsed(), bytes(&folder.path().join("index"))?);
    println!(
        "index of {count} events and outcomes made in {made:?}: {:.2} µs each",
        per(made, count)
    );
    println!("{bytes} bytes: {} an event", bytes / count);
    lists(&store, count).await?;
    store.close().await;

    let (store, _) = open(folder.path()).await?;
    let start = Instant::now();
    while !store.events().listed().await? {}
    println!("checked after a start in {:?}", start.elapsed());
    store.close().await;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per(duration: Duration, count: u64) -> f64 {
    duration.as_secs_f64() * 1e6 / count as f64
}

async fn open(folder: &Path) -> Result<(Store, Duration)> {
    let store = Store::open(folder).await?;
    let lock = LogLock::take(folder)?.ok_or("another process has the log")?;
    let start = Instant::now();
    store.own_log(lock).await?;
    Ok((store, start.elapsed()))
}

/// Events of 256 bytes, each with one outcome; one in a thousand is dead.
async fn fill(folder: &Path, count: u64) -> Result<()> {
    let (store, _) = open(folder).await?;
    let events = store.events();
    let lane = LaneId::own(0).ok_or("no lane")?;
    let (leases, name) = (store.leases(), Name::new("lane")?);
    let lease = leases.acquire(&name, Duration::from_secs(60)).await?;
    let lane = events.own(lane, &lease.ok_or("no lease")?).await?;
    let handler = Name::new("billing")?;
    let start = Instant::now();
    for first in (0..count).step_by(usize::try_from(BATCH)?) {
        let positions = first..(first + BATCH).min(count);
        let at = Timestamp::from_second(1_700_000_000 + i64::try_from(first / 100)?)?;
        let new = positions.clone().map(|n| {
            Ok::<_, Box<dyn Error>>(NewEvent {
                source: Name::new("stripe")?,
                kind: Name::new(&format!("kind.{}", n % 20))?,
                key: None,
                order: None,
                at,
                meta: Bytes::new(),
                body: Bytes::from_static(&[b'x'; 256]),
            })
        });
        let batch = Batch::new(new.collect::<Result<_>>()?)?;
        events.append(&lane, batch).await?;
        let outcomes = positions.clone().map(|position| Outcome {
            position: Position::new(position),
            attempt: 1,
            is_done: position % 1_000 != 0,
            at,
            took: Duration::from_millis(20),
            reason: Reason::new("200"),
        });
        let dead = positions.clone().filter(|position| position % 1_000 == 0);
        let step = Step {
            cursor: Some(Position::new(positions.end)),
            outcomes: outcomes.collect(),
            exceptions: dead
                .map(|position| Exception {
                    position: Position::new(position),
                    state: State::Dead,
                    attempts: 1,
                    reason: Reason::new("410"),
                })
                .collect(),
            settled: Vec::new(),
        };
        events.advance(&lane, &handler, step).await?;
    }
    println!(
        "{count} events stored and delivered in {:?}",
        start.elapsed()
    );
    while !events.listed().await? {}
    println!("and listed in {:?}", start.elapsed());
    // It waits for other handles.
    drop((events, leases));
    store.close().await;
    Ok(())
}

async fn lists(store: &Store, count: u64) -> Result<()> {
    let handler = Name::new("billing")?;
    let all = Filter::default;
    let standing = |standing| Filter {
        standing: Some((handler.clone(), standing)),
        ..all()
    };
    let kind = |text| {
        Ok::<_, Box<dyn Error>>(Filter {
            kind: Some(Match::Is(Name::new(text)?)),
            ..all()
        })
    };
    let until = 1_700_000_000 + i64::try_from(count / 200)?;
    let middle = Filter {
        until: Some(Timestamp::from_second(until)?),
        ..all()
    };
    for (what, filter) in [
        ("all", all()),
        ("from the middle", middle),
        ("one kind of 20", kind("kind.7")?),
        ("a kind that is not there", kind("none")?),
        ("dead", standing(Standing::Dead)),
        ("open, of which there are none", standing(Standing::Open)),
    ] {
        let start = Instant::now();
        let paging = Paging {
            behind: None,
            limit: 100,
        };
        let page = store.events().list(&filter, paging).await?;
        println!("{what}: {} in {:?}", page.events.len(), start.elapsed());
    }
    Ok(())
}

fn bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
