//! WH220: two environments use one credential.

use std::borrow::Cow;
use std::collections::HashMap;
use std::slice::from_ref;

use wharf_diag::{Code, Diagnostic, Page, Severity, Span, Spanned};

use super::credential_outside::plain;
use crate::lower::Context;
use crate::model::{CredentialStore, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH220",
    slug: "credential-shared",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_shared.md"),
};

/// Compares variables and paths of all entries of Credential Storage.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let mut first_of: HashMap<(&str, Cow<'_, str>), (Span, &str)> = HashMap::new();
    for credential in &integration.credentials {
        let environment = credential.environment.value.as_str();
        for (store, name) in names(&credential.store.value) {
            let key = (store, place(store, &name.value));
            let Some((first, other)) = first_of.get(&key).copied() else {
                first_of.insert(key, (name.span, environment));
                continue;
            };
            if other.eq_ignore_ascii_case(environment) {
                continue;
            }
            let message = format!(
                "`{environment}` and `{other}` use one credential, `{}`",
                name.value
            );
            let diagnostic =
                Diagnostic::new(CODE, Severity::Error, message, context.source, name.span)
                    .with_label(format!("of `{environment}`"))
                    .with_secondary(context.source, first, format!("of `{other}`"))
                    .with_help("give each environment a credential of its own");
            context.report(diagnostic);
        }
    }
}

/// What a name leads to: `keys/acme`, `./keys/acme` and `keys//acme` are one file, and slashes at
/// the ends of a path of Vault mean nothing.
pub(super) fn place<'a>(store: &str, name: &'a str) -> Cow<'a, str> {
    match store {
        "file" => Cow::Owned(plain(name).join("/")),
        "vault" => Cow::Borrowed(name.trim_matches('/')),
        _ => Cow::Borrowed(name),
    }
}

/// What a store is asked for, with a word for the store.
pub(super) fn names(
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
