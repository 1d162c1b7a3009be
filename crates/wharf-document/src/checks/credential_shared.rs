//! WH220: two environments use one credential.

use std::collections::HashMap;

use wharf_diag::{Code, Diagnostic, Page, Severity, Span};

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
    let mut first_of: HashMap<(&str, String), (Span, &str)> = HashMap::new();
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
pub(super) fn place(store: &str, name: &str) -> String {
    match store {
        "file" => plain(name).join("/"),
        "vault" => name.trim_matches('/').to_owned(),
        _ => name.to_owned(),
    }
}

/// What a store is asked for, with a word for the store.
pub(super) fn names(store: &CredentialStore) -> Vec<(&'static str, &wharf_diag::Spanned<String>)> {
    match store {
        CredentialStore::EnvVariables { variables } => {
            variables.iter().map(|name| ("variable", name)).collect()
        }
        CredentialStore::AwsSecretsManager { path } => vec![("aws", path)],
        CredentialStore::HashicorpVault { path } => vec![("vault", path)],
        CredentialStore::File { path } => vec![("file", path)],
    }
}
