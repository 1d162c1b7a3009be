//! Documents are fixed until nothing changes, and each is written or left alone.

use std::fs;
use std::path::{Path, PathBuf};

use wharf_diag::Applicability;
use wharf_workspace::Around;

use super::super::findings::{Checked, Rules};
use super::{Outcome, fix};
use crate::workspace;

const BROKEN: &str = "---\ntitle: [Integration] A\ntype: tool\nsubtype: integration\n\
                      environment: all\n---\n\n<!-- wharf-ignore given-twice: was there once -->\n";

fn fixed(root: &Path) -> (Outcome, Rules) {
    let paths = [root.to_owned()];
    let rules = Rules::of(&paths).unwrap();
    let workspace = workspace::load_all(&paths, Around::default(), &|_, _| true);
    let outcome = fix(Checked::new(workspace, &rules), &rules, Applicability::Safe);
    (outcome, rules)
}

fn changed(outcome: &Outcome) -> Vec<PathBuf> {
    let changes = outcome.changes.iter();
    changes.map(|change| change.path.clone()).collect()
}

#[test]
fn fixing_twice_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.md");
    fs::write(&path, BROKEN).unwrap();
    let (mut outcome, rules) = fixed(root.path());
    assert_eq!(outcome.changes[0].fixed.len(), 2);
    outcome.write(&rules);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("title: \"[Integration] A\"\n") && !text.contains("wharf-ignore"));
    let (outcome, _) = fixed(root.path());
    assert!(changed(&outcome).is_empty() && outcome.unsettled.is_empty());
}

#[test]
fn line_endings_and_the_byte_order_mark_stay() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.md");
    let text = format!("\u{feff}{}", BROKEN.replace('\n', "\r\n"));
    fs::write(&path, text).unwrap();
    let (mut outcome, rules) = fixed(root.path());
    outcome.write(&rules);
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("\u{feff}---\r\ntitle: \"[Integration] A\"\r\n"),
        "{text:?}"
    );
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

#[test]
fn a_file_that_is_gone_or_other_meanwhile_is_told_and_the_rest_is_written() {
    let root = tempfile::tempdir().unwrap();
    for name in ["a.md", "b.md", "c.md"] {
        fs::write(root.path().join(name), BROKEN).unwrap();
    }
    let (mut outcome, rules) = fixed(root.path());
    fs::remove_file(root.path().join("a.md")).unwrap();
    fs::write(root.path().join("b.md"), "somebody else").unwrap();
    outcome.write(&rules);
    assert_eq!(changed(&outcome), [root.path().join("c.md")]);
    let problems = outcome.checked.workspace.unreadable.iter();
    let problems: Vec<_> = problems.map(|problem| problem.message.as_str()).collect();
    assert!(problems[0].starts_with("is gone"), "{problems:?}");
    assert!(
        problems[1].starts_with("was changed by somebody else"),
        "{problems:?}"
    );
    assert!(!root.path().join("a.md").exists());
    let other = fs::read_to_string(root.path().join("b.md")).unwrap();
    assert_eq!(other, "somebody else");
    // What is left in a document that was not written is told as it is.
    let left = outcome.checked.workspace.all_diagnostics();
    let left = left.filter(|found| found.code.slug == "title-not-quoted");
    assert_eq!(left.count(), 2);
}
