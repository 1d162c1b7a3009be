//! Folders and files that cannot be opened: one clear error each, and nothing changed.

use std::fs::{self, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::migration::supported;
use super::DATABASE_FILE_NAME;
use crate::error::{OpenError, Unavailable};
use crate::sqlite::session::{Session, Standing};
use crate::sqlite::tests::{block_on, caller};
use crate::store::Store;

/// Tells a test that it runs as an ordinary user, and in which folder.
const FOLDER_VARIABLE: &str = "WHARF_STORE_TEST_FOLDER";

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join(DATABASE_FILE_NAME)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open(folder: &Path) -> Store {
    block_on(Store::open(folder)).unwrap()
}

fn open_error(folder: &Path) -> OpenError {
    block_on(Store::open(folder)).unwrap_err()
}

/// Makes a state folder, and leaves it closed.
fn make(folder: &Path) {
    block_on(open(folder).close());
}

fn callers(store: &Store) -> Result<Vec<crate::CallerRecord>, Unavailable> {
    block_on(store.records().callers())
}

#[test]
fn a_new_folder_and_its_files_are_for_the_owner_alone() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let _store = open(&state);
    assert_eq!(mode(&state), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 3, "database, log and shared memory");
}

#[test]
fn a_database_open_to_others_is_closed_to_them() {
    let folder = TempDir::new().unwrap();
    make(folder.path());
    fs::set_permissions(database(&folder), Permissions::from_mode(0o644)).unwrap();
    let _store = open(folder.path());
    for file in [DATABASE_FILE_NAME, "wharf.sqlite3-wal", "wharf.sqlite3-shm"] {
        assert_eq!(mode(&folder.path().join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_file_where_the_folder_should_be() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    fs::write(&path, "x").unwrap();
    let error = open_error(&path);
    assert!(matches!(&error, OpenError::NotAFolder { path: p } if *p == path));
    assert!(matches!(
        open_error(&path.join("below")),
        OpenError::Folder { .. }
    ));
    assert_eq!(fs::read(&path).unwrap(), b"x");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    make(folder.path());
    let connection = Connection::open(database(&folder)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = fs::read(database(&folder)).unwrap();
    let text = open_error(folder.path()).to_string();
    assert_eq!(
        text,
        format!(
            "state database {} has schema 99, but this version of wharf knows schemas up to {}; \
             use the newer wharf that wrote it, or another state folder",
            database(&folder).display(),
            supported()
        )
    );
    assert_eq!(fs::read(database(&folder)).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let connection = Connection::open(database(&folder)).unwrap();
    connection
        .execute_batch("CREATE TABLE notes (text)")
        .unwrap();
    drop(connection);
    fs::set_permissions(database(&folder), Permissions::from_mode(0o644)).unwrap();
    let before = fs::read(database(&folder)).unwrap();
    assert!(matches!(
        open_error(folder.path()),
        OpenError::Foreign { .. }
    ));
    assert_eq!(fs::read(database(&folder)).unwrap(), before);
    // Others of its users may read it as before.
    assert_eq!(mode(&database(&folder)), 0o644);
}

#[test]
fn an_empty_file_is_a_new_database() {
    let folder = TempDir::new().unwrap();
    fs::write(database(&folder), "").unwrap();
    let store = open(folder.path());
    assert_eq!(callers(&store).unwrap(), []);
}

#[test]
fn a_database_that_was_emptied_is_not_taken_for_a_new_one() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    block_on(store.records().add_caller(&caller("billing"))).unwrap();
    let log = folder.path().join(format!("{DATABASE_FILE_NAME}-wal"));
    let before = fs::read(&log).unwrap();
    assert!(!before.is_empty());
    let session = Session::open(folder.path()).unwrap();
    let file = fs::OpenOptions::new().write(true).open(database(&folder));
    file.unwrap().set_len(0).unwrap();
    assert_eq!(session.standing(), Standing::CutOff);
    let error = open_error(folder.path());
    assert!(
        matches!(
            &error,
            OpenError::Database(Unavailable::CutOff { bytes: 0, .. })
        ),
        "{error:?}"
    );
    // What the log holds is all that is left.
    assert_eq!(fs::read(&log).unwrap(), before);
}

#[test]
fn a_database_that_is_cut_off_under_a_statement_is_said_to_be() {
    let folder = TempDir::new().unwrap();
    let path = database(&folder);
    let cut = |bytes| {
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(bytes).unwrap();
    };
    for bytes in [0, 100, 511] {
        make(folder.path());
        let good = fs::read(&path).unwrap();
        let store = open(folder.path());
        cut(bytes);
        let error = callers(&store).unwrap_err();
        assert!(
            matches!(&error, Unavailable::CutOff { bytes: left, .. } if *left == bytes),
            "{bytes}: {error:?}"
        );
        block_on(store.close());
        fs::write(&path, good).unwrap();
    }
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let folder = TempDir::new().unwrap();
    fs::write(database(&folder), "no database at all, ".repeat(300)).unwrap();
    let error = open_error(folder.path());
    assert!(matches!(
        &error,
        OpenError::Database(Unavailable::Damaged { path, .. }) if *path == database(&folder)
    ));
    assert!(error.to_string().contains("Restore a backup"));
}

#[test]
fn a_page_that_was_overwritten_is_found_when_it_is_read() {
    let folder = TempDir::new().unwrap();
    make(folder.path());
    let connection = Connection::open(database(&folder)).unwrap();
    let of_callers = "SELECT rootpage FROM sqlite_schema WHERE name = 'callers'";
    let page: u32 = connection
        .query_row(of_callers, [], |row| row.get(0))
        .unwrap();
    let bytes: u32 = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    drop(connection);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .open(database(&folder))
        .unwrap();
    file.seek(SeekFrom::Start(u64::from((page - 1) * bytes)))
        .unwrap();
    file.write_all(&vec![0xa5; usize::try_from(bytes).unwrap()])
        .unwrap();
    drop(file);
    let store = open(folder.path());
    let error = callers(&store).unwrap_err();
    assert!(matches!(error, Unavailable::Damaged { .. }), "{error:?}");
}

#[test]
fn a_writer_that_stays_is_an_error_after_the_timeout() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    let other = Connection::open(database(&folder)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let add = || block_on(store.records().add_caller(&caller("billing")));
    let error = add().unwrap_err();
    assert!(error.to_string().contains("locked by another process"));
    other.execute_batch("ROLLBACK").unwrap();
    add().unwrap();
}

#[test]
fn a_writer_that_stays_keeps_nobody_from_opening_and_reading() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path());
    block_on(store.records().add_caller(&caller("billing"))).unwrap();
    let other = Connection::open(database(&folder)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let second = open(folder.path());
    assert_eq!(callers(&second).unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
}

/// The superuser may write everywhere, so this runs as an ordinary user where it is started as
/// one, and in a process of user 65534 where it is not.
#[test]
fn read_only_folders_and_files_are_said_to_be_so() {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        return assert_read_only(Path::new(&folder));
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    make(&folder.path().join("used"));
    make(&folder.path().join("file"));
    let set = |path: &str, mode| {
        fs::set_permissions(folder.path().join(path), Permissions::from_mode(mode)).unwrap();
    };
    let superuser = fs::metadata("/proc/self").unwrap().uid() == 0;
    let file = Path::new("file").join(DATABASE_FILE_NAME);
    set(file.to_str().unwrap(), 0o400);
    set("empty", 0o500);
    set("used", 0o500);
    if superuser {
        for path in ["", "empty", "used", "file"] {
            std::os::unix::fs::chown(folder.path().join(path), Some(65_534), None).unwrap();
        }
        for path in [file, Path::new("used").join(DATABASE_FILE_NAME)] {
            std::os::unix::fs::chown(folder.path().join(path), Some(65_534), None).unwrap();
        }
        let child = Command::new("/proc/self/exe")
            .args([
                "sqlite::open::tests::read_only_folders_and_files_are_said_to_be_so",
                "--exact",
            ])
            .env(FOLDER_VARIABLE, folder.path())
            .current_dir("/")
            .uid(65_534)
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(child.status.success(), "{output}");
        assert!(output.contains("1 passed"), "{output}");
    } else {
        assert_read_only(folder.path());
    }
    set("empty", 0o700);
    set("used", 0o700);
}

fn assert_read_only(folder: &Path) {
    let empty = open_error(&folder.join("empty"));
    assert!(
        matches!(empty, OpenError::FolderReadOnly { .. }),
        "{empty:?}"
    );
    let below = open_error(&folder.join("empty/below"));
    assert!(matches!(below, OpenError::Folder { .. }), "{below:?}");
    let used = open_error(&folder.join("used"));
    assert!(used.to_string().contains("permission"), "{used}");
    let file = open_error(&folder.join("file"));
    assert!(
        matches!(file, OpenError::Database(Unavailable::ReadOnly { .. })),
        "{file:?}"
    );
}
