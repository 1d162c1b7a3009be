//! `/audit`: who changed what.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Json;
use serde::Deserialize;
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

/// What the query may say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    before: Option<u64>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(api): State<Shared>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<AuditPage>, Refused> {
    let limits = 1..=AUDIT_PAGE_LIMIT;
    let wanted = wanted.ok().map(|Query(Wanted { before, limit })| {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        (before, limit)
    });
    let Some((before, limit)) = wanted.filter(|(_, limit)| limits.contains(limit)) else {
        let detail = format!(
            "`before` takes the number of a record, `limit` a number from 1 to {AUDIT_PAGE_LIMIT}; \
             there is nothing else."
        );
        return Err(Kind::ParameterInvalid.because(detail));
    };
    let records = api.audit.page(before, limit).await?;
    Ok(Json(AuditPage::of(records, limit)))
}
