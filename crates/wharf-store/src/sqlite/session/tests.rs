//! What has become of a file, and the settings of a connection to it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Session, Standing};
use crate::error::Unavailable;
use crate::sqlite::open::DATABASE_FILE_NAME;

#[test]
fn a_connection_knows_what_became_of_its_file() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let session = Session::open(&state).unwrap();
    assert_eq!(session.standing(), Standing::Untouched);
    session.verify().unwrap();

    fs::rename(&state, folder.path().join("aside")).unwrap();
    assert_eq!(session.standing(), Standing::Gone);
    let other = Session::open(&state).unwrap();
    assert_eq!(session.standing(), Standing::Replaced);
    assert_eq!(other.standing(), Standing::Untouched);

    let path = state.join(DATABASE_FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..4096].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    assert_eq!(other.standing(), Standing::Written);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(100).unwrap();
    assert_eq!(other.standing(), Standing::CutOff);
}

#[test]
fn the_settings_that_promises_rest_on_are_in_force() {
    let folder = TempDir::new().unwrap();
    let mut session = Session::open(folder.path()).unwrap();
    let connection = session.ready().unwrap();
    let value = |name: &str| -> i64 {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap()
    };
    assert_eq!(value("synchronous"), 2);
    assert_eq!(value("foreign_keys"), 1);
    assert_eq!(value("busy_timeout"), 5_000);
    assert_eq!(value("trusted_schema"), 0);
    let journal: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(journal, "wal");
}

/// The byte at which the middle page of a file begins.
fn middle(path: &Path) -> usize {
    let pages = usize::try_from(fs::metadata(path).unwrap().len()).unwrap() / 4_096;
    pages / 2 * 4_096
}

#[test]
fn damage_that_is_looked_for_later_is_found_without_another_write() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(DATABASE_FILE_NAME);
    let mut reader = Session::open(folder.path()).unwrap();
    let mut writer = reader.beside().unwrap();
    let connection = writer.ready().unwrap();
    connection
        .execute_batch(
            "CREATE TABLE filler (bytes BLOB);
             INSERT INTO filler SELECT zeroblob(1000) FROM json_each('[' || rtrim(
                 replace(hex(zeroblob(500)), '00', '0,'), ',') || ']');
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
    reader.ready().unwrap();
    writer.ready().unwrap();
    assert!(!reader.is_unchecked && !writer.is_unchecked);
    // As if reading it had taken 10 ms, so that the next time is in a second.
    let (mark, now) = (reader.file.unwrap(), Instant::now());
    let begun = now.checked_sub(Duration::from_millis(10)).unwrap();
    reader.checks().end(mark, &Ok(()), begun, now);

    let good = fs::read(&path).unwrap();
    let mut bytes = good.clone();
    let page = middle(&path);
    bytes[page..page + 4_096].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    reader.ready().unwrap();
    writer.ready().unwrap();
    assert!(reader.is_unchecked && writer.is_unchecked);
    let deadline = Instant::now() + Duration::from_secs(20);
    let found = loop {
        if let Err(found) = reader.ready() {
            break found;
        }
        assert!(Instant::now() < deadline);
    };
    assert!(matches!(found, Unavailable::Damaged { .. }), "{found:?}");
    let found = writer.ready().unwrap_err();
    assert!(matches!(found, Unavailable::Damaged { .. }), "{found:?}");
    fs::write(&path, good).unwrap();
    writer.ready().unwrap();
    reader.ready().unwrap();
}
