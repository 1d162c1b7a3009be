//! The old text or the new one, and nothing else beside it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::{Refused, replace};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_text_is_replaced_and_permissions_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.md");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    replace(&path, "old", "\u{feff}new\r\n").unwrap();
    assert_eq!(fs::read(&path).unwrap(), "\u{feff}new\r\n".as_bytes());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert_eq!(names(folder.path()), ["a.md"]);
}

#[test]
fn a_link_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("real.md");
    fs::write(&target, "old").unwrap();
    let link = folder.path().join("a.md");
    symlink(&target, &link).unwrap();
    replace(&link, "old", "new").unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), target);
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
}

#[test]
fn what_cannot_be_replaced_keeps_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.md");
    assert!(matches!(
        replace(&path, "old", "new"),
        Err(Refused::Vanished)
    ));
    fs::write(&path, "other").unwrap();
    assert!(matches!(
        replace(&path, "old", "new"),
        Err(Refused::Changed)
    ));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(matches!(
        replace(&path, "other", "new"),
        Err(Refused::ReadOnly)
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "other");
    assert_eq!(names(folder.path()), ["a.md"]);
}
