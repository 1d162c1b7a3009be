//! `wharf init`: a workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::Timestamp;
use wharf_workspace::{Workspace, settings};

use super::new;
use crate::installation::speaks_http;
use crate::output;
use crate::read::ensure_folder_or_nothing;
use crate::shell;
use crate::workspace;

/// The line that keeps the state out of version control.
const IGNORED: &str = "/.wharf/";

/// Make a workspace: a folder with settings, ready for documents.
///
/// Writes `wharf.toml`, in which every setting stands as a comment, and a `.gitignore` for the
/// folder that `wharf up` keeps its state in. Nothing that is there already is changed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf init                                a workspace in this folder
  wharf init integrations --with stripe --with slack

Exit codes: 0 made, 2 not made.")]
pub(crate) struct Arguments {
    /// Folder of the workspace; it is made where it is not there.
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,

    /// Begin with this document of the catalog; may be given again.
    #[arg(long, value_name = "CATALOG-ID")]
    with: Vec<String>,
}

/// Makes the workspace; prints the files that it made.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let dir = &arguments.dir;
    let files = files(arguments, Timestamp::now())?;
    // Everything is looked at before anything is written.
    for (path, _) in &files {
        ensure!(
            path.symlink_metadata().is_err(),
            "{} is there already; nothing was changed",
            path.display()
        );
    }
    fs::create_dir_all(dir)
        .with_context(|| format!("cannot make {}; check who may write there", dir.display()))?;
    for (path, text) in &files {
        new::create(path, text)?;
        output::foreign(&format!("{}\n", path.display()))?;
    }
    if let Some(note) = ignore(dir)? {
        output::note(&note);
    }
    for line in next_steps(arguments, &workspace::load(dir)?) {
        output::note(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is written, apart from `.gitignore`.
fn files(arguments: &Arguments, now: Timestamp) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let dir = &arguments.dir;
    ensure_folder_or_nothing(dir)?;
    let settings = dir.join(settings::FILE_NAME);
    ensure!(
        settings.symlink_metadata().is_err(),
        "{} is a workspace already: it has a {}; nothing was changed",
        dir.display(),
        settings::FILE_NAME
    );
    let mut files = vec![(settings, settings::EXAMPLE.to_owned())];
    let mut ids: Vec<&String> = arguments.with.iter().collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        let entry = new::from_catalog(id)?;
        let path = dir.join(format!("{}.md", entry.id));
        let id = new::id_of(entry.id)?;
        files.push((path, new::copy(entry, &id, None, now)));
        files.extend(new::examples_beside(dir, entry, &id));
    }
    Ok(files)
}

/// Keeps the state out of version control. A file that is there already is not changed; what to
/// add to it is told instead.
fn ignore(dir: &Path) -> anyhow::Result<Option<String>> {
    let path = dir.join(".gitignore");
    if path.symlink_metadata().is_err() {
        let text = format!(
            "# What `wharf up` keeps: callers and the last good documents. Not for version control.\n{IGNORED}\n"
        );
        new::create(&path, &text)?;
        output::foreign(&format!("{}\n", path.display()))?;
        return Ok(None);
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let has_it = text
        .lines()
        .any(|line| line.trim().trim_matches('/') == IGNORED.trim_matches('/'));
    Ok((!has_it).then(|| format!("Add `{IGNORED}` to {}.", path.display())))
}

fn next_steps(arguments: &Arguments, workspace: &Workspace) -> Vec<String> {
    let dir = shell::argument(&arguments.dir, "");
    let option = shell::argument(&arguments.dir, "--dir");
    let mut steps = Vec::new();
    let mut step = |command: String, what: &'static str| steps.push((command, what));
    if arguments.with.is_empty() {
        step(
            format!("wharf new NAME{option}"),
            "write a document; `wharf new --list` shows the catalog",
        );
    }
    step(format!("wharf check{dir}"), "find what is missing or wrong");
    let first = workspace.integrations().next();
    match first {
        // Nothing of it is called through the gateway.
        Some(first) if !workspace.integrations().any(speaks_http) => step(
            format!("wharf show {}{option}", first.id),
            "where its clients connect",
        ),
        _ => {
            step(
                format!("wharf up{dir} --simulate"),
                "try it without any vendor",
            );
            step(
                format!("wharf callers add NAME{option}"),
                "a token for an application",
            );
            step(format!("wharf up{dir}"), "serve the real vendors");
        }
    }
    let lengths = steps.iter().map(|(command, _)| command.chars().count());
    let width = lengths.max().unwrap_or_default();
    let lines = steps
        .iter()
        .map(|(command, what)| format!("  {command:<width$}  {what}"));
    std::iter::once("Next:".to_owned()).chain(lines).collect()
}
