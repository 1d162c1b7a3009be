//! WH667: the next rotation is planned later than the last one and the interval allow.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use wharf_diag::{Code, Page, Span, Spanned};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::date;
use crate::parse::duration::shown;
use crate::parse::words::{self, says};

pub(crate) const CODE: Code = Code {
    id: "WH667",
    slug: "next-rotation-late",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("next_rotation_late.md"),
};

/// Names of the day of the next rotation.
const NEXT: [&str; 18] = [
    "next time",
    "next exchange",
    "exchanged next",
    "replaced next",
    "next rotation",
    "next key rotation",
    "rotation due",
    "rotate next",
    "next rotated",
    "rotate by",
    "to be rotated",
    "next on",
    "next one",
    "rotates next",
    "next renewal",
    "nächste rotation",
    "rotate again",
    "due",
];

/// What is rotated.
const CREDENTIALS: [&str; 8] = [
    "secret",
    "secrets",
    "key",
    "keys",
    "token",
    "tokens",
    "credential",
    "password",
];

/// Names of the day of the last one.
const LAST: [&str; 8] = [
    "last rotation",
    "last rotated",
    "rotated on",
    "rotated",
    "last key rotation",
    "letzte rotation",
    "previous rotation",
    "last on",
];

/// Words that explain a later day.
const EXPLAINED: [&str; 24] = [
    "postponed",
    "extended",
    "extension",
    "exception",
    "waived",
    "freeze",
    "late",
    "later",
    "delayed",
    "agreed",
    "approved",
    "grace",
    "deferred",
    "overdue",
    "certificate",
    "cert",
    "certificates",
    "signing",
    "webhook",
    "root",
    "tls",
    "mtls",
    "ssh",
    "kms",
];

/// One credential: when it was rotated, and how long it may be used.
struct Life {
    rotated: Spanned<Date>,
    period: Spanned<Duration>,
}

/// Compares the day of the next rotation with the last one of the credential that it is about.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let Some(authentication) = &integration.authentication else {
        return;
    };
    let written = authentication.rotation.as_ref();
    let of_notes = said
        .of_section("Notes")
        .filter(|statement| statement.tells(&CREDENTIALS));
    for statement in said.of_section("Authentication").chain(of_notes) {
        if statement.tells(&EXPLAINED) {
            continue;
        }
        let Some((next, place)) = next(statement) else {
            continue;
        };
        let Some(life) = life(integration, said, statement) else {
            continue;
        };
        let slack = written.map_or(0, |written| overlap(&written.value, life.period.value));
        let seconds = life.period.value.as_secs();
        let days = seconds / 86_400 + seconds / 86_400 / 25 + slack;
        let Ok(days) = i64::try_from(days) else {
            continue;
        };
        let Ok(last_day) = life
            .rotated
            .value
            .checked_add(SignedDuration::from_hours(days * 24))
        else {
            continue;
        };
        if next <= last_day {
            continue;
        }
        report(findings, (next, place), &life);
    }
}

/// Days for which two credentials work side by side, or which are left for other reasons: times in
/// the words of `Rotation` besides the interval.
fn overlap(written: &str, period: Duration) -> u64 {
    let mut times = words::durations(written);
    times.extend(says(written, &["a week", "one week"]).then_some(Duration::from_secs(7 * 86_400)));
    times.extend(says(written, &["two weeks"]).then_some(Duration::from_secs(14 * 86_400)));
    times.extend(
        says(written, &["a month", "one month"]).then_some(Duration::from_secs(30 * 86_400)),
    );
    let shorter = times.iter().filter(|time| **time < period);
    shorter.map(|time| time.as_secs() / 86_400).sum()
}

/// The day that a statement gives for the next rotation.
fn next(statement: &Statement<'_>) -> Option<(Date, Span)> {
    day(statement, &NEXT)
}

/// The day behind one of some names: the key, or words in the value.
fn day(statement: &Statement<'_>, names: &[&str]) -> Option<(Date, Span)> {
    let about = [
        "rotation",
        "rotated",
        "rotate",
        "rotates",
        "exchange",
        "exchanged",
        "replaced",
        "renewed",
    ];
    if !statement.tells(&about) {
        return None;
    }
    let text = statement.value.as_str();
    let dates = date::find(text).read;
    let found = if statement.key_says(names) {
        dates.first()
    } else {
        let places = names
            .iter()
            .filter_map(|name| words::place_of(&statement.lower, name));
        let place = places.min()?;
        let found = dates.iter().find(|found| found.range.start > place)?;
        let gap = text.get(place..found.range.start)?;
        (gap.len() <= 40).then_some(found)
    }?;
    Some((found.first, statement.value.span_of(found.range.clone())))
}

/// What is said of the credential that a statement is about: the one whose environment it names,
/// else that of production, else the only one.
fn life(integration: &Integration, said: &Said<'_>, statement: &Statement<'_>) -> Option<Life> {
    let general = integration.authentication.as_ref()?.rotation_period;
    let lives = |credential: &crate::model::CredentialReference| {
        Some(Life {
            rotated: credential.rotated?,
            period: credential.rotation.or(general)?,
        })
    };
    let credentials = &integration.credentials;
    let named = credentials.iter().find(|credential| {
        let name = credential.environment.value.to_lowercase();
        statement.tells(&[&name])
    });
    if let Some(named) = named {
        return lives(named);
    }
    let dated: Vec<_> = credentials
        .iter()
        .filter(|credential| credential.rotated.is_some())
        .collect();
    match dated.as_slice() {
        [only] => lives(only),
        [] => {
            let mut statements = said.of_section("Authentication");
            let (rotated, place) = statements.find_map(|statement| day(statement, &LAST))?;
            let period = general.or_else(|| {
                credentials
                    .iter()
                    .find_map(|credential| credential.rotation)
            })?;
            Some(Life {
                rotated: Spanned::new(rotated, place),
                period,
            })
        }
        several => {
            let production = several.iter().find(|credential| {
                credential
                    .environment
                    .value
                    .eq_ignore_ascii_case("production")
            });
            lives(production?)
        }
    }
}

fn report(findings: &mut Findings<'_>, (next, place): (Date, Span), life: &Life) {
    let period = life.period.value;
    let days = life
        .rotated
        .value
        .until(next)
        .map_or(0, |span| span.get_days());
    let rotated = life.rotated.value;
    let most = i64::try_from(period.as_secs() / 86_400).unwrap_or(i64::MAX);
    let due = rotated
        .checked_add(most.days())
        .map_or_else(|_| shown(period), |due| due.to_string());
    disagree(
        findings,
        CODE,
        format!(
            "the next rotation is {days} days after the last one, and {} are allowed",
            shown(period)
        ),
        (place, &format!("{days} days after the last one")),
        (life.rotated.span, "the last rotation"),
        &format!(
            "{rotated} + {} = {due} < {next}; rotate by {due}, or change the interval",
            shown(period)
        ),
    );
}
