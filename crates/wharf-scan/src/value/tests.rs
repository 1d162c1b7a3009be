//! Where values end.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, found, is_not_found};

#[test]
fn what_stands_around_a_value_is_no_part_of_it() {
    let value = drawn(BASE62, 28);
    for text in [
        "**API key: @**",
        "**API key:** *@*",
        "API key: _@_.",
        "API key: ``@``",
        "\"api_key=@\\nB=2\"",
        "api_key=@<br>more",
        "api_key=@&b=2",
        "(api_key: @)",
        "api_key: @.",
    ] {
        let text = text.replace('@', &value);
        assert_eq!(found(&text), [(Kind::Assigned, value.as_str())], "{text}");
    }
    assert_eq!(
        found("password: Kestrel42*"),
        [(Kind::Password, "Kestrel42*")]
    );
    assert_eq!(
        found("**password: Kestrel42!**"),
        [(Kind::Password, "Kestrel42!")]
    );
}

/// A value that somebody cut off opens nothing, whichever dots tell it.
#[test]
fn a_value_that_is_cut_off_is_none() {
    for length in 10..24 {
        let start = drawn(BASE62, length);
        for dots in ["...", "…", "...."] {
            is_not_found(&format!("```sh\nexport API_TOKEN={start}{dots}\n```"));
        }
    }
}

#[test]
fn code_that_gets_a_value_is_none() {
    for text in [
        "password = decode_base64(arg1)",
        "pw = Piecewise((t1, x1))",
        "token = f(a1)",
    ] {
        is_not_found(text);
    }
}
