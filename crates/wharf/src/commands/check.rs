//! `wharf check`: what is missing or wrong in documents.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use wharf_diag::{Colour, Counts, Diagnostic, Severity};

use crate::output;
use crate::workspace::Workspace;

/// Exit code when there are findings.
const FINDINGS: u8 = 1;

/// Exit code when not everything could be checked.
const COULD_NOT_RUN: u8 = 2;

/// Check integration documents.
///
/// Findings go to standard output, the summary to standard error. Exit codes: 0 clean or only
/// infos, 1 errors or warnings (only errors with `--severity error`), 2 something could not be
/// read, or there is no document.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Folders and documents to check.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Least severity that is shown.
    #[arg(long, value_enum, default_value_t = Least::Warning)]
    severity: Least,

    /// When to use colours. `auto`: on a terminal, unless `NO_COLOR` is set.
    #[arg(long, visible_alias = "colour", value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Messages with code frames.
    Text,
    /// One JSON object.
    Json,
}

/// Least severity that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// The program cannot do what the document says.
    Error,
    /// The document works, but not as its author would want.
    Warning,
    /// Worth knowing.
    Info,
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// Runs the command; the exit code is part of its interface.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let report = check(arguments, colour(arguments.color))?;
    output::data(&report.output)?;
    for note in &report.notes {
        output::note(note);
    }
    Ok(ExitCode::from(report.exit_code))
}

/// What the command says.
struct Report {
    /// For standard output.
    output: String,
    /// Lines for standard error.
    notes: Vec<String>,
    exit_code: u8,
}

fn check(arguments: &Arguments, colour: Colour) -> anyhow::Result<Report> {
    let mut workspace = Workspace::load_all(&arguments.paths)?;
    workspace.check_descriptions();
    let least = arguments.severity.severity();
    let shown = || {
        let all = workspace.all_diagnostics();
        all.filter(move |diagnostic| diagnostic.severity >= least)
    };
    let counts = Counts::of(workspace.all_diagnostics());
    let output = match arguments.format {
        Format::Text => wharf_diag::to_text(shown(), workspace.all_diagnostics(), colour),
        Format::Json => json(&workspace, shown(), counts)?,
    };
    let mut notes: Vec<_> = workspace
        .problems
        .iter()
        .map(|problem| format!("error: {problem}"))
        .collect();
    if workspace.documents.is_empty() {
        if workspace.problems.is_empty() {
            notes.push(nothing_found(&arguments.paths));
        }
    } else {
        notes.push(summary(&workspace, counts, least));
    }
    let could_not_run = workspace.documents.is_empty() || !workspace.problems.is_empty();
    let has_findings = counts.errors > 0 || counts.warnings > 0 && least <= Severity::Warning;
    let exit_code = match (could_not_run, has_findings) {
        (true, _) => COULD_NOT_RUN,
        (false, true) => FINDINGS,
        (false, false) => 0,
    };
    Ok(Report {
        output,
        notes,
        exit_code,
    })
}

fn json<'a>(
    workspace: &Workspace,
    shown: impl Iterator<Item = &'a Diagnostic>,
    counts: Counts,
) -> anyhow::Result<String> {
    let files: Vec<_> = workspace
        .integrations()
        .map(|integration| integration.source.name())
        .collect();
    let problems: Vec<_> = workspace
        .problems
        .iter()
        .map(|problem| wharf_diag::Problem {
            file: problem.name.clone(),
            message: problem.message.clone(),
        })
        .collect();
    Ok(wharf_diag::to_json(&files, shown, counts, &problems)?)
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

fn summary(workspace: &Workspace, counts: Counts, least: Severity) -> String {
    let mut summary = format!(
        "{}, {} in {}",
        counted(counts.errors, "error"),
        counted(counts.warnings, "warning"),
        counted(workspace.documents.len(), "document"),
    );
    let left_out: usize = workspace
        .documents
        .iter()
        .map(|document| document.loaded.left_out)
        .sum();
    if left_out > 0 {
        let findings = counted(left_out, "finding");
        summary += &format!("; {findings} past the first of each document left out");
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

/// Colours are for terminals, and `NO_COLOR` (any value but an empty one) turns them off.
fn colour(when: When) -> Colour {
    let is_wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => output::takes_colour(&std::io::stdout()),
    };
    if is_wanted {
        Colour::Always
    } else {
        Colour::Never
    }
}

#[cfg(test)]
mod tests;
