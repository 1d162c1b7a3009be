//! Looking at a database without changing what is in it: for a check, and for a copy.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::{Failure, cut_off, unavailable};
use super::open::{BUSY_TIMEOUT, DATABASE_FILE_NAME, beside, length};
use super::{migration, sealed};
use crate::error::{OpenError, Unavailable};

/// Most complaints of one check.
const COMPLAINT_LIMIT: u32 = 100;

/// A database that is looked at.
pub(crate) struct Look {
    connection: Connection,
    path: PathBuf,
}

/// Rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableStatus {
    /// Its name.
    pub name: String,
    /// How many.
    pub row_count: u64,
}

impl Look {
    /// Opens the database of a folder; `None`: there is none. Other processes may use it.
    ///
    /// Nothing is made of an old schema, and a write-ahead log that lies there stays. Of a folder
    /// that cannot be written, a database without such a log can be looked at.
    pub(crate) fn open(folder: &Path) -> Result<Option<Self>, OpenError> {
        let path = folder.join(DATABASE_FILE_NAME);
        match path.symlink_metadata() {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(OpenError::Folder {
                    path: folder.to_owned(),
                    source,
                });
            }
        }
        let log_bytes = length(&beside(&path, "-wal"));
        if length(&path) == 0 && log_bytes > 0 {
            return Err(cut_off(&path).into());
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(&path, flags)
            .map_err(|error| cannot_write(&error).then_some(()).ok_or(error))
            .and_then(|connection| ready(connection, log_bytes > 0));
        let connection = match opened {
            Ok(connection) => connection,
            Err(Ok(())) if log_bytes == 0 => immutable(&path)?,
            Err(Ok(())) => return Err(Unavailable::ReadOnly { path }.into()),
            Err(Err(error)) => return Err(unavailable(&path, error).into()),
        };
        migration::check(&connection, &path)?;
        Ok(Some(Self { connection, path }))
    }

    /// What is wrong with it, in words; nothing where it is whole.
    pub(crate) fn complaints(&self) -> Result<Vec<String>, Unavailable> {
        let mut complaints = Vec::new();
        let looked = self.look(&mut complaints);
        match looked.map_err(|failure| unavailable(&self.path, failure)) {
            Ok(()) => {}
            Err(Unavailable::Damaged { source, .. }) => complaints.push(source.to_string()),
            Err(error) => return Err(error),
        }
        Ok(complaints)
    }

    fn look(&self, complaints: &mut Vec<String>) -> Result<(), Failure> {
        let sql = format!("PRAGMA integrity_check({COMPLAINT_LIMIT})");
        let mut statement = self.connection.prepare(&sql)?;
        for row in statement.query_map([], |row| row.get::<_, String>(0))? {
            complaints.extend(Some(row?).filter(|row| row != "ok"));
        }
        let mut statement = self.connection.prepare("PRAGMA foreign_key_check")?;
        for table in statement.query_map([], |row| row.get::<_, String>(0))? {
            complaints.push(format!(
                "a row of table {} belongs to a row that is gone",
                table?
            ));
        }
        if self.has_table("sealed")? {
            let sql = "SELECT name, version, put_microseconds, bytes FROM sealed ORDER BY name";
            let mut statement = self.connection.prepare(sql)?;
            let mut wrong = 0_u64;
            for row in statement.query_map([], sealed::columns)? {
                wrong += u64::from(row.map_or(true, |row| sealed::record(row).is_err()));
            }
            if wrong > 0 {
                complaints.push(format!(
                    "{wrong} rows of table sealed have not the form of sealed secrets"
                ));
            }
        }
        Ok(())
    }

    fn has_table(&self, name: &str) -> rusqlite::Result<bool> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        let count: i64 = self.connection.query_row(sql, [name], |row| row.get(0))?;
        Ok(count > 0)
    }

    /// How many rows each table has.
    pub(crate) fn tables(&self) -> Result<Vec<TableStatus>, Unavailable> {
        tables(&self.connection).map_err(|failure| unavailable(&self.path, failure))
    }

    /// Writes all of it as it is now to a new file, whole and without what was deleted. It waits for
    /// the disk.
    pub(crate) fn copy(&self, to: &Path) -> Result<(), CopyError> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)?;
        let name = to
            .to_str()
            .ok_or_else(|| io::Error::other("its path is not UTF-8, and SQLite takes no other"))?;
        match self.connection.execute("VACUUM INTO ?1", [name]) {
            Ok(_) => {}
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                return Err(io::Error::from(io::ErrorKind::StorageFull).into());
            }
            Err(error) => return Err(CopyError::Database(unavailable(&self.path, error))),
        }
        Ok(File::open(to)?.sync_all()?)
    }
}

/// How many rows each table has.
pub(crate) fn tables(connection: &Connection) -> Result<Vec<TableStatus>, Failure> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
               ESCAPE '\\' ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let names = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let count = |name: String| {
        let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
        let row_count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(TableStatus {
            name,
            row_count: row_count.cast_unsigned(),
        })
    };
    names.into_iter().map(count).collect()
}

/// Why a database was not copied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// The copy cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    #[error(transparent)]
    Database(Unavailable),
}

/// `Err(Ok)`: nothing can be written there, so `SQLite` cannot have its files beside the database.
type Opened = Result<Connection, Result<(), rusqlite::Error>>;

fn ready(connection: Connection, keeps_log: bool) -> Opened {
    let prepared = prepare(&connection, keeps_log);
    match prepared {
        Ok(()) => Ok(connection),
        Err(error) if cannot_write(&error) => Err(Ok(())),
        Err(error) => Err(Err(error)),
    }
}

fn prepare(connection: &Connection, keeps_log: bool) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    if keeps_log {
        // The last one to close would move it into the database.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    // The first read, which needs the files beside it.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Nobody can write to it, so nobody does, and it can be read as it lies there.
fn immutable(path: &Path) -> Result<Connection, Unavailable> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            _ => uri += &format!("%{byte:02x}"),
        }
    }
    uri += "?immutable=1";
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(uri, flags);
    let failed = |error: rusqlite::Error| unavailable(path, error);
    let connection = opened.map_err(failed)?;
    prepare(&connection, false).map_err(failed)?;
    Ok(connection)
}

fn cannot_write(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

impl From<Unavailable> for CopyError {
    fn from(error: Unavailable) -> Self {
        Self::Database(error)
    }
}

/// The words of damage, where an error tells of it.
pub(crate) fn damage_of(error: &OpenError) -> Option<String> {
    match error {
        OpenError::Database(Unavailable::Damaged { source, .. }) => Some(source.to_string()),
        OpenError::Database(Unavailable::CutOff { bytes, .. }) => {
            Some(format!("it is cut off: {bytes} bytes are left of it"))
        }
        _ => None,
    }
}
