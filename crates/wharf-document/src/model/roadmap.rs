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
    /// Migration Steps, in the document's order.
    pub steps: Vec<Spanned<String>>,
}

/// One version with its date.
#[derive(Clone, Debug)]
pub struct Version {
    /// The words before the parentheses, for example `v2`.
    pub name: Spanned<String>,
    /// The date in the parentheses: the end of the current version, or the start of the next.
    pub date: Option<Spanned<Date>>,
}
