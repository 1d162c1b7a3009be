//! The nearest `wharf.toml` counts, and files are left out by their real paths.

use std::fs;
use std::sync::Arc;

use wharf_diag::{Diagnostic, Severity, SourceText, Span, find_page};
use wharf_workspace::settings::{CheckRules, FILE_NAME};

use super::{excludes, load, rules_of};

/// The severity of a warning of this code.
fn severity(rules: &CheckRules, slug: &str) -> Option<Severity> {
    let source = Arc::new(SourceText::new("a.md", ""));
    let code = find_page(wharf_document::pages(), slug).unwrap().code;
    let finding = Diagnostic::new(code, Severity::Warning, "x", &source, Span::at(0));
    rules.severity(&finding)
}

#[test]
fn a_missing_file_means_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let settings = load(folder.path()).unwrap();
    assert_eq!(settings.data_address().to_string(), "127.0.0.1:7070");
}

#[test]
fn the_nearest_file_at_or_above_the_path_counts() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("team/docs");
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join("a.md"), "").unwrap();
    fs::write(
        folder.path().join(FILE_NAME),
        "[check.severity]\nplain-http = \"info\"\n",
    )
    .unwrap();
    for path in [
        inner.join("a.md"),
        inner.clone(),
        inner.join("not-there.md"),
    ] {
        let rules = rules_of(&path).unwrap();
        assert_eq!(
            severity(&rules, "plain-http"),
            Some(Severity::Info),
            "{path:?}"
        );
    }
    fs::write(folder.path().join("team").join(FILE_NAME), "").unwrap();
    let rules = rules_of(&inner).unwrap();
    assert_eq!(severity(&rules, "plain-http"), Some(Severity::Warning));
}

#[test]
fn files_are_left_out_by_their_real_paths() {
    let folder = tempfile::tempdir().unwrap();
    for inner in ["drafts/old", "docs"] {
        fs::create_dir_all(folder.path().join(inner)).unwrap();
    }
    std::os::unix::fs::symlink("drafts", folder.path().join("link")).unwrap();
    fs::write(
        folder.path().join(FILE_NAME),
        "[check]\nexclude = [\"drafts\"]\n",
    )
    .unwrap();
    let rules = rules_of(&folder.path().join("docs")).unwrap();
    let excludes = |path: &str| excludes(&rules, &folder.path().join(path));
    assert!(excludes("drafts/a.md") && excludes("drafts/old/a.md") && excludes("link/a.md"));
    assert!(!excludes("a.md") && !excludes("docs/a.md") && !excludes("nowhere/a.md"));
}
