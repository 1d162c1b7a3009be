//! Applies the fixes of many findings to one text.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{Applicability, Diagnostic, Edit, SourceText, Span};

/// What came of applying fixes to one text.
#[derive(Clone, Debug)]
pub struct Applied<'a> {
    /// The text with every fix of `applied` in it.
    pub text: String,
    /// Findings whose fix was applied as a whole, in the order given.
    pub applied: Vec<&'a Diagnostic>,
    /// Findings whose fix was not applied at all: it overlaps an earlier one, or does not fit the
    /// text. Checked again after the change, they may have another fix.
    pub left: Vec<&'a Diagnostic>,
}

/// Applies the fixes of findings about `source`, in the order given.
///
/// A fix is applied as a whole or not at all. Where two touch the same place, the first wins.
/// What is written has the line breaks of the text's first line.
/// Findings about other texts, without a fix, with one that changes nothing, or with one beyond
/// `most` are in neither list.
pub fn apply_fixes<'a>(
    source: &Arc<SourceText>,
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    most: Applicability,
) -> Applied<'a> {
    let (mut applied, mut left) = (Vec::new(), Vec::new());
    let mut taken: Vec<&Edit> = Vec::new();
    for diagnostic in diagnostics {
        if !Arc::ptr_eq(&diagnostic.primary.source, source) {
            continue;
        }
        let Some(fix) = diagnostic.fix.as_ref() else {
            continue;
        };
        let is_wanted = most == Applicability::Unsafe || fix.applicability == Applicability::Safe;
        let changes = |edit: &Edit| source.slice(edit.span) != edit.replacement;
        if !is_wanted || !fix.edits.iter().any(changes) {
            continue;
        }
        if fits(source.text(), &fix.edits) && taken_with(&mut taken, &fix.edits) {
            applied.push(diagnostic);
        } else {
            left.push(diagnostic);
        }
    }
    Applied {
        text: replaced(source.text(), &taken),
        applied,
        left,
    }
}

/// Whether edits are in order, apart from each other, and cut no character.
fn fits(text: &str, edits: &[Edit]) -> bool {
    let in_text = |edit: &Edit| text.get(edit.span.range()).is_some();
    edits.iter().all(in_text)
        && edits
            .windows(2)
            .all(|pair| pair[0].span.end <= pair[1].span.start && pair[0].span != pair[1].span)
}

/// Adds edits to those that are taken, which stay in the order of their places; `false` and
/// nothing added when one of them meets one that is taken.
fn taken_with<'a>(taken: &mut Vec<&'a Edit>, edits: &'a [Edit]) -> bool {
    let place = |taken: &[&Edit], span: Span| taken.partition_point(|other| other.span < span);
    let is_free = |edit: &Edit| {
        let at = place(taken, edit.span);
        let before = at.checked_sub(1).and_then(|at| taken.get(at));
        let beside = before.into_iter().chain(taken.get(at));
        beside.into_iter().all(|other| !meet(other.span, edit.span))
    };
    if !edits.iter().all(is_free) {
        return false;
    }
    for edit in edits {
        let at = place(taken, edit.span);
        taken.insert(at, edit);
    }
    true
}

/// Whether two edits cannot both be applied. An insertion meets whatever it touches: which of
/// the two would come first is not said.
fn meet(left: Span, right: Span) -> bool {
    if left.is_empty() || right.is_empty() {
        left.start <= right.end && right.start <= left.end
    } else {
        left.start < right.end && right.start < left.end
    }
}

/// A replacement as it stands in a text: with the line breaks of the text's first line.
pub fn with_line_breaks_of<'a>(text: &str, replacement: &'a str) -> Cow<'a, str> {
    let is_windows = || text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
    if replacement.contains('\n') && is_windows() {
        let lines = replacement.replace("\r\n", "\n");
        Cow::Owned(lines.replace('\n', "\r\n"))
    } else {
        Cow::Borrowed(replacement)
    }
}

fn replaced(text: &str, edits: &[&Edit]) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        replaced.push_str(&text[at..edit.span.start]);
        replaced.push_str(&with_line_breaks_of(text, &edit.replacement));
        at = edit.span.end;
    }
    replaced.push_str(&text[at..]);
    replaced
}

#[cfg(test)]
mod tests;
