//! The ways in: a token, `AppRole`, and the service account of a pod.

use http::{HeaderValue, Method};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::error::VaultError;
use super::path::encoded;
use super::proof::Proofs;
use super::settings::{ProofPlace, SERVICE_ACCOUNT_TOKEN, VaultLogin};
use super::wire::{self, Answer, Envelope, Repeat, Request, Wire};
use crate::stores::remote::SecretText;
use crate::value::FILE_SIZE_LIMIT_BYTES;
use crate::value::ValueProblem;

/// Sentences of Vault's own that tell why a login was refused. No other word of an answer is shown:
/// a server may repeat what it was sent.
const KNOWN: [&str; 16] = [
    "invalid role or secret ID",
    "invalid role ID",
    "invalid secret id",
    "role_id missing",
    "no handler for route",
    "missing client token",
    "invalid role name",
    "service account name not authorized",
    "namespace not authorized",
    "invalid audience",
    "token is expired",
    "Token is expired",
    "not valid yet",
    "service account unauthorized",
    "lookup failed",
    "permission denied",
];

/// Room for a role and a proof, each sign of which may be escaped.
const BODY_ROOM_BYTES: usize = 3 * FILE_SIZE_LIMIT_BYTES;

/// How long a token lasts, as the server says.
#[derive(Clone, Copy)]
pub(super) struct Term {
    /// `None`: without end.
    pub(super) seconds: Option<u64>,
    pub(super) is_renewable: bool,
}

/// A token that the server gave or knows.
pub(super) struct Entry {
    pub(super) token: HeaderValue,
    pub(super) term: Term,
}

/// A secret id that a wrapping token gave. The same wrapping token gives it no second time.
pub(super) struct Unwrapped {
    wrapping: SecretString,
    /// `None`: it gave none.
    secret_id: Option<SecretString>,
}

/// What a login needs.
pub(super) struct Door<'a> {
    pub(super) wire: &'a Wire,
    pub(super) proofs: &'a Proofs,
    pub(super) deadline: Instant,
}

#[derive(Serialize)]
struct AppRole<'a> {
    role_id: &'a str,
    secret_id: &'a str,
}

#[derive(Serialize)]
struct Kubernetes<'a> {
    role: &'a str,
    jwt: &'a str,
}

#[derive(Deserialize)]
struct SecretId {
    secret_id: SecretText,
}

#[derive(Deserialize)]
struct Lookup {
    #[serde(default)]
    ttl: u64,
    #[serde(default)]
    renewable: bool,
}

impl Term {
    const fn of(seconds: u64, is_renewable: bool) -> Self {
        Self {
            // Vault writes a token without end as one of no seconds.
            seconds: if seconds == 0 { None } else { Some(seconds) },
            is_renewable,
        }
    }
}

