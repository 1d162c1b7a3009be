#![doc = include_str!("json/schema.md")]

use std::borrow::Cow;
use std::io;

use serde::{Serialize, Serializer};

use super::Report;
use crate::printable::write_printable;
use crate::{Applicability, Diagnostic, Edit, Fix, Hidden, Label, SourceText};

/// Version of the schema. A field is only added within a version, never changed or removed.
pub const JSON_VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    files: &'a [&'a str],
    #[serde(serialize_with = "each")]
    diagnostics: Findings<'a>,
    suppressed: Vec<JsonSuppressed<'a>>,
    fixed: Vec<JsonFixed<'a>>,
    problems: Vec<JsonProblem<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct JsonSuppressed<'a> {
    reason: Cow<'a, str>,
    #[serde(flatten)]
    finding: Finding<'a>,
}

#[derive(Serialize)]
struct JsonFixed<'a> {
    file: &'a str,
    code: &'a str,
    slug: &'a str,
    title: Cow<'a, str>,
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    file: &'a str,
    message: Cow<'a, str>,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    fixed: usize,
    problems: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    slug: &'a str,
    severity: &'a str,
    message: Cow<'a, str>,
    location: Location<'a>,
    label: Option<Cow<'a, str>>,
    secondary: Vec<Secondary<'a>>,
    help: Option<Cow<'a, str>>,
    fix: Option<JsonFix<'a>>,
}

#[derive(Serialize)]
struct Secondary<'a> {
    location: Location<'a>,
    label: Cow<'a, str>,
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

/// Findings that are made into what is written one after the other: there may be very many.
struct Findings<'a> {
    shown: &'a [&'a Diagnostic],
    hidden: &'a Hidden,
}

fn each<S: Serializer>(findings: &Findings<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let shown = findings.shown.iter();
    serializer.collect_seq(shown.map(|diagnostic| finding(diagnostic, findings.hidden)))
}

/// Writes a run as one JSON object, pretty-printed, with a line break at the end.
pub fn write_json(out: &mut dyn io::Write, report: &Report<'_>, hidden: &Hidden) -> io::Result<()> {
    let report = JsonReport {
        version: JSON_VERSION,
        files: &report.files,
        diagnostics: Findings {
            shown: &report.shown,
            hidden,
        },
        suppressed: report
            .suppressed
            .iter()
            .map(|suppressed| JsonSuppressed {
                reason: hidden.clean(suppressed.reason),
                finding: finding(suppressed.diagnostic, hidden),
            })
            .collect(),
        fixed: report
            .fixed
            .iter()
            .map(|fixed| JsonFixed {
                file: &fixed.file,
                code: fixed.code.id,
                slug: fixed.code.slug,
                title: hidden.clean(&fixed.title),
            })
            .collect(),
        problems: report
            .problems
            .iter()
            .map(|problem| JsonProblem {
                file: &problem.file,
                message: hidden.clean(&problem.message),
            })
            .collect(),
        summary: Summary {
            files: report.files.len(),
            errors: report.counts.errors,
            warnings: report.counts.warnings,
            infos: report.counts.infos,
            suppressed: report.suppressed.len(),
            fixed: report.fixed.len(),
            problems: report.problems.len(),
        },
    };
    write_printable(out, &report)
}

fn finding<'a>(diagnostic: &'a Diagnostic, hidden: &Hidden) -> Finding<'a> {
    let source = &diagnostic.primary.source;
    let label = &*diagnostic.primary.text;
    Finding {
        code: diagnostic.code.id,
        slug: diagnostic.code.slug,
        severity: diagnostic.severity.as_str(),
        message: hidden.clean(&diagnostic.message),
        location: location(&diagnostic.primary),
        label: (!label.is_empty()).then(|| hidden.clean(label)),
        secondary: diagnostic
            .secondary
            .iter()
            .map(|label| Secondary {
                location: location(label),
                label: hidden.clean(&label.text),
            })
            .collect(),
        help: diagnostic.help.as_deref().map(|help| hidden.clean(help)),
        fix: diagnostic
            .fix
            .as_ref()
            .filter(|fix| fix.is_open(hidden))
            .map(|fix| json_fix(source, fix)),
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
