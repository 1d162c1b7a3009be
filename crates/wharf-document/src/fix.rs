//! Fixes of one document that leave it no worse than it was.

use std::sync::Arc;

use wharf_diag::{Applicability, Applied, Diagnostic, Severity, SourceText, apply_fixes};

use crate::{IntegrationId, load};

/// Fixes that are tried one by one where all together do harm; the rest is left.
const MOST_TRIED: usize = 200;

/// Applies the fixes of findings about `source` as [`apply_fixes`] does, but leaves out those
/// that would give the document more errors than it has.
///
/// A misspelt key is a warning. Written rightly, its value is read, and may be wrong: that is for
/// a person to decide.
pub fn apply_harmless_fixes<'a>(
    id: &IntegrationId,
    source: &Arc<SourceText>,
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    most: Applicability,
) -> Applied<'a> {
    let all = apply_fixes(source, diagnostics, most);
    if all.applied.is_empty() {
        return all;
    }
    let errors = |text: &str| errors(id, &Arc::new(SourceText::new(source.name(), text)));
    let before = errors(source.text());
    if errors(&all.text) <= before {
        return all;
    }
    // One by one, those that keep the meaning first: of two that are harmless only without the
    // other, the safer one is made.
    let is_unsafe = |found: &&Diagnostic| {
        let fix = found.fix.as_ref();
        fix.is_some_and(|fix| fix.applicability == Applicability::Unsafe)
    };
    let mut tried: Vec<&Diagnostic> = all.applied.iter().chain(&all.left).copied().collect();
    tried.sort_by_key(is_unsafe);
    let (mut kept, mut left) = (Vec::new(), Vec::new());
    for (count, found) in tried.into_iter().enumerate() {
        let with = kept.iter().copied().chain([found]);
        let applied = apply_fixes(source, with, most);
        let is_in = applied
            .applied
            .iter()
            .any(|applied| std::ptr::eq(*applied, found));
        if count < MOST_TRIED && is_in && errors(&applied.text) <= before {
            kept.push(found);
        } else {
            left.push(found);
        }
    }
    let text = apply_fixes(source, kept.iter().copied(), most).text;
    Applied {
        text,
        applied: kept,
        left,
    }
}

fn errors(id: &IntegrationId, source: &Arc<SourceText>) -> usize {
    let loaded = load(id, source);
    let found = loaded.diagnostics.iter();
    let errors = found.filter(|found| found.severity == Severity::Error);
    errors.count() + loaded.left_out
}
