//! What the scanner finds in a document is reported, and no output shows it.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

#[expect(dead_code, reason = "the tests of the scanner use all of it")]
#[path = "../../wharf-scan/tests/set/mod.rs"]
mod set;

use std::sync::Arc;

use wharf_diag::{Colour, Hidden, SourceText, to_text};
use wharf_document::{IntegrationId, load};
use wharf_scan::{Kind, scan};

use set::random::Random;

const FRONTMATTER: &str =
    "---\ntitle: \"[Integration] Set\"\ntype: tool\nsubtype: integration\n---\n\n## Notes\n\n";

#[test]
fn no_output_shows_what_was_found() {
    for (index, document) in set::documents().into_iter().enumerate() {
        let text = format!("{FRONTMATTER}{}", document.text);
        let source = Arc::new(SourceText::new("set.md", text.as_str()));
        let id = IntegrationId::new(&format!("set-{index}")).unwrap();
        let loaded = load(&id, &source);
        let findings = &loaded.diagnostics;
        let shown = to_text(findings, &Hidden::of(findings), Colour::Never);
        let told = format!("{findings:?}{shown}");
        for found in scan(&text) {
            let secret = &text[found.span.clone()];
            let is_told = findings.iter().any(|finding| {
                matches!(finding.code.id, "WH215" | "WH216")
                    && finding.primary.span.range() == found.span
                    && finding.message.contains(found.kind.name())
            });
            assert!(is_told, "{:?}", found.kind);
            let line = secret.lines().nth(1).unwrap_or(secret);
            assert!(!shown.contains(line), "{:?}: {told}", found.kind);
        }
    }
}

/// More secrets than are reported: each of them is hidden all the same.
#[test]
fn secrets_past_the_bound_are_hidden() {
    let mut random = Random::new(set::SEED);
    let keys: Vec<_> = (0..1_500)
        .map(|_| set::samples::sample(Kind::Shopify, &mut random).secret)
        .collect();
    let text = format!("{FRONTMATTER}{}\n", keys.join("\n"));
    let source = Arc::new(SourceText::new("many.md", text));
    let loaded = load(&IntegrationId::new("many").unwrap(), &source);
    let shown = to_text(
        &loaded.diagnostics,
        &Hidden::of(&loaded.diagnostics),
        Colour::Never,
    );
    assert!(keys.iter().all(|key| !shown.contains(key.as_str())));
    assert!(loaded.diagnostics.len() < 1_200 && loaded.left_out >= 400);
}
