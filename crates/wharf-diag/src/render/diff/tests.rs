//! A diff shows what changes and nothing that is hidden.

use std::sync::Arc;

use super::to_diff;
use crate::{Code, Colour, Diagnostic, Hidden, Severity, SourceText, Span};

const CODE: Code = Code {
    id: "WH999",
    slug: "test",
};

fn source(text: &str) -> Arc<SourceText> {
    Arc::new(SourceText::new("docs/a.md", text))
}

fn plain(old: &str, new: &str) -> String {
    to_diff(
        &source(old),
        &source(new),
        &Hidden::default(),
        Colour::Never,
    )
}

#[test]
fn a_change_is_shown_with_its_surroundings() {
    let old = "1\n2\n3\n4\nold\n6\n7\n8\n9\n";
    assert_eq!(
        plain(old, &old.replace("old", "new")),
        "--- a/docs/a.md\n+++ b/docs/a.md\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-old\n+new\n 6\n 7\n 8\n"
    );
    assert_eq!(plain(old, old), "");
}

#[test]
fn line_endings_and_a_missing_last_one_are_kept() {
    let diff = plain("a\r\nb", "a\r\nc");
    assert!(diff.contains(" a\r\n"), "{diff:?}");
    assert_eq!(
        diff.matches("\\ No newline at end of file").count(),
        2,
        "{diff:?}"
    );
}

#[test]
fn a_secret_is_hidden_in_both_versions_wherever_it_stands() {
    let old = source("key: s3cr3t-key\nold\nagain s3cr3t-key\n");
    // The new version is one in which nothing finds the secret any more.
    let new = source("key: s3cr3t-key\nnew\nagain s3cr3t-key\n");
    let span = Span::new(5, 15);
    let finding = Diagnostic::new(CODE, Severity::Error, "x", &old, span).with_hidden(span);
    let diff = to_diff(&old, &new, &Hidden::of([&finding]), Colour::Never);
    assert!(!diff.contains("s3cr3t"), "{diff}");
    assert!(
        diff.contains(" key: **********\n-old\n+new\n again **********\n"),
        "{diff}"
    );
}

#[test]
fn colour_only_when_asked() {
    let diff = to_diff(
        &source("a\n"),
        &source("b\n"),
        &Hidden::default(),
        Colour::Always,
    );
    assert!(
        diff.contains("\u{1b}[31m-a\u{1b}[0m\n\u{1b}[32m+b\u{1b}[0m\n"),
        "{diff:?}"
    );
    assert!(!plain("a\n", "b\n").contains('\u{1b}'));
}
