//! When a certificate ends, read from its DER (RFC 5280, 4.1). The TLS library checks it and does not
//! tell.

use std::time::{Duration, SystemTime};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed: the version, which the oldest certificates lack.
const VERSION: u8 = 0xa0;

/// `notAfter` of a certificate. `None`: it cannot be read, or is before 1970.
pub(crate) fn end(certificate: &[u8]) -> Option<SystemTime> {
    let mut certificate = Elements(certificate).within(SEQUENCE)?;
    let mut signed = certificate.within(SEQUENCE)?;
    if signed.0.first() == Some(&VERSION) {
        signed.next()?;
    }
    signed.within(INTEGER)?;
    // How it is signed, and by whom.
    signed.within(SEQUENCE)?;
    signed.within(SEQUENCE)?;
    let mut validity = signed.within(SEQUENCE)?;
    validity.next()?;
    let (tag, text) = validity.next()?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year = number(year)?;
            (
                if year < 50 {
                    2_000 + year
                } else {
                    1_900 + year
                },
                rest,
            )
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (number(year)?, rest)
        }
        _ => return None,
    };
    time(year, rest)
}

/// The elements of a constructed one.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The next element: its tag and what is in it.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            // No certificate has 4 GiB.
            let count = usize::from(first & 0x7f);
            let (bytes, behind) = rest.split_at_checked(count).filter(|_| count <= 4)?;
            rest = behind;
            let join = |length: usize, byte: &u8| length << 8 | usize::from(*byte);
            bytes.iter().fold(0, join)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// What is in the next element, which must have this tag.
    fn within(&mut self, tag: u8) -> Option<Self> {
        let (found, content) = self.next()?;
        (found == tag).then_some(Self(content))
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(number * 10 + u64::from(digit))
    })
}

/// The time of a year, and `MMDDHHMMSSZ` in it.
fn time(year: u64, rest: &[u8]) -> Option<SystemTime> {
    let (digits, b"Z") = rest.split_at_checked(10)? else {
        return None;
    };
    let mut parts = digits.chunks_exact(2).map(number);
    let mut part = || parts.next().flatten();
    let (month, day) = (part()?, part()?);
    let (hour, minute, second) = (part()?, part()?, part()?);
    let is_valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_valid || year < 1970 {
        return None;
    }
    let days = days_since_1970(year, month, day);
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Days in the Gregorian calendar, by years that start in March, so that a leap day is their last
/// (Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests;
