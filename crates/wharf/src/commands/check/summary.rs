//! The lines for people on standard error: what was done, what is left, what could be done.

use std::path::PathBuf;

use wharf_diag::{Applicability, Counts, Fixed, Severity};
use wharf_workspace::Workspace;

use super::Arguments;
use super::findings::Checked;
use super::fix::Change;

pub(super) fn list_fixed(changes: &[Change]) -> impl Iterator<Item = &Fixed> {
    changes.iter().flat_map(|change| &change.fixed)
}

/// How much was fixed, where anything was.
pub(super) fn tell_done(verb: &str, changes: &[Change]) -> Vec<String> {
    let count = list_fixed(changes).count();
    if count == 0 {
        return Vec::new();
    }
    let (findings, documents) = (
        counted(count, "finding"),
        counted(changes.len(), "document"),
    );
    vec![format!("{verb} {findings} in {documents}")]
}

/// Problems, and how many findings there are.
pub(super) fn summarise(arguments: &Arguments, checked: &Checked, counts: Counts) -> Vec<String> {
    let workspace = &checked.workspace;
    let mut notes: Vec<_> = workspace
        .unreadable
        .iter()
        .map(|file| format!("error: {file}"))
        .collect();
    if !workspace.documents.is_empty() {
        notes.push(total(workspace, counts, arguments.severity.severity()));
        let is_all_done = arguments.diff || arguments.fix && arguments.with_unsafe;
        if !is_all_done {
            notes.extend(can_be_fixed(workspace));
        }
    } else if notes.is_empty() {
        notes.push(nothing_found(&arguments.paths));
    }
    notes
}

/// What `--fix` would do.
fn can_be_fixed(workspace: &Workspace) -> Option<String> {
    let fixes = || {
        workspace
            .all_diagnostics()
            .filter_map(|found| found.fix.as_ref())
    };
    let safe = fixes()
        .filter(|fix| fix.applicability == Applicability::Safe)
        .count();
    match (safe, fixes().count() - safe) {
        (0, 0) => None,
        (safe, 0) => Some(format!(
            "{} can be fixed with --fix",
            counted(safe, "finding")
        )),
        (0, rest) => Some(format!(
            "{} can be fixed with --fix --unsafe; look first with --diff --unsafe",
            counted(rest, "finding")
        )),
        (safe, rest) => Some(format!(
            "{} can be fixed with --fix, {rest} more with --fix --unsafe",
            counted(safe, "finding")
        )),
    }
}

fn nothing_found(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    format!(
        "error: no integration document in {}; a document is a .md file whose frontmatter says \
         `type: tool` and `subtype: integration`",
        paths.join(", ")
    )
}

fn total(workspace: &Workspace, counts: Counts, least: Severity) -> String {
    let mut summary = format!(
        "{}, {} in {}",
        counted(counts.errors, "error"),
        counted(counts.warnings, "warning"),
        counted(workspace.documents.len(), "document"),
    );
    let left_out: usize = workspace
        .documents
        .iter()
        .map(|document| document.left_out)
        .sum();
    if left_out > 0 {
        let findings = counted(left_out, "finding");
        summary += &format!("; {findings} past the first of each document left out");
    }
    if !workspace.suppressed.is_empty() {
        let suppressed = counted(workspace.suppressed.len(), "finding");
        summary += &format!("; {suppressed} left out by comments");
    }
    if counts.infos > 0 && least > Severity::Info {
        let infos = counted(counts.infos, "info");
        summary += &format!("; {infos} not shown, see --severity info");
    }
    summary
}

fn counted(count: usize, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {word}{ending}")
}
