//! Every way a value can be unusable, and the edges of what is usable.

use super::{ValueProblem, check, check_sendable};

#[test]
fn visible_ascii_with_inner_spaces_is_usable() {
    for value in ["x", "!~", "two words", "a.b-c_d=="] {
        assert_eq!(check(value), Ok(()), "{value:?}");
    }
    assert_eq!(check(&"x".repeat(65_536)), Ok(()));
}

#[test]
fn each_problem_is_told_apart() {
    let long = "x".repeat(65_537);
    let cases = [
        ("", ValueProblem::Empty),
        (long.as_str(), ValueProblem::TooLong),
        (" x", ValueProblem::SurroundingSpace),
        ("x ", ValueProblem::SurroundingSpace),
        ("x\ny", ValueProblem::LineBreak),
        ("x\r", ValueProblem::LineBreak),
        ("x\ty", ValueProblem::ControlCharacter),
        ("x\u{7f}", ValueProblem::ControlCharacter),
        ("\0", ValueProblem::ControlCharacter),
        ("schlüssel", ValueProblem::NotAscii),
        ("\u{feff}x", ValueProblem::NotAscii),
    ];
    for (value, problem) in cases {
        assert_eq!(check(value), Err(problem));
    }
}

#[test]
fn a_key_in_pem_may_have_lines_and_cannot_be_sent() {
    for value in [
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n\r\n",
    ] {
        assert_eq!(check(value), Ok(()), "{value:?}");
        assert_eq!(check_sendable(value), Err(ValueProblem::LineBreak));
    }
    for (value, problem) in [
        ("-----BEGIN KEY-----\nA\tA", ValueProblem::ControlCharacter),
        ("-----BEGIN KEY-----\nschlüssel", ValueProblem::NotAscii),
        ("x\n-----BEGIN KEY-----", ValueProblem::LineBreak),
    ] {
        assert_eq!(check(value), Err(problem), "{value:?}");
    }
}
