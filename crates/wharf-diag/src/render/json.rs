#![doc = include_str!("json/schema.md")]

use serde::Serialize;

use super::Counts;
use crate::{Applicability, Diagnostic, Edit, Fix, Label, SourceText};

/// Version of the schema. A field is only added within a version, never changed or removed.
pub const JSON_VERSION: u32 = 1;

/// A file or folder that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The name shown to people.
    pub file: String,
    /// What happened and what to do.
    pub message: String,
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    files: &'a [&'a str],
    diagnostics: Vec<Finding<'a>>,
    problems: &'a [Problem],
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    problems: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    slug: &'a str,
    severity: &'a str,
    message: &'a str,
    location: Location<'a>,
    label: Option<&'a str>,
    secondary: Vec<Secondary<'a>>,
    help: Option<&'a str>,
    fix: Option<JsonFix<'a>>,
}

#[derive(Serialize)]
struct Secondary<'a> {
    location: Location<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Location<'a> {
    file: &'a str,
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    start: Place,
    end: Place,
    replacement: &'a str,
}

/// Renders findings as one JSON object, pretty-printed, with a line break at the end.
///
/// `files` are the names of everything that was looked at; `counts` count all findings, also
/// those that `shown` leaves out.
pub fn to_json<'a>(
    files: &[&str],
    shown: impl IntoIterator<Item = &'a Diagnostic>,
    counts: Counts,
    problems: &[Problem],
) -> Result<String, serde_json::Error> {
    let report = Report {
        version: JSON_VERSION,
        files,
        diagnostics: shown.into_iter().map(finding).collect(),
        problems,
        summary: Summary {
            files: files.len(),
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
            problems: problems.len(),
        },
    };
    let mut json = serde_json::to_string_pretty(&report)?;
    json.push('\n');
    Ok(json)
}

fn finding(diagnostic: &Diagnostic) -> Finding<'_> {
    let source = &diagnostic.primary.source;
    let label = diagnostic.primary.text.as_str();
    Finding {
        code: diagnostic.code.id,
        slug: diagnostic.code.slug,
        severity: diagnostic.severity.as_str(),
        message: &diagnostic.message,
        location: location(&diagnostic.primary),
        label: (!label.is_empty()).then_some(label),
        secondary: diagnostic
            .secondary
            .iter()
            .map(|label| Secondary {
                location: location(label),
                label: &label.text,
            })
            .collect(),
        help: diagnostic.help.as_deref(),
        fix: diagnostic.fix.as_ref().map(|fix| json_fix(source, fix)),
    }
}

fn location(label: &Label) -> Location<'_> {
    Location {
        file: label.source.name(),
        start: place(&label.source, label.span.start),
        end: place(&label.source, label.span.end),
    }
}

fn place(source: &SourceText, offset: usize) -> Place {
    let place = source.line_column(offset);
    Place {
        line: place.line,
        column: place.column,
        offset,
    }
}

fn json_fix<'a>(source: &SourceText, fix: &'a Fix) -> JsonFix<'a> {
    let edit = |edit: &'a Edit| JsonEdit {
        start: place(source, edit.span.start),
        end: place(source, edit.span.end),
        replacement: &edit.replacement,
    };
    JsonFix {
        title: &fix.title,
        safe: fix.applicability == Applicability::Safe,
        edits: fix.edits.iter().map(edit).collect(),
    }
}

#[cfg(test)]
mod tests;
