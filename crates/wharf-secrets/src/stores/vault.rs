//! Credentials in Vault, or in what speaks as it does, such as `OpenBao`.
//!
//! The interface is Vault's HTTP API, version 1: `KV` in both versions, and every other engine that
//! gives an object where it is read. All places share one login (`session.rs`). Which mount a path
//! lies in is asked of the server (`mounts.rs`), since a name tells nothing of what is mounted there.

mod error;
mod login;
mod mounts;
mod path;
mod proof;
mod read;
mod session;
mod settings;
mod wire;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wharf_diag::Spanned;

use crate::credential::Credential;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::stores::{
    Fetched, Fetching, Identity, Life, Place, Version, Versioning, as_text, members,
};
use crate::variables::Variables;

pub use error::{Asked, ServerState, VaultError};
use mounts::{Engine, Route};
pub use path::PathProblem;
use proof::Proofs;
use session::{Pass, Session};
use settings::Effective;
pub use settings::{ProofPlace, VaultLogin, VaultSettings};
use wire::Wire;

/// One Vault, and the login to it.
pub(crate) struct Vault {
    wire: Wire,
    session: Session,
    /// Where paths lie that begin with no mount.
    mount: String,
    timeout: Duration,
}

impl Vault {
    /// Says nothing of what is wrong with the settings before somebody needs it.
    pub(crate) fn new(
        settings: &VaultSettings,
        variables: Arc<dyn Variables>,
        root: &Path,
        exchange: Arc<dyn Exchange>,
    ) -> Self {
        let mut effective = Effective::of(settings, variables.as_ref(), root);
        Self {
            wire: Wire::new(&mut effective, exchange),
            session: Session::new(effective.login, Proofs { variables }),
            mount: effective.mount,
            timeout: effective.timeout,
        }
    }
}

/// A secret that a document names.
pub(crate) struct Secret {
    vault: Arc<Vault>,
    /// As the document has it.
    written: String,
    path: Result<String, VaultError>,
    /// Where it was found. Asked anew once it is not there any more.
    route: Mutex<Option<Route>>,
    /// How often an engine lent one.
    leases: AtomicU64,
    /// That the version may not be read was said.
    is_told: AtomicBool,
}

impl Secret {
    pub(crate) fn new(written: &Spanned<String>, vault: Arc<Vault>) -> Self {
        let written = written.value.clone();
        Self {
            vault,
            path: path::read(&written).map_err(|problem| VaultError::PathUnusable {
                path: written.escape_debug().to_string(),
                problem,
            }),
            written,
            route: Mutex::default(),
            leases: AtomicU64::new(0),
            is_told: AtomicBool::new(false),
        }
    }

    async fn fetch_fields(&self, fields: &[String]) -> Result<Fetched, Error> {
        let started = Instant::now();
        let deadline = started + self.vault.timeout;
        let read = |pass: Arc<Pass>| async move {
            let found = self.read(&pass, deadline).await?;
            Ok((found, pass.ends))
        };
        let (found, login_ends) = self.with_login(read, deadline).await?;
        let at = found.at;
        let unusable = |name: &str, problem| {
            Error::Vault(VaultError::MemberUnusable {
                at: at.clone(),
                member: name.to_owned(),
                problem,
            })
        };
        let store = || format!("the secret {at}");
        let values = members::fill(&found.members, &as_text(fields), store, unusable)?;
        // What an engine made goes with the login that it was made for.
        let end = found.lease.map(|lease| {
            let end = started + lease;
            login_ends.map_or(end, |login| login.min(end))
        });
        let life = end.map(|end| Life {
            renew_at: (started + (end - started) * 2 / 3).into_std(),
            end: end.into_std(),
        });
        let version = match life {
            None => found.version,
            Some(_) => Some(lease(self.leases.fetch_add(1, Ordering::Relaxed) + 1)),
        };
        Ok(Fetched {
            credential: Credential::new(values, Vec::new()),
            version,
            life,
        })
    }

