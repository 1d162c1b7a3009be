//! `/store`: what there is in the state, how big it is, and what is pending.

use axum::extract;
use axum::response::Json;
use wharf_store::{StoreStatus, Unavailable};

use super::problem::Refused;
use super::{Later, Shared, wire};
use crate::problem::Problem;

/// Who knows what there is.
pub trait State: Send + Sync {
    /// What there is now; `None`: it is in memory.
    fn status(&self) -> Later<'_, Result<Option<StoreStatus>, Unavailable>>;
}

/// Why there is no answer.
pub(super) enum NoStatus {
    Refused(Refused),
    /// Nothing is kept.
    None,
}

impl axum::response::IntoResponse for NoStatus {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Refused(refused) => refused.into_response(),
            Self::None => Problem::NotFound.into_response(),
        }
    }
}

pub(super) async fn show(
    extract::State(api): extract::State<Shared>,
) -> Result<Json<wire::StoreStatus>, NoStatus> {
    let status = api.state.status().await;
    let status = status.map_err(|error| NoStatus::Refused(error.into()))?;
    status
        .map(|status| Json(status.into()))
        .ok_or(NoStatus::None)
}
