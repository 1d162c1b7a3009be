//! The statements for runs of procedures.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{Notice, Subject};
use wharf_policy::procedure::{Entry, FORMAT, Procedure, RunId, Way, What};

use super::error::Failure;
use super::{Sqlite, all_rows, notices};
use crate::error::Unavailable;
use crate::journal::{
    Begun, ENDED_RUN_COUNT_LIMIT, LIVE_RUN_COUNT_LIMIT, RunHistory, RunRecord, StepOutcome,
    Stepped, judged,
};
use crate::time::age_step;

const RUNS: &str = "journal_runs";
const ENTRIES: &str = "journal_entries";

const COLUMNS: &str = "id, kind, integration, environment, version, epoch, started_microseconds,
     changed_microseconds, state";

impl Sqlite {
    pub(crate) async fn begin_run(
        &self,
        kind: Name,
        subject: Subject,
        stepped: Stepped,
        notices: Vec<Notice>,
    ) -> Result<Begun, Unavailable> {
        self.write(move |connection| {
            let begun = begin(connection, &kind, &subject, &stepped)?;
            if matches!(begun, Begun::Done) {
                notices::tell(connection, &notices)?;
            }
            Ok(begun)
        })
        .await
    }

    pub(crate) async fn step_run(
        &self,
        stepped: Stepped,
        seen: u64,
        notices: Vec<Notice>,
    ) -> Result<StepOutcome, Unavailable> {
        self.write(move |connection| {
            let outcome = step(connection, &stepped, seen)?;
            if matches!(outcome, StepOutcome::Done(_)) {
                notices::tell(connection, &notices)?;
            }
            Ok(outcome)
        })
        .await
    }

    pub(crate) async fn live_runs(
        &self,
        kind: Option<Name>,
    ) -> Result<Vec<RunRecord>, Unavailable> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM journal_runs
                 WHERE ended_microseconds IS NULL AND (?1 IS NULL OR kind = ?1)
                 ORDER BY started_microseconds, id"
            );
            all_rows(connection, &sql, [kind.as_ref().map(Name::as_str)], record)
        })
        .await
    }

    pub(crate) async fn due_runs(
        &self,
        kind: Name,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<RunRecord>, Unavailable> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM journal_runs
                 WHERE kind = ?1 AND next_microseconds <= ?2 AND format <= ?3
                 ORDER BY next_microseconds, id LIMIT ?4"
            );
            let parameters = params![kind.as_str(), now.as_microsecond(), FORMAT, limit];
            all_rows(connection, &sql, parameters, record)
        })
        .await
    }

    pub(crate) async fn next_due(
        &self,
        kind: Name,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Unavailable> {
        self.read(move |connection| {
            let next: Option<i64> = connection.query_row(
                "SELECT min(next_microseconds) FROM journal_runs
                 WHERE kind = ?1 AND next_microseconds > ?2 AND format <= ?3",
                params![kind.as_str(), now.as_microsecond(), FORMAT],
                |row| row.get(0),
            )?;
            next.map(|next| time(next, RUNS)).transpose()
        })
        .await
    }

    pub(crate) async fn run(&self, id: RunId) -> Result<Option<RunHistory>, Unavailable> {
        self.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM journal_runs WHERE id = ?1");
            let Some(record) = all_rows(connection, &sql, [id.as_bytes()], record)?.pop() else {
                return Ok(None);
            };
            let entries = entries(connection, id)?;
            Ok(Some(RunHistory { record, entries }))
        })
        .await
    }

    pub(crate) async fn ended_runs(&self, limit: u32) -> Result<Vec<RunRecord>, Unavailable> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM journal_runs WHERE ended_microseconds IS NOT NULL
                 ORDER BY ended_microseconds DESC, id DESC LIMIT ?1"
            );
            all_rows(connection, &sql, [limit], record)
        })
        .await
    }

    pub(crate) async fn retain_runs(&self, before: Timestamp) -> Result<u64, Unavailable> {
        self.write(move |connection| {
            let removed = connection.execute(
                "DELETE FROM journal_runs WHERE ended_microseconds < min(?1,
                     (SELECT min(ended_microseconds) FROM journal_runs) + ?2)",
                params![before.as_microsecond(), age_step()],
            )?;
            Ok(removed as u64)
        })
        .await
    }
}

fn begin(
    connection: &Connection,
    kind: &Name,
    subject: &Subject,
    stepped: &Stepped,
) -> Result<Begun, Failure> {
    let is_in_use: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM journal_runs WHERE id = ?1)",
        [stepped.id.as_bytes()],
        |row| row.get(0),
    )?;
    if is_in_use {
        return Ok(Begun::IdInUse);
    }
    let (integration, environment) = (subject.integration.as_str(), subject.environment.as_str());
    let live: Option<[u8; 16]> = connection
        .query_row(
            "SELECT id FROM journal_runs
             WHERE kind = ?1 AND integration = ?2 AND environment = ?3
                 AND ended_microseconds IS NULL",
            params![kind.as_str(), integration, environment],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = live {
        return Ok(Begun::Live(RunId::from_bytes(id)));
    }
    let count: u32 = connection.query_row(
        "SELECT count(*) FROM journal_runs WHERE ended_microseconds IS NULL",
        [],
        |row| row.get(0),
    )?;
    if count >= LIVE_RUN_COUNT_LIMIT {
        return Ok(Begun::TooMany);
    }
    let at = stepped.entry.at.as_microsecond();
    connection.execute(
        "INSERT INTO journal_runs (id, kind, integration, environment, version, epoch,
             started_microseconds, changed_microseconds, next_microseconds, ended_microseconds,
             format, state)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?6, ?7, ?8, ?9, ?10)",
        params![
            stepped.id.as_bytes(),
            kind.as_str(),
            integration,
            environment,
            signed(stepped.epoch),
            at,
            stepped.next.map(Timestamp::as_microsecond),
            stepped.is_ended.then_some(at),
            stepped.format,
            stepped.state,
        ],
    )?;
    append(connection, stepped, 1)?;
    Ok(Begun::Done)
}

