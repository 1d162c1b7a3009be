//! WH665: the downtime that is allowed is not what the availability leaves.

use std::ops::Range;
use std::time::Duration;

use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Bound, Integration, Metric};
use crate::parse::duration::shown;
use crate::parse::words::{self, says};

pub(crate) const CODE: Code = Code {
    id: "WH665",
    slug: "downtime-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("downtime_disagrees.md"),
};

/// What the budget is called.
const BUDGETS: [&str; 10] = [
    "error budget",
    "downtime budget",
    "allowed downtime",
    "permitted downtime",
    "downtime allowance",
    "outage budget",
    "maximum downtime",
    "max downtime",
    "fehlerbudget",
    "outage minutes",
];

/// What it is about.
const DOWNTIMES: [&str; 8] = [
    "nothing works",
    "be down",
    "out of service",
    "downtime",
    "unavailability",
    "unavailable",
    "ausfallzeit",
    "outages",
];

/// Words that tell a bound on it.
const ALLOWED: [&str; 10] = [
    "allow",
    "allows",
    "allowed",
    "leaves",
    "permits",
    "permitted",
    "at most",
    "maximum",
    "max",
    "may",
];

/// What availability is called, where it stands in the same line.
const AVAILABILITIES: [&str; 6] = [
    "availability",
    "uptime",
    "sla",
    "slo",
    "available",
    "verfügbarkeit",
];

/// Words that make it another downtime than all that is allowed.
const OTHERWISE: [&str; 27] = [
    "planned",
    "maintenance",
    "used",
    "spent",
    "left",
    "remaining",
    "so far",
    "last month",
    "alert",
    "excluding",
    "except",
    "without",
    "burned",
    "burnt",
    "longest",
    "consecutive",
    "single",
    "each outage",
    "credit",
    "was",
    "were",
    "vendor",
    "last quarter",
    "last year",
    "measured",
    "reached",
    "actual",
];

/// The shortest and the longest of what people call a month, a quarter and a year, in days.
const WINDOWS: [(u64, u64); 5] = [(1, 1), (7, 7), (28, 31), (89, 92), (360, 366)];

const DAY_SECONDS: u64 = 86_400;

/// An availability, the time it is looked at over, and where it stands.
type Target = (f64, Option<Duration>, Span);

/// Compares times of allowed downtime with the availability in the same line, or the objectives.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let objectives: Vec<_> = objectives(integration).collect();
    for statement in said.statements.iter().filter(|said| said.has_figure()) {
        let text = statement.value.as_str();
        let own = in_line(statement);
        let names = statement.tells(&DOWNTIMES);
        let is_told =
            statement.tells(&BUDGETS) || names && (!own.is_empty() || statement.says(&ALLOWED));
        if !is_told || statement.tells(&OTHERWISE) {
            continue;
        }
        let targets = if own.is_empty() { &objectives } else { &own };
        if targets.is_empty() {
            continue;
        }
        let Some((budget, place, window)) = budget(text) else {
            continue;
        };
        let about = statement.says(&["about", "roughly", "around", "~", "ca", "almost"])
            || text.contains('~');
        if targets
            .iter()
            .any(|target| fits(budget, window, target, about))
        {
            continue;
        }
        report(
            findings,
            statement.value.span_of(place),
            (budget, window),
            &targets[0],
        );
    }
}

/// The availability that the line itself names.
fn in_line(statement: &Statement<'_>) -> Vec<Target> {
    let text = statement.value.as_str();
    if !statement.tells(&AVAILABILITIES) {
        return Vec::new();
    }
    let found = words::percentages(text).into_iter();
    found
        .filter(|(percent, _)| (50.0..100.0).contains(percent))
        .map(|(percent, range)| (percent, None, statement.value.span_of(range)))
        .collect()
}

fn objectives(integration: &Integration) -> impl Iterator<Item = Target> {
    let objectives = integration.monitoring.objectives.iter();
    objectives.filter_map(|objective| {
        let comparison = objective
            .comparison
            .filter(|_| objective.metric == Metric::Availability)?;
        match comparison.value.bound {
            Bound::Percent(percent) => Some((percent, comparison.value.window, comparison.span)),
            _ => None,
        }
    })
}

