//! Any text: read without a panic, every place within it, every frame drawable, cut without loss.

use std::sync::Arc;

use wharf_diag::{Colour, Hidden, SourceText, to_text};
use wharf_document::{IntegrationId, Outline};

/// The target.
pub fn load(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some(id) = IntegrationId::new("fuzz") else {
        return;
    };
    let source = Arc::new(SourceText::new("fuzz.md", text));
    let loaded = wharf_document::load(&id, &source);
    for diagnostic in &loaded.diagnostics {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        let spans = labels.map(|label| label.span);
        for span in spans.chain(diagnostic.hidden.iter().copied()) {
            assert!(text.get(span.range()).is_some(), "{span:?}");
        }
        for edit in diagnostic.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.range()).is_some(), "{edit:?}");
        }
    }
    to_text(
        &loaded.diagnostics,
        &Hidden::of(&loaded.diagnostics),
        Colour::Never,
    );
    let outline = Outline::of(text);
    let pieces = outline.pieces().iter();
    let whole: String = pieces
        .filter_map(|piece| text.get(piece.span.range()))
        .collect();
    assert_eq!(whole, text);
}
