//! Rates: `100/min`, `25/s`, `5,000/hour`, `200/6h`, `100 requests per minute`, and what limits have
//! behind them: `2/s, burst 40`, `1/s per {channel}`, `60/hour shared queries`.

use std::ops::Range;
use std::time::Duration;

use super::duration::{self, Unit};
use super::number::{self, is_thousands_comma};
use super::{condition, number_and_rest, words};
use crate::model::{CountedPer, Rate, RateLimit};
use crate::raw::Text;

/// What a rate looks like, for messages.
pub(crate) const FORMS: &str = "`100/min`, `25/s`, `5,000/hour`, `200/6h`, `2/s, burst 40`, \
    `1/s per {channel}` or `60/hour shared queries`";

/// Rates that are named by one word.
const SHORT: [(&str, &str); 4] = [("rps", "s"), ("qps", "s"), ("tps", "s"), ("rpm", "min")];

/// Splits a cell that holds several rates at `,`, `;`, `+` and `and`.
pub(crate) fn split(cell: &Text) -> Vec<Text> {
    cell.split(|value, at| {
        let rest = &value[at..];
        if rest.starts_with([';', '+']) {
            1
        } else if let Some(behind) = rest.strip_prefix(',') {
            let is_burst = behind.trim_start().starts_with(BURST);
            usize::from(!is_burst && !is_thousands_comma(value.as_bytes(), at))
        } else if rest.starts_with(" and ") {
            5
        } else {
            0
        }
    })
}

const BURST: &str = "burst ";

/// Reads a limit: a rate, and behind it in any order `burst 40`, `per {name}`, `per /pointer`,
/// `per caller` and `shared NAME`.
pub(crate) fn limit(text: &str) -> Result<RateLimit, String> {
    let mut rest = text.trim();
    let (mut burst, mut per, mut shared) = (None, None, None);
    while let Some((before, word)) = rest.rsplit_once(char::is_whitespace) {
        let before = before.trim_end();
        let Some((front, key)) = before.rsplit_once(|c: char| c.is_whitespace() || c == ',') else {
            break;
        };
        let is_new = match key {
            "burst" => burst.replace(bucket(word)?).is_none(),
            "shared" => shared.replace(word.to_owned()).is_none(),
            "per" => match counted_per(word)? {
                Some(found) => per.replace(found).is_none(),
                // A unit of time: it belongs to the rate.
                None => break,
            },
            _ => break,
        };
        if !is_new {
            return Err(format!("`{key}` stands there twice"));
        }
        rest = front.trim_end().trim_end_matches(',').trim_end();
    }
    Ok(RateLimit {
        rate: parse(rest)?,
        burst,
        per,
        shared,
    })
}

fn bucket(word: &str) -> Result<u64, String> {
    let size = word.replace(',', "").parse().ok().filter(|size| *size > 0);
    size.ok_or_else(|| format!("the burst `{word}` is not a whole number from 1"))
}

fn counted_per(word: &str) -> Result<Option<CountedPer>, String> {
    if word.eq_ignore_ascii_case("caller") {
        return Ok(Some(CountedPer::Caller));
    }
    if word.starts_with('/') {
        return condition::pointer(word).map(|pointer| Some(CountedPer::Field(pointer)));
    }
    let inner = word
        .strip_prefix('{')
        .and_then(|word| word.strip_suffix('}'));
    match inner {
        Some(name) if !name.is_empty() => Ok(Some(CountedPer::Parameter(name.to_owned()))),
        Some(_) => Err("`{}` names no parameter".to_owned()),
        None => Ok(None),
    }
}

/// Reads one rate.
pub(crate) fn parse(text: &str) -> Result<Rate, String> {
    let (number, rest) = number_and_rest(text).ok_or("it does not start with a number")?;
    if number::is_unclear(text) {
        return Err(number::UNCLEAR.to_owned());
    }
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

/// A rate in some words: `600 requests a minute`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) rate: Rate,
    /// What is counted, in lower case; empty where it is not said.
    pub(crate) noun: String,
    pub(crate) range: Range<usize>,
}

/// Most words between a number and its period.
const MOST_NOUNS: usize = 3;

/// The first rate in some words: a number, at most three words, and per how much time.
pub(crate) fn find(text: &str) -> Option<Said> {
    let tokens = words::tokens(text);
    tokens.iter().enumerate().find_map(|(index, token)| {
        let before = &text[..token.start];
        let is_part = before.ends_with(|c: char| c.is_alphanumeric() || ".,-_/".contains(c));
        if is_part {
            return None;
        }
        let (number, width) = number::leading(&text[token.start..])?;
        let end = token.start + width;
        let behind = tokens[index + 1..].iter().filter(|next| next.start >= end);
        let period = behind.take(MOST_NOUNS + 3).find_map(|next| {
            let unit = text.get(next.clone())?;
            let joint =
                text[end..next.start].trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
            let noun = ["/", " per", " a", " an", " every", " each"]
                .iter()
                .find_map(|word| joint.strip_suffix(word))?;
            let is_unit = Unit::from_word(unit).is_some();
            let is_counted = is_unit && noun.split_whitespace().count() <= MOST_NOUNS;
            let is_plain = noun.chars().all(|c| c.is_alphabetic() || c == ' ');
            (is_counted && is_plain)
                .then(|| (noun.trim().to_lowercase(), end + noun.len(), next.end))
        });
        let (noun, joint, end) = period?;
        let rate = parse(&format!("{number}{}", &text[joint..end])).ok()?;
        Some(Said {
            rate,
            noun,
            range: token.start..end,
        })
    })
}
