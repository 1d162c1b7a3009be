//! One file of the index: its tables, how it is opened, and what is written to it.
//!
//! Every row ends with a checksum of the others, because `SQLite` has none of its own: a bit that
//! flipped in a row would be believed.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Row, params};

use super::Range;
use crate::events::{Exception, Outcome, Reason, State};
use crate::names::{Name, Position};
use crate::numbered;

/// "WHIX", which tells a book from databases of others.
const APPLICATION_ID: i32 = 0x5748_4958;

/// The form of the tables. A book of another one is made anew.
const FORMAT: i32 = 1;

const ENDING: &str = ".sqlite3";

/// What `SQLite` keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Names of a book that are kept in memory.
const NAME_CACHE_LIMIT: usize = 10_000;

const TABLES: &str = "
CREATE TABLE mark (
    one INTEGER PRIMARY KEY, log BLOB NOT NULL, segment INTEGER NOT NULL, salt INTEGER NOT NULL,
    place INTEGER NOT NULL, last INTEGER NOT NULL, earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, checksum INTEGER NOT NULL);
CREATE TABLE events (
    lane INTEGER NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL,
    source INTEGER NOT NULL, kind INTEGER NOT NULL, segment INTEGER NOT NULL,
    body_bytes INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (lane, position)) WITHOUT ROWID;
CREATE INDEX events_by_time ON events (at, lane, position, source, kind, segment);
CREATE TABLE attempts (
    lane INTEGER NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL,
    attempt INTEGER NOT NULL, handler INTEGER NOT NULL, done INTEGER NOT NULL,
    took INTEGER NOT NULL, reason TEXT NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (lane, position, at, attempt, handler)) WITHOUT ROWID;
CREATE TABLE exceptions (
    lane INTEGER NOT NULL, position INTEGER NOT NULL, handler INTEGER NOT NULL,
    state INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
    reason TEXT NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (lane, position, handler)) WITHOUT ROWID;
CREATE INDEX exceptions_by_handler ON exceptions (handler, lane, position);
";

/// Why a book was not read or written.
#[derive(Debug)]
pub(super) enum Found {
    /// It is not what was written: it is made anew.
    Damage(String),
    /// Something is in the way, such as a full disk: it is tried again.
    Obstacle(String),
}

impl Found {
    pub(super) fn damage(what: &str) -> Self {
        Self::Damage(what.to_owned())
    }
}

impl From<rusqlite::Error> for Found {
    fn from(error: rusqlite::Error) -> Self {
        use ErrorCode as Code;
        let what = error.to_string();
        match error.sqlite_error_code() {
            Some(
                Code::DiskFull
                | Code::SystemIoFailure
                | Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::ReadOnly
                | Code::PermissionDenied
                | Code::OutOfMemory
                | Code::FileLockingProtocolFailed,
            ) => Self::Obstacle(what),
            _ => Self::Damage(what),
        }
    }
}

impl From<io::Error> for Found {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::Damage(error.to_string());
        }
        Self::Obstacle(error.to_string())
    }
}

/// How far a book is in the log, and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) log: [u8; 16],
    /// All before this place is in it, as far as it concerns the book.
    pub(super) segment: u64,
    /// Of that segment: another one of its number is of another log.
    pub(super) salt: u64,
    pub(super) offset: u64,
    /// The last segment whose events are in it.
    pub(super) last: u64,
    pub(super) range: Range,
}

/// The name of a book.
pub(super) fn name(first: u64) -> String {
    numbered::name(first, ENDING)
}

/// The first segment of a book by its name.
pub(super) fn number(name: &str) -> Option<u64> {
    numbered::any(name, ENDING)
}

/// Takes a book away, with what is beside it. One that is gone already is none.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let beside = BESIDE.iter().map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    });
    // The database goes last: what is beside it would be taken for a new one's.
    for file in beside.chain([path.to_owned()]) {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A checksum of numbers and a text, as `SQLite` keeps numbers.
fn checksum(numbers: &[i64], text: &[u8]) -> i64 {
    let all = numbers.iter().fold(0, |sum, number| {
        crc32c::crc32c_append(sum, &number.to_le_bytes())
    });
    crc32c::crc32c_append(all, text).into()
}

/// As `SQLite` keeps it: the same bits.
pub(super) fn signed(number: u64) -> i64 {
    i64::from_le_bytes(number.to_le_bytes())
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::from_le_bytes(number.to_le_bytes())
}

/// A book that is open to be written.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    connection: Connection,
    identity: Option<(u64, u64)>,
    pub(super) mark: Mark,
    /// As it stands in the file.
    written: Mark,
    names: HashMap<Box<str>, i64>,
    pub(super) is_changing: bool,
}

