//! From a credential reference of a document to the credential itself.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::error::Error;
use crate::exchange::{Exchange, Nowhere};
use crate::stores::aws::{Aws, AwsSettings};
use crate::stores::vault::{Vault, VaultSettings};
use crate::stores::{self, Place, Sign, file::Stamp};
use crate::variables::Variables;

/// Fetches credentials. Cheap to clone; holds no secret of its own.
#[derive(Clone)]
pub struct Resolver {
    variables: Arc<dyn Variables>,
    root: PathBuf,
    /// `None`: files may be anywhere.
    folders: Option<Vec<PathBuf>>,
    exchange: Option<Arc<dyn Exchange>>,
    vault_settings: VaultSettings,
    /// One for all places, which share its login. `None`: no request can be made.
    vault: Option<Arc<Vault>>,
    aws_settings: AwsSettings,
    /// The same for AWS, whose keys places share.
    aws: Option<Arc<Aws>>,
}

impl Resolver {
    /// A resolver over these variables; relative `path`s of files start at `root`, the workspace.
    pub fn new(variables: Arc<dyn Variables>, root: PathBuf) -> Self {
        Self {
            variables,
            root,
            folders: None,
            exchange: None,
            vault_settings: VaultSettings::default(),
            vault: None,
            aws_settings: AwsSettings::default(),
            aws: None,
        }
    }

    /// Reads files of the workspace and of these folders only, links followed. Relative folders
    /// start at the workspace; with `None`, files may be anywhere.
    pub fn within(self, folders: Option<&[String]>) -> Self {
        let root = self.root.clone();
        let folders = folders.map(|folders| {
            let folders = folders.iter().map(|folder| root.join(folder));
            folders.chain([root.clone()]).collect()
        });
        Self { folders, ..self }
    }

    /// Makes requests to stores by this. Without it, none is asked that is reached over a network.
    pub fn through(self, exchange: Arc<dyn Exchange>) -> Self {
        let exchange = Some(exchange);
        Self { exchange, ..self }.joined()
    }

    /// Where Vault is, and how Wharf proves itself there. Where this says nothing, the variables
    /// `VAULT_ADDR`, `VAULT_NAMESPACE`, `VAULT_CACERT` and `VAULT_TOKEN` do.
    pub fn with_vault(self, settings: VaultSettings) -> Self {
        Self {
            vault_settings: settings,
            ..self
        }
        .joined()
    }

    /// Where AWS Secrets Manager is, and whose keys open it. Where this says nothing, the variables of
    /// AWS's own libraries and their files do.
    pub fn with_aws(self, settings: AwsSettings) -> Self {
        Self {
            aws_settings: settings,
            ..self
        }
        .joined()
    }

    fn joined(self) -> Self {
        let exchange = self.exchange.as_ref();
        let vault = exchange.map(|exchange| {
            let (variables, exchange) = (self.variables(), Arc::clone(exchange));
            Arc::new(Vault::new(
                &self.vault_settings,
                variables,
                &self.root,
                exchange,
            ))
        });
        let aws = exchange.map(|exchange| {
            let exchange = Arc::clone(exchange);
            Arc::new(Aws::new(&self.aws_settings, self.variables(), exchange))
        });
        Self { vault, aws, ..self }
    }

    /// Fetches the values of the template fields in `needed`; repeats in it count once.
    ///
    /// Only values that are needed must be there. Without a needed field nothing is read. Files are
    /// read on a thread of the runtime that may block; without a runtime, on this one.
    pub async fn fetch(
        &self,
        store: &CredentialStore,
        needed: &[String],
    ) -> Result<Credential, Error> {
        let place = self.place(store);
        let fetched = place.fetch_needed(&each_once(needed)).await?;
        Ok(fetched.credential)
    }

    /// A cheap test whether a FILE changed: its stamp now.
    ///
    /// `None` for other locations and where the file is missing or out of reach.
    pub fn stamp(&self, store: &CredentialStore) -> Option<Stamp> {
        match self.place(store).stamp()? {
            Sign::File(stamp) => Some(stamp),
            Sign::Source(_) => None,
        }
    }

    pub(crate) fn place(&self, store: &CredentialStore) -> Box<dyn Place> {
        stores::place(store, self)
    }

    pub(crate) fn aws(&self) -> Option<Arc<Aws>> {
        self.aws.clone()
    }

    pub(crate) fn exchange(&self) -> Arc<dyn Exchange> {
        let exchange = self.exchange.clone();
        exchange.unwrap_or_else(|| Arc::new(Nowhere))
    }

    pub(crate) fn vault(&self) -> Option<Arc<Vault>> {
        self.vault.clone()
    }

    pub(crate) fn variables(&self) -> Arc<dyn Variables> {
        Arc::clone(&self.variables)
    }

    /// The file to read. Where folders are listed it is the one at the end of all links, so that
    /// what is read is what was compared.
    pub(crate) fn allowed(&self, path: &Path) -> Result<PathBuf, Error> {
        let file = self.locate(path);
        let Some(folders) = &self.folders else {
            return Ok(file);
        };
        let Ok(target) = file.canonicalize() else {
            // Reading it says what is wrong.
            return Ok(file);
        };
        let mut folders = folders.iter().flat_map(|folder| folder.canonicalize());
        if folders.any(|folder| target.starts_with(folder)) {
            Ok(target)
        } else {
            Err(Error::FileOutside { path: file })
        }
    }

    pub(crate) fn locate(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}

/// Names in order, without repetition.
pub(crate) fn each_once(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
