//! Severities and patterns are read, and mistakes in them are shown with their line.

use std::path::Path;
use std::sync::Arc;

use wharf_diag::{Diagnostic, Severity, SourceText, Span, find_page};

use super::super::Error;
use super::CheckRules;

fn rules(text: &str) -> Result<CheckRules, Error> {
    CheckRules::parse(text, Path::new("/w"))
}

/// The severity of a warning of this code.
fn severity(rules: &CheckRules, slug: &str) -> Option<Severity> {
    let source = Arc::new(SourceText::new("a.md", ""));
    let code = find_page(wharf_document::pages(), slug).unwrap().code;
    let finding = Diagnostic::new(code, Severity::Warning, "x", &source, Span::at(0));
    rules.severity(&finding)
}

#[test]
fn severities_are_read_by_id_and_slug() {
    let rules = rules(
        "[check.severity]\nplain-http = \"error\"\nWH003 = \"off\"\ngiven-twice = \"info\"\n\
         secret-in-text = \"warning\"\n",
    )
    .unwrap();
    assert_eq!(severity(&rules, "plain-http"), Some(Severity::Error));
    assert_eq!(severity(&rules, "unknown-name"), None);
    assert_eq!(severity(&rules, "given-twice"), Some(Severity::Info));
    assert_eq!(severity(&rules, "verb-unknown"), Some(Severity::Warning));
}

#[test]
fn every_mistake_is_shown_with_its_line_and_the_nearest_word() {
    let error = rules(
        "[check.severity]\nplain-htpp = \"off\"\ngiven-twice = \"of\"\nWH004 = \"off\"\n\
         secret-in-text = \"off\"\nWH211 = \"info\"\n\n[check]\nexclude = [\"a/{b\"]\n",
    );
    let error = error.unwrap_err().to_string();
    for expected in [
        "wharf.toml:2:1: `plain-htpp` is no code of a finding; did you mean `plain-http`?",
        "wharf.toml:3:1: `of` is no severity; did you mean `off`?",
        "wharf.toml:5:1: WH215 (secret-in-text) is about secrets and cannot be `off`",
        "wharf.toml:6:1: WH211 (not-a-reference) is about secrets and cannot be `info`",
        "wharf.toml:9:12: not a pattern",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
    let error = rules("[check.severity]\nWH004 = \"off\"\ngiven-twice = \"off\"\n");
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains(":3:1: WH004 (given-twice) is given twice")
    );
    assert!(rules("[check]\nseverty = 1\n").is_err());
}

#[test]
fn patterns_are_relative_to_the_file() {
    let rules = rules("[check]\nexclude = [\"drafts/**\", \"docs/*.tmp.md\"]\n").unwrap();
    let excludes = |path: &str| rules.excludes(&Path::new("/w").join(path));
    assert!(excludes("drafts/a.md") && excludes("drafts/old/a.md") && excludes("docs/a.tmp.md"));
    assert!(!excludes("a.md") && !excludes("docs/a.md"));
    assert!(!rules.excludes(Path::new("/elsewhere/drafts/a.md")));
    assert!(!CheckRules::default().excludes(Path::new("a.md")));
}
