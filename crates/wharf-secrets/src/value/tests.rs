//! Every way a value can be unusable, and the edges of what is usable.

use super::{ValueProblem, check};

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
