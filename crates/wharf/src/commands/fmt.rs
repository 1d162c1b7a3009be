//! `wharf fmt`: the canonical layout of documents.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use wharf_diag::{Colour, Hidden, SourceText, to_diff};
use wharf_document::IntegrationId;
use wharf_workspace::LARGEST_FILE_BYTES;

use crate::COULD_NOT_RUN;
use crate::output;
use crate::replace::replace;
use crate::settings;
use crate::workspace::{self, TextFile};

/// Exit code of `--check` and `--diff` when something would change.
const WOULD_CHANGE: u8 = 1;

/// Align the tables of documents and order their frontmatter.
///
/// Prose, lists and code blocks stay as they are. In a folder only integration documents are
/// written, and none that `[check] exclude` of wharf.toml names; a file that is named is written
/// whatever it is. Exit codes: 0 done, 1 something would
/// change (`--check`, `--diff`), 2 something could not be read or written.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folders and files to format; `-` reads standard input and writes standard output.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write nothing; list the files that would change.
    #[arg(long)]
    check: bool,

    /// Write nothing; show what would change. Credentials are masked.
    #[arg(long)]
    diff: bool,
}

/// Runs the command; the exit code is part of its interface.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.paths.iter().any(|path| path == Path::new("-")) {
        if arguments.paths.len() > 1 {
            bail!("`-` stands for standard input and cannot be combined with paths");
        }
        return standard_input(arguments);
    }
    let rules: Vec<_> = arguments
        .paths
        .iter()
        .map(|path| Ok((path.as_path(), settings::rules_of(path)?)))
        .collect::<anyhow::Result<_>>()?;
    // What is not checked is somebody else's to lay out.
    let is_kept = |given: &Path, path: &Path| {
        let mut rules = rules.iter().filter(|(of, _)| *of == given);
        !rules.any(|(_, rules)| settings::excludes(rules, path))
    };
    let (texts, problems) = workspace::texts(&arguments.paths, &is_kept)?;
    let mut could_not_run = !problems.is_empty();
    for problem in &problems {
        output::note(&format!("error: {problem}"));
    }
    if texts.is_empty() && problems.is_empty() {
        bail!(
            "no integration document there; a document is a .md file whose frontmatter says \
             `type: tool` and `subtype: integration`"
        );
    }
    let (mut changed, mut shown) = (0, String::new());
    for file in &texts {
        let Some(after) = formatted(&file.text) else {
            continue;
        };
        if arguments.check || arguments.diff {
            shown += &preview(arguments, file, &after);
        } else if let Err(error) = replace(&file.path, &file.text, &after) {
            output::note(&format!("error: {}: {error}", file.name));
            could_not_run = true;
            continue;
        }
        changed += 1;
    }
    output::foreign(&shown)?;
    output::note(&summary(arguments, changed, texts.len()));
    Ok(exit_code(arguments, could_not_run, changed > 0))
}

fn standard_input(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut text = String::new();
    let mut input = io::stdin().lock().take(LARGEST_FILE_BYTES + 1);
    if let Err(error) = input.read_to_string(&mut text) {
        bail!("standard input cannot be read: {error}");
    }
    if text.len() as u64 > LARGEST_FILE_BYTES {
        bail!(
            "standard input is larger than {} MiB",
            LARGEST_FILE_BYTES / 1024 / 1024
        );
    }
    let after = formatted(&text);
    let is_changed = after.is_some();
    let file = TextFile {
        path: PathBuf::from("-"),
        name: "-".to_owned(),
        text,
    };
    if arguments.check || arguments.diff {
        let after = after.map(|after| preview(arguments, &file, &after));
        output::foreign(&after.unwrap_or_default())?;
    } else {
        output::data(after.as_ref().unwrap_or(&file.text))?;
    }
    Ok(exit_code(arguments, false, is_changed))
}

/// The text in its canonical layout, where that is another.
fn formatted(text: &str) -> Option<String> {
    let edits = wharf_document::format(text);
    (!edits.is_empty()).then(|| wharf_document::apply(text, &edits))
}

/// What `--check` and `--diff` say about a file that would change.
fn preview(arguments: &Arguments, file: &TextFile, after: &str) -> String {
    if arguments.diff {
        diff(&file.name, &file.text, after)
    } else {
        format!("{}\n", file.name)
    }
}

/// A unified diff in which no credential is shown.
fn diff(name: &str, before: &str, after: &str) -> String {
    let Some(id) = IntegrationId::new("document") else {
        return String::new();
    };
    let source = |text: &str| Arc::new(SourceText::new(name, text));
    let (before, after) = (source(before), source(after));
    let found = [&before, &after].map(|source| wharf_document::load(&id, source).diagnostics);
    let hidden = Hidden::of(found.iter().flatten());
    to_diff(&before, &after, &hidden, Colour::Never)
}

fn summary(arguments: &Arguments, changed: usize, all: usize) -> String {
    let ending = if all == 1 { "" } else { "s" };
    let done = if arguments.check || arguments.diff {
        "would change"
    } else {
        "changed"
    };
    format!("{changed} of {all} file{ending} {done}")
}

fn exit_code(arguments: &Arguments, could_not_run: bool, is_changed: bool) -> ExitCode {
    let only_looks = arguments.check || arguments.diff;
    match (could_not_run, only_looks && is_changed) {
        (true, _) => ExitCode::from(COULD_NOT_RUN),
        (false, true) => ExitCode::from(WOULD_CHANGE),
        (false, false) => ExitCode::SUCCESS,
    }
}
