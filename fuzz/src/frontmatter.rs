//! Any YAML: read, ordered and edited without a panic, and without a change of the body.

use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::{Draft, IntegrationId, apply, format, load};

const BODY: &str = "# Body\n";

/// The target.
pub fn frontmatter(bytes: &[u8]) {
    let Ok(yaml) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some(id) = IntegrationId::new("fuzz") else {
        return;
    };
    let text = format!("---\ntype: tool\nsubtype: integration\n{yaml}\n---\n{BODY}");
    load(&id, &Arc::new(SourceText::new("fuzz.md", text.as_str())));
    let ordered = apply(&text, &format(&text));
    assert!(ordered.ends_with(BODY));
    assert_eq!(ordered.len(), text.len());
    assert!(format(&ordered).is_empty(), "{ordered}");
    let mut draft = Draft::new(text.as_str());
    for value in ["plain", "# quoted: \"x\"", yaml] {
        if draft.set_frontmatter("title", &value.into()).is_ok() {
            let again = draft.set_frontmatter("title", &value.into());
            assert_eq!(again, Ok(None), "{}", draft.text());
        }
    }
}
