//! `wharf init`: a workspace that works, and nothing that was there is touched.

use std::fs;

use crate::support::program::{Output, wharf};
use crate::support::workspace::Workspace;

fn init(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["init"])
        .arguments(arguments)
        .within(workspace.path())
        .finish()
}

fn names(workspace: &Workspace, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(workspace.file(folder)).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_workspace_is_made_and_works() {
    let workspace = Workspace::empty();
    let output = init(
        &workspace,
        &["new/place", "--with", "stripe", "--with", "slack"],
    );
    assert_eq!(output.code, Some(0), "{output:?}");
    let expected = "new/place/wharf.toml\nnew/place/slack.md\nnew/place/examples/slack.md\nnew/place/stripe.md\n\
         new/place/examples/stripe.md\nnew/place/.gitignore\n";
    assert_eq!(output.stdout, expected);
    for words in [
        "wharf check new/place",
        "wharf up new/place --simulate",
        "--dir new/place",
    ] {
        assert!(output.stderr.contains(words), "{output:?}");
    }
    let folder = workspace.file("new/place");
    let ignored = fs::read_to_string(folder.join(".gitignore")).unwrap();
    assert!(ignored.lines().any(|line| line == "/.wharf/"), "{ignored}");
    let settings = fs::read_to_string(folder.join("wharf.toml")).unwrap();
    assert!(
        settings.contains("\n#data = \"127.0.0.1:7070\"\n"),
        "{settings}"
    );
    // The folder is a workspace at hand, and its documents have no error.
    let check = wharf(&["check", "--severity", "error"])
        .within(&folder)
        .finish();
    assert_eq!(check.code, Some(0), "{check:?}");
    let list = wharf(&["list"]).within(&folder).finish();
    assert_eq!(
        (list.code, list.stdout.lines().count()),
        (Some(0), 3),
        "{list:?}"
    );
}

#[test]
fn what_comes_next_stands_in_two_columns_however_long_the_path_is() {
    let workspace = Workspace::empty();
    for folder in [
        "a",
        "a/path/that/is/longer/than/most/paths/of/this/kind/are",
    ] {
        let output = init(&workspace, &[folder]);
        let (_, steps) = output.stderr.split_once("Next:\n").unwrap();
        let words = ["write a", "find what", "try it", "a token", "serve the"];
        let columns = steps.lines().zip(words).map(|(line, words)| {
            assert!(line.contains(&format!("  {words}")), "{line}");
            line.find(words).unwrap()
        });
        let columns: Vec<usize> = columns.collect();
        assert_eq!(columns, [columns[0]; 5], "{steps}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let workspace = Workspace::empty();
    workspace.write("wharf.toml", "[listen]\n");
    let output = init(&workspace, &[]);
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (Some(2), ""),
        "{output:?}"
    );
    assert!(
        output.stderr.contains("is a workspace already"),
        "{output:?}"
    );

    let workspace = Workspace::empty();
    workspace.write("stripe.md", "mine\n");
    let output = init(&workspace, &["--with", "stripe"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(
        output.stderr.contains("stripe.md is there already"),
        "{output:?}"
    );
    assert_eq!(names(&workspace, "."), ["stripe.md"], "nothing half made");

    let workspace = Workspace::empty();
    workspace.write(".gitignore", "target\n");
    let output = init(&workspace, &[]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("Add `/.wharf/` to ./.gitignore"),
        "{output:?}"
    );
    let ignored = fs::read_to_string(workspace.file(".gitignore")).unwrap();
    assert_eq!(ignored, "target\n");
}

#[test]
fn what_cannot_be_made_is_told() {
    let workspace = Workspace::empty();
    workspace.write("file", "");
    for (arguments, words) in [
        (vec!["file"], "file is a file"),
        (vec!["x", "--with", "strpe"], "did you mean `stripe`?"),
        (vec!["x", "--with", "no-such-service"], "wharf new --list"),
    ] {
        let output = init(&workspace, &arguments);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{output:?}"
        );
        assert!(output.stderr.contains(words), "{output:?}");
    }
    assert_eq!(names(&workspace, "."), ["file"]);
}
