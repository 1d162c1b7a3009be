//! Any text: its layout is its own layout, and says the same.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use wharf_diag::SourceText;
use wharf_document::{IntegrationId, apply, format, load};

fuzz_target!(|text: &str| {
    let Some(id) = IntegrationId::new("fuzz") else {
        return;
    };
    let edits = format(text);
    if edits.is_empty() {
        return;
    }
    let after = apply(text, &edits);
    assert!(format(&after).is_empty(), "{after}");
    let codes = |text: &str| {
        let loaded = load(&id, &Arc::new(SourceText::new("fuzz.md", text)));
        let mut codes: Vec<_> = loaded.diagnostics.iter().map(|found| found.code).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(&after), codes(text), "{after}");
});
