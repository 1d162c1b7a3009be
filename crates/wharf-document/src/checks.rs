//! Everything that the program compares in documents, one file per check.
//!
//! What cannot be read is found by whoever reads it, and stands in [`findings`](crate::findings).
//! Beside each file stands its page. The page is what `wharf explain` prints, and its examples
//! are run as tests. A check is in the list of its pass below, which the pass runs in its order.

mod addresses_disagree;
mod alert_above_budget;
mod answered;
mod authentication_missing;
mod body_over_largest;
mod budget_below_projection;
mod cache_disagrees;
mod cache_over_freshness;
mod call_outlasts;
mod claims_disagree;
mod connecting_outlasts;
pub(crate) mod content_changed;
mod copies_too_rare;
mod costs_disagree;
mod credential_missing;
mod credential_outside;
mod credential_shared;
mod credential_two_hosts;
mod credential_unused;
mod criticality_disagrees;
mod currency_disagrees;
mod date_passed;
mod default_not_in_use;
mod deprecation_disagrees;
mod detection_disagrees;
mod downtime_disagrees;
mod endpoint_shared;
mod environment_mixed;
mod environment_unknown;
mod example_limit_disagrees;
mod fallback_cycle;
mod fallback_disagrees;
mod fallback_gap;
mod fallback_not_there;
mod feature_disagrees;
mod field_not_filled;
mod handler_unknown;
mod id_twice;
mod id_unknown;
pub(crate) mod index_stale;
mod limit_over_global;
mod limits_over_global;
mod mapping_unknown;
mod method_disagrees;
mod modified_in_future;
mod named;
mod need_missing;
mod next_rotation_late;
mod no_slack;
pub(crate) mod not_quite_a_document;
mod notice_disagrees;
mod objective_twice;
mod objectives_disagree;
mod operation_not_listed;
mod operation_unknown;
mod outage_over_budget;
mod overage_denied;
mod owner_disagrees;
mod page_size_exceeded;
mod permissions_disagree;
mod probe_outlasts;
mod probe_status_disagrees;
mod projection_below_base;
mod projection_disagrees;
mod recovery_outlasts;
mod replay_window;
mod residency_disagrees;
mod retried_and_answered;
mod retries_disagree;
mod retry_in_one_place;
mod retry_never;
mod rotation_disagrees;
mod rotation_overdue;
mod row_missing;
mod said;
mod scope_missing;
mod signature_header_disagrees;
mod stated_rate_disagrees;
mod step_after_deadline;
mod step_environment_unknown;
mod token_disagrees;
mod total_disagrees;
mod usage_over_objective;
mod variable_not_stored;
mod verification_disagrees;
mod versions_disagree;
mod webhook_path_twice;
mod webhooks_to_vendor;
mod weekday_disagrees;

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wharf_diag::{Code, Diagnostic, Page, Severity, Span};

use crate::findings::Findings;
use crate::model::Integration;
use crate::prose::Prose;
use crate::raw::Section;
use crate::together::{Index, Surroundings};
use Run::{Said, Values, ValuesAndSaid, WithEntries, WithProse};

