//! Migration/Upgrade Path: versions, their dates, and the steps between them.

use jiff::civil::Date;
use wharf_diag::Spanned;

use super::context::{Context, is_absent, spanned};
use super::list;
use crate::checks::day_not_read;
use crate::checks::not_filled_in::Need;
use crate::model::{Roadmap, Version};
use crate::parse::words;
use crate::raw::{Section, Text};
use crate::vocabulary;

const PARTS: [&str; 2] = ["Version Roadmap", "Migration Steps"];

/// Keys of the Version Roadmap list.
pub(crate) const ROADMAP_KEYS: [&str; 3] = vocabulary::names(&vocabulary::ROADMAP_KEYS);

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Roadmap {
    let mut roadmap = Roadmap::default();
    let blocks = list::blocks(section, "Version Roadmap", true);
    for entry in list::entries(context, &blocks, &PARTS, &[]) {
        let (value, what) = (&entry.value, entry.what());
        match entry.name().as_str() {
            "current" => roadmap.current = version(context, value, &what),
            "next" => roadmap.next = version(context, value, &what),
            "migration deadline" => roadmap.deadline = day(context, value, &what),
            _ => context.unknown_name(&entry.key, "key of the Version Roadmap", &ROADMAP_KEYS),
        }
    }
    let blocks = list::blocks(section, "Migration Steps", false);
    roadmap.steps = list::texts(context, &list::lines(&blocks, &[]), "the step");
    roadmap
}

/// `v2 (until 2027-12-31)`; what stands in parentheses without a date is words.
fn version(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Version> {
    if says_none(text) {
        return None;
    }
    let text = context.given(text, what, Need::Used)?;
    let value = text.as_str();
    let end = value.find('(').unwrap_or(value.len());
    let name = text.part(0..end).trimmed();
    let behind = text.part(end..value.len());
    let date = words::find_date(behind.as_str())
        .map(|(date, range)| Spanned::new(date, behind.span_of(range)));
    (!name.is_empty()).then(|| Version {
        name: spanned(&name),
        date,
    })
}

/// A date, with words behind it where they stand apart.
fn day(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Date>> {
    if says_none(text) {
        return None;
    }
    let text = context.given(text, what, Need::Used)?;
    if let Some((date, range)) = words::find_date(text.as_str()) {
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
