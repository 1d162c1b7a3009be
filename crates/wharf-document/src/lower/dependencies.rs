//! Dependencies: who uses the service, and what it needs.

use std::time::Duration;

use wharf_diag::Spanned;

use super::context::{Context, Seen, spanned};
use super::list;
use crate::findings::not_filled_in::Need;
use crate::findings::{duration_not_read, item_not_read};
use crate::model::{Dependencies, Dependency, IntegrationId, System, SystemClass};
use crate::parse::duration::{self, Unit};
use crate::parse::words;
use crate::raw::{self, Item, Section, Text};

const PARTS: [&str; 2] = ["Our Systems That Use This", "This Depends On"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Dependencies {
    let blocks = list::blocks(section, PARTS[0], false);
    let mut seen = Seen::new();
    let mut systems = Vec::new();
    for item in list::lines(&blocks, &[]) {
        systems.extend(system(context, item, &mut seen));
    }
    let blocks = list::blocks(section, PARTS[1], false);
    let needs = list::lines(&blocks, &[])
        .into_iter()
        .filter_map(|item| need(context, item))
        .collect();
    Dependencies { systems, needs }
}

/// `shop: Critical path, deadline 10s`.
fn system(context: &mut Context<'_>, item: &Item, seen: &mut Seen) -> Option<System> {
    let is_name = |name: &str| !name.is_empty() && !item.text.as_str().contains("://");
    let (name, value) = item
        .text
        .split_first_colon(is_name)
        .unwrap_or_else(|| (item.text.clone(), Text::empty_at(item.text.span())));
    let value = below(context, &name, value, item);
    let name = context.given(&name, "the name of the system", Need::Read)?;
    if !context.is_new(seen, &name, "system") {
        return None;
    }
    let what = format!("how much `{}` needs the service", name.as_str());
    let importance = context.text(&value, &what, Need::Read);
    let class = importance.as_ref().and_then(|words| class(&words.value));
    let deadline = deadline(context, &value, name.as_str());
    Some(System {
        name: spanned(&name),
        importance,
        class,
        deadline,
    })
}

/// What is said of a system, where it stands in one item below its name.
fn below(context: &mut Context<'_>, name: &Text, value: Text, item: &Item) -> Text {
    if !value.is_empty() || item.children.is_empty() {
        return value;
    }
    let mut items = raw::items(&item.children);
    match (items.next(), items.next()) {
        (Some(only), None) if only.children.is_empty() => only.text.clone(),
        _ => {
            let what = format!("`{}`", name.as_str());
            context.report_at(name.span(), |source, span| {
                item_not_read::below(source, span, &what)
            });
            value
        }
    }
}

/// The class that the words begin with.
fn class(words: &str) -> Option<SystemClass> {
    let begins_with = |name: &str| {
        let (start, rest) = words.split_at_checked(name.len())?;
        let ends_there = !rest.starts_with(|c: char| c.is_alphanumeric());
        (ends_there && start.eq_ignore_ascii_case(name)).then_some(())
    };
    let mut classes = SystemClass::ALL.into_iter();
    classes.find_map(|(class, name)| begins_with(name).map(|()| class))
}

/// Words in front of the longest time that a caller waits.
const WAITS: [&str; 11] = [
    "deadline",
    "time limit",
    "timeout",
    "time-out",
    "times out",
    "gives up after",
    "waits at most",
    "waits up to",
    "no longer than",
    "at most",
    "within",
];

/// `deadline 10s`, `10s deadline`, `gives up after 10s`; a deadline that cannot be read is told.
fn deadline(context: &mut Context<'_>, value: &Text, name: &str) -> Option<Spanned<Duration>> {
    let text = value.as_str();
    let (at, word) = WAITS
        .iter()
        .find_map(|word| Some((find_word(text, word)?, *word)))?;
    if text[..at].trim_end().to_lowercase().ends_with("no") {
        return None;
    }
    let rest = value.part(at..text.len());
    if let Some((duration, range)) = words::find_duration(rest.as_str()) {
        return Some(Spanned::new(duration, rest.span_of(range)));
    }
    // Of what stands before the word, only the last clause belongs to it.
    let start = text[..at]
        .rfind([';', '(', ':'])
        .or_else(|| text[..at].rfind(", "))
        .map_or(0, |mark| mark + 1);
    let before = value.part(start..at);
    if let Some((duration, range)) = words::find_duration(before.as_str()) {
        return Some(Spanned::new(duration, before.span_of(range)));
    }
    // A bare number counts seconds, as everywhere.
    let number = rest.part(word.len()..rest.as_str().len()).trimmed();
    let end = number
        .as_str()
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.as_str().len());
    let behind = number.as_str()[end..].trim_start();
    if end > 0
        && !behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '%'))
        && let Ok(duration) = duration::parse(&number.as_str()[..end], Unit::Seconds)
        && !duration.is_zero()
    {
        return Some(Spanned::new(duration, number.span_of(0..end)));
    }
    if word == "deadline" && text[at..].contains(|c: char| c.is_ascii_digit()) {
        let what = format!("the deadline of `{name}`");
        let why = "no duration stands there, such as `deadline 10s`";
        context.report_at(rest.span(), |source, span| {
            duration_not_read::new(source, span, &what, why)
        });
    }
    None
}

/// Where a word starts, whatever its case.
fn find_word(text: &str, word: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|at| {
        text.get(*at..at + word.len())
            .is_some_and(|slice| slice.eq_ignore_ascii_case(word))
    })
}

fn need(context: &mut Context<'_>, item: &Item) -> Option<Spanned<Dependency>> {
    let text = item.key().unwrap_or_else(|| item.text.whole().trimmed());
    let linked = item
        .links
        .first()
        .and_then(|link| document_id(&link.target));
    if let Some(id) = linked {
        return Some(id.map(Dependency::Integration));
    }
    let text = context.given(&text.to_text(), "what the service depends on", Need::Read)?;
    let lower = text.as_str().to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).next();
    let dependency = match first.unwrap_or_default() {
        "network" | "internet" => Dependency::Network,
        "dns" => Dependency::Dns,
        "ssl" | "tls" | "certificate" | "certificates" => Dependency::Certificates,
        _ => match IntegrationId::named(text.as_str()) {
            Some(id) => Dependency::Integration(id),
            None => Dependency::Other(text.as_str().to_owned()),
        },
    };
    Some(Spanned::new(dependency, text.span()))
}

/// The id behind a link to another document, `postgres.md` or `../core/postgres.md#costs`.
pub(super) fn document_id(target: &Spanned<String>) -> Option<Spanned<IntegrationId>> {
    let path = target.value.split(['#', '?']).next()?;
    if path.contains("://") {
        return None;
    }
    let file = path.rsplit('/').next()?;
    let id = IntegrationId::named(file.strip_suffix(".md")?)?;
    Some(Spanned::new(id, target.span))
}
