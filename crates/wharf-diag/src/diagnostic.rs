//! What a finding is made of.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::{LineColumn, SourceText, Span};

/// What a finding says. Most of it is the same wherever it is found, and takes no room there: there
/// may be hundreds of thousands.
pub type Remark = Cow<'static, str>;

/// How much a finding matters. Ordered: `Info < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing, nothing to do.
    Info,
    /// The document works, but not as its author would want.
    Warning,
    /// The program cannot do what the document says.
    Error,
}

impl Severity {
    /// The lower-case English word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stable name of one kind of finding: `WH` and three digits, and a slug.
///
/// Both are part of the public interface: suppressions and pages refer to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    /// For example `WH101`.
    pub id: &'static str,
    /// For example `title-not-quoted`.
    pub slug: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// A place in a text with a short remark.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text the span belongs to.
    pub source: Arc<SourceText>,
    /// The place.
    pub span: Span,
    /// The remark; may be empty on a primary label.
    pub text: Remark,
}

impl Label {
    /// Line and column of the label's first byte.
    pub fn start(&self) -> LineColumn {
        self.source.line_column(self.span.start)
    }

    /// Line and column behind the label's last byte.
    pub fn end(&self) -> LineColumn {
        self.source.line_column(self.span.end)
    }
}

/// Whether a fix may be applied without a person looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The meaning for the program and the reader stays what the author wrote.
    Safe,
    /// The meaning may change.
    Unsafe,
}

/// Replaces one span of the primary label's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// A change that removes the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, as an imperative sentence.
    pub title: String,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
    /// Edits that do not overlap, in order of their spans.
    pub edits: Vec<Edit>,
}

/// One finding about one place, with what else has to be seen to understand it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Which kind of finding.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, as one sentence without a full stop.
    pub message: Remark,
    /// The place.
    pub primary: Label,
    /// Other places that take part.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Option<Remark>,
    /// A change that removes it.
    pub fix: Option<Box<Fix>>,
    /// Places in the primary label's source whose text no renderer may show.
    pub hidden: Vec<Span>,
}

impl Diagnostic {
    /// A finding with a message and a place; the rest is added with the `with_` methods.
    pub fn new(
        code: Code,
        severity: Severity,
        message: impl Into<Remark>,
        source: &Arc<SourceText>,
        span: Span,
    ) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            primary: Label {
                source: Arc::clone(source),
                span,
                text: Remark::default(),
            },
            secondary: Vec::new(),
            help: None,
            fix: None,
            hidden: Vec::new(),
        }
    }

    /// Whether any of its places is in the text with this name.
    pub fn involves(&self, source_name: &str) -> bool {
        std::iter::once(&self.primary)
            .chain(&self.secondary)
            .any(|label| label.source.name() == source_name)
    }

    /// Sets the remark at the primary place.
    pub fn with_label(mut self, text: impl Into<Remark>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    pub fn with_secondary(
        mut self,
        source: &Arc<SourceText>,
        span: Span,
        text: impl Into<Remark>,
    ) -> Self {
        // Most findings have one, and a list that grows begins with room for four.
        self.secondary.reserve_exact(1);
        self.secondary.push(Label {
            source: Arc::clone(source),
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to do.
    pub fn with_help(mut self, help: impl Into<Remark>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Attaches a change that removes the finding.
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(Box::new(fix));
        self
    }

    /// Keeps the text of a place in the primary label's source out of every rendering.
    pub fn with_hidden(mut self, span: Span) -> Self {
        self.hidden.push(span);
        self
    }
}