impl Door<'_> {
    /// Goes in. `unwrapped` is what an earlier wrapping token gave.
    pub(super) async fn enter(
        &self,
        login: &VaultLogin,
        unwrapped: &mut Option<Unwrapped>,
    ) -> Result<Entry, VaultError> {
        match login {
            VaultLogin::Token { from } => self.token(from).await,
            VaultLogin::AppRole {
                role_id,
                secret_id,
                is_wrapped,
                mount,
            } => {
                let mount = mount.as_deref().unwrap_or("approle");
                let secret_id = self.secret_id(secret_id, *is_wrapped, unwrapped).await?;
                let body = body(&AppRole {
                    role_id,
                    secret_id: secret_id.expose_secret(),
                });
                let remedy = "check `role_id` and the secret id, which may have ended or been used \
                              up, and `mount` under `[secrets.vault.approle]`";
                self.log_in(mount, body, remedy).await
            }
            VaultLogin::Kubernetes {
                role,
                token_file,
                mount,
            } => {
                let mount = mount.as_deref().unwrap_or("kubernetes");
                let file = token_file.clone();
                let file = file.unwrap_or_else(|| SERVICE_ACCOUNT_TOKEN.into());
                let place = ProofPlace::File(file);
                // Kubernetes replaces it while it is still valid, so each login reads it.
                let jwt = self.proofs.read("the service account's token", &place);
                let jwt = jwt.await?;
                let body = body(&Kubernetes {
                    role,
                    jwt: jwt.expose_secret(),
                });
                let remedy = "check `role` and `mount` under `[secrets.vault.kubernetes]`, and which \
                              service accounts, namespaces and audience the role is bound to";
                self.log_in(mount, body, remedy).await
            }
        }
    }

    /// A token that somebody else made. How long it lasts is asked; where that is forbidden, it is
    /// taken as it is.
    async fn token(&self, from: &ProofPlace) -> Result<Entry, VaultError> {
        let text = self.proofs.read("the token", from).await?;
        let token = wire::token(&text);
        let token = token.ok_or_else(|| VaultError::ProofUnusable {
            what: "the token",
            place: from.clone(),
            problem: ValueProblem::ControlCharacter,
        })?;
        let term = self.look_up(&token).await?;
        let term = term.unwrap_or(Term::of(0, false));
        Ok(Entry { token, term })
    }

    /// How long a token lasts. `None`: it is not accepted, or may not ask.
    pub(super) async fn look_up(&self, token: &HeaderValue) -> Result<Option<Term>, VaultError> {
        let path = "auth/token/lookup-self";
        let answer = self.get(path, token).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        let shape = "has no object `data` about the token";
        let read: Envelope<Lookup> = answer.read(shape)?;
        let data = read.data.ok_or_else(|| answer.is_not_vault(shape))?;
        Ok(Some(Term::of(data.ttl, data.renewable)))
    }

    /// A longer term for a token. `None`: the server refuses that.
    pub(super) async fn renew(&self, token: &HeaderValue) -> Result<Option<Entry>, VaultError> {
        let path = "auth/token/renew-self";
        let request = Request {
            method: Method::POST,
            path: path.to_owned(),
            token: Some(token),
            body: Some(nothing()),
            // A term that was made longer twice is no longer than one.
            repeat: Repeat::Always,
            at: self.wire.at(None, path),
        };
        let answer = self.wire.send(request, self.deadline).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        entry(&answer).map(Some)
    }

    async fn log_in(
        &self,
        mount: &str,
        body: SecretSlice<u8>,
        remedy: &'static str,
    ) -> Result<Entry, VaultError> {
        let path = format!("auth/{}/login", mount.trim_matches('/'));
        let request = Request {
            method: Method::POST,
            path: encoded(&path),
            token: None,
            body: Some(body),
            // Each login makes a token, and may use up a secret id.
            repeat: Repeat::Unsent,
            at: self.wire.at(None, &path),
        };
        let answer = self.wire.send(request, self.deadline).await?;
        if answer.status == 200 {
            return entry(&answer);
        }
        Err(VaultError::LoginRefused {
            said: KNOWN.into_iter().find(|words| answer.says(words)),
            skew_seconds: answer.skew_seconds(jiff::Timestamp::now()),
            status: answer.status,
            at: answer.at,
            remedy,
        })
    }

    async fn secret_id(
        &self,
        place: &ProofPlace,
        is_wrapped: bool,
        unwrapped: &mut Option<Unwrapped>,
    ) -> Result<SecretString, VaultError> {
        if !is_wrapped {
            return self.proofs.read("the secret id", place).await;
        }
        let spent = || VaultError::WrappingSpent {
            address: self.wire.shown_address(),
            place: place.clone(),
        };
        let wrapping = match self.proofs.read("the wrapping token", place).await {
            Ok(wrapping) => wrapping,
            // Whoever handed it over may take it away again.
            Err(error) => match unwrapped.as_ref().and_then(|old| old.secret_id.clone()) {
                Some(secret_id) => return Ok(secret_id),
                None => return Err(error),
            },
        };
        if let Some(old) = unwrapped.as_ref()
            && old.wrapping.expose_secret() == wrapping.expose_secret()
        {
            return old.secret_id.clone().ok_or_else(spent);
        }
        let secret_id = self.unwrap(&wrapping).await?;
        *unwrapped = Some(Unwrapped {
            wrapping,
            secret_id: secret_id.clone(),
        });
        secret_id.ok_or_else(spent)
    }

    /// `None`: the wrapping token is not valid.
    async fn unwrap(&self, wrapping: &SecretString) -> Result<Option<SecretString>, VaultError> {
        let Some(token) = wire::token(wrapping) else {
            return Ok(None);
        };
        let path = "sys/wrapping/unwrap";
        let request = Request {
            method: Method::POST,
            path: path.to_owned(),
            token: Some(&token),
            body: Some(nothing()),
            // It works once.
            repeat: Repeat::Unsent,
            at: self.wire.at(None, path),
        };
        let answer = self.wire.send(request, self.deadline).await?;
        if answer.status != 200 {
            return Ok(None);
        }
        let shape = "has no text `secret_id`";
        let read: Envelope<SecretId> = answer.read(shape)?;
        let data = read.data.ok_or_else(|| answer.is_not_vault(shape))?;
        Ok(Some(data.secret_id.0))
    }

    async fn get(&self, path: &str, token: &HeaderValue) -> Result<Answer, VaultError> {
        let request = Request {
            method: Method::GET,
            path: path.to_owned(),
            token: Some(token),
            body: None,
            repeat: Repeat::Always,
            at: self.wire.at(None, path),
        };
        self.wire.send(request, self.deadline).await
    }
}

fn entry(answer: &Answer) -> Result<Entry, VaultError> {
    let shape = "has no token in an object `auth`";
    let read: Envelope<serde::de::IgnoredAny> = answer.read(shape)?;
    let auth = read.auth.ok_or_else(|| answer.is_not_vault(shape))?;
    let token = wire::token(&auth.client_token.0);
    Ok(Entry {
        token: token.ok_or_else(|| {
            answer.is_not_vault("has an empty token, or one that no header takes")
        })?,
        term: Term::of(auth.lease_duration, auth.renewable),
    })
}

/// What is sent to log in.
fn body(login: &impl Serialize) -> SecretSlice<u8> {
    // The whole room at once: a vector that grows leaves copies of the secret behind.
    let mut body = Zeroizing::new(Vec::with_capacity(BODY_ROOM_BYTES));
    // Texts alone are in it, and memory takes all.
    let written = serde_json::to_writer(&mut *body, login);
    debug_assert!(written.is_ok(), "texts can be written");
    SecretSlice::from(body.to_vec())
}

/// An object without members.
fn nothing() -> SecretSlice<u8> {
    SecretSlice::from(b"{}".to_vec())
}
