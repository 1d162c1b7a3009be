//! Places where credentials are kept: one file each, and one line in [`place`].

mod absent;
pub(crate) mod aws;
pub(crate) mod env;
pub(crate) mod file;
mod members;
#[cfg(test)]
mod network;
mod remote;
pub(crate) mod vault;

use std::pin::Pin;
use std::time::Instant;

use jiff::Timestamp;
use wharf_document::fill_fields;
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::error::Error;
use crate::resolver::Resolver;
use crate::stores::file::Stamp;

/// A fetch under way. Dropping it gives it up; nothing is kept of it.
pub(crate) type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, Error>> + Send + 'a>>;

/// A question for a version under way. Dropping it gives it up.
pub(crate) type Versioning<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Version>, Error>> + Send + 'a>>;

/// What a fetch gave.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pub(crate) credential: Credential,
    /// What tells this value from the next one, where the store says so.
    pub(crate) version: Option<Version>,
    /// When another one should be fetched, and when this one ends, where it does.
    pub(crate) life: Option<Life>,
}

/// What a place looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    File(Stamp),
    /// Which value it is of the credential that this one is made of.
    Source(u64),
}

/// How long a value may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) renew_at: Instant,
    pub(crate) end: Instant,
}

/// What tells one value of a place from the next, without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) made_at: Option<Timestamp>,
}

impl From<Credential> for Fetched {
    fn from(credential: Credential) -> Self {
        Self {
            credential,
            ..Self::default()
        }
    }
}

/// Where a document keeps one credential: all that the rest knows of a store.
pub(crate) trait Place: Send + Sync {
    /// What tells it from every other place.
    fn identity(&self) -> Identity;

    /// Where it is, for the log: `in NAME` or `file PATH`.
    fn describe(&self) -> String;

    /// What it looks like from outside, where that can be had without reading it; another stamp
    /// asks for a fetch. It may look at a file, so it may block, and never at a network.
    fn stamp(&self) -> Option<Sign> {
        None
    }

    /// Whether each look costs a question over a network, so that they are counted.
    fn is_remote(&self) -> bool {
        false
    }

    /// Whether it is to be asked now and then for what it has.
    fn has_versions(&self) -> bool {
        self.is_remote()
    }

    /// What tells its value from the one before, without reading it. `None`: the store cannot say.
    fn version(&self) -> Versioning<'_> {
        Box::pin(async { Ok(None) })
    }

    /// Reads the values of `fields`, which are sorted and each once. It must not keep the thread
    /// for longer than memory takes: what waits for a disk waits elsewhere.
    fn fetch<'a>(&'a self, fields: &'a [String]) -> Fetching<'a>;
}

impl dyn Place {
    /// The same; without a field nothing is read.
    pub(crate) async fn fetch_needed(&self, fields: &[String]) -> Result<Fetched, Error> {
        if fields.is_empty() {
            return Ok(Fetched::default());
        }
        self.fetch(fields).await
    }
}

/// Does what may block on a thread of the runtime that may. `None`: the runtime ended before.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.ok(),
        // Without a runtime whoever waits has this thread for himself.
        Err(_) => Some(work()),
    }
}

/// The kind of a place and the names in it. It does not depend on where they stand in a text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) location: &'static str,
    pub(crate) names: Vec<String>,
}

impl Identity {
    pub(crate) fn new(location: &'static str, names: impl Into<Vec<String>>) -> Self {
        Self {
            location,
            names: names.into(),
        }
    }
}

/// The place that a document names.
pub(crate) fn place(store: &CredentialStore, resolver: &Resolver) -> Box<dyn Place> {
    match store {
        CredentialStore::EnvVariables { variables } => Box::new(env::Env::new(variables, resolver)),
        CredentialStore::File { path } => Box::new(file::CredentialFile::new(path, resolver)),
        CredentialStore::AwsSecretsManager { path } => match resolver.aws() {
            Some(aws) => Box::new(aws::Secret::new(path, aws)),
            None => absent::place("AWS_SECRETS_MANAGER", path),
        },
        CredentialStore::HashicorpVault { path } => match resolver.vault() {
            Some(vault) => Box::new(vault::Secret::new(path, vault)),
            None => absent::place("HASHICORP_VAULT", path),
        },
    }
}

/// Each field with the name of the value that fills it, by the rule that documents are checked
/// with.
fn assign<'field, 'name>(
    fields: &[&'field str],
    names: &[&'name str],
    store: impl Fn() -> String,
) -> Result<Vec<(&'field str, &'name str)>, Error> {
    fill_fields(fields, names)
        .into_iter()
        .map(|(field, name)| match name {
            Some(name) => Ok((field, name)),
            None => Err(missing(field, &store(), names)),
        })
        .collect()
}

fn missing(field: &str, store: &str, names: &[&str]) -> Error {
    Error::FieldMissing {
        field: field.to_owned(),
        store: store.to_owned(),
        available: names.iter().map(|&name| name.to_owned()).collect(),
    }
}

fn as_text(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}
