//! WH640: something is prepared for a retry that is never made.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, Verb};

pub(crate) const CODE: Code = Code {
    id: "WH640",
    slug: "retry-never",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("retry_never.md"),
};

/// Compares the larger of both bounds: where they differ, that has been told.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let bounds = [
        integration.configuration.settings.retry_attempts,
        integration.retry.max_retries,
    ];
    let Some(bound) = bounds.into_iter().flatten().max_by_key(|bound| bound.value) else {
        return;
    };
    let retries = usize::try_from(bound.value).unwrap_or(usize::MAX);
    let delays = integration.retry.delays.as_ref();
    if let Some(delays) = delays.filter(|delays| delays.value.len() > retries) {
        let given = delays.value.len();
        let unused = given - retries;
        disagree(
            findings,
            CODE,
            format!("{given} delays are given for {retries} retries"),
            (
                delays.span,
                &format!("the last {unused} are never waited for"),
            ),
            (bound.span, &format!("allows {retries} retries")),
            &format!(
                "{given} - {retries} = {unused}; the smallest change: write {given} retries, or \
                 take the last {unused} out"
            ),
        );
        return;
    }
    let statuses = integration.retry.retry_on.as_ref();
    let listed = statuses
        .filter(|statuses| !statuses.value.is_empty())
        .map(|statuses| statuses.span);
    let mut verbs = integration.errors.iter().flat_map(|row| &row.responses);
    let verb = verbs
        .find(|verb| verb.value == Verb::Retry)
        .map(|verb| verb.span);
    if let Some(place) = listed.or(verb).filter(|_| retries == 0) {
        disagree(
            findings,
            CODE,
            "something is retried, and no retry is allowed".to_owned(),
            (place, "asks for a retry"),
            (bound.span, "allows none"),
            "0 retries < 1; the smallest change: allow one retry, or ask for none",
        );
    }
}
