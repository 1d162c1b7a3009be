//! Several handles, threads and processes on one state folder.

use std::path::Path;
use std::process::Command;
use std::sync::Barrier;

use jiff::Timestamp;
use tempfile::TempDir;
use wharf_policy::caller::CallerName;

use super::{Standing, Store};
use crate::open::DATABASE_FILE_NAME;

/// Tells a test that it runs as the second process, and in which folder.
const FOLDER_VARIABLE: &str = "WHARF_STORE_TEST_FOLDER";
const CALLERS_EACH: usize = 20;

fn add(store: &Store, name: &str) {
    store
        .callers()
        .add(&CallerName::new(name).unwrap(), Timestamp::UNIX_EPOCH)
        .unwrap();
}

fn names(store: &Store) -> Vec<String> {
    let records = store.callers().list().unwrap();
    records.into_iter().map(|r| r.name.to_string()).collect()
}

fn add_many(folder: &Path, prefix: &str) {
    let store = Store::open(folder).unwrap();
    for n in 0..CALLERS_EACH {
        add(&store, &format!("{prefix}-{n}"));
    }
}

#[test]
fn what_was_added_is_there_after_closing() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    add(&store, "billing");
    drop(store);
    assert_eq!(names(&Store::open(folder.path()).unwrap()), ["billing"]);
}

#[test]
fn the_counter_sees_changes_of_every_handle_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let one = Store::open(folder.path()).unwrap();
    let two = Store::open(folder.path()).unwrap();
    let start = one.change_counter().unwrap();
    assert_eq!(names(&one), Vec::<String>::new());
    assert_eq!(one.change_counter().unwrap(), start);
    add(&one, "own");
    let after_own = one.change_counter().unwrap();
    assert_ne!(after_own, start);
    add(&two, "other");
    let after_other = one.change_counter().unwrap();
    assert_ne!(after_other, after_own);
    assert_eq!(one.clone().change_counter().unwrap(), after_other);
    assert_eq!(names(&one), ["other", "own"]);
    let memory = Store::in_memory().unwrap();
    let start = memory.change_counter().unwrap();
    add(&memory, "own");
    assert_ne!(memory.change_counter().unwrap(), start);
}

#[test]
fn threads_that_open_a_new_folder_together_all_get_it() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("not/yet/there");
    let together = Barrier::new(8);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (state, together) = (&state, &together);
            scope.spawn(move || {
                together.wait();
                add(&Store::open(state).unwrap(), &format!("thread-{n}"));
            });
        }
    });
    assert_eq!(names(&Store::open(&state).unwrap()).len(), 8);
}

#[test]
fn two_processes_write_at_once_and_lose_nothing() {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        add_many(folder.as_ref(), "child");
        return;
    }
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let before = store.change_counter().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "store::tests::two_processes_write_at_once_and_lose_nothing",
            "--exact",
        ])
        .env(FOLDER_VARIABLE, folder.path())
        .spawn()
        .unwrap();
    add_many(folder.path(), "parent");
    assert!(child.wait().unwrap().success());
    assert_ne!(store.change_counter().unwrap(), before);
    let names = names(&store);
    assert_eq!(names.len(), 2 * CALLERS_EACH);
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("child-"))
            .count(),
        CALLERS_EACH
    );
}

#[test]
fn a_handle_knows_what_became_of_its_file() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let store = Store::open(&state).unwrap();
    assert_eq!(store.standing(), Standing::Untouched);
    store.verify().unwrap();

    let path = state.join(DATABASE_FILE_NAME);
    std::fs::rename(&state, folder.path().join("aside")).unwrap();
    assert_eq!(store.standing(), Standing::Gone);
    add(&Store::open(&state).unwrap(), "new");
    assert_eq!(store.standing(), Standing::Replaced);
    assert!(store.moved().to_string().contains("no longer the file"));

    let store = Store::open(&state).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..4096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(store.standing(), Standing::Written);
    let error = Store::open(&state).unwrap_err().to_string();
    assert!(error.contains("is damaged"), "{error}");
    assert_eq!(Store::in_memory().unwrap().standing(), Standing::Untouched);
}
