//! Migration/Upgrade Path: versions, their dates, and the steps between them.

use std::ops::Range;

use jiff::civil::Date;
use wharf_diag::Spanned;

use super::context::{Context, is_absent, spanned};
use super::list;
use crate::findings::day_not_read;
use crate::findings::not_filled_in::Need;
use crate::model::{MigrationStep, Roadmap, Version};
use crate::parse::date::{self, Role};
use crate::raw::{Section, Text};
use crate::vocabulary;

const PARTS: [&str; 2] = ["Version Roadmap", "Migration Steps"];

/// Keys of the Version Roadmap list.
pub(crate) const ROADMAP_KEYS: [&str; 3] = vocabulary::names(&vocabulary::ROADMAP_KEYS);

const KEYS: list::Keys<'static> = list::Keys {
    parts: &PARTS,
    ..list::Keys::once(&ROADMAP_KEYS)
};

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Roadmap {
    let mut roadmap = Roadmap::default();
    let blocks = list::blocks(section, "Version Roadmap", true);
    for entry in list::entries(context, &blocks, KEYS) {
        let (value, what) = (&entry.value, entry.what());
        match entry.name().as_str() {
            "current" => {
                roadmap.current = version(context, value, &what, date::Dates::end);
            }
            "next" => {
                roadmap.next = version(context, value, &what, date::Dates::first);
            }
            "migration deadline" => roadmap.deadline = day(context, value, &what),
            _ => context.unknown_name(&entry.key, "key of the Version Roadmap", &ROADMAP_KEYS),
        }
    }
    let blocks = list::blocks(section, "Migration Steps", false);
    let steps = list::texts(context, &list::lines(&blocks, &[]), "the step");
    let step = |text: Spanned<String>| {
        let step = migration_step(&text.value);
        (text, step)
    };
    roadmap.steps = steps.into_iter().map(step).collect();
    roadmap
}

/// One of the closed set of steps. Words behind the name of an environment make it a step for
/// people: the program would leave something of it out.
fn migration_step(text: &str) -> MigrationStep {
    let text = text.trim_end_matches('.');
    let words: Vec<_> = text.split_whitespace().collect();
    let first = words.first().map(|word| word.to_lowercase());
    let share = |word: &str| {
        let percent: f64 = word.strip_suffix('%')?.parse().ok()?;
        (percent > 0.0 && percent <= 100.0).then_some(percent)
    };
    match (first.as_deref(), words.as_slice()) {
        (Some("test"), [_, within, environment]) if within.eq_ignore_ascii_case("in") => {
            MigrationStep::Test {
                environment: (*environment).to_owned(),
            }
        }
        (Some("update"), [_, environment]) => MigrationStep::Update {
            environment: (*environment).to_owned(),
        },
        (Some("canary"), [_, percent, within, environment])
            if within.eq_ignore_ascii_case("in") =>
        {
            share(percent).map_or(MigrationStep::Other, |percent| MigrationStep::Canary {
                percent,
                environment: (*environment).to_owned(),
            })
        }
        (Some("full"), [_, rollout]) if rollout.eq_ignore_ascii_case("rollout") => {
            MigrationStep::FullRollout
        }
        _ => MigrationStep::Other,
    }
}

/// Which of several dates is meant.
type Pick = fn(&date::Dates) -> Option<(Date, Range<usize>)>;

/// Signs that end the name of a version, where a date follows.
const BEHIND_NAME: [&str; 7] = [", ", "; ", " - ", " – ", " — ", ": ", " on "];

/// `v2 (until 2027-12-31)`, `v2, sunset 2027-12-31`, `v2 until 31.12.2027`; words behind a version
/// stay words. A day in the name itself, `2024-06-20`, is part of it.
fn version(context: &mut Context<'_>, text: &Text, what: &str, pick: Pick) -> Option<Version> {
    if says_none(text) {
        return None;
    }
    let text = context.given(text, what, Need::Used)?;
    let value = text.as_str();
    let end = behind_name(value);
    let name = text.part(0..end).trimmed();
    let behind = text.part(end..value.len());
    let dates = date::find(behind.as_str());
    let date = pick(&dates);
    if let (None, Some(unread)) = (&date, dates.unread) {
        context.report_at(behind.span_of(unread), |source, span| {
            day_not_read::unread(source, span, what)
        });
    }
    let date = date.map(|(date, range)| Spanned::new(date, behind.span_of(range)));
    (!name.is_empty()).then(|| Version {
        name: spanned(&name),
        date,
    })
}

/// Where the name of a version ends: at the parenthesis, or before that at what leads to a date.
fn behind_name(value: &str) -> usize {
    let end = value.find('(').unwrap_or(value.len());
    let head = &value[..end];
    let marks = BEHIND_NAME.iter().filter_map(|mark| head.find(mark));
    let mark = marks
        .min()
        .filter(|mark| date::find(&head[*mark..]).has_any());
    let dates = date::find(head);
    let led_to = dates
        .read
        .iter()
        .find(|found| found.role != Role::Plain)
        .map(|found| found.lead);
    [mark, led_to].into_iter().flatten().min().unwrap_or(end)
}

/// A date, with words around it where they stand apart.
fn day(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Date>> {
    if says_none(text) {
        return None;
    }
    let text = context.given(text, what, Need::Used)?;
    let dates = date::find(text.as_str());
    if let Some((date, range)) = dates.end().or_else(|| dates.first()) {
        return Some(Spanned::new(date, text.span_of(range)));
    }
    context.report_at(text.span(), |source, span| {
        day_not_read::new(source, span, what)
    });
    None
}

/// `none announced`: the first word says that there is nothing.
fn says_none(text: &Text) -> bool {
    let mut words = text.as_str().split(|c: char| !c.is_alphanumeric());
    words
        .next()
        .is_some_and(|word| !word.is_empty() && is_absent(word))
}
