//! Checks that need more than one section.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wharf_diag::{Code, Diagnostic, Span, Spanned};

use crate::checks::{
    authentication_missing, body_over_largest, budget_below_projection, cache_disagrees,
    cache_over_freshness, call_outlasts, claims_disagree, connecting_outlasts, costs_disagree,
    credential_missing, credential_shared, credential_unused, criticality_disagrees, date_passed,
    default_not_in_use, deprecation_disagrees, detection_disagrees, endpoint_shared,
    environment_mixed, environment_unknown, example_limit_disagrees, fallback_disagrees,
    fallback_not_there, feature_disagrees, field_not_filled, limits_over_global, mapping_unknown,
    method_disagrees, modified_in_future, need_missing, no_slack, objective_twice,
    objectives_disagree, operation_not_listed, outage_over_budget, owner_disagrees,
    page_size_exceeded, permissions_disagree, probe_outlasts, probe_status_disagrees,
    projection_below_base, replay_window, retried_and_answered, retries_disagree,
    retry_in_one_place, retry_never, rotation_disagrees, rotation_overdue, row_missing,
    scope_missing, signature_header_disagrees, stated_rate_disagrees, step_environment_unknown,
    usage_over_objective, variable_not_stored, verification_disagrees, versions_disagree,
    webhooks_to_vendor,
};
use crate::credential::{credential_fields, effective_placements, fill_fields};
use crate::lower::{Context, document_place};
use crate::model::{AuthenticationType, CredentialStore, Integration, Verb};
use crate::raw::prose::Prose;

/// Environments with settings of their own that the settings are compared in; each is a document
/// of its own to the checks.
const MOST_OWN_SETTINGS: usize = 20;

/// Fields without a variable that are told of one credential: each of many credentials may lack
/// each of many fields.
const MOST_UNFILLED: usize = 100;

/// Runs them all. `entries` are the names of all credential entries, read or not, in lower case;
/// `None` when some may stand in what could not be read.
pub(crate) fn whole_document(
    context: &mut Context<'_>,
    integration: &Integration,
    prose: &Prose<'_>,
    entries: Option<&[String]>,
) {
    credentials(context, integration, entries);
    fields(context, integration);
    credential_shared::check(context, integration);
    endpoint_shared::check(context, integration);
    environment_mixed::check(context, integration);
    settings(context, integration, prose);
    own_settings(context, integration, prose);
    responses(context, integration);
    objectives_disagree::check(context, integration);
    outage_over_budget::check(context, integration);
    no_slack::check(context, integration);
    costs_disagree::check(context, integration);
    mapping_unknown::check(context, integration);
    said_twice(context, integration);
    said_in_words(context, integration, prose);
}

/// Settings against each other and against the rest.
fn settings(context: &mut Context<'_>, integration: &Integration, prose: &Prose<'_>) {
    retries(context, integration);
    limits_over_global::check(context, integration);
    call_outlasts::check(context, integration);
    need_missing::check(context, integration);
    retry_never::check(context, integration);
    versions_disagree::check(context, integration, prose);
    cache_disagrees::check(context, integration);
    connecting_outlasts::check(context, integration);
    feature_disagrees::check(context, integration);
    webhooks_to_vendor::check(context, integration);
}

