//! The statements for allowances and the chunks that were taken of them.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Sqlite;
use super::error::Failure;
use crate::allowances::{Allowance, AllowanceKey, Chunk};
use crate::error::Unavailable;
use crate::names::Name;

impl Sqlite {
    pub(crate) async fn take_allowance(
        &self,
        key: AllowanceKey,
        cap: u64,
        want: u64,
    ) -> Result<Option<Chunk>, Unavailable> {
        self.write(move |connection| take(connection, &key, number(cap), number(want)))
            .await
    }

    pub(crate) async fn settle_chunk(&self, id: i64, spent: u64) -> Result<(), Unavailable> {
        self.write(move |connection| settle(connection, id, number(spent)))
            .await
    }

    pub(crate) async fn allowance(
        &self,
        key: AllowanceKey,
    ) -> Result<Option<Allowance>, Unavailable> {
        self.read(move |connection| {
            let found = connection.query_row(
                "SELECT cap, taken, settled FROM allowances WHERE name = ?1 AND period = ?2",
                params![key.name.as_str(), key.period],
                |row| {
                    Ok(Allowance {
                        cap: units(row.get(0)?),
                        taken: units(row.get(1)?),
                        settled: units(row.get(2)?),
                    })
                },
            );
            Ok(found.optional()?)
        })
        .await
    }

    pub(crate) async fn forget_allowances(
        &self,
        name: Name,
        before: i64,
    ) -> Result<usize, Unavailable> {
        self.write(move |connection| {
            let of = params![name.as_str(), before];
            connection.execute("DELETE FROM chunks WHERE name = ?1 AND period < ?2", of)?;
            let of = params![name.as_str(), before];
            Ok(connection.execute("DELETE FROM allowances WHERE name = ?1 AND period < ?2", of)?)
        })
        .await
    }
}

fn take(
    connection: &Connection,
    key: &AllowanceKey,
    cap: i64,
    want: i64,
) -> Result<Option<Chunk>, Failure> {
    let (name, period) = (key.name.as_str(), key.period);
    let taken: i64 = connection.query_row(
        "INSERT INTO allowances (name, period, cap, taken, settled) VALUES (?1, ?2, ?3, 0, 0)
         ON CONFLICT (name, period) DO UPDATE SET cap = excluded.cap
         RETURNING taken",
        params![name, period, cap],
        |row| row.get(0),
    )?;
    let granted = want.min(cap.saturating_sub(taken));
    if granted <= 0 {
        return Ok(None);
    }
    connection.execute(
        "UPDATE allowances SET taken = taken + ?3 WHERE name = ?1 AND period = ?2",
        params![name, period, granted],
    )?;
    connection.execute(
        "INSERT INTO chunks (name, period, units) VALUES (?1, ?2, ?3)",
        params![name, period, granted],
    )?;
    Ok(Some(Chunk {
        id: connection.last_insert_rowid(),
        units: units(granted),
    }))
}

fn settle(connection: &Connection, id: i64, spent: i64) -> Result<(), Failure> {
    // A second time it finds nothing.
    let chunk = connection
        .query_row(
            "DELETE FROM chunks WHERE id = ?1 RETURNING name, period, units",
            [id],
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                ))
            },
        )
        .optional()?;
    if let Some((name, period, granted)) = chunk {
        let spent = spent.min(granted);
        connection.execute(
            "UPDATE allowances SET taken = taken - ?3, settled = settled + ?4
             WHERE name = ?1 AND period = ?2",
            params![name, period, granted - spent, spent],
        )?;
    }
    Ok(())
}

/// The face's bound keeps it within.
fn number(units: u64) -> i64 {
    i64::try_from(units).unwrap_or(i64::MAX)
}

fn units(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
