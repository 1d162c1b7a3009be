//! The statements for notices.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};

use super::error::Failure;
use super::{Sqlite, all_rows, audit};
use crate::audit::Note;
use crate::error::Unavailable;
use crate::notice::{
    NOTICE_COUNT_LIMIT, NOTICE_COUNT_LIMIT_OF_ONE, NOTICE_ROUTE_LIMIT, NoticeFilter, NoticePage,
    NoticeRecord, Told, counts_up, not_acknowledged,
};
use crate::time::age_step;

const TABLE: &str = "notices";

const COLUMNS: &str = "number, key, kind, severity, integration, environment, title, text,
     at_microseconds, same_within_milliseconds, evidence, count, last_microseconds,
     acknowledged_by, acknowledged_microseconds";

impl Sqlite {
    pub(crate) async fn tell(&self, notices: Vec<Notice>) -> Result<Vec<Told>, Unavailable> {
        self.write(move |connection| tell(connection, &notices))
            .await
    }

    pub(crate) async fn notices(
        &self,
        filter: NoticeFilter,
        page: NoticePage,
    ) -> Result<Vec<NoticeRecord>, Unavailable> {
        self.read(move |connection| wanted(connection, &filter, page))
            .await
    }

    pub(crate) async fn notices_after(
        &self,
        number: u64,
        limit: u32,
    ) -> Result<Vec<NoticeRecord>, Unavailable> {
        self.read(move |connection| {
            let sql =
                format!("SELECT {COLUMNS} FROM notices WHERE number > ?1 ORDER BY number LIMIT ?2");
            all_rows(connection, &sql, params![signed(number), limit], record)
        })
        .await
    }

    pub(crate) async fn acknowledge_notice(
        &self,
        number: u64,
        (who, when): (Text<200>, Timestamp),
        note: Option<Note>,
    ) -> Result<Option<NoticeRecord>, Unavailable> {
        self.write(move |connection| {
            let changed = connection.execute(
                "UPDATE notices SET acknowledged_by = ?2, acknowledged_microseconds = ?3
                 WHERE number = ?1 AND acknowledged_by IS NULL",
                params![signed(number), who.as_str(), when.as_microsecond()],
            )?;
            let sql = format!("SELECT {COLUMNS} FROM notices WHERE number = ?1");
            let record = all_rows(connection, &sql, [signed(number)], record)?.pop();
            let refusal = not_acknowledged(changed > 0, record.is_some());
            audit::insert(connection, note.as_ref(), refusal)?;
            Ok(record)
        })
        .await
    }

    pub(crate) async fn notice_cursor(&self, route: Name) -> Result<u64, Unavailable> {
        self.read(move |connection| Ok(cursor(connection, &route)?.unwrap_or(0)))
            .await
    }

    /// Whether there was room for the route.
    pub(crate) async fn advance_notice_cursor(
        &self,
        route: Name,
        to: u64,
    ) -> Result<bool, Unavailable> {
        self.write(move |connection| {
            if cursor(connection, &route)?.is_none() {
                let count: u32 =
                    connection
                        .query_row("SELECT count(*) FROM notice_cursors", [], |row| row.get(0))?;
                if count >= NOTICE_ROUTE_LIMIT {
                    return Ok(false);
                }
            }
            connection.execute(
                "INSERT INTO notice_cursors (route, number) VALUES (?1, ?2)
                 ON CONFLICT (route) DO UPDATE SET number = max(number, excluded.number)",
                params![route.as_str(), signed(to)],
            )?;
            Ok(true)
        })
        .await
    }

    pub(crate) async fn retain_notices(&self, before: Timestamp) -> Result<u64, Unavailable> {
        self.write(move |connection| {
            let removed = connection.execute(
                "DELETE FROM notices WHERE last_microseconds < min(?1,
                     (SELECT min(last_microseconds) FROM notices) + ?2)",
                params![before.as_microsecond(), age_step()],
            )?;
            Ok(removed as u64)
        })
        .await
    }
}

/// Writes notices within the transaction of who tells them.
pub(super) fn tell(connection: &Connection, notices: &[Notice]) -> Result<Vec<Told>, Failure> {
    let told = notices.iter().map(|notice| tell_one(connection, notice));
    told.collect()
}

fn tell_one(connection: &Connection, notice: &Notice) -> Result<Told, Failure> {
    let found = connection
        .prepare_cached(
            "SELECT number, severity, at_microseconds, same_within_milliseconds FROM notices
             WHERE key = ?1 ORDER BY number DESC LIMIT 1",
        )?
        .query_row([notice.key.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    if let Some((number, severity, at, same_within)) = found {
        let number: i64 = number;
        let first = (severity_of(severity)?, time(at)?, span(same_within)?);
        if counts_up(first, notice) {
            connection.execute(
                "UPDATE notices SET count = count + 1, last_microseconds = max(last_microseconds, ?2)
                 WHERE number = ?1",
                params![number, notice.at.as_microsecond()],
            )?;
            return Ok(Told {
                number: number.unsigned_abs(),
                is_new: false,
            });
        }
    }
    let number = insert(connection, notice)?;
    make_room(connection, notice.subject.integration.as_str(), number)?;
    Ok(Told {
        number: number.unsigned_abs(),
        is_new: true,
    })
}

fn insert(connection: &Connection, notice: &Notice) -> Result<i64, Failure> {
    let same_within = i64::try_from(notice.same_within.as_millis()).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT INTO notices (key, kind, severity, integration, environment, title, text,
                 at_microseconds, same_within_milliseconds, evidence, count, last_microseconds)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?8)",
        )?
        .execute(params![
            notice.key.as_bytes(),
            notice.kind.as_str(),
            rank(notice.severity),
            notice.subject.integration.as_str(),
            notice.subject.environment.as_str(),
            notice.title.as_str(),
            notice.text.as_str(),
            notice.at.as_microsecond(),
            same_within,
            notice.evidence.as_ref().map(Text::as_str),
        ])?;
    Ok(connection.last_insert_rowid())
}

