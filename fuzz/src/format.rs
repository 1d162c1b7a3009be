//! Any text: its layout is its own layout, and says the same.

use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::{IntegrationId, apply, load};

/// The target.
pub fn format(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some(id) = IntegrationId::new("fuzz") else {
        return;
    };
    let edits = wharf_document::format(text);
    if edits.is_empty() {
        return;
    }
    let after = apply(text, &edits);
    assert!(wharf_document::format(&after).is_empty(), "{after}");
    let codes = |text: &str| {
        let loaded = load(&id, &Arc::new(SourceText::new("fuzz.md", text)));
        let mut codes: Vec<_> = loaded.diagnostics.iter().map(|found| found.code).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(&after), codes(text), "{after}");
}
