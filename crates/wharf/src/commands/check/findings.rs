//! The findings of a workspace with the severities that its settings give them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Diagnostic, Hidden, Severity, SourceText};
use wharf_document::Surroundings;
use wharf_workspace::settings::{CheckRules, FILE_NAME};
use wharf_workspace::{Document, Workspace};

use crate::commands::index;
use crate::settings;

/// The paths given, and the rules of the workspace that each belongs to.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<(PathBuf, CheckRules)>);

impl Rules {
    pub(super) fn of(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let rules = paths.iter().map(|path| {
            let rules = settings::rules_of(path)?;
            Ok((path.clone(), rules))
        });
        Ok(Self(rules.collect::<anyhow::Result<_>>()?))
    }

    /// What the settings say about documents side by side: all of them together. `None` where none
    /// of them has a table of handlers, or a list of folders.
    pub(super) fn surroundings(&self) -> Surroundings {
        let all = self
            .0
            .iter()
            .map(|(_, rules)| rules.referred().surroundings());
        let join = |one: Option<Vec<String>>, other: Option<Vec<String>>| match (one, other) {
            (Some(one), Some(other)) => Some([one, other].concat()),
            (one, other) => one.or(other),
        };
        all.reduce(|one, other| Surroundings {
            handlers: join(one.handlers, other.handlers),
            secret_folders: join(one.secret_folders, other.secret_folders),
        })
        .unwrap_or_default()
    }

    /// Patterns of `exclude` that no file was found for, a line for each.
    pub(super) fn remarks(&self) -> Vec<String> {
        let rules = self.0.iter();
        let unmet = rules.flat_map(|(walked, rules)| {
            rules.without_a_file(walked.canonicalize().ok().as_deref())
        });
        let mut lines: Vec<_> = unmet
            .map(|pattern| {
                format!("note: `{pattern}` in `exclude` of {FILE_NAME} leaves out no Markdown file")
            })
            .collect();
        lines.dedup();
        lines
    }

    /// Whether any settings give a finding another severity.
    pub(super) fn change_severities(&self) -> bool {
        self.0.iter().any(|(_, rules)| rules.changes_severities())
    }

    /// The rules of what was found below a path.
    pub(super) fn below(&self, path: &Path) -> Option<&CheckRules> {
        let found = self.0.iter().find(|(given, _)| path.starts_with(given));
        // `.` is the start of every relative path.
        let found = found.or_else(|| self.0.first());
        found.map(|(_, rules)| rules)
    }
}

/// A workspace and its findings as they are to be told.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) workspace: Workspace,
    /// Findings that the settings switch off. What they hide stays hidden.
    off: Vec<Diagnostic>,
}

impl Checked {
    /// Gives every finding the severity that the settings say, or takes it out.
    pub(super) fn new(mut workspace: Workspace, rules: &Rules) -> Self {
        let mut off = Vec::new();
        let mut of_source = HashMap::new();
        for document in &mut workspace.documents {
            let Some(rules) = rules.below(&document.path) else {
                continue;
            };
            let findings = std::mem::take(&mut document.diagnostics);
            document.diagnostics = judged(findings, |_| Some(rules), &mut off);
            if let Some(integration) = &document.integration {
                of_source.insert(Arc::as_ptr(&integration.source), rules);
            }
        }
        let rules_of = |diagnostic: &Diagnostic| {
            let source = Arc::as_ptr(&diagnostic.primary.source);
            of_source.get(&source).copied()
        };
        let findings = std::mem::take(&mut workspace.diagnostics);
        workspace.diagnostics = judged(findings, rules_of, &mut off);
        for (folder, rules) in &rules.0 {
            let stale = index::stale(folder, &workspace).into_iter().collect();
            let told = judged(stale, |_| Some(rules), &mut off);
            workspace.diagnostics.extend(told);
        }
        for mut suppressed in std::mem::take(&mut workspace.suppressed) {
            match severity(&suppressed.diagnostic, rules_of(&suppressed.diagnostic)) {
                Some(severity) => {
                    suppressed.diagnostic.severity = severity;
                    workspace.suppressed.push(suppressed);
                }
                None => off.push(suppressed.diagnostic),
            }
        }
        Self { workspace, off }
    }

    /// Everything that no output may show.
    pub(super) fn hidden(&self) -> Hidden {
        Hidden::of(self.hiding())
    }

    pub(super) fn hiding(&self) -> impl Iterator<Item = &Diagnostic> {
        self.workspace.hiding().chain(&self.off)
    }

    /// The findings about one document, those beside other documents last.
    pub(super) fn about<'a>(
        &'a self,
        document: &'a Document,
    ) -> impl Iterator<Item = &'a Diagnostic> {
        let own = document.diagnostics.iter();
        own.chain(&self.workspace.diagnostics)
    }
}

/// The text of a document.
pub(super) fn source(document: &Document) -> Option<&Arc<SourceText>> {
    let integration = document.integration.as_ref();
    integration.map(|integration| &integration.source)
}

fn severity(diagnostic: &Diagnostic, rules: Option<&CheckRules>) -> Option<Severity> {
    rules.map_or(Some(diagnostic.severity), |rules| {
        rules.severity(diagnostic)
    })
}

fn judged<'a>(
    findings: Vec<Diagnostic>,
    rules_of: impl Fn(&Diagnostic) -> Option<&'a CheckRules>,
    off: &mut Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let mut judged = Vec::with_capacity(findings.len());
    for mut diagnostic in findings {
        match severity(&diagnostic, rules_of(&diagnostic)) {
            Some(severity) => {
                diagnostic.severity = severity;
                judged.push(diagnostic);
            }
            None => off.push(diagnostic),
        }
    }
    judged
}