/// Opens what is there.
fn connect(path: &Path) -> Result<Connection, Found> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(1))?;
    // Somebody may have put another file there: nothing of its schema is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Opens a book to be read.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, Found> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

impl Book {
    /// Opens a book that is there, and compares its form and its mark.
    pub(super) fn open(path: &Path) -> Result<Self, Found> {
        let connection = connect(path)?;
        let number =
            |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
        if number("application_id")? != APPLICATION_ID {
            return Err(Found::damage("it is the database of another program"));
        }
        if number("user_version")? != FORMAT {
            return Err(Found::damage("another version of wharf made it"));
        }
        let mark = read_mark(&connection)?;
        Self::over(path, connection, mark)
    }

    /// Makes a book, in the place of what is there.
    pub(super) fn make(path: &Path, mark: Mark) -> Result<Self, Found> {
        remove(path)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(path)?;
        let connection = connect(path)?;
        connection.execute_batch("PRAGMA journal_mode = wal")?;
        let begun = connection.unchecked_transaction()?;
        begun.execute_batch(TABLES)?;
        begun.pragma_update(None, "application_id", APPLICATION_ID)?;
        begun.pragma_update(None, "user_version", FORMAT)?;
        put_mark(&begun, &mark)?;
        begun.commit()?;
        Self::over(path, connection, mark)
    }

    fn over(path: &Path, connection: Connection, mark: Mark) -> Result<Self, Found> {
        // What a loss of power takes back is made anew from the mark, which goes with it.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "cache_size", -2048)?;
        Ok(Self {
            identity: identity(path),
            path: path.to_owned(),
            connection,
            mark,
            written: mark,
            names: HashMap::new(),
            is_changing: false,
        })
    }

