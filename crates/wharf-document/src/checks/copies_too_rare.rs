//! WH675: copies are made less often than the RPO asks for.

use std::time::Duration;

use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::parse::duration::shown;
use crate::parse::words;

pub(crate) const CODE: Code = Code {
    id: "WH675",
    slug: "copies-too-rare",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("copies_too_rare.md"),
};

/// What the objective is called.
const NAMES: [&str; 4] = [
    "rpo",
    "recovery point objective",
    "recovery point",
    "acceptable data loss",
];

/// What copies are called.
const COPIES: [&str; 22] = [
    "backup",
    "backups",
    "copy",
    "copies",
    "copied",
    "snapshot",
    "snapshots",
    "export",
    "exports",
    "exported",
    "dump",
    "dumps",
    "replication",
    "replicated",
    "replicates",
    "replica",
    "mirror",
    "mirrored",
    "sync",
    "synced",
    "sicherung",
    "synchronised",
];

/// Words of copies that are made all the time, or of something else that is told.
const OTHERWISE: [&str; 24] = [
    "continuous",
    "continuously",
    "real time",
    "real-time",
    "streaming",
    "streamed",
    "immediately",
    "every change",
    "at once",
    "each write",
    "wal",
    "point-in-time",
    "kept for",
    "retention",
    "tested",
    "test",
    "restore test",
    "drill",
    "checked",
    "verified",
    "deleted",
    "cache",
    "planned",
    "rotated",
];

/// Compares the RPO with the time between two copies; of several kinds the one made most often.
pub(super) fn check(findings: &mut Findings<'_>, said: &Said<'_>) {
    let objective = said
        .statements
        .iter()
        .find_map(|statement| objective(statement));
    let Some((most, place)) = objective else {
        return;
    };
    let told: Vec<_> = said
        .of_section("Disaster Recovery")
        .chain(said.of_section("Configuration"))
        .filter(|statement| !statement.is_about(&NAMES))
        .filter(|statement| statement.tells(&COPIES))
        .collect();
    if told.iter().any(|statement| statement.tells(&OTHERWISE)) {
        return;
    }
    // A stand-in that is said to be a copy, and not how old, may be as new as the service itself.
    let live = [
        "mirror",
        "mirrored",
        "replica",
        "replication",
        "replicated",
        "sync",
        "synced",
        "standby",
    ];
    let is_live = |statement: &&&Statement<'_>| statement.tells(&live);
    if told
        .iter()
        .filter(is_live)
        .any(|statement| interval(statement).is_none())
    {
        return;
    }
    let intervals = told.iter().filter_map(|statement| interval(statement));
    let Some((time, span)) = intervals.min_by_key(|(time, _)| *time) else {
        return;
    };
    if time <= most {
        return;
    }
    let (time, most) = (shown(time), shown(most));
    disagree(
        findings,
        CODE,
        format!("a copy is made every {time}, and the RPO is {most}"),
        (place, &format!("at most {most} are lost")),
        (span, &format!("every {time}")),
        &format!("{time} > {most}; copy more often, or write the RPO that can be held"),
    );
}

/// The RPO; of several, the longest.
fn objective(statement: &Statement<'_>) -> Option<(Duration, Span)> {
    if !statement.is_about(&NAMES) && !statement.says(&["rpo"])
        || statement.says(&["none", "not", "vendor"])
    {
        return None;
    }
    statement.longest_time(&["rpo"], "rto")
}

/// `every 6 hours`, `nightly`, `once a day`, `each night`: the time between two copies.
fn interval(statement: &Statement<'_>) -> Option<(Duration, Span)> {
    let text = statement.value.as_str();
    let lower = &statement.lower;
    let nights = [
        "each night",
        "every night",
        "last night's",
        "last night",
        "overnight",
        "jede nacht",
        "at night",
    ];
    if let Some((at, width)) = nights
        .iter()
        .find_map(|name| Some((words::place_of(lower, name)?, name.len())))
    {
        return Some((
            Duration::from_secs(86_400),
            statement.value.span_of(at..at + width),
        ));
    }
    let adverbs = ["hourly", "daily", "nightly", "weekly", "monthly"];
    let repeats = [
        "every",
        "each",
        "once a",
        "once an",
        "twice a",
        "once per",
        "times a",
        "times per",
        "alle",
        "per",
    ];
    if !statement.says(&repeats) && !statement.says(&adverbs) {
        return None;
    }
    let adverb = adverbs
        .iter()
        .find_map(|name| Some((words::place_of(lower, name)?, name.len())));
    if let Some((at, width)) = adverb {
        let (time, _) = words::find_duration(&text[at..at + width])?;
        return Some((time, statement.value.span_of(at..at + width)));
    }
    let start = repeats
        .iter()
        .filter_map(|word| words::place_of(lower, word))
        .min()?;
    let (time, range) = words::find_duration(text).filter(|(_, range)| range.end > start)?;
    Some((time, statement.value.span_of(range)))
}
