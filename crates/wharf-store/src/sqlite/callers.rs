//! The statements for who may call.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use wharf_policy::caller::{CallerName, TokenHash};

use super::Sqlite;
use super::audit;
use super::error::Failure;
use crate::audit::Note;
use crate::caller::{CALLER_COUNT_LIMIT, CallerRecord, NOT_RESTORED, Put, UNKNOWN};
use crate::error::Unavailable;

const TABLE: &str = "callers";

impl Sqlite {
    pub(crate) async fn callers(&self) -> Result<Vec<CallerRecord>, Unavailable> {
        self.read(all).await
    }

    pub(crate) async fn put_caller(
        &self,
        record: CallerRecord,
        replace: bool,
        note: Option<Note>,
    ) -> Result<Put, Unavailable> {
        self.write(move |connection| {
            let put = put(connection, &record, replace)?;
            audit::insert(connection, note.as_ref(), put.refusal())?;
            Ok(put)
        })
        .await
    }

    pub(crate) async fn restore_caller(
        &self,
        added: CallerRecord,
        before: Option<CallerRecord>,
        note: Option<Note>,
    ) -> Result<bool, Unavailable> {
        self.write(move |connection| {
            let restored = restore(connection, &added, before.as_ref())?;
            let refusal = (!restored).then_some(NOT_RESTORED);
            audit::insert(connection, note.as_ref(), refusal)?;
            Ok(restored)
        })
        .await
    }

    pub(crate) async fn remove_caller(
        &self,
        name: CallerName,
        note: Option<Note>,
    ) -> Result<bool, Unavailable> {
        self.write(move |connection| {
            let removed =
                connection.execute("DELETE FROM callers WHERE name = ?1", [name.as_str()])? > 0;
            audit::insert(connection, note.as_ref(), (!removed).then_some(UNKNOWN))?;
            Ok(removed)
        })
        .await
    }
}

fn all(connection: &Connection) -> Result<Vec<CallerRecord>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT name, created_microseconds, token_hash FROM callers ORDER BY name",
    )?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<Vec<(String, i64, [u8; 32])>>>()?;
    rows.into_iter()
        .map(|(name, created, token_hash)| {
            Ok(CallerRecord {
                name: name_of(&name)?,
                created: time(created)?,
                token_hash: TokenHash::from_bytes(token_hash),
            })
        })
        .collect()
}

/// Reads and writes under one write lock, so that two processes cannot both pass the limit.
fn put(connection: &Connection, record: &CallerRecord, replace: bool) -> Result<Put, Failure> {
    let name = record.name.as_str();
    let existing = connection
        .query_row(
            "SELECT token_hash, created_microseconds FROM callers WHERE name = ?1",
            [name],
            |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, i64>(1)?)),
        )
        .optional()?;
    match existing {
        Some((_, created)) if !replace => return Ok(Put::Exists(time(created)?)),
        Some(_) => {}
        None => {
            let count: u32 =
                connection.query_row("SELECT count(*) FROM callers", [], |row| row.get(0))?;
            if count >= CALLER_COUNT_LIMIT {
                return Ok(Put::TooMany);
            }
        }
    }
    if let Some(by) = other_with(connection, name, record.token_hash)? {
        return Ok(Put::TokenInUse(by));
    }
    connection.execute(
        "INSERT INTO callers (name, token_hash, created_microseconds) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET
             token_hash = excluded.token_hash,
             created_microseconds = excluded.created_microseconds",
        params![
            name,
            record.token_hash.as_bytes(),
            record.created.as_microsecond()
        ],
    )?;
    // A time that no program of ours wrote is not worth putting back.
    let before = existing.and_then(|(token_hash, created)| {
        Some(CallerRecord {
            name: record.name.clone(),
            created: time(created).ok()?,
            token_hash: TokenHash::from_bytes(token_hash),
        })
    });
    Ok(Put::Done(before))
}

fn restore(
    connection: &Connection,
    added: &CallerRecord,
    before: Option<&CallerRecord>,
) -> Result<bool, Failure> {
    let (name, hash) = (added.name.as_str(), added.token_hash.as_bytes());
    let changed = match before {
        Some(before) => {
            if other_with(connection, name, before.token_hash)?.is_some() {
                return Ok(false);
            }
            connection.execute(
                "UPDATE callers SET token_hash = ?3, created_microseconds = ?4
                 WHERE name = ?1 AND token_hash = ?2",
                params![
                    name,
                    hash,
                    before.token_hash.as_bytes(),
                    before.created.as_microsecond()
                ],
            )?
        }
        None => connection.execute(
            "DELETE FROM callers WHERE name = ?1 AND token_hash = ?2",
            params![name, hash],
        )?,
    };
    Ok(changed > 0)
}

/// Who else has a token.
fn other_with(
    connection: &Connection,
    name: &str,
    token_hash: TokenHash,
) -> Result<Option<CallerName>, Failure> {
    let found = connection
        .query_row(
            "SELECT name FROM callers WHERE token_hash = ?1 AND name <> ?2",
            params![token_hash.as_bytes(), name],
            |row| row.get::<_, String>(0),
        )
        .optional()?;
    found.map(|name| name_of(&name)).transpose()
}

fn name_of(text: &str) -> Result<CallerName, Failure> {
    CallerName::new(text).map_err(|_| Failure::Row(TABLE))
}

fn time(microseconds: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Failure::Row(TABLE))
}