/// How a check of one text is run, by what it looks at.
#[derive(Clone, Copy)]
enum Run {
    /// The values of the document.
    Values(fn(&mut Findings<'_>, &Integration)),
    /// The values, and the names of all credential entries.
    WithEntries(fn(&mut Findings<'_>, &Integration, Option<&[String]>)),
    /// The values, and what prose says.
    WithProse(fn(&mut Findings<'_>, &Integration, &Prose<'_>)),
    /// What the document says in words of its own.
    Said(fn(&mut Findings<'_>, &said::Said<'_>)),
    /// The same beside the values.
    ValuesAndSaid(fn(&mut Findings<'_>, &Integration, &said::Said<'_>)),
}

/// Checks of one pass, each with its page.
type List<Check> = &'static [(Page, Check)];

/// A list of checks: how each is run, and its file, which has its page too.
macro_rules! checks {
    [$($run:ident $check:ident,)*] => { &[$(($check::PAGE, $run($check::check))),*] };
}

/// Credentials and environments.
static CREDENTIALS: List<Run> = checks![
    Values authentication_missing,
    WithEntries credential_missing,
    Values credential_unused,
    Values field_not_filled,
    Values credential_shared,
    Values endpoint_shared,
    Values environment_mixed,
];

/// Settings against each other and against the rest. They are run once more for each environment
/// that has settings of its own.
static SETTINGS: List<Run> = checks![
    Values retries_disagree,
    Values limits_over_global,
    Values call_outlasts,
    Values need_missing,
    Values retry_never,
    WithProse versions_disagree,
    Values cache_disagrees,
    Values connecting_outlasts,
    Values feature_disagrees,
    Values webhooks_to_vendor,
];

/// Pairs of places that say one thing.
static PAIRS: List<Run> = checks![
    Values environment_unknown,
    Values retried_and_answered,
    Values retry_in_one_place,
    Values row_missing,
    Values objectives_disagree,
    Values outage_over_budget,
    Values no_slack,
    Values costs_disagree,
    Values mapping_unknown,
    Values rotation_disagrees,
    Values probe_outlasts,
    Values projection_below_base,
    Values budget_below_projection,
    Values claims_disagree,
    Values token_disagrees,
    Values step_environment_unknown,
    Values usage_over_objective,
    Values default_not_in_use,
    Values fallback_disagrees,
    Values verification_disagrees,
    Values criticality_disagrees,
    Values permissions_disagree,
    Values method_disagrees,
    Values deprecation_disagrees,
    Values objective_twice,
    Values detection_disagrees,
];

/// Values against what prose says.
static PROSE: List<Run> = checks![
    WithProse operation_not_listed,
    WithProse probe_status_disagrees,
    WithProse scope_missing,
    WithProse variable_not_stored,
    WithProse signature_header_disagrees,
    WithProse replay_window,
    WithProse stated_rate_disagrees,
    WithProse example_limit_disagrees,
    WithProse page_size_exceeded,
    WithProse body_over_largest,
    WithProse cache_over_freshness,
    WithProse owner_disagrees,
    WithProse fallback_not_there,
];

/// What the document says in words of its own.
static OWN_WORDS: List<Run> = checks![
    Said weekday_disagrees,
    Said addresses_disagree,
    ValuesAndSaid downtime_disagrees,
    ValuesAndSaid step_after_deadline,
    ValuesAndSaid next_rotation_late,
    ValuesAndSaid alert_above_budget,
    Said total_disagrees,
    ValuesAndSaid currency_disagrees,
    ValuesAndSaid projection_disagrees,
    ValuesAndSaid overage_denied,
    ValuesAndSaid notice_disagrees,
    ValuesAndSaid recovery_outlasts,
    Said copies_too_rare,
    ValuesAndSaid residency_disagrees,
];

/// Checks that need to know what day it is.
static TODAY: List<fn(&Integration, Timestamp) -> Vec<Diagnostic>> = &[
    (modified_in_future::PAGE, modified_in_future::check),
    (date_passed::PAGE, date_passed::check),
    (rotation_overdue::PAGE, rotation_overdue::check),
    (deprecation_disagrees::PAGE, deprecation_disagrees::at),
];

/// Checks of a document among the others.
static OTHERS: List<fn(&Integration, &Index<'_>) -> Vec<Diagnostic>> = &[
    (id_twice::PAGE, id_twice::check),
    (id_unknown::PAGE, id_unknown::check),
    (fallback_cycle::PAGE, fallback_cycle::check),
    (fallback_gap::PAGE, fallback_gap::check),
    (webhook_path_twice::PAGE, webhook_path_twice::check),
    (operation_unknown::PAGE, operation_unknown::check),
    (credential_two_hosts::PAGE, credential_two_hosts::check),
];

/// Checks against the settings of the workspace.
static AROUND: List<fn(&Integration, &Surroundings) -> Vec<Diagnostic>> = &[
    (credential_outside::PAGE, credential_outside::check),
    (handler_unknown::PAGE, handler_unknown::check),
];

/// What a check of another list finds too, and checks that the root of the crate runs, each alone.
static ALONE: &[Page] = &[
    limit_over_global::PAGE,
    not_quite_a_document::PAGE,
    index_stale::PAGE,
    content_changed::PAGE,
];

/// Environments with settings of their own that the settings are compared in; each is a document
/// of its own to the checks.
const MOST_OWN_SETTINGS: usize = 20;

/// What the checks of one text look at.
#[derive(Clone, Copy)]
struct Document<'a> {
    integration: &'a Integration,
    entries: Option<&'a [String]>,
    prose: &'a Prose<'a>,
    said: &'a said::Said<'a>,
}

/// Runs all checks of one text. `entries` are the names of all credential entries, read or not, in
/// lower case; `None` when some may stand in what could not be read.
pub(crate) fn of_text(
    findings: &mut Findings<'_>,
    integration: &Integration,
    sections: &[Section],
    entries: Option<&[String]>,
) {
    let blanked = said::blanked(findings.source.text());
    let document = Document {
        integration,
        entries,
        prose: &Prose::of(sections),
        said: &said::Said::of(findings.source, &blanked, sections),
    };
    run(CREDENTIALS, findings, document);
    run(SETTINGS, findings, document);
    for_each_environment(findings, document);
    run(PAIRS, findings, document);
    run(PROSE, findings, document);
    run(OWN_WORDS, findings, document);
}

fn run(checks: List<Run>, findings: &mut Findings<'_>, document: Document<'_>) {
    let Document {
        integration,
        entries,
        prose,
        said,
    } = document;
    for (_, run) in checks {
        match run {
            Values(check) => check(findings, integration),
            WithEntries(check) => check(findings, integration, entries),
            WithProse(check) => check(findings, integration, prose),
            Said(check) => check(findings, said),
            ValuesAndSaid(check) => check(findings, integration, said),
        }
    }
}

/// Compares the settings of each environment that has its own.
fn for_each_environment(findings: &mut Findings<'_>, document: Document<'_>) {
    let configuration = &document.integration.configuration;
    if configuration.by_environment.is_empty() {
        return;
    }
    // One copy takes the settings of one environment after the other.
    let mut copy = document.integration.clone();
    for own in configuration.by_environment.iter().take(MOST_OWN_SETTINGS) {
        copy.configuration.settings = own.settings.over(&configuration.settings);
        let document = Document {
            integration: &copy,
            ..document
        };
        findings.again(|findings| run(SETTINGS, findings, document));
    }
}

/// Runs the checks that need to know what day it is.
pub(crate) fn at(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let checks = TODAY.iter();
    checks
        .flat_map(|(_, check)| check(integration, now))
        .collect()
}

/// Whether a finding is made by those alone.
pub(crate) fn is_about_today(code: Code) -> bool {
    let is_of_text = text_pages().any(|page| page.code == code);
    TODAY.iter().any(|(page, _)| page.code == code) && !is_of_text
}

/// Runs the checks of a document among the others of its workspace.
pub(crate) fn among(
    integration: &Integration,
    index: &Index<'_>,
    around: &Surroundings,
) -> Vec<Diagnostic> {
    let others = OTHERS.iter();
    let others = others.flat_map(|(_, check)| check(integration, index));
    let around = AROUND
        .iter()
        .flat_map(|(_, check)| check(integration, around));
    others.chain(around).collect()
}

/// The pages of all checks; of one that has several passes, several times.
pub(crate) fn all_pages() -> impl Iterator<Item = Page> {
    let today = TODAY.iter().map(|(page, _)| *page);
    let others = OTHERS.iter().map(|(page, _)| *page);
    let around = AROUND.iter().map(|(page, _)| *page);
    let alone = ALONE.iter().copied();
    text_pages()
        .chain(today)
        .chain(others)
        .chain(around)
        .chain(alone)
}

fn text_pages() -> impl Iterator<Item = Page> {
    [CREDENTIALS, SETTINGS, PAIRS, PROSE, OWN_WORDS]
        .into_iter()
        .flatten()
        .map(|(page, _)| *page)
}

/// Whether a finding is one about a document among the others.
pub(crate) fn needs_others(code: Code) -> bool {
    OTHERS.iter().any(|(page, _)| page.code == code)
}

/// Whether a finding is one about a handler that the settings do not name.
pub(crate) fn needs_handlers(code: Code) -> bool {
    code == handler_unknown::CODE
}

/// Reports that two places of one document do not agree. Both have a label, and `help` shows the
/// arithmetic and the smallest change that would remove the finding.
fn disagree(
    findings: &mut Findings<'_>,
    code: Code,
    message: String,
    (here, label): (Span, &str),
    (there, other): (Span, &str),
    help: &str,
) {
    let diagnostic = Diagnostic::new(code, Severity::Warning, message, findings.source, here)
        .with_label(label.to_owned())
        .with_secondary(findings.source, there, other.to_owned())
        .with_help(help.to_owned());
    findings.report(diagnostic);
}

/// The names of the environments, as written and in small letters.
fn environment_names(integration: &Integration) -> (Vec<&str>, HashSet<String>) {
    let environments = integration.environments.iter();
    let known: Vec<_> = environments
        .map(|environment| environment.name.value.as_str())
        .collect();
    let lower_case = known.iter().map(|name| name.to_lowercase()).collect();
    (known, lower_case)
}

/// The day of a moment.
fn day_of(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now).date()
}

#[cfg(test)]
mod tests;
