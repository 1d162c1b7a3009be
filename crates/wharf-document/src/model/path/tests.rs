//! What segments match, and what their parameters hold.

use super::Specificity;
use crate::parse::path::parse;

/// The values of the parameters of the only segment, where it fits.
fn captured(pattern: &str, segment: &str) -> Option<String> {
    let pattern = parse(&format!("/{pattern}")).unwrap();
    let mut values = Vec::new();
    let fits = pattern.segments[0].capture(segment, |name, value| {
        values.push(format!("{name}={value}"));
    });
    assert_eq!(fits, pattern.segments[0].matches(segment));
    fits.then(|| values.join(" "))
}

#[test]
fn a_parameter_ends_where_the_text_behind_it_begins() {
    for (pattern, segment, expected) in [
        ("items", "items", Some("")),
        ("{id}", "a.b", Some("id=a.b")),
        (":id.json", "a", Some("id.json=a")),
        ("{sid}.json", "SM1.json", Some("sid=SM1")),
        ("{sid}.json", "a.json.json", Some("sid=a.json")),
        ("{property}:runReport", "7:runReport", Some("property=7")),
        (
            "{base}...{head}",
            "main...next",
            Some("base=main head=next"),
        ),
        ("{base}...{head}", "a....b", Some("base=a head=.b")),
        ("{base}...{head}", "....b", Some("base=. head=b")),
        ("@{user}", "@ada", Some("user=ada")),
        ("v{major}.{minor}-x", "v1.2-x", Some("major=1 minor=2")),
        ("v{major}.{minor}-x", "v1.2-x-x", Some("major=1 minor=2-x")),
        ("{a}-{b}-{c}", "1-2-3-4", Some("a=1 b=2 c=3-4")),
        ("{a}é{b}", "ééé", Some("a=é b=é")),
    ] {
        assert_eq!(
            captured(pattern, segment).as_deref(),
            expected,
            "{pattern} {segment}"
        );
    }
}

#[test]
fn a_parameter_is_never_empty() {
    for (pattern, segment) in [
        ("{id}", ""),
        ("{sid}.json", ".json"),
        ("{sid}.json", "SM1.xml"),
        ("{sid}.json", "json"),
        ("@{user}", "@"),
        ("@{user}", "ada"),
        ("{base}...{head}", "...next"),
        ("{base}...{head}", "main..."),
        ("{base}...{head}", "main..next"),
        ("{a}-{b}-x", "1-x"),
        ("{a}é{b}", "éé"),
        ("items", "item"),
    ] {
        assert_eq!(captured(pattern, segment), None, "{pattern} {segment}");
    }
}

#[test]
fn more_text_is_more_specific() {
    let specificity = |text: &str| parse(text).unwrap().segments[0].specificity();
    let order = ["/{a}", "/{a}.json", "/{a}.b.json", "/a"].map(specificity);
    assert!(order.is_sorted_by(|left, right| left < right), "{order:?}");
    assert_eq!(specificity("/{a}é{b}-"), Specificity::Mixed(3));
}
