//! Texts become documents, and comments are heard about what every pass finds.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::Workspace;
use crate::processors::One;

const DOCUMENT: &str = "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n";

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn from_texts<N: Into<String>, T: Into<String>>(
    texts: impl IntoIterator<Item = (N, T)>,
) -> Workspace {
    Workspace::from_texts(texts, &One, NOW)
}

#[test]
fn a_comment_about_what_could_not_be_found_is_not_called_unused() {
    let unused = |codes: &str, names: &[&str]| {
        let text = format!("{DOCUMENT}<!-- wharf-ignore-file {codes}: x -->\n");
        let workspace = from_texts(names.iter().map(|name| (*name, text.clone())));
        let all = workspace.all_diagnostics();
        all.filter(|found| found.code.slug == "suppression-unused")
            .count()
    };
    assert_eq!(unused("plain-http", &["a.md"]), 1);
    assert_eq!(unused("WH701, WH801, WH706", &["a.md"]), 0);
    assert_eq!(unused("WH701, WH801, WH706", &["a.md", "b.md"]), 2);
}

#[test]
fn comments_are_heard_about_findings_of_documents_side_by_side() {
    let comment = "<!-- wharf-ignore-file id-twice: one of them is moving -->\n";
    let texts = |second: &str| {
        [
            ("one/a.md", DOCUMENT.to_owned()),
            ("two/a.md", format!("{DOCUMENT}{second}")),
        ]
    };
    let workspace = from_texts(texts(""));
    assert_eq!(
        (workspace.diagnostics.len(), workspace.suppressed.len()),
        (1, 0)
    );
    let workspace = from_texts(texts(comment));
    assert_eq!(
        (workspace.diagnostics.len(), workspace.suppressed.len()),
        (0, 1)
    );
    // Read anew, everything is found once more and no more than once.
    let again = workspace.with_texts(&HashMap::new(), &One, NOW);
    assert_eq!((again.diagnostics.len(), again.suppressed.len()), (0, 1));
    let count = workspace.all_diagnostics().count();
    assert_eq!(again.all_diagnostics().count(), count);
    let other = HashMap::from([(PathBuf::from("two/a.md"), DOCUMENT.to_owned())]);
    assert_eq!(again.with_texts(&other, &One, NOW).diagnostics.len(), 1);
}

#[test]
fn texts_in_memory_make_a_workspace() {
    let texts = [("core/openai-api.md", DOCUMENT), ("note.md", "# Note\n")];
    let workspace = from_texts(texts);
    let ids: Vec<_> = workspace
        .integrations()
        .map(|i| i.id.as_str().to_owned())
        .collect();
    assert_eq!(ids, ["openai-api"]);
}
