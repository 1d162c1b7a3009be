//! Findings for people and for machines.

mod diff;
mod github;
mod json;
mod sarif;
mod text;

pub use diff::to_diff;
pub use github::write_github;
pub use json::{JSON_VERSION, write_json};
pub use sarif::{Tool, write_sarif};
pub use text::{Colour, to_text, write_lines};

use crate::{Code, Diagnostic, Severity};

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings of [`Severity::Error`].
    pub errors: usize,
    /// Findings of [`Severity::Warning`].
    pub warnings: usize,
    /// Findings of [`Severity::Info`].
    pub infos: usize,
}

impl Counts {
    /// Counts some findings.
    pub fn of<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut counts = Self::default();
        for diagnostic in diagnostics {
            counts.add(diagnostic);
        }
        counts
    }

    /// Counts one more.
    pub fn add(&mut self, diagnostic: &Diagnostic) {
        match diagnostic.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
    }
}

/// The outcome of one run, for the renderers that machines read.
#[derive(Clone, Debug, Default)]
pub struct Report<'a> {
    /// Names of everything that was looked at.
    pub files: Vec<&'a str>,
    /// The findings to show.
    pub shown: Vec<&'a Diagnostic>,
    /// Findings that a comment in the document leaves out.
    pub suppressed: Vec<SuppressedFinding<'a>>,
    /// Changes that were made to files.
    pub fixed: Vec<Fixed>,
    /// What could not be read or written.
    pub problems: Vec<Problem>,
    /// How many findings there are, also of those that are not shown.
    pub counts: Counts,
}

/// A finding that is left out, and why.
#[derive(Clone, Copy, Debug)]
pub struct SuppressedFinding<'a> {
    /// What was found.
    pub diagnostic: &'a Diagnostic,
    /// The author's reason, in one line.
    pub reason: &'a str,
}

/// A finding that is gone because its fix was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The name of the changed file.
    pub file: String,
    /// Which kind of finding.
    pub code: Code,
    /// What was done, as an imperative sentence.
    pub title: String,
}

/// A file or folder that could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name shown to people.
    pub file: String,
    /// What happened and what to do.
    pub message: String,
}
