//! Writes what is found in the form that was asked for.

use std::io::{self, Write};

use wharf_diag::{Colour, Counts, Diagnostic, Hidden, Report, SuppressedFinding, Tool};
use wharf_workspace::Workspace;

use super::findings::Checked;
use super::fix::Change;
use super::summary::{list_fixed, summarise};
use super::{Arguments, Format, Said, choose_exit_code};

/// Findings that are shown with a frame. Nobody reads more of them, and a line each is enough to
/// find the rest.
const MOST_FRAMES: usize = 200;

/// Writes what is found, after changes that were made.
pub(super) fn tell(
    arguments: &Arguments,
    checked: &Checked,
    changes: &[Change],
    colour: Colour,
    out: &mut dyn Write,
) -> anyhow::Result<Said> {
    let workspace = &checked.workspace;
    let least = arguments.severity.severity();
    let all = || workspace.all_diagnostics();
    let shown: Vec<_> = all().filter(|found| found.severity >= least).collect();
    let mut counts = Counts::of(all());
    counts.infos += workspace.infos_dropped();
    let hidden = checked.hidden();
    match arguments.format {
        Format::Text => write_text(out, &shown, MOST_FRAMES, &hidden, colour)?,
        Format::Lines => write_text(out, &shown, 0, &hidden, colour)?,
        format => {
            let report = make_report(workspace, shown, changes, counts);
            write_for_machines(out, &report, &hidden, format)?;
        }
    }
    Ok(Said {
        text: String::new(),
        notes: summarise(arguments, checked, counts),
        exit_code: choose_exit_code(arguments, workspace, counts),
    })
}

/// A frame for each of the first findings, and a line for each of the rest.
fn write_text(
    out: &mut dyn Write,
    shown: &[&Diagnostic],
    most_framed: usize,
    hidden: &Hidden,
    colour: Colour,
) -> io::Result<()> {
    let (framed, rest) = shown.split_at(shown.len().min(most_framed));
    let text = wharf_diag::to_text(framed.iter().copied(), hidden, colour);
    out.write_all(text.as_bytes())?;
    wharf_diag::write_lines(out, rest.iter().copied(), hidden)
}

fn make_report<'a>(
    workspace: &'a Workspace,
    shown: Vec<&'a Diagnostic>,
    changes: &[Change],
    counts: Counts,
) -> Report<'a> {
    let sources = workspace.integrations().map(|found| found.source.name());
    Report {
        files: sources.collect(),
        shown,
        suppressed: workspace
            .suppressed
            .iter()
            .map(|finding| SuppressedFinding {
                diagnostic: &finding.diagnostic,
                reason: &finding.reason,
            })
            .collect(),
        fixed: list_fixed(changes).cloned().collect(),
        problems: workspace
            .unreadable
            .iter()
            .map(|file| wharf_diag::Problem {
                file: file.name.clone(),
                message: file.message.clone(),
            })
            .collect(),
        counts,
    }
}

fn write_for_machines(
    out: &mut dyn Write,
    report: &Report<'_>,
    hidden: &Hidden,
    format: Format,
) -> io::Result<()> {
    let tool = Tool {
        name: "wharf",
        version: env!("CARGO_PKG_VERSION"),
        pages: wharf_document::pages(),
    };
    match format {
        Format::Sarif => wharf_diag::write_sarif(out, report, hidden, tool),
        Format::Github => wharf_diag::write_github(out, report, hidden),
        Format::Json | Format::Text | Format::Lines => wharf_diag::write_json(out, report, hidden),
    }
}
