//! `wharf index` and what `wharf check` says about an index.

use std::fs;

use super::list::document;
use crate::support::program::{Output, wharf};
use crate::support::workspace::Workspace;

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(arguments).within(workspace.path()).finish()
}

fn purpose(purpose: &str) -> String {
    let body = format!("## Service Details\n\n- Purpose: {purpose}\n- Category: API\n");
    document("Alpha", "", &body)
}

fn stale(workspace: &Workspace) -> bool {
    let check = run(workspace, &["check", "."]);
    check.stdout.contains("warning[WH707]")
}

#[test]
fn an_index_is_written_checked_and_kept() {
    let workspace = Workspace::empty();
    workspace.write("below/alpha.md", &purpose("First"));
    let missing = run(&workspace, &["index", ".", "--check"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(!stale(&workspace), "no index, nothing to say");

    let written = run(&workspace, &["index", "."]);
    assert_eq!(
        (written.code, written.stdout.as_str()),
        (Some(0), ""),
        "{written:?}"
    );
    let text = fs::read_to_string(workspace.file("INDEX.md")).unwrap();
    assert!(
        text.contains("| [Alpha](below/alpha.md) | First |  |  |\n"),
        "{text}"
    );
    assert_eq!(run(&workspace, &["index", ".", "--check"]).code, Some(0));
    assert!(!stale(&workspace));
    let again = run(&workspace, &["index", "."]);
    assert!(again.stderr.contains("is current"), "{again:?}");
    assert_eq!(
        fs::read_to_string(workspace.file("INDEX.md")).unwrap(),
        text
    );

    workspace.write("below/alpha.md", &purpose("Second"));
    let check = run(&workspace, &["index", ".", "--check"]);
    assert_eq!(check.code, Some(1), "{check:?}");
    assert!(check.stdout.contains("INDEX.md:9:1"), "{check:?}");
    assert!(stale(&workspace));
    let from_outside = wharf(&["check", workspace.argument()]).finish();
    assert!(from_outside.stdout.contains("WH707"), "{from_outside:?}");
    assert_eq!(
        fs::read_to_string(workspace.file("INDEX.md")).unwrap(),
        text
    );
    assert_eq!(run(&workspace, &["index", "."]).code, Some(0));
    assert!(!stale(&workspace));
}

#[test]
fn severity_and_exclusion_of_the_settings_hold() {
    let workspace = Workspace::empty();
    workspace.write("alpha.md", &purpose("First"));
    workspace.write("drafts/beta.md", &document("Beta", "", ""));
    workspace.write("wharf.toml", "[check]\nexclude = [\"drafts/**\"]\n");
    assert_eq!(run(&workspace, &["index"]).code, Some(0));
    let text = fs::read_to_string(workspace.file("INDEX.md")).unwrap();
    assert!(!text.contains("Beta"), "{text}");
    assert!(!stale(&workspace), "both leave the same documents out");
    workspace.write("alpha.md", &purpose("Second"));
    assert!(stale(&workspace));
    workspace.write(
        "wharf.toml",
        "[check]\nexclude = [\"drafts/**\"]\nseverity = { index-stale = \"off\" }\n",
    );
    assert!(!stale(&workspace));
}

#[test]
fn a_persons_own_index_stays_as_it_is() {
    let workspace = Workspace::empty();
    workspace.write("alpha.md", &purpose("First"));
    workspace.write("INDEX.md", "# Ours\n");
    let refused = run(&workspace, &["index", "."]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("was not made by this command"),
        "{refused:?}"
    );
    assert_eq!(
        fs::read_to_string(workspace.file("INDEX.md")).unwrap(),
        "# Ours\n"
    );
    assert!(!stale(&workspace));
    workspace.write("INDEX.md", "\u{0}");
    fs::write(workspace.file("INDEX.md"), [0xff, 0xfe, 0]).unwrap();
    assert_eq!(run(&workspace, &["index", "."]).code, Some(2));
    assert!(!stale(&workspace));
}

#[test]
fn no_index_is_made_of_half_a_workspace() {
    let workspace = Workspace::empty();
    workspace.write("alpha.md", &purpose("First"));
    std::os::unix::fs::symlink("nowhere", workspace.file("broken.md")).unwrap();
    let refused = run(&workspace, &["index", "."]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(!workspace.file("INDEX.md").exists());
}
