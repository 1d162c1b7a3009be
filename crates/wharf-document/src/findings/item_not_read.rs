//! WH013: what was meant as an item of a list is none.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH013",
    slug: "item-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("item_not_read.md"),
};

/// `edits` make items of the lines.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, edits: Vec<Edit>) -> Diagnostic {
    let message = "this line is no item of a list, so it is not read";
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("an item begins its line with `- `")
        .with_fix(Fix {
            title: "Make items of the lines".to_owned(),
            applicability: Applicability::Unsafe,
            edits,
        })
}

/// The keys stand in a quote, in a table or in code.
pub(crate) fn in_block(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    let message = "a list is read here; what stands in a quote, a table or code is not";
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help("write `- Key: value`, one item for each key")
}

/// An item whose key has another sign than a colon behind it.
pub(crate) fn without_colon(source: &Arc<SourceText>, span: Span, key: &str) -> Diagnostic {
    let message = format!("no colon stands behind `{key}`, so the item is not read");
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
        .with_help(format!("write `{key}: …`"))
}

/// What stands below a key and is not read there.
pub(crate) fn below(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    let message = format!("what stands below {what} is not read");
    Diagnostic::new(CODE, Severity::Error, message, source, span)
        .with_help("write the value behind the colon")
}
