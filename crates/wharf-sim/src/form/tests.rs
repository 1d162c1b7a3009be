//! Forms and their bracketed names.

use serde_json::json;

use super::{MAX_PAIRS, pairs, parse};

#[test]
fn pairs_are_decoded() {
    let all: Vec<_> = pairs("a=1+2&b=%C3%A9&c&&d=x=y").collect();
    let all: Vec<_> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(all, [("a", "1 2"), ("b", "é"), ("c", ""), ("d", "x=y")]);
}

#[test]
fn brackets_nest_and_make_lists() {
    assert_eq!(
        parse(
            "a[b][c]=1&a[b][d]=2&list[]=x&list[]=y&items[0][price]=p&items[0][n]=2&items[1][n]=3"
        ),
        json!({
            "a": {"b": {"c": "1", "d": "2"}},
            "list": ["x", "y"],
            "items": [{"price": "p", "n": "2"}, {"n": "3"}]
        })
    );
}

#[test]
fn encoded_brackets_count_as_brackets() {
    assert_eq!(parse("a%5Bb%5D=c"), json!({"a": {"b": "c"}}));
}

#[test]
fn stray_brackets_stay_in_the_name() {
    assert_eq!(
        parse("[a]=1&b[=2&c]=3"),
        json!({"[a]": "1", "b[": "2", "c]": "3"})
    );
}

#[test]
fn a_contradicting_name_replaces_the_earlier() {
    assert_eq!(parse("a=1&a[b]=2"), json!({"a": {"b": "2"}}));
    assert_eq!(parse("a[b]=2&a=1"), json!({"a": "1"}));
}

#[test]
fn pairs_and_depth_are_bounded() {
    let many: Vec<String> = (0..MAX_PAIRS + 5).map(|i| format!("k{i}=v")).collect();
    let read = parse(&many.join("&"));
    assert_eq!(read.as_object().unwrap().len(), MAX_PAIRS);
    let deep = format!("a{}=1", "[b]".repeat(1_000));
    assert_eq!(parse(&deep), json!({}));
}

#[test]
fn an_index_beyond_the_list_does_not_grow_it_at_will() {
    assert_eq!(parse("a[4000000000]=x"), json!({"a": ["x"]}));
}
