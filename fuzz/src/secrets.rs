//! Words that start like vendors' tokens: each has a place of its own, and what is found is shown by
//! nothing that is said of it.

use std::sync::Arc;

use wharf_diag::{Colour, Hidden, SourceText, to_text};
use wharf_document::{IntegrationId, load};

/// Starts of tokens, and what stands before a secret in a document.
const STARTS: [&str; 16] = [
    "sk_live_",
    "whsec_",
    "sk-",
    "ghp_",
    "github_pat_",
    "xoxb-",
    "SG.",
    "AKIA",
    "eyJ",
    "npm_",
    "AIza",
    "shpat_",
    "password: ",
    "postgres://user:",
    "Authorization: Bearer ",
    "-----BEGIN PRIVATE KEY-----\n",
];

/// The target. The first byte chooses the start.
pub fn secrets(bytes: &[u8]) {
    let Some((&start, rest)) = bytes.split_first() else {
        return;
    };
    let Ok(rest) = std::str::from_utf8(rest) else {
        return;
    };
    let Some(id) = IntegrationId::new("fuzz") else {
        return;
    };
    let start = STARTS[usize::from(start) % STARTS.len()];
    let text = format!("---\ntype: tool\nsubtype: integration\n---\n## Notes\n\n{start}{rest}\n");
    let found = wharf_scan::scan(&text);
    assert!(found.is_sorted_by(|left, right| left.span.end <= right.span.start));
    assert!(
        found
            .iter()
            .all(|found| text.get(found.span.clone()).is_some())
    );
    let source = Arc::new(SourceText::new("fuzz.md", text.as_str()));
    let loaded = load(&id, &source);
    let frames = to_text(
        &loaded.diagnostics,
        &Hidden::of(&loaded.diagnostics),
        Colour::Never,
    );
    for span in loaded.diagnostics.iter().flat_map(|found| &found.hidden) {
        let word = source.slice(*span).trim();
        // A short word can stand in a message by itself.
        let is_told = word.len() >= 16 && frames.contains(word);
        assert!(!is_told, "{word} in {frames}");
    }
}
