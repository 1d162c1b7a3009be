//! `wharf check --since`: what cannot be compared is told, and never taken for unchanged.
//!
//! Public reports: pypa/setuptools-scm#1235, jorisroovers/gitlint#365.

use std::process::Command;

use crate::support::document::Document;
use crate::support::program::{CommandLine, Output, wharf};
use crate::support::workspace::Workspace;

fn git(workspace: &Workspace, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(["-c", "commit.gpgsign=false"])
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments);
    let done = CommandLine::new(command).within(workspace.path()).finish();
    assert_eq!(done.code, Some(0), "{arguments:?}: {done:?}");
}

fn repository() -> Workspace {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    git(&workspace, &["init", "-q"]);
    git(&workspace, &["add", "."]);
    git(&workspace, &["commit", "-qm", "first"]);
    workspace
}

fn check(workspace: &Workspace, options: &[&str]) -> CommandLine {
    wharf(&["check"])
        .arguments(options)
        .within(workspace.path())
}

fn assert_not_compared(output: &Output, why: &str) {
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains(why), "{why}: {output:?}");
    assert!(output.stderr.contains("`main`"), "{output:?}");
}

#[test]
fn a_folder_in_no_repository_is_told() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let since = check(&workspace, &["--since", "main"]).finish();
    assert_not_compared(&since, "is in no repository");
    assert_eq!(check(&workspace, &[]).finish().stderr.lines().count(), 1);
    // A program gets its object all the same.
    let json = check(&workspace, &["--since", "main", "--format", "json"]).finish();
    assert_eq!(json.code, Some(2), "{json:?}");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let message = json["problems"][0]["message"].as_str().unwrap();
    assert!(message.contains("is in no repository"), "{json}");
}

#[test]
fn a_missing_program_is_told() {
    let workspace = repository();
    assert_eq!(
        check(&workspace, &["--since", "main"]).finish().code,
        Some(0)
    );
    let nowhere = |options: &[&str]| {
        let command = check(&workspace, options).variable("PATH", "/nonexistent");
        command.finish()
    };
    assert_not_compared(&nowhere(&["--since", "main"]), "`git` was not found");
    let plain = nowhere(&[]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    assert!(plain.stderr.contains("warning: "), "{plain:?}");
    assert!(plain.stderr.contains("`git` was not found"), "{plain:?}");
}

#[test]
fn the_reason_that_git_gives_is_passed_on() {
    let workspace = repository();
    let unknown = check(&workspace, &["--since", "mian"]).finish();
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.stderr.contains("Not a valid object name mian"),
        "{unknown:?}"
    );
    let foreign = |options: &[&str]| {
        // What git's own tests set to stand before a repository of somebody else.
        let command = check(&workspace, options).variable("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        command.finish()
    };
    assert_not_compared(&foreign(&["--since", "main"]), "dubious ownership");
    let plain = foreign(&[]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    assert!(plain.stderr.contains("dubious ownership"), "{plain:?}");
}

#[test]
fn a_repository_without_a_commit_needs_no_word() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    git(&workspace, &["init", "-q"]);
    let output = check(&workspace, &[]).finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!output.stderr.contains("compared"), "{output:?}");
}
