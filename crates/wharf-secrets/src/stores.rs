//! Places where credentials are kept, one file each.

pub(crate) mod env;
pub(crate) mod file;

use std::path::Path;

use wharf_document::fill_fields;
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::error::Error;
use crate::variables::Variables;

/// Reads the values of `fields`, sorted and each once, from where a document keeps them.
///
/// `locate` gives the file behind a path of a document, or why it must not be read.
pub(crate) fn fetch(
    store: &CredentialStore,
    fields: &[&str],
    variables: &dyn Variables,
    locate: impl Fn(&Path) -> Result<std::path::PathBuf, Error>,
) -> Result<Credential, Error> {
    match store {
        CredentialStore::EnvVariables { variables: names } => {
            let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
            env::fetch(variables, &names, fields)
        }
        CredentialStore::File { path } => file::fetch(&locate(Path::new(&path.value))?, fields),
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
