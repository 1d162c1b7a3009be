//! What a store is asked for: variables and paths, and what they lead to.

use std::borrow::Cow;
use std::slice::from_ref;

use wharf_diag::Spanned;

use crate::model::CredentialStore;

/// What a name leads to: `keys/acme`, `./keys/acme` and `keys//acme` are one file, and slashes at
/// the ends of a path of Vault mean nothing.
pub(crate) fn place<'a>(store: &str, name: &'a str) -> Cow<'a, str> {
    match store {
        "file" => Cow::Owned(steps(name).join("/")),
        "vault" => Cow::Borrowed(name.trim_matches('/')),
        _ => Cow::Borrowed(name),
    }
}

/// What a store is asked for, with a word for the store.
pub(crate) fn names(
    store: &CredentialStore,
) -> impl Iterator<Item = (&'static str, &Spanned<String>)> {
    let (word, names) = match store {
        CredentialStore::EnvVariables { variables } => ("variable", variables.as_slice()),
        CredentialStore::AwsSecretsManager { path } => ("aws", from_ref(path)),
        CredentialStore::HashicorpVault { path } => ("vault", from_ref(path)),
        CredentialStore::File { path } => ("file", from_ref(path)),
    };
    names.iter().map(move |name| (word, name))
}

/// The steps of a path without `.` and without a `..` that leads back; an absolute one starts
/// with an empty step.
pub(crate) fn steps(path: &str) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    for (index, step) in path.split('/').enumerate() {
        match step {
            "" if index == 0 && path.starts_with('/') => kept.push(""),
            "" | "." => {}
            ".." => match kept.last() {
                // Nothing is above the root.
                Some(&"") => {}
                Some(&"..") | None => kept.push(".."),
                Some(_) => {
                    kept.pop();
                }
            },
            step => kept.push(step),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