/// The time of downtime in a line, and over which time: `43 min in 30 days`, `a quarter: 2.2 h`.
fn budget(text: &str) -> Option<(Duration, Range<usize>, Option<Duration>)> {
    let mut times = words::placed_durations(text);
    let is_window = |(time, range): &(Duration, Range<usize>)| {
        let before = text[..range.start].trim_end().to_lowercase();
        let joints = [
            "in", "per", "over", "every", "of", "within", "/", "a", "any", "each", "rolling",
        ];
        let is_joined = joints.iter().any(|joint| before.ends_with(joint));
        is_joined && time.as_secs() >= DAY_SECONDS
    };
    let window = times
        .iter()
        .find(|time| is_window(time))
        .map(|(time, _)| *time);
    times.retain(|time| !is_window(time));
    if times.is_empty() {
        // `an hour and a half a month`
        times.extend(words::find_duration(text).filter(|time| !is_window(time)));
    }
    let [(time, range)] = times.as_slice() else {
        return None;
    };
    let named = [
        (30, ["month", "monthly", "monat"]),
        (90, ["quarter", "quarterly", "quartal"]),
        (365, ["year", "yearly", "jahr"]),
        (7, ["week", "weekly", "woche"]),
        (1, ["day", "daily", "tag"]),
    ];
    let named = named.iter().find(|(_, names)| says(text, names));
    let window = window.or_else(|| named.map(|(days, _)| Duration::from_secs(days * DAY_SECONDS)));
    Some((*time, range.clone(), window))
}

/// Whether a time is what an availability leaves over one of the times that may be meant.
fn fits(budget: Duration, window: Option<Duration>, target: &Target, about: bool) -> bool {
    let (percent, over, _) = *target;
    let share = (100.0 - percent) / 100.0;
    let slack = if about { 0.15 } else { 0.06 };
    let seconds = budget.as_secs_f64();
    let within = |low: f64, high: f64| {
        seconds >= share * low * (1.0 - slack) && seconds <= share * high * (1.0 + slack)
    };
    let in_days = |days: u64| Duration::from_secs(days * DAY_SECONDS).as_secs_f64();
    let Some(window) = window.or(over) else {
        return WINDOWS
            .iter()
            .any(|(low, high)| within(in_days(*low), in_days(*high)));
    };
    let days = window.as_secs() / DAY_SECONDS;
    let named = WINDOWS
        .iter()
        .find(|(low, high)| (*low..=*high).contains(&days));
    named.map_or_else(
        || within(window.as_secs_f64(), window.as_secs_f64()),
        |(low, high)| within(in_days(*low), in_days(*high)),
    )
}

fn report(
    findings: &mut Findings<'_>,
    place: Span,
    (budget, window): (Duration, Option<Duration>),
    target: &Target,
) {
    let (percent, over, other) = *target;
    let window = window
        .or(over)
        .unwrap_or(Duration::from_secs(30 * DAY_SECONDS));
    let seconds = (100.0 - percent) / 100.0 * window.as_secs_f64();
    let left = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let (told, left, window) = (in_parts(budget), in_parts(left), shown(window));
    disagree(
        findings,
        CODE,
        format!("{percent}% leaves {left} of {window}, and {told} of downtime is allowed"),
        (place, &format!("{told} allowed")),
        (other, &format!("leaves {left} of {window}")),
        &format!("(100% - {percent}%) × {window} = {left} ≠ {told}; one of the two is not right"),
    );
}

/// A time as people write a budget: `43.2 min`, `8.76 h`.
fn in_parts(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let rounded = |number: f64| (number * 100.0).round() / 100.0;
    match time.as_secs() {
        0..60 => format!("{} s", rounded(seconds)),
        60..7_200 => format!("{} min", rounded(seconds / 60.0)),
        _ => format!("{} h", rounded(seconds / 3_600.0)),
    }
}