/// Reads and writes under one write lock, so that of two who saw one version one is refused.
fn step(connection: &Connection, stepped: &Stepped, seen: u64) -> Result<StepOutcome, Failure> {
    let found = connection
        .prepare_cached(
            "SELECT version, epoch, ended_microseconds IS NOT NULL FROM journal_runs WHERE id = ?1",
        )?
        .query_row([stepped.id.as_bytes()], |row| {
            let (version, epoch): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok((version.unsigned_abs(), epoch.unsigned_abs(), row.get(2)?))
        })
        .optional()?;
    let Some(found) = found else {
        return Ok(StepOutcome::NoSuchRun);
    };
    let outcome = judged(found, seen, stepped.epoch);
    let StepOutcome::Done(version) = outcome else {
        return Ok(outcome);
    };
    let at = stepped.entry.at.as_microsecond();
    connection
        .prepare_cached(
            "UPDATE journal_runs SET version = ?2, epoch = ?3, changed_microseconds = ?4,
                 next_microseconds = ?5, ended_microseconds = ?6, format = ?7, state = ?8
             WHERE id = ?1",
        )?
        .execute(params![
            stepped.id.as_bytes(),
            signed(version),
            signed(stepped.epoch),
            at,
            stepped.next.map(Timestamp::as_microsecond),
            stepped.is_ended.then_some(at),
            stepped.format,
            stepped.state,
        ])?;
    append(connection, stepped, version)?;
    if stepped.is_ended {
        make_room_for_ended(connection)?;
    }
    Ok(outcome)
}

fn append(connection: &Connection, stepped: &Stepped, version: u64) -> Result<(), Failure> {
    let (id, entry) = (stepped.id.as_bytes(), &stepped.entry);
    connection
        .prepare_cached(
            "INSERT INTO journal_entries (run, version, at_microseconds, what, step, way, attempt,
                 note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id,
            signed(version),
            entry.at.as_microsecond(),
            entry.what.as_str(),
            entry.step.as_str(),
            entry.way.as_str(),
            entry.attempt,
            entry.note.as_str(),
        ])?;
    if let Some(outlived) = Stepped::outlived(version) {
        connection.execute(
            "DELETE FROM journal_entries WHERE run = ?1 AND version = ?2",
            params![id, signed(outlived)],
        )?;
    }
    Ok(())
}

fn make_room_for_ended(connection: &Connection) -> Result<(), Failure> {
    let count: u32 = connection.query_row(
        "SELECT count(*) FROM journal_runs WHERE ended_microseconds IS NOT NULL",
        [],
        |row| row.get(0),
    )?;
    if count > ENDED_RUN_COUNT_LIMIT {
        connection.execute(
            "DELETE FROM journal_runs WHERE id = (
                 SELECT id FROM journal_runs
                 WHERE ended_microseconds IS NOT NULL AND integration = (
                     SELECT integration FROM journal_runs WHERE ended_microseconds IS NOT NULL
                     GROUP BY integration ORDER BY count(*) DESC, integration LIMIT 1)
                 ORDER BY ended_microseconds, id LIMIT 1)",
            [],
        )?;
    }
    Ok(())
}

fn record(row: &Row<'_>) -> Result<RunRecord, Failure> {
    let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let text = |column| row.get::<_, String>(column);
    let state: Vec<u8> = row.get(8)?;
    Ok(RunRecord {
        id: RunId::from_bytes(row.get(0)?),
        kind: Name::new(&text(1)?).map_err(|_| Failure::Row(RUNS))?,
        subject: Subject {
            integration: Text::new(&text(2)?),
            environment: Text::new(&text(3)?),
        },
        version: number(4)?,
        epoch: number(5)?,
        started: time(row.get(6)?, RUNS)?,
        changed: time(row.get(7)?, RUNS)?,
        procedure: Procedure::from_bytes(&state),
    })
}

fn entries(connection: &Connection, id: RunId) -> Result<Vec<(u64, Entry)>, Failure> {
    let sql = "SELECT version, at_microseconds, what, step, way, attempt, note FROM journal_entries
         WHERE run = ?1 ORDER BY version";
    all_rows(connection, sql, [id.as_bytes()], entry)
}

fn entry(row: &Row<'_>) -> Result<(u64, Entry), Failure> {
    let foreign = || Failure::Row(ENTRIES);
    let text = |column| row.get::<_, String>(column);
    let way = text(4)?;
    let way = [Way::Forward, Way::Back]
        .into_iter()
        .find(|of| of.as_str() == way);
    let entry = Entry {
        at: time(row.get(1)?, ENTRIES)?,
        what: What::from_word(&text(2)?).ok_or_else(foreign)?,
        step: Name::new(&text(3)?).map_err(|_| foreign())?,
        way: way.ok_or_else(foreign)?,
        attempt: row.get(5)?,
        note: Text::new(&text(6)?),
    };
    Ok((row.get::<_, i64>(0)?.unsigned_abs(), entry))
}

fn time(microseconds: i64, table: &'static str) -> Result<Timestamp, Failure> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Failure::Row(table))
}

/// As the engine has numbers.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
