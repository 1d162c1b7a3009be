//! `wharf index`: an `INDEX.md` of a workspace, and whether it is current.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::Args;
use wharf_diag::{Colour, Diagnostic, Hidden, SourceText};
use wharf_document::{IndexEntry, check_index, is_index, render_index};
use wharf_workspace::{Around, LARGEST_FILE_BYTES, Workspace};

use crate::COULD_NOT_RUN;
use crate::installation;
use crate::output;
use crate::redact::Redaction;
use crate::replace::replace;
use crate::settings;
use crate::shell;
use crate::workspace::{self, ensure_folder};

/// The file's name, at the root of a workspace.
const FILE_NAME: &str = "INDEX.md";

/// Exit code when the index is not current.
const STALE: u8 = 1;

/// Write INDEX.md: the documents by category, with links, purposes, criticality and owners.
///
/// Made twice from the same documents, the file is the same to the byte. `wharf check` reports an
/// index that is not current. Documents that `wharf check` excludes are left out. An INDEX.md that
/// was not made by this command stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf index integrations
  wharf index --check                       for continuous integration; writes nothing

Exit codes: 0 written or current, 1 not current (--check), 2 could not run.")]
pub(crate) struct Arguments {
    /// The workspace [default: the current folder, where it is one].
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Write nothing; tell whether the index is current.
    #[arg(long)]
    check: bool,
}

/// Writes or checks the index.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let root = arguments.dir.clone().or_else(installation::at_hand);
    let root = root.context(installation::NONE_AT_HAND)?;
    ensure!(
        !root.is_file(),
        "{} is a file; give the folder that holds the documents",
        root.display()
    );
    ensure_folder(&root)?;
    let rules = settings::rules_of(&root)?;
    // What is not checked is not ready to be found either.
    let is_kept = |_: &Path, path: &Path| !settings::excludes(&rules, path);
    let workspace = &workspace::load_all(std::slice::from_ref(&root), Around::default(), &is_kept);
    ensure!(
        !workspace.documents.is_empty() || !workspace.unreadable.is_empty(),
        "there is no integration document in {}; give the folder that holds the documents",
        root.display()
    );
    for problem in &workspace.unreadable {
        output::note(&format!("error: {problem}"));
    }
    let path = root.join(FILE_NAME);
    let old = read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if arguments.check {
        return check(workspace, &path, &root, old);
    }
    ensure!(
        workspace.unreadable.is_empty(),
        "{} was not written, since not every document could be read",
        path.display()
    );
    ensure!(old.as_deref().is_none_or(is_index), foreign(&path, &root));
    let hidden = Redaction::of(workspace)?;
    let documents = entries(&root, workspace);
    let text = render_index(&as_entries(&documents), hidden.words());
    if old.as_deref() == Some(text.as_str()) {
        output::note(&format!("{} is current.", path.display()));
    } else {
        write(&path, old.as_deref(), &text)?;
        output::note(&format!("{} is written.", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What to do about a file that stands where the index would.
fn foreign(path: &Path, root: &Path) -> String {
    format!(
        "{} was not made by this command, so it stays as it is; give it another name, and \
         `wharf index{}` makes one",
        path.display(),
        shell::argument(root, "")
    )
}

fn check(
    workspace: &Workspace,
    path: &Path,
    root: &Path,
    old: Option<String>,
) -> anyhow::Result<ExitCode> {
    if !workspace.unreadable.is_empty() {
        return Ok(ExitCode::from(COULD_NOT_RUN));
    }
    let Some(old) = old else {
        output::note(&format!(
            "{} is not there; `wharf index{}` makes it",
            path.display(),
            shell::argument(root, "")
        ));
        return Ok(ExitCode::from(STALE));
    };
    if !is_index(&old) {
        output::note(&foreign(path, root));
        return Ok(ExitCode::from(STALE));
    }
    let name = path.display().to_string();
    let Some(found) = finding(root, name, old, workspace) else {
        output::note(&format!("{} is current.", path.display()));
        return Ok(ExitCode::SUCCESS);
    };
    let colour = Colour::wanted(output::takes_colour(&io::stdout()));
    let hidden = Hidden::of(workspace.hiding().chain([&found]));
    output::data(&wharf_diag::to_text([&found], &hidden, colour))?;
    Ok(ExitCode::from(STALE))
}

/// What is wrong with the index of a folder that is checked.
pub(super) fn stale(folder: &Path, workspace: &Workspace) -> Option<Diagnostic> {
    let path = folder.join(FILE_NAME);
    if !folder.is_dir() {
        return None;
    }
    // What cannot be read is no index that the program made.
    let text = read(&path).ok().flatten()?;
    let name = path.strip_prefix(".").unwrap_or(&path);
    finding(folder, name.display().to_string(), text, workspace)
}

fn finding(root: &Path, name: String, text: String, workspace: &Workspace) -> Option<Diagnostic> {
    if !is_index(&text) {
        return None;
    }
    let documents = entries(root, workspace);
    // Where secrets cannot be kept out of an index, none is made, and none is compared.
    let hidden = Redaction::of(workspace).ok()?;
    let source = Arc::new(SourceText::new(name, text));
    check_index(&source, &as_entries(&documents), hidden.words())
}

/// The documents below a folder, with their paths from there.
fn entries<'a>(
    root: &Path,
    workspace: &'a Workspace,
) -> Vec<(String, &'a wharf_document::Integration)> {
    let documents = workspace.documents.iter();
    let below = documents.filter_map(|document| {
        let path = document.path.strip_prefix(root).ok()?;
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        Some((parts.join("/"), document.integration.as_deref()?))
    });
    below.collect()
}

fn as_entries<'a>(
    documents: &'a [(String, &'a wharf_document::Integration)],
) -> Vec<IndexEntry<'a>> {
    let entry = |(path, integration): &'a (String, &'a wharf_document::Integration)| IndexEntry {
        path,
        integration,
    };
    documents.iter().map(entry).collect()
}

/// The text of an index; `None` where there is none. What is no text is nobody's index.
fn read(path: &Path) -> io::Result<Option<String>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if !metadata.is_file() || metadata.len() > LARGEST_FILE_BYTES {
        return Ok(Some(String::new()));
    }
    let bytes = fs::read(path)?;
    Ok(Some(String::from_utf8(bytes).unwrap_or_default()))
}

fn write(path: &Path, old: Option<&str>, new: &str) -> anyhow::Result<()> {
    match old {
        Some(old) => replace(path, old, new).with_context(|| path.display().to_string()),
        None => super::new::create(path, new),
    }
}
