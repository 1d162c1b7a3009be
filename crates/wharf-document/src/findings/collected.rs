//! The findings of one document, up to a bound.

use std::collections::HashMap;
use std::sync::Arc;

use wharf_diag::{Diagnostic, Severity, SourceText, Span};

/// Most findings of one severity that are kept for a document.
const MOST_FINDINGS: usize = 1_000;

/// Everything found in a document so far.
pub(crate) struct Findings<'a> {
    pub(crate) source: &'a Arc<SourceText>,
    diagnostics: Vec<Diagnostic>,
    count_of: HashMap<Severity, usize>,
    left_out: usize,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(source: &'a Arc<SourceText>) -> Self {
        Self {
            source,
            diagnostics: Vec::new(),
            count_of: HashMap::new(),
            left_out: 0,
        }
    }

    /// Keeps a finding, up to the bound. What one past it hides stays hidden.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        let count = self.count_of.entry(diagnostic.severity).or_default();
        *count += 1;
        if *count <= MOST_FINDINGS || self.diagnostics.is_empty() {
            self.diagnostics.push(diagnostic);
        } else {
            self.leave_out(diagnostic.hidden);
        }
    }

    /// Counts a finding that is not kept: the last one that was kept hides what it hides.
    pub(crate) fn leave_out(&mut self, hidden: impl IntoIterator<Item = Span>) {
        self.left_out += 1;
        if let Some(last) = self.diagnostics.last_mut() {
            last.hidden.extend(hidden);
        }
    }

    /// Reports a finding that is made from the source and a place.
    pub(crate) fn report_at(
        &mut self,
        span: Span,
        make: impl FnOnce(&Arc<SourceText>, Span) -> Diagnostic,
    ) {
        self.report(make(self.source, span));
    }

    /// Runs checks once more, on what is said in another way; findings that were made before are
    /// not made again.
    pub(crate) fn again(&mut self, run: impl FnOnce(&mut Self)) {
        let mut other = Self::new(self.source);
        run(&mut other);
        for diagnostic in other.diagnostics {
            let is_known = self.diagnostics.iter().any(|known| {
                (known.code, known.primary.span) == (diagnostic.code, diagnostic.primary.span)
                    && known.message == diagnostic.message
            });
            if !is_known {
                self.report(diagnostic);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.diagnostics.iter_mut()
    }

    /// All that was kept, in the order of the places, and how many findings were not.
    pub(crate) fn finish(mut self) -> (Vec<Diagnostic>, usize) {
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code.id));
        (self.diagnostics, self.left_out)
    }
}
