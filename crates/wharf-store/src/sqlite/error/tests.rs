//! What `SQLite` says becomes what a person can do.

use std::path::Path;

use rusqlite::ffi;

use super::unavailable;

fn message(code: i32) -> String {
    let source = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
    unavailable(Path::new("/state/wharf.sqlite3"), source).to_string()
}

#[test]
fn a_full_disk_is_called_one_however_it_shows() {
    assert!(message(ffi::SQLITE_FULL).contains("no room left on disk"));
    for code in [
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_FSYNC,
    ] {
        let message = message(code);
        for words in [
            "/state/wharf.sqlite3",
            "disk is full",
            "try again",
            &code.to_string(),
        ] {
            assert!(message.contains(words), "no `{words}` in {message}");
        }
    }
}

#[test]
fn the_advice_for_a_damaged_database_says_what_is_lost_what_goes_on_and_what_to_do() {
    let message = message(ffi::SQLITE_CORRUPT);
    for words in [
        "callers, notices, audit records, procedures, sealed secrets and allowances",
        "goes on with calls and events",
        "Restore a backup",
        "every caller has to be added again",
        "docs/store.md",
    ] {
        assert!(message.contains(words), "no `{words}` in {message}");
    }
}
