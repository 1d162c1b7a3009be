//! A secret is known again in every form in which a reader may have put it.

use super::{is_no_plain_word, spellings};

fn has(written: &str, shown: &str) {
    let all = spellings(written);
    assert!(all.iter().any(|word| word == shown), "{shown}: {all:?}");
}

#[test]
fn escapes_of_markdown_are_taken_out() {
    has(r"sk\_live\_x1", r"sk\_live\_x1");
    has(r"sk\_live\_x1", "sk_live_x1");
    has("sk&#95;live&#x5F;x1", "sk_live_x1");
    has("sk&lowbar;live&UnderBar;x1", "sk_live_x1");
    has(r"a\\b\*c", r"a\b*c");
    has("a*b*c`d`", "abcd");
    // In code of a table.
    has(r"a\|b\_c", r"a|b\_c");
    has(
        "a & b &nothing; &#xFFFFFFFF;",
        "a & b &nothing; &#xFFFFFFFF;",
    );
    has("ends with &#", "ends with &#");
    has("ж&", "ж&");
    has("&жжжжжжжжжж;", "&жжжжжжжжжж;");
}

#[test]
fn lines_are_one_line_or_each_by_itself() {
    let written = "-----BEGIN KEY-----\n  MIIEvQIBADANBgkqhkiG9w0\r\n  x==\n  -----END KEY-----";
    has(
        written,
        "-----BEGIN KEY----- MIIEvQIBADANBgkqhkiG9w0 x== -----END KEY-----",
    );
    has(written, "MIIEvQIBADANBgkqhkiG9w0");
    let all = spellings(written);
    assert!(!all.iter().any(|word| word == "x=="), "{all:?}");
    has(
        "MIIEvQIBADAN1<br>MIIEvQIBADAN2<br/>x==",
        "MIIEvQIBADAN1; MIIEvQIBADAN2; x==",
    );
    has(
        r"MIIEvQIBADAN1\nMIIEvQIBADAN2\r\nx==",
        "MIIEvQIBADAN1\nMIIEvQIBADAN2\nx==",
    );
}

#[test]
fn names_are_known_as_ids_and_letters_in_any_case() {
    has("Sk Live_x1", "sk-live-x1");
    has("Ключ-1", "ключ-1");
    has("Ключ-1", "КЛЮЧ-1");
    assert!(spellings(" \n ").is_empty());
}

#[test]
fn what_may_be_a_word_of_the_language_is_told_from_what_is_none() {
    assert!(!is_no_plain_word("production"));
    assert!(!is_no_plain_word("s3cr3t"));
    assert!(is_no_plain_word("s3cr3t-key"));
    assert!(is_no_plain_word("correct-horse-battery-staple"));
}
