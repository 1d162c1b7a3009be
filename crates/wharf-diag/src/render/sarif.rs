//! Findings as SARIF 2.1.0, the form that code scanning services take.
//!
//! One run with one result for each finding. Columns count UTF-16 code units, as `columnKind`
//! says. Relative names are percent-encoded and relative to `%SRCROOT%`, the folder that the
//! program ran in; absolute ones become `file:` addresses. Suppressed findings are results with
//! a suppression of the kind `inSource`. No text of a document is copied into the output, other
//! than what a message or a fix says.
//!
//! The members are those of the OASIS standard "Static Analysis Results Interchange Format
//! (SARIF) Version 2.1.0".

use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Problem, Report};
use crate::printable::write_printable;
use crate::{
    Applicability, Code, Diagnostic, Fix, Hidden, Label, Page, Severity, SourceText, Span,
};

/// What may stand in a path as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Name of the folder that relative addresses start at.
const BASE: &str = "%SRCROOT%";

/// Who found it.
#[derive(Clone, Copy, Debug)]
pub struct Tool<'a> {
    /// The program's name.
    pub name: &'a str,
    /// Its version, as in `0.1.0`.
    pub version: &'a str,
    /// The pages of everything that it can find.
    pub pages: &'a [Page],
}

/// Writes a run as one JSON object, pretty-printed, with a line break at the end.
///
/// Rules are those that a result refers to, each with its page as help.
pub fn write_sarif(
    out: &mut dyn io::Write,
    report: &Report<'_>,
    hidden: &Hidden,
    tool: Tool<'_>,
) -> io::Result<()> {
    let rules = Rules::of(report);
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": tool.name,
                "version": tool.version,
                "rules": rules.described(tool.pages),
            }}),
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: json!({
                BASE: { "description": { "text": "The folder that the program ran in." } },
            }),
            invocations: [invocation(&report.problems, hidden)],
            artifacts: Artifacts(&report.files),
            results: Results {
                report,
                hidden,
                rules: &rules,
            },
        }],
    };
    write_printable(out, &log)
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    original_uri_base_ids: Value,
    invocations: [Value; 1],
    artifacts: Artifacts<'a>,
    results: Results<'a>,
}

/// What was looked at, made into what is written one after the other.
struct Artifacts<'a>(&'a [&'a str]);

impl Serialize for Artifacts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|name| {
            json!({
                "location": artifact(name),
                "roles": ["analysisTarget"],
                "sourceLanguage": "markdown",
            })
        }))
    }
}

/// Findings, made into what is written one after the other: there may be very many.
struct Results<'a> {
    report: &'a Report<'a>,
    hidden: &'a Hidden,
    rules: &'a Rules,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.report.shown.iter();
        let shown = shown.map(|diagnostic| (*diagnostic, None));
        let suppressed = self.report.suppressed.iter();
        let suppressed = suppressed.map(|finding| (finding.diagnostic, Some(finding.reason)));
        let results = shown.chain(suppressed);
        serializer.collect_seq(
            results.map(|(diagnostic, reason)| result(diagnostic, reason, self.hidden, self.rules)),
        )
    }
}

/// The codes that results refer to, each with its index.
struct Rules(BTreeMap<Code, usize>);

impl Rules {
    fn of(report: &Report<'_>) -> Self {
        let suppressed = report.suppressed.iter().map(|finding| finding.diagnostic);
        let all = report.shown.iter().copied().chain(suppressed);
        let mut rules: BTreeMap<_, _> = all.map(|diagnostic| (diagnostic.code, 0)).collect();
        for (index, place) in rules.values_mut().enumerate() {
            *place = index;
        }
        Self(rules)
    }

    fn described(&self, pages: &[Page]) -> Vec<Value> {
        self.0
            .keys()
            .map(|code| {
                let mut rule = json!({ "id": code.id, "name": code.slug });
                if let Some(page) = pages.iter().find(|page| page.code == *code) {
                    rule["shortDescription"] = message(&page.summary());
                    rule["help"] = json!({ "text": page.text, "markdown": page.text });
                    if let Some(severity) = page.severity() {
                        rule["defaultConfiguration"] = json!({ "level": level(severity) });
                    }
                }
                rule
            })
            .collect()
    }
}

fn result(diagnostic: &Diagnostic, reason: Option<&str>, hidden: &Hidden, rules: &Rules) -> Value {
    let suppressions: Vec<_> = reason
        .iter()
        .map(|reason| json!({ "kind": "inSource", "justification": hidden.clean(reason) }))
        .collect();
    let mut result = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": rules.0.get(&diagnostic.code),
        "level": level(diagnostic.severity),
        "message": message(&hidden.clean(&sentence(diagnostic))),
        "locations": [location(&diagnostic.primary)],
        // Present on every result, so that a reader can tell "not suppressed" from "not known".
        "suppressions": suppressions,
    });
    if !diagnostic.secondary.is_empty() {
        let related = diagnostic.secondary.iter().enumerate().map(|(id, label)| {
            let mut related = location(label);
            related["id"] = json!(id);
            related["message"] = message(&hidden.clean(&label.text));
            related
        });
        result["relatedLocations"] = related.collect();
    }
    let fix = diagnostic.fix.as_ref();
    if let Some(fix) = fix.filter(|fix| reason.is_none() && fix.is_open(hidden)) {
        result["fixes"] = json!([change(fix, &diagnostic.primary.source)]);
    }
    result
}

/// SARIF has one message, so the remark and the remedy stand behind it.
fn sentence(diagnostic: &Diagnostic) -> String {
    let mut sentence = diagnostic.message.clone().into_owned();
    if !diagnostic.primary.text.is_empty() {
        sentence.push_str(&format!(" ({})", diagnostic.primary.text));
    }
    if let Some(help) = &diagnostic.help {
        sentence.push_str(&format!("\nHelp: {help}"));
    }
    sentence
}

fn change(fix: &Fix, source: &SourceText) -> Value {
    let replacements: Vec<_> = fix
        .edits
        .iter()
        .map(|edit| {
            let mut replacement = json!({ "deletedRegion": region(source, edit.span) });
            if !edit.replacement.is_empty() {
                replacement["insertedContent"] = json!({ "text": edit.replacement });
            }
            replacement
        })
        .collect();
    json!({
        "description": message(&fix.title),
        "artifactChanges": [{
            "artifactLocation": artifact(source.name()),
            "replacements": replacements,
        }],
        "properties": { "safe": fix.applicability == Applicability::Safe },
    })
}

fn location(label: &Label) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(label.source.name()),
        "region": region(&label.source, label.span),
    }})
}

fn region(source: &SourceText, span: Span) -> Value {
    let start = source.utf16_position(span.start);
    let end = source.utf16_position(span.end);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A relative name is relative to the base, unless it leads out of it.
fn artifact(name: &str) -> Value {
    let path = utf8_percent_encode(name, KEPT).to_string();
    if name.starts_with('/') {
        json!({ "uri": format!("file://{path}") })
    } else if name.split('/').any(|part| part == "..") {
        json!({ "uri": path })
    } else {
        json!({ "uri": path, "uriBaseId": BASE })
    }
}

fn invocation(problems: &[Problem], hidden: &Hidden) -> Value {
    let notifications: Vec<_> = problems
        .iter()
        .map(|problem| {
            json!({
                "level": "error",
                "message": message(&hidden.clean(&problem.message)),
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(&problem.file) } }],
            })
        })
        .collect();
    json!({
        "executionSuccessful": problems.is_empty(),
        "toolExecutionNotifications": notifications,
    })
}

fn message(text: &str) -> Value {
    json!({ "text": text })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests;
