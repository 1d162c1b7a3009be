//! A fix is applied as a whole, or not at all.

use std::sync::Arc;

use super::{Applied, apply_fixes};
use crate::{Applicability, Code, Diagnostic, Edit, Fix, Severity, SourceText, Span};

const CODE: Code = Code {
    id: "WH999",
    slug: "test",
};

fn finding(
    source: &Arc<SourceText>,
    how: Applicability,
    edits: &[(usize, usize, &str)],
) -> Diagnostic {
    let edits = edits.iter().map(|(start, end, text)| Edit {
        span: Span {
            start: *start,
            end: *end,
        },
        replacement: (*text).to_owned(),
    });
    Diagnostic::new(CODE, Severity::Warning, "x", source, Span::at(0)).with_fix(Fix {
        title: "Change it".to_owned(),
        applicability: how,
        edits: edits.collect(),
    })
}

/// The text after safe fixes, and how many were applied and left.
fn safe(text: &str, fixes: &[&[(usize, usize, &str)]]) -> (String, usize, usize) {
    let source = Arc::new(SourceText::new("a.md", text));
    let findings: Vec<_> = fixes
        .iter()
        .map(|edits| finding(&source, Applicability::Safe, edits))
        .collect();
    let Applied {
        text,
        applied,
        left,
    } = apply_fixes(&source, &findings, Applicability::Safe);
    (text, applied.len(), left.len())
}

#[test]
fn edits_are_applied_in_the_order_of_their_places() {
    let found = safe(
        "one two three",
        &[&[(8, 13, "3")], &[(0, 3, "1"), (4, 7, "zwei")]],
    );
    assert_eq!(found, ("1 zwei 3".to_owned(), 2, 0));
}

#[test]
fn a_fix_that_overlaps_an_earlier_one_is_left_as_a_whole() {
    let found = safe(
        "one two three",
        &[&[(4, 7, "2")], &[(0, 3, "1"), (6, 9, "x")], &[(8, 13, "3")]],
    );
    assert_eq!(found, ("one 2 3".to_owned(), 2, 1));
    // Around an earlier one.
    let found = safe("one two three", &[&[(4, 7, "2")], &[(0, 13, "x")]]);
    assert_eq!(found, ("one 2 three".to_owned(), 1, 1));
    // The same change twice.
    let found = safe("one", &[&[(0, 3, "1")], &[(0, 3, "1")]]);
    assert_eq!(found, ("1".to_owned(), 1, 1));
}

#[test]
fn an_insertion_overlaps_what_it_touches_and_neighbours_do_not() {
    for at in [4, 5, 7] {
        let found = safe("one two three", &[&[(4, 7, "2")], &[(at, at, "+")]]);
        assert_eq!(found, ("one 2 three".to_owned(), 1, 1), "{at}");
        let found = safe("one two three", &[&[(at, at, "+")], &[(4, 7, "2")]]);
        assert_eq!((found.1, found.2), (1, 1), "{at}");
    }
    let found = safe("one two three", &[&[(3, 3, "!")], &[(3, 3, "?")]]);
    assert_eq!(found, ("one! two three".to_owned(), 1, 1));
    let found = safe("onetwo", &[&[(3, 6, "2")], &[(0, 3, "1")]]);
    assert_eq!(found, ("12".to_owned(), 2, 0));
}

#[test]
fn a_fix_that_does_not_fit_the_text_is_left() {
    let bad: [&[(usize, usize, &str)]; 5] = [
        &[(0, 99, "x")],
        &[(1, 2, "x")],
        &[(4, 5, "x"), (3, 4, "y")],
        &[(2, 4, "x"), (3, 5, "y")],
        &[(4, 3, "x")],
    ];
    for edits in bad {
        assert_eq!(
            safe("ж text", &[edits]),
            ("ж text".to_owned(), 0, 1),
            "{edits:?}"
        );
    }
}

#[test]
fn a_fix_that_changes_nothing_is_none() {
    assert_eq!(
        safe("one", &[&[], &[(0, 3, "one")]]),
        ("one".to_owned(), 0, 0)
    );
}

#[test]
fn unsafe_fixes_and_those_of_other_texts_wait() {
    let source = Arc::new(SourceText::new("a.md", "one"));
    let other = Arc::new(SourceText::new("b.md", "one"));
    let findings = [
        finding(&other, Applicability::Safe, &[(0, 1, "O")]),
        finding(&source, Applicability::Unsafe, &[(0, 1, "O")]),
    ];
    let applied = apply_fixes(&source, &findings, Applicability::Safe);
    assert_eq!((applied.text.as_str(), applied.applied.len()), ("one", 0));
    let applied = apply_fixes(&source, &findings, Applicability::Unsafe);
    assert_eq!((applied.text.as_str(), applied.applied.len()), ("One", 1));
}

#[test]
fn new_lines_end_like_those_of_the_text() {
    let found = safe("one\r\ntwo", &[&[(0, 3, "1\n1\r\n1")]]);
    assert_eq!(found.0, "1\r\n1\r\n1\r\ntwo");
    assert_eq!(safe("one\ntwo", &[&[(0, 3, "1\n1")]]).0, "1\n1\ntwo");
}
