//! WH666: a step of the migration ends after the day by which it has to be done.

use std::ops::Range;

use jiff::civil::Date;
use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::Said;
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::date;
use crate::parse::words::says;
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH666",
    slug: "step-after-deadline",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("step_after_deadline.md"),
};

/// Words of what belongs to the move itself.
const MOVES: [&str; 44] = [
    "migrate",
    "migrated",
    "migration",
    "move",
    "moved",
    "moves",
    "rollout",
    "roll out",
    "rolled out",
    "canary",
    "switch",
    "switched",
    "cut over",
    "cutover",
    "cut-over",
    "everything on",
    "all on",
    "all calls",
    "all traffic",
    "traffic",
    "upgrade",
    "upgraded",
    "update",
    "updated",
    "test",
    "tested",
    "finish",
    "finished",
    "complete",
    "completed",
    "done",
    "go live",
    "go-live",
    "live",
    "port",
    "ported",
    "deploy",
    "deployed",
    "release",
    "released",
    "adopt",
    "full",
    "callers on",
    "ready",
];

/// Words of what comes after the move, or is not ours.
const AFTERWARDS: [&str; 42] = [
    "remove",
    "removed",
    "delete",
    "deleted",
    "clean",
    "cleanup",
    "decommission",
    "retire",
    "retired",
    "drop",
    "dropped",
    "archive",
    "review",
    "retrospective",
    "look back",
    "switch off",
    "switched off",
    "shut down",
    "shuts",
    "turn off",
    "revoke",
    "cancel",
    "vendor",
    "extended",
    "extension",
    "except",
    "unless",
    "exception",
    "end of support",
    "invoice",
    "after the move",
    "old keys",
    "not before",
    "postponed",
    "document",
    "documents",
    "docs",
    "documentation",
    "wiki",
    "runbook",
    "sunset",
    "supported",
];

/// The day on which the version that is left ends.
const END: &str = "the end of the current version";

/// Keys of the day on which the move is planned to end.
const KEYS: [&str; 12] = [
    "planned end",
    "migration end",
    "migration ends",
    "end of migration",
    "cutover",
    "cut over",
    "go live",
    "go-live",
    "done by",
    "planned completion",
    "migration done",
    "rollout",
];

/// A day that is later by more than two years is one of another migration.
const MOST_DAYS: i32 = 730;

/// Compares the days that steps name with the deadline, and with the end of the version that is
/// left.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let roadmap = &integration.roadmap;
    let current = roadmap.current.as_ref().and_then(|current| current.date);
    let (last, name) = match (roadmap.deadline, current) {
        (Some(deadline), Some(end)) if end.value < deadline.value => (end, END),
        (Some(deadline), _) => (deadline, "the migration deadline"),
        (None, Some(end)) => (end, END),
        (None, None) => return,
    };
    for statement in said.of_section("Migration/Upgrade Path") {
        let text = statement.value;
        let keys = [
            "current",
            "next",
            "previous",
            "migration deadline",
            "deadline",
            "former",
        ];
        if keys.iter().any(|key| statement.key.starts_with(key)) {
            continue;
        }
        let is_key = statement.key_says(&KEYS) || statement.key_says(&MOVES);
        let Some((day, place)) = late(text, last.value, is_key) else {
            continue;
        };
        if statement.key_says(&AFTERWARDS) {
            continue;
        }
        let days = last.value.until(day).map_or(0, |span| span.get_days());
        if days > MOST_DAYS {
            continue;
        }
        disagree(
            findings,
            CODE,
            format!("a step of the migration is {days} days after {name}"),
            (place, &format!("on {day}")),
            (last.span, name),
            &format!(
                "{day} - {} = {days} days; finish the step earlier, or agree on another day",
                last.value
            ),
        );
    }
}

/// The first day of a move in a text that is later than the last one.
fn late(text: Stretch<'_>, last: Date, is_key: bool) -> Option<(Date, Span)> {
    let words = text.as_str();
    let dates = date::find(words).read;
    let mut found = dates.iter().filter(|found| found.first > last);
    found.find_map(|found| {
        let clause = clause(words, &found.range);
        let is_move = is_key || says(clause, &MOVES) || is_bare(words, clause, &found.range);
        let other = says(clause, &AFTERWARDS)
            || says(words, &["extended", "extension", "exception", "postponed"]);
        (is_move && !other).then(|| (found.first, text.span_of(found.range.clone())))
    })
}

/// Whether a clause is the day alone, with words such as `planned for`: the step is what stands
/// before it.
fn is_bare(text: &str, clause: &str, day: &Range<usize>) -> bool {
    const LEADS: [&str; 12] = [
        "by", "on", "until", "planned", "for", "due", "at", "the", "latest", "end", "of", "in",
    ];
    let rest = clause.replacen(&text[day.clone()], "", 1).to_lowercase();
    let mut words = rest.split(|sign: char| !sign.is_alphanumeric());
    words.all(|word| word.is_empty() || LEADS.contains(&word))
}

/// The part of a sentence in which something stands.
fn clause<'a>(text: &'a str, place: &Range<usize>) -> &'a str {
    let joints = ["; ", ". ", " and then ", " (", ") ", ", "];
    let start = joints
        .iter()
        .filter_map(|joint| text[..place.start].rfind(joint).map(|at| at + joint.len()))
        .max()
        .unwrap_or(0);
    let end = joints
        .iter()
        .filter_map(|joint| text[place.end..].find(joint).map(|at| at + place.end))
        .min()
        .unwrap_or(text.len());
    text.get(start..end).unwrap_or(text)
}
