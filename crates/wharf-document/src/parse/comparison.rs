//! Comparisons: `< 500ms p95`, `> 99.9%`, `<= 80% of quota`, `at most 5 of 1000`.

use super::duration;
use super::words;
use super::{number, number_and_rest};
use crate::model::{Bound, Comparison, Operator};

/// What a comparison looks like, for messages.
pub(crate) const FORMS: &str = "`< 500ms p95`, `> 99.9%` or `< 80% of quota`";

/// Words that begin a remark behind a comparison.
const REMARKS: [&str; 26] = [
    "of ",
    "over ",
    "per ",
    "for ",
    "in ",
    "a ",
    "each ",
    "every ",
    "within ",
    "during ",
    "on ",
    "at ",
    "from ",
    "under ",
    "measured ",
    "monthly",
    "weekly",
    "daily",
    "hourly",
    "quarterly",
    "yearly",
    "annually",
    "rolling",
    "/",
    "(",
    ",",
];

/// Signs and words, each before those that begin like it.
const OPERATORS: [(&str, Operator); 28] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("=<", Operator::AtMost),
    ("=>", Operator::AtLeast),
    ("≤", Operator::AtMost),
    ("≥", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("no more than ", Operator::AtMost),
    ("not more than ", Operator::AtMost),
    ("no less than ", Operator::AtLeast),
    ("not less than ", Operator::AtLeast),
    ("no higher than ", Operator::AtMost),
    ("no lower than ", Operator::AtLeast),
    ("at most ", Operator::AtMost),
    ("at least ", Operator::AtLeast),
    ("up to ", Operator::AtMost),
    ("less than ", Operator::Less),
    ("lower than ", Operator::Less),
    ("more than ", Operator::Greater),
    ("higher than ", Operator::Greater),
    ("maximum ", Operator::AtMost),
    ("minimum ", Operator::AtLeast),
    ("max ", Operator::AtMost),
    ("under ", Operator::Less),
    ("below ", Operator::Less),
    ("above ", Operator::Greater),
    ("over ", Operator::Greater),
];

/// Whether a text begins with the sign of a comparison.
pub(crate) fn has_sign(text: &str) -> bool {
    text.starts_with(['<', '>', '≤', '≥'])
}

/// Reads one comparison.
pub(crate) fn parse(text: &str) -> Result<Comparison, String> {
    let text = text.trim();
    let (percentile_before, text) = leading_percentile(text)?;
    let lower = text.to_ascii_lowercase();
    let (operator, rest) = OPERATORS
        .iter()
        .find_map(|(sign, operator)| {
            let behind = lower.strip_prefix(sign)?;
            Some((*operator, &text[text.len() - behind.len()..]))
        })
        .ok_or("it does not start with `<`, `<=`, `>` or `>=`")?;
    let (bound, behind) = bound(rest.trim())?;
    let (percentile_behind, behind) = percentile(behind.trim_start())?;
    let behind = behind.trim();
    let (inner, window) = remark(behind)?;
    let given = [percentile_before, percentile_behind, inner];
    let mut percentiles = given.into_iter().flatten();
    let percentile = percentiles.next();
    if percentiles.next().is_some() {
        return Err("it names two percentiles".to_owned());
    }
    Ok(Comparison {
        operator,
        bound,
        percentile,
        window,
    })
}

/// The number with its unit, and what follows.
fn bound(text: &str) -> Result<(Bound, &str), String> {
    if let Some((seconds, end)) = duration::leading(text)
        && !is_percentile(text[end..].trim_start_matches(|c: char| c.is_ascii_digit()))
    {
        if number::is_unclear(text) {
            return Err(number::UNCLEAR.to_owned());
        }
        let duration = duration::bounded(seconds).ok_or("it is longer than a hundred years")?;
        return Ok((Bound::Duration(duration), &text[end..]));
    }
    let (number, behind) = number_and_rest(text).ok_or("no number stands behind the sign")?;
    let behind = behind.trim_start();
    let percent = [
        ("%", 1.0),
        ("percent", 1.0),
        ("per cent", 1.0),
        ("pct", 1.0),
        ("‰", 10.0),
    ];
    if let Some((divisor, behind)) = percent
        .iter()
        .find_map(|(sign, divisor)| Some((divisor, behind.strip_prefix(sign)?)))
    {
        return Ok((share(number / divisor)?, behind));
    }
    if let Some((whole, behind)) = out_of(behind) {
        return Ok((share(number / whole * 100.0)?, behind));
    }
    Ok((Bound::Number(number), behind))
}

