//! Money and prices: `$20`, `20 EUR`, `$20/month`, `$0.40 per 1000 requests`, `$2 per 1M tokens`.

use std::ops::Range;
use std::time::Duration;

use rust_decimal::Decimal;

use super::duration::{self, Unit};
use super::{number, words};
use crate::model::{Currency, Money, Price, PricePer};

/// What a price looks like, for messages.
pub(crate) const FORMS: &str = "`$20/month`, `20 EUR/month` or `$0.40 per 1000 requests`";

/// Signs of currencies and their codes.
const SIGNS: [(&str, &str); 6] = [
    ("US$", "USD"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
];

/// Longest name of what is paid for.
const LONGEST_UNIT: usize = 64;

/// Reads money and what it is for.
pub(crate) fn price(text: &str) -> Result<Price, String> {
    let (money, rest) = money_and_rest(text.trim())?;
    let rest = rest.trim();
    let per = rest
        .strip_prefix('/')
        .or_else(|| rest.strip_prefix("per "))
        .or_else(|| rest.strip_prefix("a "));
    let period = || words::period(rest).and_then(duration::bounded);
    let per = match per {
        Some(words) => Some(price_per(words.trim())?),
        None if rest.is_empty() => None,
        None => match period() {
            Some(period) => Some(PricePer::Period(period)),
            None => return Err(format!("`{rest}` does not say per what")),
        },
    };
    if matches!(per, Some(PricePer::Period(_))) && number::is_unclear(text) {
        return Err("its point may be a decimal one or part thousands; \
                    write `1,200` or `1.20`"
            .to_owned());
    }
    Ok(Price { money, per })
}

fn price_per(words: &str) -> Result<PricePer, String> {
    let (count, unit) = match leading_number(words) {
        Some((number, rest)) => {
            let (factor, rest) = magnitude(rest);
            let count = number
                .checked_mul(Decimal::from(factor))
                .and_then(|count| u64::try_from(count).ok())
                .filter(|count| *count > 0)
                .ok_or("the number it is paid for is not a whole number from 1")?;
            (count, rest.trim())
        }
        None => (1, words),
    };
    if unit.is_empty() || unit.len() > LONGEST_UNIT {
        return Err("it does not say per what".to_owned());
    }
    if unit.contains(['$', '€', '£', '+']) {
        return Err("more than one sum stands there; write the other as `Overage`".to_owned());
    }
    // `month plus tax`, `month for five users`; `month per user` is no period.
    let (first, remark) = unit.split_once(' ').unwrap_or((unit, ""));
    // `$20/mo.`
    let first = first.trim_end_matches('.');
    let is_whole = !["per", "each", "a", "and", "/"]
        .iter()
        .any(|joint| remark.split_whitespace().next() == Some(joint));
    let unit_of_time = Unit::from_word(first).or_else(|| german(first));
    if let Some(period) = unit_of_time.filter(|_| is_whole) {
        let seconds = period.seconds();
        return Duration::try_from_secs_f64(seconds)
            .ok()
            .and_then(|period| period.checked_mul(u32::try_from(count).ok()?))
            .map(PricePer::Period)
            .ok_or_else(|| "its period is too long".to_owned());
    }
    Ok(PricePer::Units {
        count,
        unit: unit.to_owned(),
    })
}

/// `20 € / Monat`.
fn german(word: &str) -> Option<Unit> {
    Some(match word.to_lowercase().as_str() {
        "stunde" => Unit::Hours,
        "tag" => Unit::Days,
        "woche" => Unit::Weeks,
        "monat" => Unit::Months,
        "quartal" => Unit::Quarters,
        "jahr" => Unit::Years,
        _ => return None,
    })
}

/// `1M tokens`, `1k requests`, `1 million tokens`.
fn magnitude(text: &str) -> (u64, &str) {
    let known = [
        ("million ", 1_000_000),
        ("thousand ", 1_000),
        ("M ", 1_000_000),
        ("k ", 1_000),
        ("K ", 1_000),
    ];
    let trimmed = text.trim_start();
    known
        .iter()
        .find_map(|(word, factor)| Some((*factor, trimmed.strip_prefix(word)?)))
        .unwrap_or((1, text))
}

/// Codes of currencies that stand in running text; other capitals beside a number are no money.
const CODES: [&str; 22] = [
    "USD", "EUR", "GBP", "JPY", "INR", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK",
    "HUF", "BRL", "CNY", "SGD", "NZD", "HKD", "KRW", "ZAR", "MXN",
];

/// Names of currencies, in small letters.
const NAMES: [(&str, &str); 9] = [
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("us dollars", "USD"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("pounds", "GBP"),
    ("sterling", "GBP"),
    ("francs", "CHF"),
    ("yen", "JPY"),
];

/// A sum in a text.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    pub(crate) money: Money,
    /// `per month`, `/year`. `None`: the text does not say, or it is paid for something else.
    pub(crate) period: Option<Duration>,
    /// Whether the sum is the price of something else than time.
    pub(crate) is_per_unit: bool,
    pub(crate) range: Range<usize>,
}

/// Every sum in a text that names its currency, in the order of the text.
pub(crate) fn find(text: &str) -> Vec<Sum> {
    let text = words::head(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let width = rest.chars().next().map_or(1, char::len_utf8);
        let before = text[..at].chars().next_back();
        let is_free = before.is_none_or(|sign| !(sign.is_alphanumeric() || ".,_/-".contains(sign)));
        let begins = rest.starts_with(|sign: char| sign.is_ascii_digit() || "$€£¥₹".contains(sign))
            || CODES.iter().any(|code| rest.starts_with(code))
            || rest.starts_with("US$");
        let read = (is_free && begins)
            .then(|| money_and_rest(rest).ok())
            .flatten();
        match read.filter(|(money, _)| CODES.contains(&money.currency.as_str())) {
            Some((money, behind)) => {
                let end = text.len() - behind.len();
                let (period, is_per_unit) = paid_for(behind);
                found.push(Sum {
                    money,
                    period,
                    is_per_unit,
                    range: at..end,
                });
                at = end;
            }
            None if rest.starts_with(|sign: char| sign.is_ascii_digit()) => {
                at += number::leading(rest).map_or(width, |(_, end)| end);
            }
            None => at += width,
        }
    }
    found
}

/// What the words behind a sum say it is paid for: a time, or something else.
fn paid_for(rest: &str) -> (Option<Duration>, bool) {
    let rest = rest.trim_start();
    let per = ["/", "per ", "a ", "an ", "each "]
        .iter()
        .find_map(|joint| rest.strip_prefix(joint));
    let word = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|sign: char| !sign.is_alphabetic());
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let seconds = match per {
        Some(words) => Unit::from_word(&word(words)).map(Unit::seconds),
        None => words::period(&word(rest)),
    };
    let period = seconds.and_then(duration::bounded);
    (period, per.is_some() && period.is_none())
}

