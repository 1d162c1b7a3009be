//! `SQLite` alone at the same work: one thread writes, and what waits is one transaction.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::Options;
use crate::load::{self, BODY_BYTES, Bodies};
use crate::meter::{Meter, float, tell, whole};

/// Most events of one transaction, as in the log.
const GROUP_EVENT_LIMIT: usize = 512;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS events (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS dedupe (
        key BLOB PRIMARY KEY, event INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS deliveries (
        event INTEGER NOT NULL, handler INTEGER NOT NULL, state INTEGER NOT NULL,
        due INTEGER NOT NULL, PRIMARY KEY (event, handler)
    ) STRICT, WITHOUT ROWID;";

struct Event {
    key: Bytes,
    body: Bytes,
    at: i64,
    answer: oneshot::Sender<()>,
}

fn open(folder: &Path) -> Result<Connection> {
    let connection = Connection::open(folder.join("alone.sqlite3"))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    // 64 MiB.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

pub(crate) async fn append(options: &Options) -> Result<()> {
    let connection = open(&options.folder)?;
    let meter = Meter::start(&options.folder)?;
    let (sender, inbox) = mpsc::channel();
    let writer = thread::spawn(move || write(connection, &inbox));
    let bodies = Bodies::new();
    let once = move || {
        let (answer, done) = oneshot::channel();
        let event = Event {
            key: load::key(),
            body: bodies.body(BODY_BYTES),
            at: jiff::Timestamp::now().as_microsecond(),
            answer,
        };
        let sent = sender.send(event);
        async move {
            sent?;
            Ok(done.await?)
        }
    };
    let times = load::append(options, once).await?;
    let seconds = meter.seconds();
    let ended = writer.join().ok().context("the writer panicked")?;
    let groups = ended?;
    tell("groups", whole(groups));
    tell("events_per_group", float(times.len()) / whole(groups));
    meter.end(seconds, times, 1)
}

/// How many transactions there were when nobody is left who sends.
fn write(mut connection: Connection, inbox: &Receiver<Event>) -> Result<u64> {
    let mut groups = 0;
    let mut answers = Vec::new();
    while let Ok(first) = inbox.recv() {
        let transaction = connection.transaction()?;
        let waiting = std::iter::once(first).chain(inbox.try_iter());
        {
            let mut add_event = transaction.prepare_cached(
                "INSERT INTO events (source, kind, at, body) VALUES ('vendor', 'made', ?1, ?2)",
            )?;
            let mut add_key = transaction
                .prepare_cached("INSERT OR IGNORE INTO dedupe (key, event) VALUES (?1, ?2)")?;
            let mut add_delivery = transaction.prepare_cached(
                "INSERT INTO deliveries (event, handler, state, due) VALUES (?1, 1, 0, ?2)",
            )?;
            let mut next: i64 = transaction
                .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM events")?
                .query_row([], |row| row.get(0))?;
            for event in waiting.take(GROUP_EVENT_LIMIT) {
                if add_key.execute(params![&event.key[..], next])? == 1 {
                    add_event.execute(params![event.at, &event.body[..]])?;
                    add_delivery.execute(params![next, event.at])?;
                    next += 1;
                }
                answers.push(event.answer);
            }
        }
        transaction.commit()?;
        groups += 1;
        for answer in answers.drain(..) {
            // Nobody goes away here.
            let _ = answer.send(());
        }
    }
    // The last one to close it moves all that is in its log into the database.
    connection.close().map_err(|(_, error)| error)?;
    Ok(groups)
}

/// Puts keys there, sorted, which is the fastest way and leaves the fullest pages.
pub(crate) fn fill(options: &Options) -> Result<()> {
    let mut connection = open(&options.folder)?;
    connection.pragma_update(None, "synchronous", "off")?;
    let started = Instant::now();
    let mut keys: Vec<[u8; 16]> = vec![[0; 16]; options.count];
    for key in &mut keys {
        fastrand::fill(key);
    }
    keys.sort_unstable();
    for piece in keys.chunks(100_000) {
        let transaction = connection.transaction()?;
        {
            let mut add =
                transaction.prepare_cached("INSERT INTO dedupe (key, event) VALUES (?1, 0)")?;
            for key in piece {
                add.execute([&key[..]])?;
            }
        }
        transaction.commit()?;
    }
    connection.close().map_err(|(_, error)| error)?;
    tell("seconds", started.elapsed().as_secs_f64());
    Ok(())
}
