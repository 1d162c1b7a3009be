//! Reading a secret, and its version.

use std::collections::HashMap;
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use super::Vault;
use super::error::{Asked, VaultError};
use super::mounts::{Engine, Route};
use super::path::{below, encoded};
use super::session::Pass;
use super::wire::{Answer, Envelope, Repeat, Request};
use crate::stores::Version;
use crate::stores::members::Members;

const NO_MEMBERS: &str = "has no object `data` with the members of a secret";
const NO_VERSIONS: &str = "has no `current_version` and `versions` in an object `data`";

/// A secret.
pub(super) struct Found {
    pub(super) at: Asked,
    pub(super) members: Members,
    /// Of an engine that has versions.
    pub(super) version: Option<Version>,
    /// How long it is lent. `None`: it is not.
    pub(super) lease: Option<Duration>,
}

#[derive(Deserialize)]
struct Versioned {
    data: Option<Members>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    version: u64,
    #[serde(default)]
    created_time: String,
    #[serde(default)]
    deletion_time: String,
    #[serde(default)]
    destroyed: bool,
}

#[derive(Deserialize)]
struct History {
    current_version: u64,
    versions: HashMap<String, Made>,
}

#[derive(Deserialize)]
struct Made {
    created_time: String,
}

impl Vault {
    /// Reads what is at the end of a route.
    pub(super) async fn read(
        &self,
        route: &Route,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Found, VaultError> {
        let Route {
            mount,
            rest,
            engine,
        } = route;
        match engine {
            Engine::Kv2 => {
                let answer = self.get_data(mount, rest, pass, deadline).await?;
                if answer.status == 404 && !is_version(&answer) {
                    return Err(VaultError::NotFound { at: answer.at });
                }
                of_version(&answer)
            }
            Engine::Kv1 => {
                let answer = self.get(mount, rest, Repeat::Always, pass, deadline);
                plain(&answer.await?)
            }
            Engine::Other => {
                // To read it may make a login somewhere else, so it is not read twice.
                let answer = self.get(mount, rest, Repeat::Unsent, pass, deadline);
                plain(&answer.await?)
            }
        }
    }

    /// Reads a secret where the server tells of no mount: a policy may allow a secret, and no question
    /// about mounts. What answers tells which version of KV it is.
    pub(super) async fn try_both(
        &self,
        path: &str,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<(Route, Found), VaultError> {
        let rest = match below(path, &self.mount) {
            Some(rest) if !rest.is_empty() => rest,
            _ => path,
        };
        let route = |engine| Route {
            mount: self.mount.clone(),
            rest: rest.to_owned(),
            engine,
        };
        let newer = self.get_data(&self.mount, rest, pass, deadline).await;
        if let Ok(answer) = &newer
            && (answer.status == 404 || answer.status == 200)
            && is_version(answer)
        {
            return Ok((route(Engine::Kv2), of_version(answer)?));
        }
        let older = self.get(&self.mount, rest, Repeat::Always, pass, deadline);
        let older = older.await;
        match (newer, older) {
            (_, Ok(answer)) if answer.status == 200 => Ok((route(Engine::Kv1), plain(&answer)?)),
            // Engines with versions say so where they are read without.
            (Err(error), Ok(answer)) if has_versions(&answer) => Err(error),
            (Ok(answer), Ok(told)) if has_versions(&told) => {
                Err(VaultError::NotFound { at: answer.at })
            }
            (_, Ok(answer)) => plain(&answer).map(|found| (route(Engine::Kv1), found)),
            (Ok(answer), Err(VaultError::Denied { .. })) => {
                Err(VaultError::NotFound { at: answer.at })
            }
            // Of two refusals, the one of the newer engine, which is the more likely one.
            (Err(error), Err(VaultError::Denied { .. })) | (_, Err(error)) => Err(error),
        }
    }

    /// The newest version's number and date, without its value.
    pub(super) async fn version(
        &self,
        route: &Route,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Version, VaultError> {
        let path = format!("metadata/{}", route.rest);
        let answer = self.get(&route.mount, &path, Repeat::Always, pass, deadline);
        let answer = answer.await?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let read: Envelope<History> = answer.read(NO_VERSIONS)?;
        let history = read.data.ok_or_else(|| answer.is_not_vault(NO_VERSIONS))?;
        let number = history.current_version;
        let made = history.versions.get(&number.to_string());
        Ok(numbered(number, made.map_or("", |made| &made.created_time)))
    }

    async fn get_data(
        &self,
        mount: &str,
        rest: &str,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Answer, VaultError> {
        let path = format!("data/{rest}");
        self.get(mount, &path, Repeat::Always, pass, deadline).await
    }

    /// Reads a path of a mount. A refusal is an error; that there is nothing is an answer.
    async fn get(
        &self,
        mount: &str,
        path: &str,
        repeat: Repeat,
        pass: &Pass,
        deadline: Instant,
    ) -> Result<Answer, VaultError> {
        let request = Request {
            method: Method::GET,
            path: format!("{}/{}", encoded(mount), encoded(path)),
            token: Some(&pass.token),
            body: None,
            repeat,
            at: self.wire.at(Some(mount), path),
        };
        let answer = self.wire.send(request, deadline).await?;
        match answer.status {
            200 | 204 | 404 => Ok(answer),
            _ => Err(refused(&answer)),
        }
    }
}

fn refused(answer: &Answer) -> VaultError {
    let at = answer.at.clone();
    match answer.status {
        403 => VaultError::Denied { at },
        404 => VaultError::NotFound { at },
        status => VaultError::Refused { at, status },
    }
}

/// Whether it is a version of a secret, deleted or not.
fn is_version(answer: &Answer) -> bool {
    let read = answer.read::<Envelope<Versioned>>("");
    let data = read.ok().and_then(|read| read.data);
    data.is_some_and(|data| data.metadata.is_some())
}

/// Whether the engine says that its secrets have versions.
fn has_versions(answer: &Answer) -> bool {
    let read = answer.read::<Envelope<IgnoredAny>>("");
    let warnings = read.ok().and_then(|read| read.warnings);
    let mut warnings = warnings.into_iter().flatten();
    warnings.any(|warning| warning.contains("versioned K/V"))
}

fn of_version(answer: &Answer) -> Result<Found, VaultError> {
    let read: Envelope<Versioned> = answer.read(NO_MEMBERS)?;
    let data = read.data.ok_or_else(|| answer.is_not_vault(NO_MEMBERS))?;
    let at = answer.at.clone();
    match (data.data, data.metadata) {
        (Some(members), metadata) => Ok(Found {
            at,
            members,
            version: metadata.map(|of| numbered(of.version, &of.created_time)),
            lease: None,
        }),
        (None, Some(metadata)) if metadata.destroyed || !metadata.deletion_time.is_empty() => {
            Err(VaultError::Deleted {
                at,
                is_destroyed: metadata.destroyed,
            })
        }
        (None, _) => Err(answer.is_not_vault(NO_MEMBERS)),
    }
}

/// The version of a number. A secret that was deleted for good and made anew counts from one again,
/// so its date is part of its name.
fn numbered(number: u64, made_at: &str) -> Version {
    let made_at = made_at.parse().ok();
    let date = made_at.map(|at: jiff::Timestamp| format!(" of {at}"));
    Version {
        id: format!("{number}{}", date.unwrap_or_default()),
        made_at,
    }
}

/// What an engine without versions gives.
fn plain(answer: &Answer) -> Result<Found, VaultError> {
    if answer.status == 404 {
        let at = answer.at.clone();
        return Err(VaultError::NotFound { at });
    }
    let read: Envelope<Members> = answer.read(NO_MEMBERS)?;
    let members = read.data.ok_or_else(|| answer.is_not_vault(NO_MEMBERS))?;
    // KV without versions names a term too, and lends nothing: what is lent has an id.
    let is_lent = read.lease_id.is_some_and(|id| !id.is_empty());
    let lease = read
        .lease_duration
        .filter(|seconds| is_lent && *seconds > 0);
    Ok(Found {
        at: answer.at.clone(),
        members,
        version: None,
        // The clock may not count further than a century.
        lease: lease.map(|seconds| Duration::from_secs(seconds.min(1 << 32))),
    })
}