/// The currencies that a text names by their codes or their names, without those of its sums.
pub(crate) fn named(text: &str) -> Vec<Currency> {
    let lower = text.to_lowercase();
    let codes = CODES
        .iter()
        .filter(|code| words::place_of(text, code).is_some())
        .copied();
    let names = NAMES
        .iter()
        .filter(|(name, _)| words::place_of(&lower, name).is_some())
        .map(|(_, code)| *code);
    let mut found: Vec<_> = codes.chain(names).filter_map(Currency::new).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn money_and_rest(text: &str) -> Result<(Money, &str), String> {
    let (code, rest) = match SIGNS
        .iter()
        .find_map(|(sign, code)| Some((*code, text.strip_prefix(sign)?)))
    {
        Some((code, rest)) => (Some(code), rest),
        None => leading_code(text),
    };
    let (amount, rest) = leading_number(rest.trim_start())
        .ok_or("no amount stands there, such as `$20` or `20 EUR`")?;
    let (code, rest) = match code {
        Some(code) => (code, rest),
        None => match trailing_sign(rest.trim_start()) {
            (Some(code), rest) => (code, rest),
            (None, _) => return Err("it names no currency, such as `$` or `EUR`".to_owned()),
        },
    };
    let currency = Currency::new(code).ok_or("its currency is no code of three letters")?;
    Ok((Money { amount, currency }, rest))
}

/// `20 EUR` and `20 €`.
fn trailing_sign(text: &str) -> (Option<&str>, &str) {
    let sign = SIGNS
        .iter()
        .find_map(|(sign, code)| Some((Some(*code), text.strip_prefix(sign)?)));
    sign.unwrap_or_else(|| leading_code(text))
}

/// Three capital letters that end there.
fn leading_code(text: &str) -> (Option<&str>, &str) {
    let is_code = text.get(..3).is_some_and(|code| {
        code.bytes().all(|byte| byte.is_ascii_uppercase())
            && !text[3..].starts_with(|c: char| c.is_alphanumeric())
    });
    if is_code {
        (Some(&text[..3]), &text[3..])
    } else {
        (None, text)
    }
}

fn leading_number(text: &str) -> Option<(Decimal, &str)> {
    let (digits, end) = number::leading(text)?;
    Some((digits.parse().ok()?, &text[end..]))
}
