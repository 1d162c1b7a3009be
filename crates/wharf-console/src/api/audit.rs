//! `/audit`: who changed what.

use axum::extract::{RawQuery, State};
use axum::response::Json;
use wharf_store::{AUDIT_PAGE_LIMIT, AuditRecord, Unavailable};

use super::problem::{Kind, Refused};
use super::wire::AuditPage;
use super::{Later, Shared};

/// Records of an answer where the request does not say how many.
const DEFAULT_LIMIT: u32 = 50;

/// Who keeps the audit records.
pub trait Audit: Send + Sync {
    /// The newest first, from the one before the number `before` on, at most `limit`.
    fn page(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Later<'_, Result<Vec<AuditRecord>, Unavailable>>;
}

pub(super) async fn list(
    State(api): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditPage>, Refused> {
    let Some((before, limit)) = wanted(&query.unwrap_or_default()) else {
        let detail = format!(
            "`before` takes the number of a record, `limit` a number from 1 to {AUDIT_PAGE_LIMIT}; \
             there is nothing else."
        );
        return Err(Kind::ParameterInvalid.because(detail));
    };
    let records = api.audit.page(before, limit).await?;
    Ok(Json(AuditPage::of(records, limit)))
}

/// What a query says of `before` and `limit`. `None`: something in it is not understood.
fn wanted(query: &str) -> Option<(Option<u64>, u32)> {
    let (mut before, mut limit) = (None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let twice = match pair.split_once('=')? {
            ("before", number) => before.replace(number.parse().ok()?).is_some(),
            ("limit", number) => limit.replace(number.parse().ok()?).is_some(),
            _ => true,
        };
        if twice {
            return None;
        }
    }
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    (1..=AUDIT_PAGE_LIMIT)
        .contains(&limit)
        .then_some((before, limit))
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_LIMIT, wanted};

    #[test]
    fn a_query_is_understood_whole_or_not_at_all() {
        for (query, understood) in [
            ("", Some((None, DEFAULT_LIMIT))),
            ("limit=1", Some((None, 1))),
            ("before=7&limit=1000", Some((Some(7), 1_000))),
            ("limit=1001", None),
            ("limit=0", None),
            ("limit=1&limit=2", None),
            ("limit", None),
            ("before=-1", None),
            ("before=1&after=2", None),
        ] {
            assert_eq!(wanted(query), understood, "{query}");
        }
    }
}
