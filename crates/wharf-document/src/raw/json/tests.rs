//! Places and strictness of the JSON reader.

use wharf_diag::Span;

use super::{Node, parse};
use crate::raw::Text;

fn read(source: &str) -> Result<Node, super::Problem> {
    parse(
        &Text::new(source, Span::new(0, source.len()), source),
        source,
    )
}

#[test]
fn strings_point_between_their_quotes() {
    let source = "{\"a\": \"ж\", \"b\": [1, true, null], \"c\": \"\"}";
    let Node::Object(entries, _) = read(source).unwrap() else {
        panic!("not an object");
    };
    assert_eq!(&source[entries[0].1.span().range()], "ж");
    assert_eq!(&source[entries[1].1.span().range()], "[1, true, null]");
    assert_eq!(&source[entries[2].1.span().range()], "\"\"");
    assert_eq!(entries[0].0.as_str(), "a");
}

#[test]
fn only_strict_json_is_read() {
    for source in [
        "",
        "{",
        "{\"a\":1,}",
        "{a:1}",
        "// x\n1",
        "{\"a\" 1}",
        "1 2",
        "{'a':1}",
    ] {
        let problem = read(source).unwrap_err();
        assert!(problem.span.end <= source.len(), "{source:?}");
        assert!(
            source.is_empty() || !source[problem.span.range()].is_empty(),
            "{source:?} {problem:?}"
        );
    }
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    assert!(read(&"[".repeat(100_000)).is_err());
}
