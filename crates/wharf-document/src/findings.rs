//! What is found in documents while they are read, one file per kind of finding, and what collects
//! all that is found.
//!
//! Each file makes its finding and has its page beside it, as those of [`checks`](crate::checks) do.
//! Whoever reads a value, a section or a file calls it.

mod collected;

pub(crate) mod assignment_not_read;
pub(crate) mod authentication_missing;
pub(crate) mod boolean_not_read;
pub(crate) mod column_missing;
pub(crate) mod comparison_not_read;
pub(crate) mod condition_not_read;
pub(crate) mod date_not_read;
pub(crate) mod day_not_read;
pub(crate) mod description_missing;
pub(crate) mod description_not_read;
pub(crate) mod duration_not_read;
pub(crate) mod environment_unknown;
pub(crate) mod event_field_not_read;
pub(crate) mod example_without_operation;
pub(crate) mod examples_not_read;
pub(crate) mod frontmatter_not_closed;
pub(crate) mod given_twice;
pub(crate) mod header_not_read;
pub(crate) mod id_not_valid;
pub(crate) mod item_not_read;
pub(crate) mod json_not_read;
pub(crate) mod location_unknown;
pub(crate) mod method_not_described;
pub(crate) mod misspelt;
pub(crate) mod modified_before_created;
pub(crate) mod money_not_read;
pub(crate) mod no_environment;
pub(crate) mod not_a_reference;
pub(crate) mod not_filled_in;
pub(crate) mod number_not_read;
pub(crate) mod operation_deprecated;
pub(crate) mod operation_not_described;
pub(crate) mod operation_twice;
pub(crate) mod path_not_read;
pub(crate) mod plain_http;
pub(crate) mod rate_not_read;
pub(crate) mod row_too_long;
pub(crate) mod secret_in_text;
pub(crate) mod size_not_read;
pub(crate) mod status_not_read;
pub(crate) mod suppression_unknown;
pub(crate) mod suppression_unused;
pub(crate) mod suppression_without_reason;
pub(crate) mod table_not_read;
pub(crate) mod template_not_read;
pub(crate) mod test_secret_in_text;
pub(crate) mod title_not_quoted;
pub(crate) mod unknown_name;
pub(crate) mod unknown_word;
pub(crate) mod url_not_read;
pub(crate) mod value_missing;
pub(crate) mod verb_unknown;
pub(crate) mod wrong_kind;
pub(crate) mod yaml_not_read;

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, SourceText, Span};

pub(crate) use collected::Findings;

/// What is found in a document itself.
static OF_DOCUMENTS: &[Page] = &[
    not_filled_in::PAGE,
    misspelt::PAGE,
    unknown_name::PAGE,
    given_twice::PAGE,
    value_missing::PAGE,
    unknown_word::PAGE,
    suppression_unused::PAGE,
    suppression_without_reason::PAGE,
    suppression_unknown::PAGE,
    table_not_read::PAGE,
    item_not_read::PAGE,
    yaml_not_read::PAGE,
    title_not_quoted::PAGE,
    frontmatter_not_closed::PAGE,
    date_not_read::PAGE,
    modified_before_created::PAGE,
    number_not_read::PAGE,
    wrong_kind::PAGE,
    duration_not_read::PAGE,
    rate_not_read::PAGE,
    size_not_read::PAGE,
    url_not_read::PAGE,
    plain_http::PAGE,
    path_not_read::PAGE,
    header_not_read::PAGE,
    template_not_read::PAGE,
    boolean_not_read::PAGE,
    money_not_read::PAGE,
    column_missing::PAGE,
    row_too_long::PAGE,
    comparison_not_read::PAGE,
    day_not_read::PAGE,
    event_field_not_read::PAGE,
    condition_not_read::PAGE,
    id_not_valid::PAGE,
    environment_unknown::PAGE,
    no_environment::PAGE,
    authentication_missing::PAGE,
    location_unknown::PAGE,
    not_a_reference::PAGE,
    secret_in_text::PAGE,
    test_secret_in_text::PAGE,
    json_not_read::PAGE,
    operation_twice::PAGE,
    example_without_operation::PAGE,
    verb_unknown::PAGE,
    assignment_not_read::PAGE,
    status_not_read::PAGE,
];

/// What is found about the files that a document links.
static OF_LINKED_FILES: &[Page] = &[
    examples_not_read::PAGE,
    operation_not_described::PAGE,
    method_not_described::PAGE,
    operation_deprecated::PAGE,
    description_not_read::PAGE,
    description_missing::PAGE,
];

/// The pages of all of them.
pub(crate) fn all_pages() -> impl Iterator<Item = Page> {
    OF_DOCUMENTS.iter().chain(OF_LINKED_FILES).copied()
}

/// Whether a finding is about the files that a document links.
pub(crate) fn needs_linked_files(code: Code) -> bool {
    OF_LINKED_FILES.iter().any(|page| page.code == code)
}

/// Names for a sentence: the first ten, and how many more there are.
pub(crate) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let shown = names
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The fix that writes something else in the place of `span`. A person has to agree.
pub(crate) fn write_instead(span: Span, replacement: String) -> Fix {
    Fix {
        title: format!("Write `{replacement}`"),
        applicability: Applicability::Unsafe,
        edits: vec![Edit { span, replacement }],
    }
}

/// Shows the links to the API description beside a finding about it.
fn with_links(diagnostic: Diagnostic, source: &Arc<SourceText>, links: &[Span]) -> Diagnostic {
    const SHOWN: usize = 3;
    links
        .iter()
        .take(SHOWN)
        .fold(diagnostic, |diagnostic, link| {
            diagnostic.with_secondary(source, *link, "the API description")
        })
}
