//! The statements for sealed secrets.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use wharf_policy::sealed::{KeyId, Sealed, SecretName, SecretVersion};

use super::error::Failure;
use super::{Sqlite, audit};
use crate::audit::Note;
use crate::error::Unavailable;
use crate::sealed::{
    KeyUse, PutSealed, RESEAL_COUNT_LIMIT, Resealed, SEALED_COUNT_LIMIT, SealedRecord, not_resealed,
};

const TABLE: &str = "sealed";

impl Sqlite {
    pub(crate) async fn sealed(
        &self,
        name: SecretName,
    ) -> Result<Option<SealedRecord>, Unavailable> {
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "SELECT name, version, put_microseconds, bytes FROM sealed WHERE name = ?1",
                )?
                .query_row([name.as_str()], columns)
                .optional()?;
            found.map(record).transpose()
        })
        .await
    }

    pub(crate) async fn put_sealed(&self, record: SealedRecord) -> Result<PutSealed, Unavailable> {
        self.write(move |connection| put(connection, &record)).await
    }

    pub(crate) async fn remove_sealed(
        &self,
        name: SecretName,
        version: SecretVersion,
    ) -> Result<bool, Unavailable> {
        self.write(move |connection| {
            let removed = connection.execute(
                "DELETE FROM sealed WHERE name = ?1 AND version = ?2",
                params![name.as_str(), number(version)],
            )?;
            Ok(removed > 0)
        })
        .await
    }

    pub(crate) async fn sealing_keys(&self) -> Result<Vec<KeyUse>, Unavailable> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT substr(bytes, 5, 8) AS key, count(*) FROM sealed GROUP BY key ORDER BY key",
            )?;
            let uses = statement.query_map([], |row| {
                Ok(KeyUse {
                    key: KeyId::from_bytes(row.get(0)?),
                    secrets: row.get::<_, u32>(1)?.into(),
                })
            })?;
            Ok(uses.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    pub(crate) async fn not_sealed_with(
        &self,
        key: KeyId,
        after: Option<SecretName>,
    ) -> Result<Vec<SealedRecord>, Unavailable> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, version, put_microseconds, bytes FROM sealed
                 WHERE name > ?1 AND substr(bytes, 5, 8) <> ?2 ORDER BY name LIMIT ?3",
            )?;
            let after = after.as_ref().map_or("", SecretName::as_str);
            let rows = statement
                .query_map(params![after, key.as_bytes(), RESEAL_COUNT_LIMIT], columns)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            rows.into_iter().map(record).collect()
        })
        .await
    }

    pub(crate) async fn reseal(
        &self,
        secrets: Vec<Resealed>,
        note: Option<Note>,
    ) -> Result<u64, Unavailable> {
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "UPDATE sealed SET bytes = ?4 WHERE name = ?1 AND version = ?2 AND bytes = ?3",
            )?;
            let mut changed = 0;
            for Resealed { before, after } in secrets.iter().take(RESEAL_COUNT_LIMIT as usize) {
                let rows = statement.execute(params![
                    before.name.as_str(),
                    number(before.version),
                    before.sealed.as_bytes(),
                    after.as_bytes()
                ])?;
                changed += u64::from(rows > 0);
            }
            audit::insert(connection, note.as_ref(), not_resealed(changed))?;
            Ok(changed)
        })
        .await
    }
}

/// Reads and writes under one write lock, so that of two processes one loses.
fn put(connection: &Connection, record: &SealedRecord) -> Result<PutSealed, Failure> {
    let name = record.name.as_str();
    let found = connection
        .query_row(
            "SELECT version FROM sealed WHERE name = ?1",
            [name],
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    let found = found.map(version).transpose()?;
    if found != record.version.before() {
        return Ok(PutSealed::Conflict(found));
    }
    if found.is_none() {
        let count: u32 =
            connection.query_row("SELECT count(*) FROM sealed", [], |row| row.get(0))?;
        if count >= SEALED_COUNT_LIMIT {
            return Ok(PutSealed::TooMany);
        }
    }
    connection.execute(
        "INSERT INTO sealed (name, version, put_microseconds, bytes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET
             version = excluded.version,
             put_microseconds = excluded.put_microseconds,
             bytes = excluded.bytes",
        params![
            name,
            number(record.version),
            record.put.as_microsecond(),
            record.sealed.as_bytes()
        ],
    )?;
    Ok(PutSealed::Done)
}

/// Name, version, microseconds and bytes, as they stand in a row.
pub(super) type Columns = (String, i64, i64, Vec<u8>);

pub(super) fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

pub(super) fn record(
    (name, number, microseconds, bytes): Columns,
) -> Result<SealedRecord, Failure> {
    let foreign = || Failure::Row(TABLE);
    Ok(SealedRecord {
        name: SecretName::new(&name).map_err(|_| foreign())?,
        version: version(number)?,
        put: Timestamp::from_microsecond(microseconds).map_err(|_| foreign())?,
        sealed: Sealed::from_bytes(&bytes).map_err(|_| foreign())?,
    })
}

fn version(number: i64) -> Result<SecretVersion, Failure> {
    let number = u64::try_from(number).ok();
    let version = number.and_then(SecretVersion::new);
    version.ok_or(Failure::Row(TABLE))
}

/// A version as a database holds it.
fn number(version: SecretVersion) -> i64 {
    version.number().cast_signed()
}