/// The same for each environment that has settings of its own, and their names.
fn own_settings(context: &mut Context<'_>, integration: &Integration, prose: &Prose<'_>) {
    let own = &integration.configuration.by_environment;
    // One copy takes the settings of one environment after the other.
    if !own.is_empty() {
        let general = &integration.configuration.settings;
        let mut document = integration.clone();
        for own in own.iter().take(MOST_OWN_SETTINGS) {
            document.configuration.settings = own.settings.over(general);
            context.again(|context| settings(context, &document, prose));
        }
    }
    let (known, lower_case) = environment_names(integration);
    for Spanned { value: name, span } in own.iter().map(|own| &own.environment) {
        if !lower_case.contains(&name.to_lowercase()) {
            context.report_at(*span, |source, span| {
                environment_unknown::of_setting(source, span, name, &known)
            });
        }
    }
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

/// Pairs of places that say one thing.
fn said_twice(context: &mut Context<'_>, integration: &Integration) {
    rotation_disagrees::check(context, integration);
    probe_outlasts::check(context, integration);
    projection_below_base::check(context, integration);
    budget_below_projection::check(context, integration);
    claims_disagree::check(context, integration);
    step_environment_unknown::check(context, integration);
    usage_over_objective::check(context, integration);
    default_not_in_use::check(context, integration);
    fallback_disagrees::check(context, integration);
    verification_disagrees::check(context, integration);
    criticality_disagrees::check(context, integration);
    permissions_disagree::check(context, integration);
    method_disagrees::check(context, integration);
    deprecation_disagrees::check(context, integration);
    objective_twice::check(context, integration);
    detection_disagrees::check(context, integration);
}

/// Values against what prose says.
fn said_in_words(context: &mut Context<'_>, integration: &Integration, prose: &Prose<'_>) {
    operation_not_listed::check(context, integration, prose);
    probe_status_disagrees::check(context, integration, prose);
    scope_missing::check(context, integration, prose);
    variable_not_stored::check(context, integration, prose);
    signature_header_disagrees::check(context, integration, prose);
    replay_window::check(context, integration, prose);
    stated_rate_disagrees::check(context, integration, prose);
    example_limit_disagrees::check(context, integration, prose);
    page_size_exceeded::check(context, integration, prose);
    body_over_largest::check(context, integration, prose);
    cache_over_freshness::check(context, integration, prose);
    owner_disagrees::check(context, integration, prose);
    fallback_not_there::check(context, integration, prose);
}

/// Checks that need to know what day it is.
pub(crate) fn at(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let mut diagnostics = modified_in_future::check(integration, now);
    diagnostics.extend(date_passed::check(integration, today));
    diagnostics.extend(rotation_overdue::check(integration, today));
    diagnostics.extend(deprecation_disagrees::at(integration, today));
    diagnostics
}

/// Whether a finding is one of those.
pub(crate) fn is_about_today(code: Code) -> bool {
    [
        modified_in_future::CODE,
        date_passed::CODE,
        rotation_overdue::CODE,
    ]
    .contains(&code)
}

fn credentials(context: &mut Context<'_>, integration: &Integration, entries: Option<&[String]>) {
    let Some(authentication) = &integration.authentication else {
        if !integration.environments.is_empty() {
            context.report_at(document_place(context.source), authentication_missing::new);
        }
        return;
    };
    let is_open = authentication
        .kind
        .is_some_and(|kind| kind.value == AuthenticationType::None);
    if let Some(entries) = entries.filter(|_| !is_open) {
        let entries: HashSet<&String> = entries.iter().collect();
        for environment in &integration.environments {
            let name = &environment.name;
            let needs_one = environment.is_active() && environment.has_address();
            if needs_one && !entries.contains(&name.value.to_lowercase()) {
                context.report_at(name.span, |source, span| {
                    credential_missing::new(source, span, &name.value)
                });
            }
        }
    }
    let (known, lower_case) = environment_names(integration);
    for credential in &integration.credentials {
        let name = &credential.environment;
        if !known.is_empty() && !lower_case.contains(&name.value.to_lowercase()) {
            context.report_at(name.span, |source, span| {
                credential_unused::new(source, span, &name.value, &known)
            });
        }
    }
}

/// Every field of the request has to be filled by a variable.
///
/// Only names in the document can be compared; files and stores show theirs at run time.
fn fields(context: &mut Context<'_>, integration: &Integration) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let made = authentication.made_field();
    if made.is_some() && authentication.placements.is_empty() {
        return;
    }
    let placements = effective_placements(integration);
    let mut fields = credential_fields(&placements);
    fields.retain(|field| Some(*field) != made);
    let mut places = HashMap::new();
    for placement in &authentication.placements {
        for field in credential_fields(std::slice::from_ref(&placement.value)) {
            places.entry(field).or_insert(placement.span);
        }
    }
    for credential in &integration.credentials {
        let CredentialStore::EnvVariables { variables } = &credential.store.value else {
            continue;
        };
        let names: Vec<_> = variables.iter().map(|name| name.value.as_str()).collect();
        let place = variables
            .iter()
            .map(|name| name.span)
            .reduce(Span::to)
            .unwrap_or(credential.store.span);
        let filled = fill_fields(&fields, &names).into_iter();
        let unfilled = filled.filter(|(_, name)| name.is_none());
        for (field, _) in unfilled.take(MOST_UNFILLED) {
            let at = places.get(field).copied();
            let environment = &credential.environment.value;
            context.report_at(place, |source, span| {
                field_not_filled::new(source, span, environment, field, at)
            });
        }
    }
}

fn retries(context: &mut Context<'_>, integration: &Integration) {
    let (Some(attempts), Some(max_retries)) = (
        integration.configuration.settings.retry_attempts,
        integration.retry.max_retries,
    ) else {
        return;
    };
    if attempts.value != max_retries.value {
        let diagnostic = retries_disagree::new(context.source, attempts, max_retries);
        context.report(diagnostic);
    }
}

/// What the rows say about a status against what `retry_on` says.
fn responses(context: &mut Context<'_>, integration: &Integration) {
    let Some(retry_on) = &integration.retry.retry_on else {
        return;
    };
    let mut covered = HashSet::new();
    for row in &integration.errors {
        let Some(pattern) = row.code.value.status() else {
            continue;
        };
        covered.insert(pattern);
        if row.is_specific() {
            continue;
        }
        let retried = retry_on
            .value
            .iter()
            .copied()
            .find(|status| pattern.matches(*status));
        let says_retry = |verb: &&Spanned<Verb>| matches!(verb.value, Verb::Retry | Verb::Backoff);
        let retry = row.responses.iter().find(says_retry);
        let answer = row.responses.iter().find(|verb| {
            matches!(
                verb.value,
                Verb::UseCache
                    | Verb::Fallback
                    | Verb::Fail
                    | Verb::Ignore
                    | Verb::RotateKey
                    | Verb::RefreshToken
            )
        });
        match (retried, retry, answer) {
            (Some(status), None, Some(answer)) => context.report_at(answer.span, |source, span| {
                retried_and_answered::new(source, span, retry_on.span, status, answer.value)
            }),
            (None, Some(retry), _) if !integration.retry.retry_on_open => {
                context.report_at(retry.span, |source, span| {
                    let told = (pattern.to_string(), retry.value);
                    retry_in_one_place::new(source, span, retry_on.span, (&told.0, told.1))
                });
            }
            _ => {}
        }
    }
    let bare: Vec<_> = retry_on
        .value
        .iter()
        .copied()
        .filter(|status| !covered.iter().any(|pattern| pattern.matches(*status)))
        .collect();
    if !bare.is_empty() && !integration.errors.is_empty() {
        context.report_at(retry_on.span, |source, span| {
            row_missing::new(source, span, &bare)
        });
    }
}
