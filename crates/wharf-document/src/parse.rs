//! Values: text to numbers with units, addresses, paths and templates.
//!
//! Each reader is a pure function from text to a value or the reason why it is none.

pub(crate) mod comparison;
pub(crate) mod condition;
pub(crate) mod connection;
pub(crate) mod duration;
pub(crate) mod money;
pub(crate) mod path;
pub(crate) mod placeholder;
pub(crate) mod rate;
pub(crate) mod reference;
pub(crate) mod size;
pub(crate) mod status;
pub(crate) mod template;
pub(crate) mod url;
pub(crate) mod words;

/// Splits a number from what follows it: `5,000 MB` gives 5000 and `MB`.
///
/// Commas are thousands separators where exactly three digits follow. `None` when the text does
/// not start with a digit or the number is not finite.
fn number_and_rest(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let mut end = 0;
    let bytes = text.as_bytes();
    let mut seen_point = false;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'0'..=b'9' => end += 1,
            b'.' if !seen_point && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) => {
                seen_point = true;
                end += 1;
            }
            b',' if !seen_point && is_thousands_comma(bytes, end) => end += 1,
            _ => break,
        }
    }
    let number: f64 = text[..end].replace(',', "").parse().ok()?;
    number.is_finite().then_some((number, &text[end..]))
}

/// Whether a comma stands between digits with exactly three behind it.
fn is_thousands_comma(bytes: &[u8], at: usize) -> bool {
    let digit = |offset: usize| bytes.get(at + offset).is_some_and(u8::is_ascii_digit);
    at > 0
        && bytes[at - 1].is_ascii_digit()
        && bytes.get(at) == Some(&b',')
        && digit(1)
        && digit(2)
        && digit(3)
        && !digit(4)
}

#[cfg(test)]
mod tests;