/// Drops one notice where there are too many, but not the new one.
fn make_room(connection: &Connection, integration: &str, new: i64) -> Result<(), Failure> {
    let of_one: u32 = connection
        .prepare_cached("SELECT count(*) FROM notices WHERE integration = ?1")?
        .query_row([integration], |row| row.get(0))?;
    if of_one > NOTICE_COUNT_LIMIT_OF_ONE {
        return drop_one(connection, integration, new);
    }
    let all: u32 = connection
        .prepare_cached("SELECT count(*) FROM notices")?
        .query_row([], |row| row.get(0))?;
    if all > NOTICE_COUNT_LIMIT {
        let most: String = connection.query_row(
            "SELECT integration FROM notices GROUP BY integration
             ORDER BY count(*) DESC, integration LIMIT 1",
            [],
            |row| row.get(0),
        )?;
        drop_one(connection, &most, new)?;
    }
    Ok(())
}

fn drop_one(connection: &Connection, integration: &str, new: i64) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "DELETE FROM notices WHERE number = (
                 SELECT number FROM notices WHERE integration = ?1 AND number <> ?2
                 ORDER BY severity, number LIMIT 1)",
        )?
        .execute(params![integration, new])?;
    Ok(())
}

fn wanted(
    connection: &Connection,
    filter: &NoticeFilter,
    page: NoticePage,
) -> Result<Vec<NoticeRecord>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM notices
         WHERE number < ?1 AND severity >= ?2
             AND (?3 IS NULL OR integration = ?3) AND (?4 IS NULL OR environment = ?4)
             AND (?5 IS NULL OR last_microseconds >= ?5)
             AND (?6 = 0 OR acknowledged_by IS NULL)
         ORDER BY number DESC LIMIT ?7"
    );
    let parameters = params![
        signed(page.before.unwrap_or(u64::MAX)),
        filter.at_least.map_or(0, rank),
        filter.integration.as_ref().map(Text::as_str),
        filter.environment.as_ref().map(Text::as_str),
        // Rows are whole in microseconds: one in the middle of one is before it.
        filter.since.map(whole_microseconds_up),
        filter.is_open,
        page.limit,
    ];
    all_rows(connection, &sql, parameters, record)
}

/// The first microsecond that is not before a time.
fn whole_microseconds_up(time: Timestamp) -> i64 {
    let rest = time.subsec_nanosecond().rem_euclid(1_000);
    let whole = time.as_nanosecond() - i128::from(rest);
    let microseconds = i64::try_from(whole / 1_000).unwrap_or(i64::MAX);
    microseconds.saturating_add(i64::from(rest > 0))
}

fn record(row: &Row<'_>) -> Result<NoticeRecord, Failure> {
    let text = |column| row.get::<_, String>(column);
    let number: i64 = row.get(0)?;
    let by: Option<String> = row.get(13)?;
    let when: Option<i64> = row.get(14)?;
    let acknowledged = match (by, when) {
        (Some(by), Some(when)) => Some((Text::new(&by), time(when)?)),
        _ => None,
    };
    Ok(NoticeRecord {
        number: number.unsigned_abs(),
        notice: Notice {
            key: DedupeKey::from_bytes(row.get(1)?),
            kind: Name::new(&text(2)?).map_err(|_| Failure::Row(TABLE))?,
            severity: severity_of(row.get(3)?)?,
            subject: Subject {
                integration: Text::new(&text(4)?),
                environment: Text::new(&text(5)?),
            },
            title: Text::new(&text(6)?),
            text: Text::new(&text(7)?),
            at: time(row.get(8)?)?,
            same_within: span(row.get(9)?)?,
            evidence: row
                .get::<_, Option<String>>(10)?
                .map(|text| Text::new(&text)),
        },
        count: row.get::<_, i64>(11)?.unsigned_abs(),
        last: time(row.get(12)?)?,
        acknowledged,
    })
}

fn cursor(connection: &Connection, route: &Name) -> Result<Option<u64>, Failure> {
    let found: Option<i64> = connection
        .query_row(
            "SELECT number FROM notice_cursors WHERE route = ?1",
            [route.as_str()],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.map(i64::unsigned_abs))
}

/// The place of a severity among all, which is what is stored.
fn rank(severity: Severity) -> i64 {
    let rank = Severity::ALL.iter().position(|of| *of == severity);
    rank.and_then(|rank| rank.try_into().ok()).unwrap_or(0)
}

fn severity_of(rank: i64) -> Result<Severity, Failure> {
    let found = usize::try_from(rank).ok();
    let found = found.and_then(|rank| Severity::ALL.get(rank).copied());
    found.ok_or(Failure::Row(TABLE))
}

fn time(microseconds: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Failure::Row(TABLE))
}

fn span(milliseconds: i64) -> Result<Duration, Failure> {
    let milliseconds = u64::try_from(milliseconds);
    milliseconds
        .map(Duration::from_millis)
        .map_err(|_| Failure::Row(TABLE))
}

/// As the engine has numbers.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
