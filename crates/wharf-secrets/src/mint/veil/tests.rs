//! What is hidden, and what is shown of the rest.

use super::Veil;

fn veil(values: &[(&str, &str)]) -> Veil {
    let mut veil = Veil::default();
    for (name, value) in values {
        veil.add(name, &(*value).into());
    }
    veil
}

#[test]
fn values_are_hidden_as_they_are_and_as_in_a_form() {
    let veil = veil(&[("a", "s e/cret"), ("b", "s e/cret and more"), ("c", "abc")]);
    for (text, shown) in [
        ("x s e/cret y", "x {a} y"),
        ("x=s+e%2Fcret&y", "x={a}&y"),
        ("s e/cret and more", "{b}"),
        ("s e/crets e/cret", "{a}{a}"),
        ("x s e/\u{200b}cret y", "x {a} y"),
        // Too short to be looked for.
        ("abc", "abc"),
    ] {
        assert_eq!(veil.sentence(text, 100).as_deref(), Some(shown));
    }
}

#[test]
fn a_sentence_is_one_line_of_what_can_be_seen() {
    let veil = Veil::default();
    for (text, shown) in [
        ("  two\t\nlines\r\n ", Some("two lines")),
        ("\u{0}\u{1b}[0m\u{202e}x\u{feff}", Some("[0mx")),
        ("größer 5", Some("größer 5")),
        (" \n\u{0} ", None),
        ("", None),
    ] {
        assert_eq!(veil.sentence(text, 100).as_deref(), shown, "{text:?}");
    }
    assert_eq!(veil.sentence("abcdef", 3).as_deref(), Some("abc…"));
    assert_eq!(veil.sentence("abc def", 3).as_deref(), Some("abc…"));
}

#[test]
fn a_code_is_a_short_word() {
    let veil = veil(&[("a", "hidden_word")]);
    assert_eq!(
        veil.code("invalid_grant", 20).as_deref(),
        Some("invalid_grant")
    );
    for text in [
        "",
        "two words",
        "hidden_word",
        "x\n",
        "abcdefghijklmnopqrstuvwxyz",
    ] {
        assert_eq!(veil.code(text, 20), None, "{text:?}");
    }
}
