//! Words between a name and its value.

use super::value;

#[test]
fn the_value_follows_is_a_colon_or_a_mark() {
    for (words, rest) in [
        ("for staging is abc", "abc"),
        ("of the app: abc", " abc"),
        ("(prod, eu) = abc", " abc"),
        ("for the billing service is abc", "abc"),
        ("für Staging ist abc", "abc"),
        ("is `abc`", "`abc`"),
        ("abc", "abc"),
        ("s29JTq34YxmnrpEJaekOx=", "s29JTq34YxmnrpEJaekOx="),
        ("is abc", "abc"),
        ("in production `abc`", "`abc`"),
        ("set to `abc`", "`abc`"),
    ] {
        assert_eq!(
            value(words, true).map(|at| &words[at..]),
            Some(rest),
            "{words}"
        );
    }
}

#[test]
fn nouns_and_places_are_no_values() {
    for words in [
        "hash: abc",
        "id for staging is abc",
        "is read by `abc`",
        "comes from `abc`",
        "lives in the vault at `abc`",
        "policy: abc",
        "is rotated by Lambda `abc`",
        "lives in the secret `abc`",
        "are hashed with `abc`",
        "(sha256: abc)",
    ] {
        assert_eq!(value(words, true), None, "{words}");
    }
}

#[test]
fn a_word_follows_only_where_it_may() {
    assert_eq!(value("abc and more", false), None);
    assert_eq!(value("abc and more", true), Some(0));
}
