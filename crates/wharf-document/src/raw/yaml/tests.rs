//! Places survive every alphabet, line ending and quoting style.

use wharf_diag::Span;

use super::{DEEPEST, Node, parse};
use crate::raw::Text;

fn read(source: &str) -> Result<Node, super::Problem> {
    parse(
        &Text::new(source, Span::new(0, source.len()), source),
        source,
    )
}

fn entries(source: &str) -> Vec<(String, String, String)> {
    let Node::Mapping(entries, _) = read(source).unwrap() else {
        panic!("not a mapping");
    };
    entries
        .into_iter()
        .map(|(key, node)| {
            let slice = source[node.span().range()].to_owned();
            let Node::Scalar(value) = node else {
                return (key.as_str().to_owned(), "-".to_owned(), slice);
            };
            (key.as_str().to_owned(), value.as_str().to_owned(), slice)
        })
        .collect()
}

#[test]
fn spans_are_bytes_in_every_alphabet_and_line_ending() {
    let source = "ключ: значение 🙂\r\nb:\t\"q\"\r\nc: 'it''s'\r\n";
    let found = entries(source);
    let expected = [
        ("ключ", "значение 🙂", "значение 🙂"),
        ("b", "q", "q"),
        ("c", "it's", "'it''s'"),
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((&*found.0, &*found.1, &*found.2), expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn sequences_of_both_styles_have_places() {
    let source = "a: [x, 'y']\nb:\n  - one\n  - two\nc: d\n";
    let found = entries(source);
    assert_eq!(found[0].2, "[x, 'y']");
    assert_eq!(found[1].2, "- one\n  - two");
    assert_eq!(found[2].2, "d");
}

#[test]
fn an_error_points_to_something_visible() {
    for source in [
        "a: [x\n",
        "title: [A] B\n",
        "a: b: c\n",
        "a:\n\t- x\n",
        "\"\n",
        "a: @b\n",
    ] {
        let problem = read(source).unwrap_err();
        assert!(
            !source[problem.span.range()].trim().is_empty(),
            "{source:?} {problem:?}"
        );
    }
}

#[test]
fn aliases_and_deep_nesting_are_refused() {
    assert!(
        read("a: &x 1\nb: *x\n")
            .unwrap_err()
            .message
            .contains("alias")
    );
    assert!(read(&"[".repeat(5000)).is_err());
}

/// A reader that follows every level would overflow its stack, which no caller can catch.
#[test]
fn a_hundred_thousand_levels_of_any_kind_are_refused_at_the_bound() {
    const LEVELS: usize = 100_000;
    let lists = "[".repeat(LEVELS);
    let closed = format!("{lists}{}", "]".repeat(LEVELS));
    let kinds = [
        lists,
        closed,
        "{a: ".repeat(LEVELS),
        "[{a: ".repeat(LEVELS),
        format!("x:\n{}y", "- ".repeat(LEVELS)),
        format!("{}y", "? ".repeat(LEVELS)),
        format!("a: {}", "[".repeat(LEVELS)),
    ];
    for source in kinds {
        let problem = read(&source).unwrap_err();
        let start = &source[..20];
        assert!(
            problem.message.contains("nested too deeply"),
            "{start}: {problem:?}"
        );
        // Where the bound is passed, not at the end of what was read.
        assert!(problem.span.start < 300 * 5, "{start}: {problem:?}");
    }
    assert!(super::TOO_DEEP.contains(&format!(" {DEEPEST} levels")));
    for innermost in ["", "x", "{}"] {
        let levels = DEEPEST - usize::from(innermost == "{}");
        let deepest = format!("{}{innermost}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&deepest).is_ok(), "{innermost}");
        let problem = read(&format!("[{deepest}]")).unwrap_err();
        assert!(problem.message.contains("nested too deeply"), "{innermost}");
    }
}

#[test]
fn an_empty_text_is_an_empty_mapping() {
    assert!(
        matches!(read("# only a remark\n").unwrap(), Node::Mapping(entries, _) if entries.is_empty())
    );
}
