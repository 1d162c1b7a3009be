//! WH131: two documents have one id.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::model::Integration;
use crate::raw::document_place;
use crate::together::Index;

pub(crate) const CODE: Code = Code {
    id: "WH131",
    slug: "id-twice",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("id_twice.md"),
};

/// Compares a document with the first one that has its id.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    let Some(first) = index.get(&integration.id) else {
        return Vec::new();
    };
    if std::ptr::eq(first, integration) {
        return Vec::new();
    }
    let (source, other) = (&integration.source, &first.source);
    let message = format!("two documents have the id `{}`", integration.id);
    vec![
        Diagnostic::new(
            CODE,
            Severity::Error,
            message,
            source,
            document_place(source),
        )
        .with_label(format!("this is {}", source.name()))
        .with_secondary(
            other,
            document_place(other),
            format!("the first is {}", other.name()),
        )
        .with_help("the id is the name of the file; rename one of the two"),
    ]
}
