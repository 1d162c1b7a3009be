//! Comparisons: `< 500ms p95`, `> 99.9%`, `<= 80% of quota`.

use super::duration::{self, Unit};
use super::number_and_rest;
use crate::model::{Bound, Comparison, Operator};

/// What a comparison looks like, for messages.
pub(crate) const FORMS: &str = "`< 500ms p95`, `> 99.9%` or `< 80% of quota`";

/// Words that begin a remark behind a comparison.
const REMARKS: [&str; 7] = ["of ", "over ", "per ", "for ", "in ", "(", ","];

const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("≤", Operator::AtMost),
    ("≥", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Reads one comparison.
pub(crate) fn parse(text: &str) -> Result<Comparison, String> {
    let text = text.trim();
    let (operator, rest) = OPERATORS
        .iter()
        .find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)))
        .ok_or("it does not start with `<`, `<=`, `>` or `>=`")?;
    let (number, behind) = number_and_rest(rest).ok_or("no number stands behind the sign")?;
    let behind = behind.trim_start();
    let (bound, behind) = if let Some(behind) = behind.strip_prefix('%') {
        if number > 100.0 {
            return Err("it is more than 100 %".to_owned());
        }
        (Bound::Percent(number), behind)
    } else {
        let end = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let word = &behind[..end];
        match Unit::from_word(word) {
            Some(_) if !is_percentile(behind) => {
                let text = format!("{number}{word}");
                let duration = duration::parse(&text, Unit::Seconds)?;
                (Bound::Duration(duration), &behind[end..])
            }
            _ => (Bound::Number(number), behind),
        }
    };
    let (percentile, behind) = percentile(behind.trim_start())?;
    let behind = behind.trim_start();
    if !behind.is_empty() && !REMARKS.iter().any(|remark| behind.starts_with(remark)) {
        return Err(format!("`{behind}` stands behind the bound"));
    }
    Ok(Comparison {
        operator,
        bound,
        percentile,
    })
}

fn is_percentile(text: &str) -> bool {
    text.strip_prefix('p')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `p95` or `p99.9`.
fn percentile(text: &str) -> Result<(Option<f64>, &str), String> {
    if !is_percentile(text) {
        return Ok((None, text));
    }
    let (number, rest) = number_and_rest(&text[1..]).ok_or("its percentile is no number")?;
    if number <= 0.0 || number > 100.0 {
        return Err("its percentile is not above 0 and up to 100".to_owned());
    }
    Ok((Some(number), rest))
}
