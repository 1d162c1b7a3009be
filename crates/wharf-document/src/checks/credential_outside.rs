//! WH223: a credential file outside the workspace and every folder that the settings list.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::credential::steps;
use crate::model::{CredentialStore, Integration};
use crate::together::Surroundings;

pub(crate) const CODE: Code = Code {
    id: "WH223",
    slug: "credential-outside",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_outside.md"),
};

/// Looks at the paths as they are written; links are followed when the files are read.
/// Folders of the settings are absolute, or relative to the workspace.
pub(super) fn check(integration: &Integration, around: &Surroundings) -> Vec<Diagnostic> {
    let folders = around.secret_folders.as_deref();
    let allowed: Vec<_> = folders
        .iter()
        .copied()
        .flatten()
        .map(|folder| steps(folder))
        .collect();
    let files = integration.credentials.iter().filter_map(|credential| {
        let CredentialStore::File { path } = &credential.store.value else {
            return None;
        };
        let path_steps = steps(&path.value);
        let is_inside = path_steps
            .first()
            .is_none_or(|first| !matches!(*first, "" | ".."));
        let is_listed = allowed.iter().any(|folder| path_steps.starts_with(folder));
        (!is_inside && !is_listed).then_some(path)
    });
    files
        .map(|path| {
            let message = format!("the file `{}` is outside the workspace", path.value);
            let help = if folders.is_some() {
                "it is not read: move the file, or add its folder to `[secrets] folders` in wharf.toml"
            } else {
                "list the folders that credentials may come from: `[secrets] folders` in wharf.toml"
            };
            Diagnostic::new(
                CODE,
                Severity::Warning,
                message,
                &integration.source,
                path.span,
            )
            .with_help(help)
        })
        .collect()
}