    /// Reads all of it: the structure, and each row with its checksum.
    pub(super) fn verify(&self) -> Result<(), Found> {
        let check = "PRAGMA integrity_check(1)";
        let said: String = self.connection.query_row(check, [], |row| row.get(0))?;
        if said != "ok" {
            return Err(Found::Damage(said));
        }
        let each = |sql: &str, is_whole: fn(&Row<'_>) -> Result<(), Found>| {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                is_whole(row)?;
            }
            Ok::<_, Found>(())
        };
        each(&format!("SELECT {EVENT} FROM events"), |row| {
            event(row).map(drop)
        })?;
        each(&format!("SELECT {ATTEMPT} FROM attempts"), |row| {
            attempt(row).map(drop)
        })?;
        each(&format!("SELECT {EXCEPTION} FROM exceptions"), |row| {
            exception(row).map(drop)
        })?;
        each("SELECT id, name, checksum FROM names", |row| {
            named(row).map(drop)
        })
    }

    /// Whether it is still the file that was opened.
    pub(super) fn is_in_place(&self) -> bool {
        let there = identity(&self.path);
        there.is_some() && there == self.identity
    }

    /// Begins to change it, where that is not begun.
    pub(super) fn begin(&mut self) -> Result<(), Found> {
        if self.is_changing {
            return Ok(());
        }
        if !self.is_in_place() {
            return Err(Found::damage("it is not in its place any more"));
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        self.is_changing = true;
        // Another process may have written meanwhile, as it is handed the log.
        if read_mark(&self.connection)? != self.written {
            return Err(Found::Obstacle("another process writes it".to_owned()));
        }
        Ok(())
    }

    /// Writes what was changed together with the mark.
    pub(super) fn commit(&mut self) -> Result<(), Found> {
        put_mark(&self.connection, &self.mark)?;
        self.connection.execute_batch("COMMIT")?;
        self.is_changing = false;
        self.written = self.mark;
        Ok(())
    }

    fn name_id(&mut self, text: &str) -> Result<i64, Found> {
        if let Some(id) = self.names.get(text) {
            return Ok(*id);
        }
        let id = if let Some(id) = find_name(&self.connection, text)? {
            id
        } else {
            {
                let next = "SELECT coalesce(max(id), 0) + 1 FROM names";
                let id = self.connection.query_row(next, [], |row| row.get(0))?;
                let sum = checksum(&[id], text.as_bytes());
                let sql = "INSERT INTO names VALUES (?1, ?2, ?3)";
                self.connection.execute(sql, params![id, text, sum])?;
                id
            }
        };
        if self.names.len() >= NAME_CACHE_LIMIT {
            self.names.clear();
        }
        self.names.insert(text.into(), id);
        Ok(id)
    }

    pub(super) fn put_event(&mut self, of: &NewRow<'_>) -> Result<(), Found> {
        let (source, kind) = (self.name_id(of.source)?, self.name_id(of.kind)?);
        let (position, segment) = (signed(of.position), signed(of.segment));
        let fields = [
            of.lane.into(),
            position,
            of.at,
            source,
            kind,
            segment,
            of.body_bytes,
        ];
        let [lane, position, at, source, kind, segment, body_bytes] = fields;
        let sum = checksum(&fields, &[]);
        let sql = "INSERT OR REPLACE INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![
            lane, position, at, source, kind, segment, body_bytes, sum
        ])?;
        let range = &mut self.mark.range;
        range.earliest = range.earliest.min(at);
        range.latest = range.latest.max(at);
        Ok(())
    }

    /// The first one with its number and time stands.
    pub(super) fn put_attempt(
        &mut self,
        lane: u16,
        handler: &Name,
        of: &Outcome,
    ) -> Result<(), Found> {
        let handler = self.name_id(handler.as_str())?;
        let took = i64::try_from(of.took.as_micros()).unwrap_or(i64::MAX);
        let fields = [
            lane.into(),
            signed(of.position.number()),
            of.at.as_microsecond(),
            of.attempt.into(),
            handler,
            of.is_done.into(),
            took,
        ];
        let [lane, position, at, attempt, handler, done, took] = fields;
        let reason = of.reason.as_str();
        let sum = checksum(&fields, reason.as_bytes());
        let sql = "INSERT OR IGNORE INTO attempts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![
            lane, position, at, attempt, handler, done, took, reason, sum
        ])?;
        Ok(())
    }

    pub(super) fn put_exception(
        &mut self,
        lane: u16,
        handler: &Name,
        of: &Exception,
    ) -> Result<(), Found> {
        let handler = self.name_id(handler.as_str())?;
        let (state, due) = match of.state {
            State::Due(at) => (0, at.as_microsecond()),
            State::Behind => (1, 0),
            State::Dead => (2, 0),
        };
        let position = signed(of.position.number());
        let fields = [
            lane.into(),
            position,
            handler,
            state,
            due,
            of.attempts.into(),
        ];
        let [lane, position, handler, state, due, attempts] = fields;
        let reason = of.reason.as_str();
        let sum = checksum(&fields, reason.as_bytes());
        let sql = "INSERT OR REPLACE INTO exceptions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![
            lane, position, handler, state, due, attempts, reason, sum
        ])?;
        Ok(())
    }

    pub(super) fn remove_exception(
        &mut self,
        lane: u16,
        handler: &Name,
        position: Position,
    ) -> Result<(), Found> {
        let handler = self.name_id(handler.as_str())?;
        let sql = "DELETE FROM exceptions WHERE lane = ?1 AND position = ?2 AND handler = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![lane, signed(position.number()), handler])?;
        Ok(())
    }

    /// All of a handler in a lane.
    pub(super) fn remove_exceptions(&mut self, lane: u16, handler: &Name) -> Result<(), Found> {
        let handler = self.name_id(handler.as_str())?;
        let sql = "DELETE FROM exceptions WHERE lane = ?1 AND handler = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![lane, handler])?;
        Ok(())
    }
}

/// An event that is put into a book.
pub(super) struct NewRow<'a> {
    pub(super) lane: u16,
    pub(super) position: u64,
    pub(super) at: i64,
    pub(super) source: &'a str,
    pub(super) kind: &'a str,
    pub(super) segment: u64,
    pub(super) body_bytes: i64,
}

fn put_mark(connection: &Connection, mark: &Mark) -> Result<(), Found> {
    let fields = mark_fields(mark);
    let [segment, salt, place, last, earliest, latest] = fields;
    let sum = checksum(&fields, &mark.log);
    let sql = "INSERT OR REPLACE INTO mark VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        mark.log, segment, salt, place, last, earliest, latest, sum
    ])?;
    Ok(())
}

fn mark_fields(mark: &Mark) -> [i64; 6] {
    [
        signed(mark.segment),
        signed(mark.salt),
        signed(mark.offset),
        signed(mark.last),
        mark.range.earliest,
        mark.range.latest,
    ]
}

