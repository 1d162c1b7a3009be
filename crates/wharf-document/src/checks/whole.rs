//! Checks that need more than one section.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wharf_diag::{Code, Diagnostic, Span};

use crate::checks::{
    authentication_missing, call_outlasts, costs_disagree, credential_missing, credential_shared,
    credential_unused, date_passed, endpoint_shared, environment_mixed, field_not_filled,
    limits_over_global, mapping_unknown, modified_in_future, need_missing, no_slack,
    objectives_disagree, outage_over_budget, retried_and_answered, retries_disagree,
    retry_in_one_place, rotation_overdue, row_missing,
};
use crate::credential::{credential_fields, effective_placements, fill_fields};
use crate::lower::{Context, document_place};
use crate::model::{AuthenticationType, CredentialStore, Integration, StatusPattern, Verb};

/// Global limits that are compared with the operations'; the rest is not.
const MOST_GLOBAL_LIMITS: usize = 100;

/// Runs them all. `entries` are the names of all credential entries, read or not, in lower case;
/// `None` when some may stand in what could not be read.
pub(crate) fn whole_document(
    context: &mut Context<'_>,
    integration: &Integration,
    entries: Option<&[String]>,
) {
    credentials(context, integration, entries);
    fields(context, integration);
    credential_shared::check(context, integration);
    endpoint_shared::check(context, integration);
    environment_mixed::check(context, integration);
    retries(context, integration);
    limits(context, integration);
    responses(context, integration);
    objectives_disagree::check(context, integration);
    call_outlasts::check(context, integration);
    outage_over_budget::check(context, integration);
    no_slack::check(context, integration);
    costs_disagree::check(context, integration);
    need_missing::check(context, integration);
    mapping_unknown::check(context, integration);
}

/// Checks that need to know what day it is.
pub(crate) fn at(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let mut diagnostics = modified_in_future::check(integration, now);
    diagnostics.extend(date_passed::check(integration, today));
    diagnostics.extend(rotation_overdue::check(integration, today));
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
    let known: Vec<_> = integration
        .environments
        .iter()
        .map(|environment| environment.name.value.as_str())
        .collect();
    let lower_case: HashSet<_> = known.iter().map(|name| name.to_lowercase()).collect();
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
    let kind = authentication.kind.map(|kind| kind.value);
    let is_minted = matches!(
        kind,
        Some(AuthenticationType::OAuth2 | AuthenticationType::Jwt)
    );
    if is_minted && authentication.placements.is_empty() {
        return;
    }
    let placements = effective_placements(integration);
    let fields = credential_fields(&placements);
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
        for (field, name) in fill_fields(&fields, &names) {
            if name.is_none() {
                let placement = authentication.placements.iter().find(|placement| {
                    let placement = std::slice::from_ref(&placement.value);
                    credential_fields(placement).contains(&field)
                });
                let at = placement.map(|placement| placement.span);
                let environment = &credential.environment.value;
                context.report_at(place, |source, span| {
                    field_not_filled::new(source, span, environment, field, at)
                });
            }
        }
    }
}

fn retries(context: &mut Context<'_>, integration: &Integration) {
    let (Some(attempts), Some(max_retries)) = (
        integration.configuration.retry_attempts,
        integration.retry.max_retries,
    ) else {
        return;
    };
    if attempts.value != max_retries.value {
        let diagnostic = retries_disagree::new(context.source, attempts, max_retries);
        context.report(diagnostic);
    }
}

/// Limits over the same period add up; limits over different periods bound different things.
fn limits(context: &mut Context<'_>, integration: &Integration) {
    let globals = &integration.configuration.rate_limits;
    for global in globals.iter().take(MOST_GLOBAL_LIMITS) {
        let same_period: Vec<_> = integration
            .operations
            .iter()
            .flat_map(|operation| &operation.rate_limits)
            .filter(|rate| rate.value.period == global.value.period)
            .copied()
            .collect();
        if let Some(diagnostic) = limits_over_global::new(context.source, *global, &same_period) {
            context.report(diagnostic);
        }
    }
}

/// What the rows say about a status against what `retry_on` says.
fn responses(context: &mut Context<'_>, integration: &Integration) {
    let Some(retry_on) = &integration.retry.retry_on else {
        return;
    };
    let mut covered = HashSet::new();
    for row in &integration.errors {
        let Some(pattern) = row.code.value.status else {
            continue;
        };
        let retried = retry_on
            .value
            .iter()
            .copied()
            .find(|status| pattern.matches(*status));
        covered.insert(pattern);
        let retry = row.responses.iter().find(|verb| verb.value == Verb::Retry);
        let answer = row
            .responses
            .iter()
            .find(|verb| matches!(verb.value, Verb::UseCache | Verb::Fallback));
        match (retried, retry, answer) {
            (Some(status), None, Some(answer)) => context.report_at(answer.span, |source, span| {
                retried_and_answered::new(source, span, retry_on.span, status, answer.value)
            }),
            (None, Some(retry), _) => context.report_at(retry.span, |source, span| {
                let status = match pattern {
                    StatusPattern::Exact(status) => status.to_string(),
                    StatusPattern::Class(digit) => format!("{digit}xx"),
                };
                retry_in_one_place::new(source, span, retry_on.span, &status)
            }),
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
