//! From a credential reference of a document to the credential itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use wharf_document::fill_fields;
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::error::Error;
use crate::file::{self, Content, Stamp};
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
        for (field, name) in assign(fields, names, || "the variables of this environment".into())? {
            values.insert(field.to_owned(), self.variable(name)?);
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
    let store = || format!("credential file {}", path.display());
    let checked = |member: Option<&str>, value: &SecretString| {
        value::check(value.expose_secret())
            .map(|()| value.clone())
            .map_err(|problem| Error::FileUnusable {
                path: path.to_owned(),
                member: member.map(str::to_owned),
                problem,
            })
    };
    let mut values = BTreeMap::new();
    match content {
        Content::Unnamed(value) => {
            let value = checked(None, &value)?;
            if let Some(&field) = fields.get(1) {
                return Err(missing(field, &store(), &[]));
            }
            values.extend(
                fields
                    .iter()
                    .map(|&field| (field.to_owned(), value.clone())),
            );
        }
        Content::Named(members) => {
            let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            for (field, name) in assign(fields, &names, store)? {
                let member = members.iter().find(|(known, _)| known == name);
                if let Some((_, value)) = member {
                    values.insert(field.to_owned(), checked(Some(name), value)?);
                }
            }
        }
    }
    Ok(Credential::new(values, warning.into_iter().collect()))
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

#[cfg(test)]
mod tests;