fn read_mark(connection: &Connection) -> Result<Mark, Found> {
    let sql = "SELECT log, segment, salt, place, last, earliest, latest, checksum FROM mark";
    let mut statement = connection.prepare_cached(sql)?;
    let (mark, sum) = statement.query_row([], |row| {
        let number = |at| Ok::<_, rusqlite::Error>(unsigned(row.get(at)?));
        let mark = Mark {
            log: row.get(0)?,
            segment: number(1)?,
            salt: number(2)?,
            offset: number(3)?,
            last: number(4)?,
            range: Range {
                earliest: row.get(5)?,
                latest: row.get(6)?,
            },
        };
        Ok((mark, row.get::<_, i64>(7)?))
    })?;
    if checksum(&mark_fields(&mark), &mark.log) != sum {
        return Err(Found::damage("its mark is not what was written"));
    }
    Ok(mark)
}

/// Columns of an event, as [`event`] takes them.
pub(super) const EVENT: &str = "lane, position, at, source, kind, segment, body_bytes, checksum";

/// Columns of an attempt, as [`attempt`] takes them.
pub(super) const ATTEMPT: &str =
    "lane, position, at, attempt, handler, done, took, reason, checksum";

/// Columns of an exception, as [`exception`] takes them.
pub(super) const EXCEPTION: &str =
    "lane, position, handler, state, due, attempts, reason, checksum";

/// An event as it is in a book.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventRow {
    pub(super) lane: i64,
    pub(super) position: i64,
    pub(super) at: i64,
    pub(super) source: i64,
    pub(super) kind: i64,
    pub(super) segment: i64,
    pub(super) body_bytes: i64,
}

/// The first numbers of a row, whose checksum stands in column `N`, or behind a text that does.
fn whole<const N: usize>(row: &Row<'_>, has_text: bool) -> Result<([i64; N], String), Found> {
    let mut numbers = [0; N];
    for (at, number) in numbers.iter_mut().enumerate() {
        *number = row.get(at)?;
    }
    let text = if has_text { row.get(N)? } else { String::new() };
    let sum: i64 = row.get(N + usize::from(has_text))?;
    if checksum(&numbers, text.as_bytes()) != sum {
        return Err(Found::damage("a row is not what was written"));
    }
    Ok((numbers, text))
}

pub(super) fn event(row: &Row<'_>) -> Result<EventRow, Found> {
    let ([lane, position, at, source, kind, segment, body_bytes], _) = whole(row, false)?;
    Ok(EventRow {
        lane,
        position,
        at,
        source,
        kind,
        segment,
        body_bytes,
    })
}

/// An attempt, and the number of its handler.
pub(super) fn attempt(row: &Row<'_>) -> Result<(i64, Outcome), Found> {
    let ([_, position, at, attempt, handler, done, took], reason) = whole(row, true)?;
    let foreign = || Found::damage("an attempt is none that was written");
    let outcome = Outcome {
        position: Position::new(unsigned(position)),
        attempt: u32::try_from(attempt).map_err(|_| foreign())?,
        is_done: done != 0,
        at: jiff::Timestamp::from_microsecond(at).map_err(|_| foreign())?,
        took: std::time::Duration::from_micros(unsigned(took)),
        reason: Reason::new(&reason),
    };
    Ok((handler, outcome))
}

/// An exception, and the number of its handler.
pub(super) fn exception(row: &Row<'_>) -> Result<(i64, Exception), Found> {
    let ([_, position, handler, state, due, attempts], reason) = whole(row, true)?;
    let foreign = || Found::damage("an exception is none that was written");
    let state = match state {
        0 => State::Due(jiff::Timestamp::from_microsecond(due).map_err(|_| foreign())?),
        1 => State::Behind,
        2 => State::Dead,
        _ => return Err(foreign()),
    };
    let exception = Exception {
        position: Position::new(unsigned(position)),
        state,
        attempts: u32::try_from(attempts).map_err(|_| foreign())?,
        reason: Reason::new(&reason),
    };
    Ok((handler, exception))
}

/// A name and its number; columns `id, name, checksum`.
pub(super) fn named(row: &Row<'_>) -> Result<(i64, Name), Found> {
    let ([id], text) = whole(row, true)?;
    let name = Name::new(&text).map_err(|_| Found::damage("a name is none that was written"))?;
    Ok((id, name))
}

/// The number of a name.
pub(super) fn find_name(connection: &Connection, text: &str) -> Result<Option<i64>, Found> {
    let mut statement = connection.prepare_cached("SELECT id FROM names WHERE name = ?1")?;
    Ok(statement.query_row([text], |row| row.get(0)).optional()?)
}
