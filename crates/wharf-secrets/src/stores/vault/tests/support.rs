//! A Vault that a test scripts: what was asked is kept, and a function answers.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::{Value, json};
use wharf_diag::Spanned;
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::error::Error;
use crate::exchange::{Ask, Asking, Exchange, Failure, Said};
use crate::resolver::Resolver;
use crate::stores::vault::{ProofPlace, VaultError, VaultLogin, VaultSettings};
use crate::stores::{Fetched, Place, Version};
use crate::variables::FixedVariables;

/// A value that nothing may show.
pub(super) const CANARY: &str = "canary-9d8c7b6a5f4e";
pub(super) const TOKEN: &str = "canary-70ce4a11aa22";
pub(super) const ADDRESS: &str = "https://vault.internal:8200";

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) token: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) is_marked: bool,
    pub(super) body: String,
    pub(super) has_trust: bool,
}

pub(super) type Reply = Result<(u16, Value), Failure>;
type Answers = Box<dyn Fn(&Seen) -> Result<Said, Failure> + Send + Sync>;

/// Answers by a function, and keeps what was asked.
pub(super) struct Script {
    answers: Answers,
    seen: Mutex<Vec<Seen>>,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

pub(super) fn said(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Said {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Said {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: SecretSlice::from(body.to_vec()),
    }
}

impl Script {
    pub(super) fn new(answers: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Self::raw(move |seen| {
            let (status, body) = answers(seen)?;
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            Ok(said(status, &[], body.as_bytes()))
        })
    }

    pub(super) fn raw(
        answers: impl Fn(&Seen) -> Result<Said, Failure> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            answers: Box::new(answers),
            seen: Mutex::default(),
        })
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// How many requests had these words in their line.
    pub(super) fn count(&self, words: &str) -> usize {
        let lines = self.lines();
        lines.iter().filter(|line| line.contains(words)).count()
    }
}

impl Exchange for Script {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        let header = |name: &str| {
            let value = ask.headers.get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let seen = Seen {
            line: format!(
                "{} {}",
                ask.method,
                ask.url.path().trim_start_matches("/v1/")
            ),
            token: header("x-vault-token"),
            namespace: header("x-vault-namespace"),
            is_marked: header("x-vault-request").as_deref() == Some("true"),
            body: String::from_utf8(ask.body.expose_secret().to_vec()).unwrap(),
            has_trust: ask.trust.is_some(),
        };
        assert!(ask.url.to_string().starts_with(ADDRESS), "{}", ask.url);
        self.seen.lock().unwrap().push(seen.clone());
        Box::pin(async move {
            // As a network does, so that others come between.
            tokio::task::yield_now().await;
            (self.answers)(&seen)
        })
    }
}

pub(super) fn refused() -> (u16, Value) {
    (
        403,
        json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}),
    )
}

pub(super) fn nothing() -> (u16, Value) {
    (404, json!({"errors": []}))
}

pub(super) fn mount(path: &str, kind: &str, version: Option<&str>) -> (u16, Value) {
    let options = version.map(|version| json!({"version": version}));
    let data = json!({"path": path, "type": kind, "options": options});
    (200, json!({"data": data}))
}

/// A secret of KV version 2.
pub(super) fn versioned(members: &Value) -> (u16, Value) {
    let metadata = json!({"version": 3, "created_time": "2026-01-02T03:04:05.678Z", "deletion_time": "", "destroyed": false});
    let data = json!({"data": members, "metadata": metadata});
    (
        200,
        json!({"lease_id": "", "lease_duration": 0, "data": data}),
    )
}

pub(super) fn login(token: &str, lease: u64, is_renewable: bool) -> (u16, Value) {
    let auth = json!({"client_token": token, "lease_duration": lease, "renewable": is_renewable});
    (200, json!({"data": null, "auth": auth}))
}

pub(super) fn about_token(ttl: u64, is_renewable: bool) -> (u16, Value) {
    (
        200,
        json!({"data": {"ttl": ttl, "renewable": is_renewable, "id": TOKEN}}),
    )
}

/// A store that is set up.
pub(super) struct Bench {
    pub(super) settings: VaultSettings,
    pub(super) variables: FixedVariables,
}

impl Bench {
    /// With a token in its variable.
    pub(super) fn new() -> Self {
        let settings = VaultSettings {
            address: Some(ADDRESS.to_owned()),
            ..VaultSettings::default()
        };
        let mut variables = FixedVariables::new();
        variables.set("VAULT_TOKEN", TOKEN.into());
        Self {
            settings,
            variables,
        }
    }

    pub(super) fn approle() -> Self {
        let mut bench = Self::new();
        bench.settings.login = Some(VaultLogin::AppRole {
            role_id: "billing".to_owned(),
            secret_id: ProofPlace::Variable("SECRET_ID".to_owned()),
            is_wrapped: false,
            mount: None,
        });
        bench.set("SECRET_ID", "canary-5ec4e71d0001")
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.set(name, SecretString::from(value));
        self
    }

    pub(super) fn resolver(&self, exchange: Arc<dyn Exchange>) -> Resolver {
        let variables = Arc::new(self.variables.clone());
        Resolver::new(variables, PathBuf::from("/workspace"))
            .through(exchange)
            .with_vault(self.settings.clone())
    }

    pub(super) fn place(&self, exchange: Arc<dyn Exchange>, path: &str) -> Box<dyn Place> {
        place(&self.resolver(exchange), path)
    }
}

pub(super) fn place(resolver: &Resolver, path: &str) -> Box<dyn Place> {
    resolver.place(&store(path))
}

pub(super) fn store(path: &str) -> CredentialStore {
    CredentialStore::HashicorpVault {
        path: Spanned::new(path.to_owned(), wharf_diag::Span::default()),
    }
}

/// Fetches the field `api_key`, and others.
pub(super) async fn fetch(place: &(dyn Place + 'static)) -> Result<Fetched, VaultError> {
    fetch_fields(place, &["api_key"]).await.map_err(vault)
}

pub(super) async fn fetch_fields(
    place: &(dyn Place + 'static),
    fields: &[&str],
) -> Result<Fetched, Error> {
    let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    place.fetch_needed(&fields).await
}

pub(super) async fn key(place: &(dyn Place + 'static)) -> Result<String, VaultError> {
    Ok(shown(&fetch(place).await?.credential, "api_key"))
}

pub(super) async fn version(place: &(dyn Place + 'static)) -> Result<Option<Version>, VaultError> {
    place.version().await.map_err(vault)
}

pub(super) fn shown(credential: &Credential, field: &str) -> String {
    credential.get(field).unwrap().expose_secret().to_owned()
}

/// The error of a fetch, which must hold nothing that is secret.
pub(super) fn vault(error: Error) -> VaultError {
    let text = format!("{error} {error:?}");
    assert!(!text.contains("canary-"), "{text}");
    match error {
        Error::Vault(error) => error,
        other => panic!("{other:?}"),
    }
}
