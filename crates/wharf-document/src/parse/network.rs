//! Networks and how many addresses they have: `198.51.100.64/28 (16 addresses)`.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::words;

/// Most networks of one text that are read.
const MOST: usize = 64;

/// Names of what is counted.
const NOUNS: [&str; 10] = [
    "address",
    "addresses",
    "ip address",
    "ip addresses",
    "ips",
    "source addresses",
    "source ips",
    "ipv4 addresses",
    "adressen",
    "ip-adressen",
];

/// A network, or one address, in a text.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// All its addresses, the first and the last one too.
    pub(crate) addresses: u64,
    pub(crate) range: Range<usize>,
}

/// The networks and single addresses of IPv4 in a text (RFC 4632, 3.1).
pub(crate) fn find(text: &str) -> Vec<Network> {
    let text = words::head(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(|sign: char| sign.is_ascii_digit()) {
        let start = at + next;
        let is_part = |sign: &char| !(sign.is_ascii_digit() || *sign == '.');
        let width: usize = text[start..]
            .chars()
            .take_while(|sign| !is_part(sign))
            .map(char::len_utf8)
            .sum();
        let word = text[start..start + width].trim_end_matches('.');
        at = start + width.max(1);
        let touched = text[..start].ends_with(|sign: char| sign.is_alphanumeric() || sign == '-');
        if touched || word.parse::<Ipv4Addr>().is_err() {
            continue;
        }
        let end = start + word.len();
        let (addresses, end) = match prefix(&text[end..]) {
            Some((length, width)) => (1_u64 << (32 - length), end + width),
            None => (1, end),
        };
        found.push(Network {
            addresses,
            range: start..end,
        });
        at = at.max(end);
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// `/28`: the length of the prefix, and how wide it is written.
fn prefix(text: &str) -> Option<(u32, usize)> {
    let digits = text.strip_prefix('/')?;
    let width = digits
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(digits.len());
    let length: u32 = digits[..width].parse().ok()?;
    (length <= 32).then_some((length, width + 1))
}

/// The numbers of addresses that a text names, each with its noun.
pub(crate) fn counts(text: &str) -> Vec<(u64, Range<usize>)> {
    let lower = words::lowered(text);
    let numbers = words::numbers(text).into_iter();
    let counts = numbers.filter_map(|(number, range)| {
        let rest = lower[range.end..].trim_start();
        let gap = lower.len() - range.end - rest.len();
        let noun = NOUNS
            .iter()
            .filter(|noun| rest.starts_with(**noun))
            .max_by_key(|noun| noun.len())?;
        let is_whole = !rest[noun.len()..].starts_with(char::is_alphanumeric);
        let count = whole(number)?;
        is_whole.then(|| (count, range.start..range.end + gap + noun.len()))
    });
    counts.collect()
}

/// A number without a fraction.
pub(crate) fn whole(number: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 up to 2^33"
    )]
    let whole = (number.fract() == 0.0 && (0.0..=8_589_934_592.0).contains(&number))
        .then_some(number as u64);
    whole
}
