//! WH223: a credential file outside the workspace and every folder that the settings list.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::model::{CredentialStore, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH223",
    slug: "credential-outside",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("credential_outside.md"),
};

/// Looks at the paths as they are written; links are followed when the files are read.
/// `folders` are those of the settings: absolute, or relative to the workspace.
pub(crate) fn check(integration: &Integration, folders: Option<&[String]>) -> Vec<Diagnostic> {
    let allowed: Vec<_> = folders
        .iter()
        .copied()
        .flatten()
        .map(|f| plain(f))
        .collect();
    let files = integration.credentials.iter().filter_map(|credential| {
        let CredentialStore::File { path } = &credential.store.value else {
            return None;
        };
        let steps = plain(&path.value);
        let is_inside = steps
            .first()
            .is_none_or(|first| !matches!(*first, "" | ".."));
        let is_listed = allowed.iter().any(|folder| steps.starts_with(folder));
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

/// The steps of a path without `.` and without a `..` that leads back; an absolute one starts
/// with an empty step.
pub(super) fn plain(path: &str) -> Vec<&str> {
    let mut steps: Vec<&str> = Vec::new();
    for (index, step) in path.split('/').enumerate() {
        match step {
            "" if index == 0 && path.starts_with('/') => steps.push(""),
            "" | "." => {}
            ".." => match steps.last() {
                // Nothing is above the root.
                Some(&"") => {}
                Some(&"..") | None => steps.push(".."),
                Some(_) => {
                    steps.pop();
                }
            },
            step => steps.push(step),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn paths_are_compared_by_where_they_lead() {
        for (path, expected) in [
            ("keys/a", vec!["keys", "a"]),
            ("./keys//a", vec!["keys", "a"]),
            ("keys/../a", vec!["a"]),
            ("keys/../../a", vec!["..", "a"]),
            ("/run/../../etc/a", vec!["", "etc", "a"]),
            ("../../etc", vec!["..", "..", "etc"]),
        ] {
            assert_eq!(plain(path), expected, "{path}");
        }
    }
}
