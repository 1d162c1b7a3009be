//! WH006: a value that has to be there is empty.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::raw::CodeBlock;

pub(crate) const CODE: Code = Code {
    id: "WH006",
    slug: "value-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("value_missing.md"),
};

/// `what` names the value and its owner, for example "the method of the operation `List`".
pub(crate) fn new(source: &Arc<SourceText>, span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        CODE,
        Severity::Error,
        format!("{what} is missing"),
        source,
        span,
    )
    .with_label("something has to stand here")
}

/// `what` is a block that stands there in another language than the one that is read. `form` says
/// what is to be written in it.
pub(crate) fn in_another_language(
    source: &Arc<SourceText>,
    block: &CodeBlock,
    what: &str,
    expected: &str,
    form: &str,
) -> Diagnostic {
    let message = format!(
        "{what} is in `{}`, which is not read; it has to be in `{expected}`",
        block.language()
    );
    Diagnostic::new(CODE, Severity::Error, message, source, block.info.span)
        .with_label(format!("has to be `{expected}`"))
        .with_help(format!(
            "begin the block with ```{expected} and write {form}"
        ))
}
