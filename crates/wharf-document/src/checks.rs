//! Everything the program finds in documents, one file per kind of finding.
//!
//! Beside each file stands its page. The page is what `wharf explain` prints, and its examples
//! are run as tests.

mod addresses_disagree;
mod alert_above_budget;
pub(crate) mod assignment_not_read;
pub(crate) mod authentication_missing;
mod body_over_largest;
pub(crate) mod boolean_not_read;
mod budget_below_projection;
mod cache_disagrees;
mod cache_over_freshness;
mod call_outlasts;
mod claims_disagree;
pub(crate) mod column_missing;
pub(crate) mod comparison_not_read;
pub(crate) mod condition_not_read;
mod connecting_outlasts;
pub(crate) mod content_changed;
mod copies_too_rare;
mod costs_disagree;
pub(crate) mod credential_missing;
pub(crate) mod credential_outside;
mod credential_shared;
pub(crate) mod credential_two_hosts;
pub(crate) mod credential_unused;
mod criticality_disagrees;
mod currency_disagrees;
pub(crate) mod date_not_read;
mod date_passed;
pub(crate) mod day_not_read;
mod default_not_in_use;
mod deprecation_disagrees;
pub(crate) mod description_missing;
pub(crate) mod description_not_read;
mod detection_disagrees;
mod downtime_disagrees;
pub(crate) mod duration_not_read;
mod endpoint_shared;
mod environment_mixed;
pub(crate) mod environment_unknown;
pub(crate) mod event_field_not_read;
mod example_limit_disagrees;
pub(crate) mod example_without_operation;
pub(crate) mod examples_not_read;
pub(crate) mod fallback_cycle;
mod fallback_disagrees;
pub(crate) mod fallback_gap;
mod fallback_not_there;
mod feature_disagrees;
pub(crate) mod field_not_filled;
pub(crate) mod frontmatter_not_closed;
pub(crate) mod given_twice;
pub(crate) mod handler_unknown;
pub(crate) mod header_not_read;
pub(crate) mod id_not_valid;
pub(crate) mod id_twice;
pub(crate) mod id_unknown;
pub(crate) mod index_stale;
pub(crate) mod item_not_read;
pub(crate) mod json_not_read;
mod limit_over_global;
pub(crate) mod limits_over_global;
pub(crate) mod location_unknown;
mod mapping_unknown;
mod method_disagrees;
pub(crate) mod method_not_described;
pub(crate) mod misspelt;
pub(crate) mod modified_before_created;
mod modified_in_future;
pub(crate) mod money_not_read;
mod named;
mod need_missing;
mod next_rotation_late;
pub(crate) mod no_environment;
mod no_slack;
pub(crate) mod not_a_reference;
pub(crate) mod not_filled_in;
pub(crate) mod not_quite_a_document;
mod notice_disagrees;
pub(crate) mod number_not_read;
mod objective_twice;
mod objectives_disagree;
pub(crate) mod operation_deprecated;
pub(crate) mod operation_not_described;
mod operation_not_listed;
pub(crate) mod operation_twice;
pub(crate) mod operation_unknown;
mod outage_over_budget;
mod overage_denied;
mod owner_disagrees;
mod page_size_exceeded;
pub(crate) mod path_not_read;
mod permissions_disagree;
pub(crate) mod plain_http;
mod probe_outlasts;
mod probe_status_disagrees;
mod projection_below_base;
mod projection_disagrees;
pub(crate) mod rate_not_read;
mod recovery_outlasts;
mod replay_window;
mod residency_disagrees;
pub(crate) mod retried_and_answered;
pub(crate) mod retries_disagree;
pub(crate) mod retry_in_one_place;
mod retry_never;
mod rotation_disagrees;
mod rotation_overdue;
pub(crate) mod row_missing;
pub(crate) mod row_too_long;
mod said;
mod scope_missing;
pub(crate) mod secret_in_text;
mod signature_header_disagrees;
pub(crate) mod size_not_read;
mod stated_rate_disagrees;
pub(crate) mod status_not_read;
mod step_after_deadline;
mod step_environment_unknown;
pub(crate) mod suppression_unknown;
pub(crate) mod suppression_unused;
pub(crate) mod suppression_without_reason;
pub(crate) mod table_not_read;
pub(crate) mod template_not_read;
pub(crate) mod test_secret_in_text;
pub(crate) mod title_not_quoted;
mod total_disagrees;
pub(crate) mod unknown_name;
pub(crate) mod unknown_word;
pub(crate) mod url_not_read;
mod usage_over_objective;
pub(crate) mod value_missing;
mod variable_not_stored;
pub(crate) mod verb_unknown;
mod verification_disagrees;
mod versions_disagree;
pub(crate) mod webhook_path_twice;
mod webhooks_to_vendor;
mod weekday_disagrees;
mod whole;
pub(crate) mod wrong_kind;
pub(crate) mod yaml_not_read;

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::lower::Context;

pub(crate) use said::in_own_words;
pub(crate) use whole::{at, is_about_today, whole_document};

