//! Rates: `100/min`, `25/s`, `5,000/hour`, `200/6h`, `100 requests per minute`.

use std::time::Duration;

use super::duration::{self, Unit};
use super::number::is_thousands_comma;
use super::number_and_rest;
use crate::model::Rate;
use crate::raw::Text;

/// What a rate looks like, for messages.
pub(crate) const FORMS: &str = "`100/min`, `25/s`, `5,000/hour` or `200/6h`";

/// Rates that are named by one word.
const SHORT: [(&str, &str); 4] = [("rps", "s"), ("qps", "s"), ("tps", "s"), ("rpm", "min")];

/// Splits a cell that holds several rates at `,`, `;`, `+` and `and`.
pub(crate) fn split(cell: &Text) -> Vec<Text> {
    cell.split(|value, at| {
        let rest = &value[at..];
        if rest.starts_with([';', '+']) {
            1
        } else if rest.starts_with(',') {
            usize::from(!is_thousands_comma(value.as_bytes(), at))
        } else if rest.starts_with(" and ") {
            5
        } else {
            0
        }
    })
}

/// Reads one rate.
pub(crate) fn parse(text: &str) -> Result<Rate, String> {
    let (number, rest) = number_and_rest(text).ok_or("it does not start with a number")?;
    if number < 1.0 || number.fract() != 0.0 || number > 1e15 {
        return Err("the number of calls is not a whole number from 1".to_owned());
    }
    let rest = rest.trim();
    let rest = ["requests", "request", "calls", "call", "req", "reqs"]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest)
        .trim_start();
    let period = ["/", "per ", "a ", "an ", "every ", "each "]
        .iter()
        .find_map(|joint| rest.strip_prefix(joint))
        .or_else(|| {
            SHORT
                .iter()
                .find(|(word, _)| rest == *word)
                .map(|(_, unit)| *unit)
        })
        .ok_or("it does not say per how much time")?
        .trim();
    let period = if let Some(unit) = Unit::from_word(period) {
        Duration::from_secs_f64(unit.seconds())
    } else if period.starts_with(|c: char| c.is_ascii_digit()) {
        duration::parse(period, Unit::Seconds)?
    } else {
        return Err(format!("`{period}` is no unit of time"));
    };
    if period.is_zero() {
        return Err("its period is zero".to_owned());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above to be a whole number between 1 and 10^15"
    )]
    let count = number as u64;
    Ok(Rate { count, period })
}