    async fn ask_version(&self) -> Result<Option<Version>, Error> {
        let deadline = Instant::now() + self.vault.timeout;
        let ask = |pass: Arc<Pass>| async move {
            let route = self.route(&pass, deadline).await?;
            match route {
                Some(route) if route.engine == Engine::Kv2 => {
                    let version = self.vault.version(&route, &pass, deadline).await;
                    // That only the value may be read says nothing of the mount.
                    match &version {
                        Ok(_) | Err(VaultError::Denied { .. }) => {}
                        Err(error) => self.doubt(error),
                    }
                    version.map(Some)
                }
                // What was lent is good for its term, and to ask anew would make another one.
                Some(route) if route.engine == Engine::Other => {
                    let leases = self.leases.load(Ordering::Relaxed);
                    Ok((leases > 0).then(|| lease(leases)))
                }
                // Version 1 of KV has none, nor has what is not known.
                Some(_) | None => Ok(None),
            }
        };
        match self.with_login(ask, deadline).await {
            Err(VaultError::Denied { at }) => {
                if !self.is_told.swap(true, Ordering::Relaxed) {
                    tracing::info!(
                        "the login may not read {at}, so a change is seen later, when the secret \
                         itself is read again"
                    );
                }
                Ok(None)
            }
            outcome => Ok(outcome?),
        }
    }

    /// Does something with the login, and once more with another login where the first one was the
    /// reason for a refusal.
    async fn with_login<T, F>(
        &self,
        what: impl Fn(Arc<Pass>) -> F,
        deadline: Instant,
    ) -> Result<T, VaultError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        let Vault { wire, session, .. } = &*self.vault;
        self.path.as_ref().map_err(VaultError::clone)?;
        let pass = session.pass(wire, deadline).await?;
        let refused = match what(Arc::clone(&pass)).await {
            Err(error @ VaultError::Denied { .. }) => error,
            outcome => return outcome,
        };
        let another = session.denied(&pass, wire, deadline, &self.written);
        let Some(another) = another.await? else {
            return Err(refused);
        };
        let outcome = what(another).await;
        if outcome.is_ok() {
            session.helped().await;
        }
        outcome
    }

    async fn read(&self, pass: &Pass, deadline: Instant) -> Result<read::Found, VaultError> {
        let route = self.route(pass, deadline).await?;
        let path = self.path.as_ref().map_err(VaultError::clone)?;
        let found = if let Some(route) = &route {
            self.vault.read(route, pass, deadline).await
        } else {
            let read = self.vault.try_both(path, pass, deadline).await;
            read.map(|(route, found)| {
                self.remember(Some(route));
                found
            })
        };
        found.inspect_err(|error| self.doubt(error))
    }

    /// Where the path leads, asked once.
    async fn route(&self, pass: &Pass, deadline: Instant) -> Result<Option<Route>, VaultError> {
        let known = self.remembered();
        if known.is_some() {
            return Ok(known);
        }
        let Vault { wire, mount, .. } = &*self.vault;
        let path = self.path.as_ref().map_err(VaultError::clone)?;
        let found = mounts::find(wire, pass, path, mount, deadline).await?;
        if found.as_ref().is_some_and(|route| route.rest.is_empty()) {
            return Err(VaultError::PathUnusable {
                path: self.written.clone(),
                problem: PathProblem::MountAlone,
            });
        }
        self.remember(found.clone());
        Ok(found)
    }

    fn remembered(&self) -> Option<Route> {
        let route = self.route.lock().unwrap_or_else(PoisonError::into_inner);
        route.clone()
    }

    fn remember(&self, route: Option<Route>) {
        *self.route.lock().unwrap_or_else(PoisonError::into_inner) = route;
    }

    /// A mount may have been made another one.
    fn doubt(&self, error: &VaultError) {
        if matches!(
            error,
            VaultError::Denied { .. } | VaultError::NotFound { .. } | VaultError::Refused { .. }
        ) {
            self.remember(None);
        }
    }
}

impl Place for Secret {
    fn identity(&self) -> Identity {
        Identity::new("HASHICORP_VAULT", [self.written.clone()])
    }

    fn describe(&self) -> String {
        format!("at {} in Vault", self.written)
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn fetch<'a>(&'a self, fields: &'a [String]) -> Fetching<'a> {
        Box::pin(self.fetch_fields(fields))
    }

    fn version(&self) -> Versioning<'_> {
        Box::pin(self.ask_version())
    }
}

/// What was lent, by its number.
fn lease(number: u64) -> Version {
    Version {
        id: format!("lease {number}"),
        made_at: None,
    }
}

#[cfg(test)]
mod tests;
