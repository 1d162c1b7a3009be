//! The statements for who changed what.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::error::Failure;
use super::{Sqlite, all_rows};
use crate::audit::{AUDIT_COUNT_LIMIT, AuditRecord, Note};
use crate::error::Unavailable;

const TABLE: &str = "audit";

impl Sqlite {
    pub(crate) async fn audit(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, Unavailable> {
        // No number is higher than what SQLite can hold.
        let before = before.and_then(|before| i64::try_from(before).ok());
        self.read(move |connection| page(connection, before.unwrap_or(i64::MAX), limit))
            .await
    }

    pub(crate) async fn note(
        &self,
        note: Note,
        refusal: Option<&'static str>,
    ) -> Result<(), Unavailable> {
        self.write(move |connection| insert(connection, Some(&note), refusal))
            .await
    }
}

/// Leaves a record within the transaction of the change that it is about, where one is wanted, and
/// takes the oldest away above the limit.
pub(super) fn insert(
    connection: &Connection,
    note: Option<&Note>,
    refusal: Option<&str>,
) -> Result<(), Failure> {
    let Some(note) = note else { return Ok(()) };
    // The number is the table's own to give.
    let record = note.record(0, refusal);
    connection
        .prepare_cached(
            "INSERT INTO audit (at_microseconds, who, origin, action, subject, refusal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            record.at.as_microsecond(),
            record.who,
            record.from,
            record.action,
            record.subject,
            record.refusal
        ])?;
    let oldest = connection.last_insert_rowid() - i64::from(AUDIT_COUNT_LIMIT);
    connection
        .prepare_cached("DELETE FROM audit WHERE number <= ?1")?
        .execute([oldest])?;
    Ok(())
}

fn page(connection: &Connection, before: i64, limit: u32) -> Result<Vec<AuditRecord>, Failure> {
    let sql = "SELECT number, at_microseconds, who, origin, action, subject, refusal FROM audit
         WHERE number < ?1 ORDER BY number DESC LIMIT ?2";
    all_rows(connection, sql, params![before, limit], record)
}

fn record(row: &Row<'_>) -> Result<AuditRecord, Failure> {
    Ok(AuditRecord {
        number: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| Failure::Row(TABLE))?,
        at: Timestamp::from_microsecond(row.get(1)?).map_err(|_| Failure::Row(TABLE))?,
        who: row.get(2)?,
        from: row.get(3)?,
        action: row.get(4)?,
        subject: row.get(5)?,
        refusal: row.get(6)?,
    })
}
