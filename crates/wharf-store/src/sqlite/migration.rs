//! The tables, as a list of steps that only ever grows.
//!
//! `PRAGMA user_version` counts the steps that were taken. A step is never changed once it has
//! been released, and there is no way back: an older program refuses a newer database.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::unavailable;
use crate::error::{OpenError, Unavailable};

/// Marks the file as ours: the bytes `WHRF`.
pub(crate) const APPLICATION_ID: i64 = 0x5748_5246;

/// Schema 1 is what the first step makes, and so on.
const STEPS: &[&str] = &[
    // Schema 1: who may call. A token is kept as its SHA-256 only.
    "CREATE TABLE callers (
         name TEXT NOT NULL PRIMARY KEY,
         token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
         created_microseconds INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // Schema 2: leases and allowances.
    "CREATE TABLE leases (
         name TEXT NOT NULL PRIMARY KEY,
         epoch INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE allowances (
         name TEXT NOT NULL,
         period INTEGER NOT NULL,
         cap INTEGER NOT NULL,
         taken INTEGER NOT NULL,
         settled INTEGER NOT NULL,
         PRIMARY KEY (name, period)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE chunks (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT NOT NULL,
         period INTEGER NOT NULL,
         units INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX chunks_of_allowances ON chunks (name, period);",
    // Schema 3: secrets, sealed. What is in clear is no row: a sealed one starts with `WHS`.
    "CREATE TABLE sealed (
         name TEXT NOT NULL PRIMARY KEY,
         version INTEGER NOT NULL CHECK (version > 0),
         put_microseconds INTEGER NOT NULL,
         bytes BLOB NOT NULL CHECK (substr(bytes, 1, 3) = x'574853' AND length(bytes) >= 40)
     ) STRICT;",
    // Schema 4: runs of procedures with their histories, and notices. A severity is its rank, a
    // number of a notice is never used again.
    "CREATE TABLE journal_runs (
         id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
         kind TEXT NOT NULL,
         integration TEXT NOT NULL,
         environment TEXT NOT NULL,
         version INTEGER NOT NULL,
         epoch INTEGER NOT NULL,
         started_microseconds INTEGER NOT NULL,
         changed_microseconds INTEGER NOT NULL,
         next_microseconds INTEGER,
         ended_microseconds INTEGER,
         format INTEGER NOT NULL,
         state BLOB NOT NULL
     ) STRICT;
     CREATE UNIQUE INDEX journal_runs_live ON journal_runs (kind, integration, environment)
         WHERE ended_microseconds IS NULL;
     CREATE INDEX journal_runs_due ON journal_runs (kind, next_microseconds)
         WHERE next_microseconds IS NOT NULL;
     CREATE INDEX journal_runs_ended ON journal_runs (ended_microseconds)
         WHERE ended_microseconds IS NOT NULL;
     CREATE TABLE journal_entries (
         run BLOB NOT NULL REFERENCES journal_runs (id) ON DELETE CASCADE,
         version INTEGER NOT NULL,
         at_microseconds INTEGER NOT NULL,
         what TEXT NOT NULL,
         step TEXT NOT NULL,
         way TEXT NOT NULL,
         attempt INTEGER NOT NULL,
         note TEXT NOT NULL,
         PRIMARY KEY (run, version)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE notices (
         number INTEGER PRIMARY KEY AUTOINCREMENT,
         key BLOB NOT NULL CHECK (length(key) = 16),
         kind TEXT NOT NULL,
         severity INTEGER NOT NULL,
         integration TEXT NOT NULL,
         environment TEXT NOT NULL,
         title TEXT NOT NULL,
         text TEXT NOT NULL,
         at_microseconds INTEGER NOT NULL,
         same_within_milliseconds INTEGER NOT NULL,
         evidence TEXT,
         count INTEGER NOT NULL,
         last_microseconds INTEGER NOT NULL,
         acknowledged_by TEXT,
         acknowledged_microseconds INTEGER
     ) STRICT;
     CREATE INDEX notices_by_key ON notices (key, number);
     CREATE INDEX notices_by_integration ON notices (integration, severity, number);
     CREATE TABLE notice_cursors (
         route TEXT NOT NULL PRIMARY KEY,
         number INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // Schema 5: who changed what. A number is never given twice, so that a page can go on below one.
    "CREATE TABLE audit (
         number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
         at_microseconds INTEGER NOT NULL,
         who TEXT NOT NULL,
         origin TEXT NOT NULL,
         action TEXT NOT NULL,
         subject TEXT NOT NULL,
         refusal TEXT
     ) STRICT;",
];

/// The last schema this version knows.
pub(crate) fn supported() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// Refuses a database that is another program's or a newer version's. Changes nothing.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let pragma = |name| pragma_value(connection, path, name);
    let found = pragma("user_version")?;
    let foreign = || OpenError::Foreign {
        path: path.to_owned(),
    };
    match pragma("application_id")? {
        APPLICATION_ID => {}
        0 if found == 0 && pragma("schema_version")? == 0 => {}
        _ => return Err(foreign()),
    }
    if found > supported() {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            supported: supported(),
        });
    }
    if found < 0 { Err(foreign()) } else { Ok(()) }
}

/// Takes the steps that are missing, all or none. Where none is, it waits for nobody who writes.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| unavailable(path, error);
    if pragma_value(connection, path, "user_version")? == supported() {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let taken = usize::try_from(pragma_value(&transaction, path, "user_version")?).unwrap_or(0);
    for step in STEPS.iter().skip(taken) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    if taken < STEPS.len() {
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .and_then(|()| transaction.pragma_update(None, "user_version", supported()))
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(())
}

fn pragma_value(connection: &Connection, path: &Path, name: &str) -> Result<i64, Unavailable> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(|error| unavailable(path, error))
}
