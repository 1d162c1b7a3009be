//! `/callers`: who may call.

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json};
use jiff::Timestamp;
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_store::{Actor, AddError, CallerRecord, Unavailable};

use super::problem::{Kind, Refused};
use super::wire::{
    AddedCaller, CallerList, FormerToken, ListedCaller, NewCaller, RemovedCaller, RestoreCaller,
    RestoredCaller, digits, token_hash,
};
use super::{Later, Shared, body};

/// Who keeps the callers. Every change leaves an audit record in its own transaction.
pub trait Callers: Send + Sync {
    /// All callers in order of their names.
    fn all(&self) -> Later<'_, Result<Vec<CallerRecord>, Unavailable>>;

    /// Adds a caller; with `replace`, one that is there gets the token. What stood there before.
    fn add(
        &self,
        by: Actor,
        caller: CallerRecord,
        replace: bool,
    ) -> Later<'_, Result<Option<CallerRecord>, AddError>>;

    /// Puts `before` in the place of `added`, unless somebody has changed the caller since. Whether
    /// it did.
    fn restore(
        &self,
        by: Actor,
        added: CallerRecord,
        before: Option<CallerRecord>,
    ) -> Later<'_, Result<bool, Unavailable>>;

    /// Ends a caller's token. Whether there was such a caller.
    fn remove(&self, by: Actor, name: CallerName) -> Later<'_, Result<bool, Unavailable>>;
}

pub(super) async fn list(State(api): State<Shared>) -> Result<Json<CallerList>, Refused> {
    let listed = |caller: CallerRecord| ListedCaller {
        name: caller.name.to_string(),
        created: caller.created.to_string(),
    };
    let callers = api.callers.all().await?;
    let callers = callers.into_iter().map(listed).collect();
    Ok(Json(CallerList { callers }))
}

pub(super) async fn add(
    State(api): State<Shared>,
    Extension(by): Extension<Actor>,
    request: Request,
) -> Result<impl IntoResponse, Refused> {
    let NewCaller {
        name,
        token_sha256,
        replace,
    } = body::read(request).await?;
    let name =
        CallerName::new(&name).map_err(|error| Kind::BodyInvalid.because(error.to_string()))?;
    let caller = CallerRecord {
        name: name.clone(),
        created: by.at,
        token_hash: hash_of(&token_sha256)?,
    };
    let before = api.callers.add(by, caller.clone(), replace).await?;
    let added = AddedCaller {
        name: name.to_string(),
        created: caller.created.to_string(),
        before: before.map(|before| FormerToken {
            created: before.created.to_string(),
            token_sha256: digits(before.token_hash),
        }),
    };
    Ok((StatusCode::CREATED, Json(added)))
}

pub(super) async fn restore(
    State(api): State<Shared>,
    Extension(by): Extension<Actor>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<RestoredCaller>, Refused> {
    let name = name_in(path)?;
    let RestoreCaller {
        token_sha256,
        before,
    } = body::read(request).await?;
    let record = |created: Timestamp, token_hash| CallerRecord {
        name: name.clone(),
        created,
        token_hash,
    };
    let added = record(by.at, hash_of(&token_sha256)?);
    let before = before.map(|before| {
        let created = before.created.parse();
        let created = created.map_err(|_| {
            Kind::BodyInvalid.because("`created` is no time such as 2026-01-05T10:00:00Z.")
        })?;
        Ok::<_, Refused>(record(created, hash_of(&before.token_sha256)?))
    });
    let restored = api.callers.restore(by, added, before.transpose()?).await?;
    let name = name.to_string();
    Ok(Json(RestoredCaller { name, restored }))
}

pub(super) async fn remove(
    State(api): State<Shared>,
    Extension(by): Extension<Actor>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<RemovedCaller>, Refused> {
    let name = name_in(path)?;
    if !api.callers.remove(by, name.clone()).await? {
        let detail = format!("there is no caller `{name}`; `GET /api/v1/callers` lists all");
        return Err(Kind::CallerUnknown.because(detail));
    }
    Ok(Json(RemovedCaller {
        name: name.to_string(),
        removed: true,
    }))
}

fn name_in(path: Result<Path<String>, PathRejection>) -> Result<CallerName, Refused> {
    // What is no text is no name either.
    let Path(name) = path.unwrap_or_else(|_| Path(String::new()));
    CallerName::new(&name).map_err(|error| Kind::ParameterInvalid.because(error.to_string()))
}

fn hash_of(digits: &str) -> Result<TokenHash, Refused> {
    token_hash(digits).ok_or_else(|| {
        let detail = "`token_sha256` is not 64 lower-case hexadecimal digits.";
        Kind::BodyInvalid.because(detail)
    })
}
