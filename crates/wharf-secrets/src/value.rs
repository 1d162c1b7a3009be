//! Whether a value is fit to be a credential: what can be sent in an HTTP header, or a key in PEM.

use std::fmt;

/// Largest credential file, and longest value of a variable, in bytes.
pub const FILE_SIZE_LIMIT_BYTES: usize = 64 * 1024;

/// Why a value cannot be used. It never says what the value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueProblem {
    /// Nothing in it.
    Empty,
    /// A member of a JSON object that is something else, such as a number.
    NotString,
    /// Bytes that are not UTF-8.
    NotText,
    /// Longer than [`FILE_SIZE_LIMIT_BYTES`].
    TooLong,
    /// A space at the start or the end, which receivers of a header remove.
    SurroundingSpace,
    /// A line break inside.
    LineBreak,
    /// Another control character.
    ControlCharacter,
    /// A character outside ASCII.
    NotAscii,
}

impl fmt::Display for ValueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::NotString => f.write_str("is not a string"),
            Self::NotText => f.write_str("is not UTF-8 text"),
            Self::TooLong => write!(f, "is longer than {FILE_SIZE_LIMIT_BYTES} bytes"),
            Self::SurroundingSpace => f.write_str("starts or ends with a space"),
            Self::LineBreak => f.write_str("has a line break in it"),
            Self::ControlCharacter => f.write_str("has a control character in it"),
            Self::NotAscii => f.write_str("has a character outside ASCII in it"),
        }
    }
}

/// Checks that a value can be sent in a header, or is a key or a certificate in PEM, whose lines
/// have breaks (RFC 7468).
pub(crate) fn check(value: &str) -> Result<(), ValueProblem> {
    match check_sendable(value) {
        Err(ValueProblem::LineBreak) if is_pem(value) => {
            let lines = value.trim_end().lines().filter(|line| !line.is_empty());
            let mut checked = lines.map(|line| check_sendable(line.trim()));
            checked.find(Result::is_err).unwrap_or(Ok(()))
        }
        checked => checked,
    }
}

/// Whether it begins as a block in PEM.
pub(crate) fn is_pem(value: &str) -> bool {
    value.starts_with("-----BEGIN ")
}

/// Checks that a value is visible ASCII and inner spaces, and not empty.
pub(crate) fn check_sendable(value: &str) -> Result<(), ValueProblem> {
    if value.is_empty() {
        return Err(ValueProblem::Empty);
    }
    if value.len() > FILE_SIZE_LIMIT_BYTES {
        return Err(ValueProblem::TooLong);
    }
    for byte in value.bytes() {
        match byte {
            b' '..=b'~' => {}
            b'\n' | b'\r' => return Err(ValueProblem::LineBreak),
            0x80.. => return Err(ValueProblem::NotAscii),
            _ => return Err(ValueProblem::ControlCharacter),
        }
    }
    if value.starts_with(' ') || value.ends_with(' ') {
        return Err(ValueProblem::SurroundingSpace);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
