//! WH674: the outage procedure takes longer than the RTO.

use std::time::Duration;

use wharf_diag::{Code, Page, Span, Spanned};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Integration, Step};
use crate::parse::duration::shown;
use crate::parse::words::{self, says};

pub(crate) const CODE: Code = Code {
    id: "WH674",
    slug: "recovery-outlasts",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("recovery_outlasts.md"),
};

/// What the objective is called.
const NAMES: [&str; 5] = [
    "rto",
    "recovery time objective",
    "recovery time",
    "time to recover",
    "wiederanlaufzeit",
];

/// Words of steps that are done beside others, or when the service is back.
const BESIDE: [&str; 45] = [
    "in parallel",
    "meanwhile",
    "at the same time",
    "background",
    "afterwards",
    "after the",
    "later",
    "next day",
    "once it is back",
    "when it is back",
    "once the",
    "not part",
    "post-mortem",
    "postmortem",
    "review",
    "report",
    "refill",
    "backfill",
    "optional",
    "if",
    "unless",
    "every",
    "older",
    "last",
    "or",
    "for",
    "follow-up",
    "switch back",
    "fail back",
    "only",
    "within the hour",
    "ticket",
    "call",
    "hotline",
    "phone",
    "support",
    "contact",
    "cache",
    "cached",
    "stale",
    "queue",
    "hold",
    "keep",
    "serve",
    "wait for",
];

/// What a step that switches begins with.
const SWITCHES: [&str; 8] = [
    "switch",
    "fail over",
    "failover",
    "move",
    "route",
    "redirect",
    "divert",
    "promote",
];

/// Between that and the time there are a few words: `once it has lasted 25 minutes`.
const LONGEST_GAP: usize = 32;

/// What says when it does.
const WAITS: [&str; 4] = ["if", "after", "once", "as soon as"];

/// Compares the RTO with each step's time, their sum, the time until the switch, and the detection.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let objective = said
        .statements
        .iter()
        .find_map(|statement| objective(statement));
    let Some((most, place)) = objective else {
        return;
    };
    let recovery = &integration.recovery;
    let steps: Vec<_> = recovery
        .procedure
        .iter()
        .filter(|(_, step)| !matches!(step, Step::Notify { .. } | Step::Document))
        .filter_map(|(words, _)| Some((time(&words.value)?, words.span)))
        .collect();
    let waits = recovery
        .procedure
        .iter()
        .find_map(|(words, _)| Some(Spanned::new(wait(&words.value)?, words.span)));
    let switch = recovery.switch_after().or(waits);
    let switch = switch.filter(|switch| switch.value > most);
    let detection = integration
        .monitoring
        .health
        .detection()
        .filter(|time| *time > most);
    let longest = steps.iter().find(|(time, _)| *time > most);
    let sum = steps
        .iter()
        .map(|(time, _)| *time)
        .fold(Duration::ZERO, Duration::saturating_add);
    let found = if let Some((time, span)) = longest {
        Some((*time, *span, "one step takes", String::new()))
    } else if let Some(switch) = switch {
        Some((switch.value, switch.span, "the switch waits", String::new()))
    } else if let Some((time, interval)) = detection.zip(integration.monitoring.health.interval) {
        Some((
            time,
            interval.span,
            "an outage is noticed after",
            String::new(),
        ))
    } else if sum > most {
        let terms: Vec<_> = steps.iter().map(|(time, _)| shown(*time)).collect();
        let span = steps.iter().map(|(_, span)| *span).reduce(Span::to);
        span.map(|span| {
            (
                sum,
                span,
                "the steps take",
                format!("{} = ", terms.join(" + ")),
            )
        })
    } else {
        None
    };
    let Some((time, span, what, terms)) = found else {
        return;
    };
    let (time, most) = (shown(time), shown(most));
    disagree(
        findings,
        CODE,
        format!("{what} {time}, and the RTO is {most}"),
        (place, &format!("at most {most}")),
        (span, &format!("{what} {time}")),
        &format!(
            "{terms}{time} > {most}; shorten the procedure, or write the RTO that can be held"
        ),
    );
}

/// The RTO; of several, of environments or services, the longest.
fn objective(statement: &Statement<'_>) -> Option<(Duration, Span)> {
    if !statement.is_about(&NAMES)
        || statement.says(&["none", "not", "vendor"])
        || statement.key_says(&["vendor"])
    {
        return None;
    }
    statement.longest_time(&NAMES, "rpo")
}

/// How long a step waits before it switches: `Switch to the replica if > 30 min`.
fn wait(step: &str) -> Option<Duration> {
    let lower = words::lowered(step);
    let begins = SWITCHES
        .iter()
        .any(|verb| words::place_of(&lower, verb) == Some(0));
    let start = WAITS
        .iter()
        .filter_map(|word| words::place_of(&lower, word))
        .min()?;
    // What is back already is switched back at leisure.
    if !begins || says(step, &["back", "return"]) {
        return None;
    }
    let clause = step.get(start..)?.split([';', '.']).next()?;
    let (time, range) = words::find_duration(clause)?;
    let behind = clause[range.end..].trim_start();
    (range.start <= LONGEST_GAP && !behind.starts_with("ago")).then_some(time)
}

/// The time that a step says it takes: in parentheses, behind `takes`, or at its end.
fn time(step: &str) -> Option<Duration> {
    if says(step, &BESIDE) {
        return None;
    }
    let inner = step.rfind('(').and_then(|open| {
        let close = step[open..].find(')')?;
        step.get(open + 1..open + close)
    });
    let verbs = [
        "takes", "needs", "lasts", "requires", "dauert", "took", "duration",
    ];
    let lower = words::lowered(step);
    let behind = verbs.iter().find_map(|verb| {
        let at = words::place_of(&lower, verb)?;
        step.get(at + verb.len()..)
    });
    let tail = [": ", " - ", " – ", " — ", ", ", " in ", " within "]
        .iter()
        .filter_map(|mark| step.rfind(mark).map(|at| (at, at + mark.len())))
        .max()
        .and_then(|(_, at)| step.get(at..));
    [inner, behind, tail]
        .into_iter()
        .flatten()
        .find_map(whole_time)
}

/// A text that is a time and nothing else but words such as `about`.
fn whole_time(text: &str) -> Option<Duration> {
    let text = text.trim().trim_end_matches('.');
    let (time, range) = words::find_duration(text)?;
    let before = text[..range.start]
        .trim()
        .trim_matches([':', '~', '≈', '<'])
        .to_lowercase();
    let leads = [
        "",
        "about",
        "takes",
        "takes about",
        "up to",
        "roughly",
        "max",
        "at most",
        "ca",
        "ca.",
        "another",
        "around",
        "needs",
        "some",
        "in",
        "within",
        "approx.",
    ];
    let behind = text[range.end..].trim().to_lowercase();
    let ends = behind.is_empty()
        || behind.starts_with([',', ';', ')'])
        || ["at most", "or so", "max", "each time", "to run"].contains(&behind.as_str());
    (leads.contains(&before.trim()) && ends).then_some(time)
}
