//! Values: text to numbers with units, addresses, paths and templates.
//!
//! Each reader is a pure function from text to a value or the reason why it is none.

pub(crate) mod call;
pub(crate) mod comparison;
pub(crate) mod condition;
pub(crate) mod connection;
pub(crate) mod date;
pub(crate) mod duration;
pub(crate) mod money;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod path;
pub(crate) mod place;
pub(crate) mod placeholder;
pub(crate) mod quantity;
pub(crate) mod rate;
pub(crate) mod reference;
pub(crate) mod size;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod template;
pub(crate) mod url;
pub(crate) mod version;
pub(crate) mod weekday;
pub(crate) mod words;

/// Splits a number from what follows it: `5,000 MB` gives 5000 and `MB`.
///
/// `None` when the text does not start with a digit or the number is not finite.
fn number_and_rest(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let (digits, end) = number::leading(text)?;
    let number: f64 = digits.parse().ok()?;
    number.is_finite().then_some((number, &text[end..]))
}

#[cfg(test)]
mod tests;
