//! WH673: the last day of notice does not fit the end of the contract.

use jiff::Span as Time;
use jiff::civil::Date;
use wharf_diag::{Code, Page, Span, Spanned};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::date::{self, Found};
use crate::parse::duration::Unit;
use crate::parse::words;

pub(crate) const CODE: Code = Code {
    id: "WH673",
    slug: "notice-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("notice_disagrees.md"),
};

/// What notice is called.
const NOTICES: [&str; 14] = [
    "notice",
    "notice period",
    "cancel",
    "cancellation",
    "cancelled",
    "terminate",
    "termination",
    "kündigung",
    "kündigungsfrist",
    "cancel by",
    "period of notice",
    "give notice",
    "opt out",
    "non-renewal",
];

/// What one does who gives notice.
const LEAVES: [&str; 10] = [
    "wants to leave",
    "want to leave",
    "leave the contract",
    "wants to quit",
    "want to quit",
    "quit the contract",
    "wants out",
    "end the contract",
    "ends the contract",
    "kündigen",
];

/// Words of the last day itself, which is neither before nor after.
const LAST: [&str; 12] = [
    "last day",
    "latest",
    "no later than",
    "at the latest",
    "deadline",
    "last date",
    "letzter tag",
    "spätestens",
    "not later than",
    "final day",
    "must be given by",
    "last possible",
];

/// Words that make it another day or another way to count.
const OTHERWISE: [&str; 30] = [
    "working days",
    "business days",
    "werktage",
    "end of a month",
    "end of the month",
    "end of a quarter",
    "end of the quarter",
    "end of each",
    "month's end",
    "quarter's end",
    "reminder",
    "remind",
    "decide",
    "review",
    "we look",
    "internal",
    "extended",
    "previous",
    "former",
    "was",
    "given on",
    "any time",
    "deprecation",
    "price",
    "prices",
    "version",
    "breach",
    "incident",
    "maintenance",
    "trial",
];

/// Compares the last day of notice with the end of the contract and the period.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let contract = integration.service.contract.as_ref();
    let Some(end) = contract.and_then(|contract| contract.end) else {
        return;
    };
    let sections = ["Service Details", "Costs", "Contacts", "Notes"];
    let here = |statement: &&Statement<'_>| sections.iter().any(|section| statement.is_in(section));
    let all = || {
        let told = said.statements.iter().filter(here);
        told.filter(|statement| !statement.tells(&OTHERWISE))
    };
    // The day may stand in another statement than the period.
    let mut periods = all()
        .filter(|statement| statement.tells(&NOTICES))
        .filter_map(|told| period(told.value.as_str()));
    let general = periods.next().filter(|_| periods.next().is_none());
    for statement in all() {
        let leaves = statement.says(&LEAVES) && statement.says(&LAST);
        if !statement.tells(&NOTICES) && !leaves {
            continue;
        }
        let own = period(statement.value.as_str());
        let Some((period, told)) = own.or_else(|| general.clone().filter(|_| leaves)) else {
            continue;
        };
        let Some(last) = last_day(statement, end) else {
            continue;
        };
        let Ok(due) = end.value.checked_sub(period) else {
            continue;
        };
        let days = due.until(last.first).map_or(0, |span| span.get_days());
        let is_exact = statement.tells(&LAST);
        // Counting may take in either day, or the day behind the end.
        let wrong = if is_exact { days.abs() > 2 } else { days > 2 };
        if wrong {
            report(
                findings,
                (last.first, statement.value.span_of(last.range.clone())),
                end,
                (due, &told),
            );
        }
    }
}

/// The day in a statement that is not the end of the contract, if it is only one.
fn last_day(statement: &Statement<'_>, end: Spanned<Date>) -> Option<Found> {
    let dates = date::find(statement.value.as_str()).read;
    let mut others = dates.into_iter().filter(|found| {
        found.first < end.value && found.first == found.last && found.role != date::Role::Begin
    });
    let only = others.next()?;
    others.next().is_none().then_some(only)
}

/// `60 days`, `three months`: the period of notice, by the calendar.
fn period(text: &str) -> Option<(Time, String)> {
    let tokens = words::tokens(text);
    let mut found = tokens.windows(2).filter_map(|pair| {
        let [number, unit] = pair else {
            return None;
        };
        let gap = &text[number.end..unit.start];
        if !["", " ", "-", "\u{a0}"].contains(&gap) {
            return None;
        }
        let count = words::count(&text[number.clone()].to_lowercase())?;
        let count = i64::try_from(crate::parse::network::whole(count)?).ok()?;
        let none = Time::new();
        // What is longer than all of the calendar is no period.
        let time = match Unit::from_word(&text[unit.clone()])? {
            Unit::Days => none.try_days(count),
            Unit::Weeks => none.try_weeks(count),
            Unit::Months => none.try_months(count),
            Unit::Quarters => none.try_months(count * 3),
            _ => return None,
        };
        let time = time.ok()?;
        Some((time, text[number.start..unit.end].to_owned()))
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn report(
    findings: &mut Findings<'_>,
    (last, place): (Date, Span),
    end: Spanned<Date>,
    (due, told): (Date, &str),
) {
    let days = last.until(end.value).map_or(0, |span| span.get_days());
    disagree(
        findings,
        CODE,
        format!("{told} before the end of the contract is {due}, not {last}"),
        (place, &format!("{days} days before the end")),
        (end.span, "the end of the contract"),
        &format!(
            "{} - {told} = {due} ≠ {last}; one of the three is not right",
            end.value
        ),
    );
}
