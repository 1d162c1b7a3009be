//! WH012: what looks like a table is text to every page.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use super::write_instead;

pub(crate) const CODE: Code = Code {
    id: "WH012",
    slug: "table-not-read",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("table_not_read.md"),
};

/// Most columns that a line of dashes is made for.
const MOST_COLUMNS: usize = 100;

/// `span` is the line of dashes, `columns` the number of cells of the header above it.
pub(crate) fn new(source: &Arc<SourceText>, span: Span, columns: usize) -> Diagnostic {
    let message =
        "this is no table: its line of dashes does not have one group of `-` for each column";
    let dashes = format!("|{}", "---|".repeat(columns.min(MOST_COLUMNS)));
    told(message, source, span)
        .with_label("the table is not read")
        .with_help(
            "write as many groups of `-` as the header has cells, `|---|---|`, without spaces in one",
        )
        .with_fix(write_instead(span, dashes))
}

/// `span` is the first of some rows behind the end of a table.
pub(crate) fn behind(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    told(
        "the table has ended above, so this row is not read",
        source,
        span,
    )
    .with_help("a blank line and a comment line end a table; put the row directly below it")
}

/// `span` is the first of some rows.
pub(crate) fn without_dashes(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    let message = "this is no table: no line of dashes stands below its first line";
    told(message, source, span).with_help("write `|---|---|` below the names of the columns")
}

/// `span` is the header.
pub(crate) fn in_quote(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    told("a table in a quote is not read", source, span)
        .with_help("take the `>` from the beginning of its lines")
}

/// `span` is the header.
pub(crate) fn in_item(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    told("a table in an item of a list is not read", source, span)
        .with_help("let its lines begin where other lines do")
}

/// `span` is a line of it.
pub(crate) fn in_html(source: &Arc<SourceText>, span: Span) -> Diagnostic {
    told("a table in HTML is not read", source, span)
        .with_help("write it as a table of Markdown, with a blank line before it")
}

fn told(message: &'static str, source: &Arc<SourceText>, span: Span) -> Diagnostic {
    Diagnostic::new(CODE, Severity::Warning, message, source, span)
}
