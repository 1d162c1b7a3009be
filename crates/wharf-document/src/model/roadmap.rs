//! Versions of the vendor's API and their dates.

use jiff::civil::Date;
use wharf_diag::Spanned;

/// The Migration/Upgrade Path section.
#[derive(Clone, Debug, Default)]
pub struct Roadmap {
    /// `Current`.
    pub current: Option<Version>,
    /// `Next`.
    pub next: Option<Version>,
    /// `Migration deadline`.
    pub deadline: Option<Spanned<Date>>,
    /// Migration Steps, in the document's order, with what the program makes of each.
    pub steps: Vec<(Spanned<String>, MigrationStep)>,
}

impl Roadmap {
    /// The steps as written.
    pub fn step_texts(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.steps.iter().map(|(text, _)| text)
    }
}

/// What a step of a migration is.
#[derive(Clone, Debug, PartialEq)]
pub enum MigrationStep {
    /// `Test in ENV`.
    Test {
        /// As written.
        environment: String,
    },
    /// `Update ENV`.
    Update {
        /// As written.
        environment: String,
    },
    /// `Canary 5% in ENV`.
    Canary {
        /// Of all calls, above 0 and up to 100.
        percent: f64,
        /// As written.
        environment: String,
    },
    /// `Full rollout`.
    FullRollout,
    /// A step for people.
    Other,
}

/// One version with its date.
#[derive(Clone, Debug)]
pub struct Version {
    /// The words before the parentheses, for example `v2`.
    pub name: Spanned<String>,
    /// The date in the parentheses: the end of the current version, or the start of the next.
    pub date: Option<Spanned<Date>>,
}
