use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Error, History};

/// Runs `git` in a folder; its own settings decide nothing.
fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(status.status.success(), "{arguments:?}: {status:?}");
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    git(root, &["init", "-q"]);
    fs::create_dir(root.join("docs")).unwrap();
    fs::write(root.join("docs/a.md"), "first a\n").unwrap();
    fs::write(root.join("docs/b c.md"), "first b\n").unwrap();
    fs::write(root.join("docs/same.md"), "same\n").unwrap();
    git(root, &["add", "."]);
    git(root, &["commit", "-qm", "first"]);
    folder
}

#[test]
fn only_changed_files_have_a_committed_text() {
    let folder = repository();
    let docs = folder.path().join("docs");
    fs::write(docs.join("a.md"), "second a\n").unwrap();
    fs::write(docs.join("b c.md"), "second b\n").unwrap();
    fs::write(docs.join("new.md"), "new\n").unwrap();
    let history = History::of(std::slice::from_ref(&docs), None).unwrap();
    assert_eq!(history.text(&docs.join("a.md")), Some("first a\n"));
    assert_eq!(history.text(&docs.join("b c.md")), Some("first b\n"));
    assert_eq!(history.text(&docs.join("same.md")), None);
    assert_eq!(history.text(&docs.join("new.md")), None);
}

#[test]
fn a_branch_is_compared_with_where_it_began() {
    let folder = repository();
    let root = folder.path();
    git(root, &["checkout", "-qb", "change"]);
    fs::write(root.join("docs/a.md"), "second a\n").unwrap();
    git(root, &["commit", "-qam", "second"]);
    let paths = [root.to_owned()];
    let file = root.join("docs/a.md");
    assert_eq!(History::of(&paths, None).unwrap().text(&file), None);
    let history = History::of(&paths, Some("main")).unwrap();
    assert_eq!(history.text(&file), Some("first a\n"));
    let unknown = History::of(&paths, Some("nowhere")).unwrap_err();
    assert!(
        unknown
            .to_string()
            .contains("git says: fatal: Not a valid object name nowhere")
    );
    // What looks like an option is a revision that nobody knows.
    let option = History::of(&paths, Some("--output=x"));
    assert!(matches!(option, Err(Error::NotCompared { .. })));
}

#[test]
fn without_a_repository_there_is_no_history() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.md");
    fs::write(&file, "text").unwrap();
    let paths = [folder.path().to_owned()];
    let history = History::of(&paths, None).unwrap();
    assert_eq!((history.text(&file), history.unread().len()), (None, 0));
    let asked = History::of(&paths, Some("main"));
    assert!(matches!(asked, Err(Error::NoRepository { .. })));
}

#[test]
fn a_branch_without_a_common_commit_cannot_be_compared() {
    let folder = repository();
    let root = folder.path();
    git(root, &["checkout", "-q", "--orphan", "other"]);
    git(root, &["commit", "-qm", "another beginning"]);
    let asked = History::of(&[root.to_owned()], Some("main")).unwrap_err();
    assert!(asked.to_string().contains("no commit in common"), "{asked}");
}

#[test]
fn a_repository_without_a_commit_has_no_history() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    let file = folder.path().join("a.md");
    fs::write(&file, "text").unwrap();
    let history = History::of(&[folder.path().to_owned()], None).unwrap();
    assert_eq!((history.text(&file), history.unread().len()), (None, 0));
}
