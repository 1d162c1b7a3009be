//! What is left to do with a new document.

use std::collections::BTreeSet;
use std::path::Path;

use wharf_diag::Severity;
use wharf_document::model::CredentialStore;
use wharf_document::{Integration, IntegrationId};
use wharf_workspace::Workspace;

use crate::installation;
use crate::shell;
use crate::workspace;

/// What to do first: only what there is to do.
fn first_step(id: &IntegrationId, dir: &Path, workspace: &Workspace) -> Option<String> {
    let documents = &workspace.documents;
    let (new, found) = documents.iter().find_map(|document| {
        let new = document.integration.as_ref()?;
        (new.id == *id).then_some((new, &document.diagnostics))
    })?;
    let shown_dir = shell::argument(dir, "");
    let lists = |least| found.iter().any(|found| found.severity >= least);
    let fill_in = if lists(Severity::Warning) {
        Some(format!("fill in what `wharf check{shown_dir}` lists"))
    } else if lists(Severity::Info) {
        Some(format!(
            "fill in what `wharf check{shown_dir} --severity info` lists"
        ))
    } else {
        None
    };
    let try_it = if installation::speaks_http(new) {
        format!("try it with `wharf up{shown_dir} --simulate`")
    } else {
        let option = shell::argument(dir, "--dir");
        format!("tell its clients where it is, as `wharf show {id}{option}` does")
    };
    let steps: Vec<_> = fill_in.into_iter().chain([try_it]).collect();
    Some(format!("Next: {}.", steps.join(", then ")))
}

/// What to do with a new document.
pub(super) fn next_steps(id: &IntegrationId, dir: &Path) -> Vec<String> {
    let Ok(workspace) = workspace::load(dir) else {
        return Vec::new();
    };
    let mut lines: Vec<_> = first_step(id, dir, &workspace).into_iter().collect();
    let known: Vec<_> = workspace.integrations().map(|found| &found.id).collect();
    let new = workspace.integrations().find(|found| found.id == *id);
    let mut missing: Vec<_> = new
        .map(wharf_document::named_ids)
        .unwrap_or_default()
        .into_iter()
        .map(|(named, _)| named.as_str())
        .filter(|named| !known.iter().any(|id| id.as_str() == *named))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    lines.extend(new.and_then(|new| shared_with(new, &workspace)));
    for named in missing {
        lines.push(format!(
            "It names {named}, which has no document here: make one, or take the name out."
        ));
    }
    lines
}

/// Says which variables a document has in common with others.
fn shared_with(new: &Integration, workspace: &Workspace) -> Option<String> {
    let own = variables(new);
    let others = workspace.integrations().filter(|other| other.id != new.id);
    let sharing = others.filter_map(|other| {
        let theirs = variables(other);
        let shared: Vec<_> = own.intersection(&theirs).copied().collect();
        (!shared.is_empty()).then(|| format!("{} with {}", shared.join(", "), other.id))
    });
    let sharing: Vec<_> = sharing.collect();
    (!sharing.is_empty()).then(|| {
        format!(
            "It shares {}: give it variables of its own where it has another account.",
            sharing.join("; ")
        )
    })
}

fn variables(integration: &Integration) -> BTreeSet<&str> {
    let stores = integration.credentials.iter().map(|found| &found.store);
    stores
        .filter_map(|store| match &store.value {
            CredentialStore::EnvVariables { variables } => Some(variables),
            _ => None,
        })
        .flatten()
        .map(|name| name.value.as_str())
        .collect()
}
