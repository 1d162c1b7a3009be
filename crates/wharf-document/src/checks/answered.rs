//! Rows of Common Errors beside `retry_on`, for the checks that compare the two.

use wharf_diag::Spanned;

use crate::model::{Integration, StatusPattern, Verb};

/// What is said of some statuses in the two places.
pub(super) struct Answered<'a> {
    pub(super) pattern: StatusPattern,
    /// Where `retry_on` stands.
    pub(super) retry_on: &'a Spanned<Vec<u16>>,
    /// A status of the row that `retry_on` lists.
    pub(super) retried: Option<u16>,
    /// The row's `Retry` or `Backoff`.
    pub(super) retry: Option<&'a Spanned<Verb>>,
    /// The row's verb that ends the call.
    pub(super) answer: Option<&'a Spanned<Verb>>,
}

/// Every row that speaks of all errors of its statuses. None where the document has no `retry_on`.
pub(super) fn answered(integration: &Integration) -> impl Iterator<Item = Answered<'_>> {
    let retry_on = integration.retry.retry_on.iter();
    retry_on.flat_map(|retry_on| {
        let rows = integration.errors.iter().filter(|row| !row.is_specific());
        rows.filter_map(move |row| {
            let pattern = row.code.value.status()?;
            let mut statuses = retry_on.value.iter().copied();
            let find = |wanted: fn(Verb) -> bool| {
                let mut verbs = row.responses.iter();
                verbs.find(|verb| wanted(verb.value))
            };
            Some(Answered {
                pattern,
                retry_on,
                retried: statuses.find(|status| pattern.matches(*status)),
                retry: find(|verb| matches!(verb, Verb::Retry | Verb::Backoff)),
                answer: find(ends),
            })
        })
    })
}

fn ends(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::UseCache
            | Verb::Fallback
            | Verb::Fail
            | Verb::Ignore
            | Verb::RotateKey
            | Verb::RefreshToken
    )
}
