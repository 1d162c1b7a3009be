//! What has become of a file, and the settings of a connection to it.

use std::fs;

use tempfile::TempDir;

use super::{Session, Standing};
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
