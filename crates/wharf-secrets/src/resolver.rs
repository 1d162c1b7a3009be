//! From a credential reference of a document to the credential itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::error::Error;
use crate::file::{self, Content, Stamp};
use crate::matching::{self, Match};
use crate::value::{self, ValueProblem};
use crate::variables::Variables;

/// Fetches credentials. Cheap to clone; holds no secret of its own.
#[derive(Clone)]
pub struct Resolver {
    variables: Arc<dyn Variables>,
    root: PathBuf,
}

impl Resolver {
    /// A resolver over these variables; relative `path`s of files start at `root`, the workspace.
    pub fn new(variables: Arc<dyn Variables>, root: PathBuf) -> Self {
        Self { variables, root }
    }

    /// Fetches the values of the template fields in `needed`; repeats in it count once.
    ///
    /// Only values that are needed must be there. Without a needed field nothing is read.
    pub fn fetch(&self, store: &CredentialStore, needed: &[String]) -> Result<Credential, Error> {
        let mut fields: Vec<&str> = needed.iter().map(String::as_str).collect();
        fields.sort_unstable();
        fields.dedup();
        if fields.is_empty() {
            return Ok(Credential::default());
        }
        match store {
            CredentialStore::EnvVariables { variables } => {
                let names: Vec<&str> = variables.iter().map(|name| name.value.as_str()).collect();
                self.fetch_variables(&names, &fields)
            }
            CredentialStore::File { path } => fetch_file(&self.locate(&path.value), &fields),
            CredentialStore::AwsSecretsManager { path } => Err(Error::LocationNotSupported {
                location: "AWS_SECRETS_MANAGER",
                path: path.value.clone(),
            }),
            CredentialStore::HashicorpVault { path } => Err(Error::LocationNotSupported {
                location: "HASHICORP_VAULT",
                path: path.value.clone(),
            }),
        }
    }

    /// A cheap test whether a FILE changed: its stamp now.
    ///
    /// `None` for other locations and where the file is missing or out of reach.
    pub fn stamp(&self, store: &CredentialStore) -> Option<Stamp> {
        match store {
            CredentialStore::File { path } => Stamp::of(&self.locate(&path.value)),
            _ => None,
        }
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn fetch_variables(&self, names: &[&str], fields: &[&str]) -> Result<Credential, Error> {
        let mut values = BTreeMap::new();
        for &field in fields {
            let index = choose(field, fields.len(), names, || {
                "the variables of this environment".to_owned()
            })?;
            values.insert(field.to_owned(), self.variable(names[index])?);
        }
        Ok(Credential::new(values, Vec::new()))
    }

    fn variable(&self, name: &str) -> Result<SecretString, Error> {
        let unusable = |problem| Error::VariableUnusable {
            variable: name.to_owned(),
            problem,
        };
        let Some(value) = self.variables.get(name) else {
            return Err(if self.variables.is_not_text(name) {
                unusable(ValueProblem::NotText)
            } else {
                Error::VariableMissing {
                    variable: name.to_owned(),
                }
            });
        };
        value::check(value.expose_secret()).map_err(unusable)?;
        Ok(value)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

fn fetch_file(path: &Path, fields: &[&str]) -> Result<Credential, Error> {
    let (content, warning) = file::read(path)?;
    let check = |member: Option<&str>, value: &SecretString| {
        value::check(value.expose_secret()).map_err(|problem| Error::FileUnusable {
            path: path.to_owned(),
            member: member.map(str::to_owned),
            problem,
        })
    };
    let mut values = BTreeMap::new();
    match content {
        Content::Unnamed(value) => {
            check(None, &value)?;
            let [field] = fields else {
                return Err(Error::FieldMissing {
                    field: fields.first().copied().unwrap_or_default().to_owned(),
                    store: describe(path),
                    available: Vec::new(),
                });
            };
            values.insert((*field).to_owned(), value);
        }
        Content::Named(members) => {
            let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            for &field in fields {
                let index = choose(field, fields.len(), &names, || describe(path))?;
                let (name, value) = &members[index];
                check(Some(name), value)?;
                values.insert(field.to_owned(), value.clone());
            }
        }
    }
    Ok(Credential::new(values, warning.into_iter().collect()))
}

fn describe(path: &Path) -> String {
    format!("credential file {}", path.display())
}

/// The index of the one value that fills `field`.
fn choose(
    field: &str,
    fields: usize,
    names: &[&str],
    store: impl FnOnce() -> String,
) -> Result<usize, Error> {
    match matching::find(field, fields, names) {
        Match::One(index) => Ok(index),
        Match::None => Err(Error::FieldMissing {
            field: field.to_owned(),
            store: store(),
            available: names.iter().map(|&name| name.to_owned()).collect(),
        }),
        Match::Several(indexes) => Err(Error::FieldAmbiguous {
            field: field.to_owned(),
            store: store(),
            candidates: indexes
                .into_iter()
                .map(|index| names[index].to_owned())
                .collect(),
        }),
    }
}

#[cfg(test)]
mod tests;
