//! The YAML at the head of a document.

use jiff::Timestamp;
use jiff::civil::Date;
use wharf_diag::{Span, Spanned};

use super::{IntegrationId, Price};

/// The YAML between the `---` lines.
#[derive(Clone, Debug, Default)]
pub struct Frontmatter {
    /// The whole block, fences included.
    pub span: Span,
    /// Usually `[Integration] Name`.
    pub title: Option<Spanned<String>>,
    /// Search and grouping.
    pub tags: Vec<Spanned<String>>,
    /// When the document was written.
    pub created: Option<Spanned<Timestamp>>,
    /// When its content last changed.
    pub modified: Option<Spanned<Timestamp>>,
    /// Revision of the document, from 1.
    pub version: Option<Spanned<u64>>,
    /// Priority, 1 to 10.
    pub ship_factor: Option<Spanned<u8>>,
    /// `false`: shown and checked, not called.
    pub active: Option<Spanned<bool>>,
    /// The default environment of calls.
    pub environment: Option<Spanned<DefaultEnvironment>>,
    /// Money per period.
    pub cost: Option<Spanned<Price>>,
    /// Default alert severity.
    pub criticality: Option<Spanned<Criticality>>,
    /// The document is kept but should not be used.
    pub deprecated: Option<Spanned<bool>>,
    /// Since when it should not be used.
    pub deprecated_date: Option<Spanned<Date>>,
    /// Why it should not be used.
    pub deprecated_reason: Option<Spanned<String>>,
    /// Integrations that this one took the place of.
    pub supersedes: Vec<Spanned<IntegrationId>>,
    /// Integrations that take the place of this one.
    pub superseded_by: Vec<Spanned<IntegrationId>>,
    /// Other integrations and addresses to read.
    pub references: Vec<Spanned<Reference>>,
    /// Keys the program does not know, kept as written.
    pub unknown: Vec<Spanned<String>>,
}

/// What `references` names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// Another document.
    Integration(IntegrationId),
    /// An address or words.
    Other(String),
}

/// Which environment a call uses when it names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultEnvironment {
    /// The caller must name one.
    All,
    /// The name of a row of the Environments table.
    Named(String),
}

/// How much an outage of the service hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// A service the business stops without.
    High,
    /// A service that is missed the same day.
    Medium,
    /// A service that can wait.
    Low,
}

impl Criticality {
    /// The word that documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}