fn share(percent: f64) -> Result<Bound, String> {
    if percent > 100.0 {
        return Err("it is more than 100 %".to_owned());
    }
    // Without the noise of binary fractions.
    Ok(Bound::Percent((percent * 1e9).round() / 1e9))
}

/// `of 1000`, `errors per 1,000`, `in 500`, `/ 1000`: the whole that a count is a part of.
fn out_of(text: &str) -> Option<(f64, &str)> {
    let counted = [
        "errors ",
        "failures ",
        "failed ",
        "error ",
        "failure ",
        "calls ",
        "requests ",
    ];
    let rest = counted
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text)
        .trim_start();
    let joints = ["out of ", "of ", "per ", "in ", "from ", "/"];
    let rest = joints.iter().find_map(|joint| rest.strip_prefix(joint))?;
    let rest = rest.trim_start();
    // `3 in 10 minutes` is a window.
    if duration::leading(rest).is_some() {
        return None;
    }
    let (digits, end) = number::leading(rest)?;
    let whole: f64 = digits.parse().ok()?;
    // What is counted: `calls`, `requests`.
    let behind = rest[end..].trim_start();
    let behind = behind.trim_start_matches(char::is_alphabetic);
    (whole > 0.0).then_some((whole, behind))
}

fn is_percentile(text: &str) -> bool {
    text.strip_prefix(['p', 'P'])
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `p95` or `p99.9`; `95th percentile`, `median`.
fn percentile(text: &str) -> Result<(Option<f64>, &str), String> {
    if let Some(rest) = text.strip_prefix("median") {
        return Ok((Some(50.0), rest));
    }
    if !is_percentile(text) {
        let ordinal = number_and_rest(text).and_then(|(number, rest)| {
            let rest = ["st", "nd", "rd", "th"]
                .iter()
                .find_map(|ending| rest.strip_prefix(ending))?;
            let rest = rest.trim_start_matches([' ', '-']);
            Some((number, rest.strip_prefix("percentile")?))
        });
        return match ordinal {
            Some((number, rest)) => Ok((Some(in_range(number)?), rest)),
            None => Ok((None, text)),
        };
    }
    let (number, rest) = number_and_rest(&text[1..]).ok_or("its percentile is no number")?;
    Ok((Some(in_range(number)?), rest))
}

fn in_range(percentile: f64) -> Result<f64, String> {
    if percentile <= 0.0 || percentile > 100.0 {
        return Err("its percentile is not above 0 and up to 100".to_owned());
    }
    Ok(percentile)
}

/// `p95 < 500ms`, `p95: < 500ms`.
fn leading_percentile(text: &str) -> Result<(Option<f64>, &str), String> {
    let (percentile, rest) = percentile(text)?;
    Ok((percentile, rest.trim_start_matches([':', ' ', '='])))
}

/// What a remark says about the comparison: a percentile (`at the 95th percentile`, `for 99 % of
/// calls`) and a window (`per month`, `over 30 days`).
fn remark(text: &str) -> Result<(Option<f64>, Option<std::time::Duration>), String> {
    if text.is_empty() {
        return Ok((None, None));
    }
    if !REMARKS.iter().any(|remark| text.starts_with(remark)) {
        return Err(format!("`{text}` stands behind the bound"));
    }
    // Every place is looked at, so a text without an end would take its square of time.
    let text = words::head(text);
    let mut found = None;
    let begins = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.');
    for (at, _) in text.char_indices().filter(|(at, _)| begins(*at)) {
        let rest = &text[at..];
        if let (Some(inner), _) = percentile(rest)? {
            found = Some(inner);
            break;
        }
        let share = ["for ", "in ", "of "]
            .iter()
            .find_map(|joint| number_and_rest(rest.strip_prefix(joint)?));
        if let Some((number, behind)) = share
            && behind.trim_start().starts_with('%')
            && (behind.contains("of ") || behind.trim() == "%")
        {
            found = Some(in_range(number)?);
            break;
        }
    }
    let window = words::find_duration(text).or_else(|| {
        let period = text.strip_prefix('/')?;
        words::find_duration(&format!("per {period}"))
    });
    let window = window.map(|(window, _)| window).filter(|w| !w.is_zero());
    Ok((found, window))
}