/// The pages of all codes, in the order of their ids.
static PAGES: &[Page] = &[
    not_filled_in::PAGE,
    misspelt::PAGE,
    unknown_name::PAGE,
    given_twice::PAGE,
    value_missing::PAGE,
    unknown_word::PAGE,
    suppression_unused::PAGE,
    suppression_without_reason::PAGE,
    suppression_unknown::PAGE,
    not_quite_a_document::PAGE,
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
    id_twice::PAGE,
    environment_unknown::PAGE,
    no_environment::PAGE,
    authentication_missing::PAGE,
    location_unknown::PAGE,
    not_a_reference::PAGE,
    credential_missing::PAGE,
    field_not_filled::PAGE,
    credential_unused::PAGE,
    secret_in_text::PAGE,
    test_secret_in_text::PAGE,
    credential_shared::PAGE,
    endpoint_shared::PAGE,
    environment_mixed::PAGE,
    credential_outside::PAGE,
    json_not_read::PAGE,
    operation_twice::PAGE,
    example_without_operation::PAGE,
    examples_not_read::PAGE,
    verb_unknown::PAGE,
    assignment_not_read::PAGE,
    status_not_read::PAGE,
    retries_disagree::PAGE,
    limits_over_global::PAGE,
    retried_and_answered::PAGE,
    retry_in_one_place::PAGE,
    row_missing::PAGE,
    objectives_disagree::PAGE,
    call_outlasts::PAGE,
    outage_over_budget::PAGE,
    no_slack::PAGE,
    costs_disagree::PAGE,
    date_passed::PAGE,
    modified_in_future::PAGE,
    rotation_overdue::PAGE,
    need_missing::PAGE,
    mapping_unknown::PAGE,
    retry_never::PAGE,
    limit_over_global::PAGE,
    versions_disagree::PAGE,
    rotation_disagrees::PAGE,
    probe_outlasts::PAGE,
    projection_below_base::PAGE,
    usage_over_objective::PAGE,
    default_not_in_use::PAGE,
    cache_disagrees::PAGE,
    connecting_outlasts::PAGE,
    fallback_disagrees::PAGE,
    verification_disagrees::PAGE,
    criticality_disagrees::PAGE,
    permissions_disagree::PAGE,
    method_disagrees::PAGE,
    deprecation_disagrees::PAGE,
    objective_twice::PAGE,
    feature_disagrees::PAGE,
    detection_disagrees::PAGE,
    webhooks_to_vendor::PAGE,
    budget_below_projection::PAGE,
    claims_disagree::PAGE,
    step_environment_unknown::PAGE,
    weekday_disagrees::PAGE,
    addresses_disagree::PAGE,
    downtime_disagrees::PAGE,
    step_after_deadline::PAGE,
    next_rotation_late::PAGE,
    alert_above_budget::PAGE,
    total_disagrees::PAGE,
    currency_disagrees::PAGE,
    projection_disagrees::PAGE,
    overage_denied::PAGE,
    notice_disagrees::PAGE,
    recovery_outlasts::PAGE,
    copies_too_rare::PAGE,
    residency_disagrees::PAGE,
    operation_not_listed::PAGE,
    probe_status_disagrees::PAGE,
    scope_missing::PAGE,
    variable_not_stored::PAGE,
    signature_header_disagrees::PAGE,
    replay_window::PAGE,
    stated_rate_disagrees::PAGE,
    example_limit_disagrees::PAGE,
    page_size_exceeded::PAGE,
    body_over_largest::PAGE,
    cache_over_freshness::PAGE,
    owner_disagrees::PAGE,
    fallback_not_there::PAGE,
    id_unknown::PAGE,
    fallback_cycle::PAGE,
    fallback_gap::PAGE,
    webhook_path_twice::PAGE,
    operation_unknown::PAGE,
    handler_unknown::PAGE,
    index_stale::PAGE,
    credential_two_hosts::PAGE,
    content_changed::PAGE,
    operation_not_described::PAGE,
    method_not_described::PAGE,
    operation_deprecated::PAGE,
    description_not_read::PAGE,
    description_missing::PAGE,
];

/// Names for a sentence: the first ten, and how many more there are.
fn listed(names: &[&str]) -> String {
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

/// Reports that two places of one document do not agree. Both have a label, and `help` shows the
/// arithmetic and the smallest change that would remove the finding.
fn disagree(
    context: &mut Context<'_>,
    code: Code,
    message: String,
    (here, label): (Span, &str),
    (there, other): (Span, &str),
    help: &str,
) {
    let diagnostic = Diagnostic::new(code, Severity::Warning, message, context.source, here)
        .with_label(label.to_owned())
        .with_secondary(context.source, there, other.to_owned())
        .with_help(help.to_owned());
    context.report(diagnostic);
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

/// The pages of everything that this crate finds, in the order of their ids.
pub fn pages() -> &'static [Page] {
    PAGES
}

/// Whether a finding is about a secret, so that no setting may switch it off.
pub fn is_always_reported(code: Code) -> bool {
    [secret_in_text::CODE, not_a_reference::CODE].contains(&code)
}

/// What has to be at hand, besides the document and the day, before a finding can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The other documents of the workspace.
    Others,
    /// The names of handlers in the settings.
    Handlers,
    /// The text in version control.
    History,
    /// The files that the document links: API descriptions and examples.
    Descriptions,
}

/// What has to be at hand for a finding. Where it was not, its absence says nothing.
pub fn needs(code: Code) -> Needs {
    const OTHERS: [Code; 7] = [
        id_twice::CODE,
        id_unknown::CODE,
        fallback_cycle::CODE,
        fallback_gap::CODE,
        webhook_path_twice::CODE,
        operation_unknown::CODE,
        credential_two_hosts::CODE,
    ];
    const DESCRIPTIONS: [Code; 5] = [
        operation_not_described::CODE,
        method_not_described::CODE,
        operation_deprecated::CODE,
        description_not_read::CODE,
        description_missing::CODE,
    ];
    match code {
        content_changed::CODE => Needs::History,
        examples_not_read::CODE => Needs::Descriptions,
        code if DESCRIPTIONS.contains(&code) => Needs::Descriptions,
        handler_unknown::CODE => Needs::Handlers,
        code if OTHERS.contains(&code) => Needs::Others,
        _ => Needs::Nothing,
    }
}

#[cfg(test)]
mod tests;
