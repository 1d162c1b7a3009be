//! Disaster Recovery: the fallback, the cache in an outage, and the procedure.

use std::time::Duration;

use wharf_diag::Spanned;

use super::context::{Context, Seen, is_absent, spanned};
use super::dependencies::document_id;
use super::endpoints::operation_id;
use super::list::{self, Entry};
use crate::findings::duration_not_read;
use crate::findings::not_filled_in::Need;
use crate::model::{EnvironmentMapping, Fallback, IntegrationId, OperationMapping, Recovery, Step};
use crate::parse::step::{names_one, switch_target};
use crate::parse::words;
use crate::raw::{Block, Row, Section, Table, Text, same_name, tables};
use crate::vocabulary;

const PARTS: [&str; 2] = ["Backup Service", "Outage Procedure"];

/// Keys of the Backup Service list.
pub(crate) const BACKUP_KEYS: [&str; 4] = vocabulary::names(&vocabulary::BACKUP_KEYS);

const KEYS: list::Keys<'static> = list::Keys {
    parts: &PARTS,
    listed: &["Primary", "Manual"],
    read_below: &["Fallback"],
    ..list::Keys::once(&BACKUP_KEYS)
};

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Recovery {
    let mut recovery = Recovery::default();
    let blocks = list::blocks(section, "Backup Service", true);
    for entry in list::entries(context, &blocks, KEYS) {
        let (value, what) = (&entry.value, entry.what());
        match entry.name().as_str() {
            "primary" => recovery.primary = context.text(value, &what, Need::Read),
            "fallback" => fallback(context, &mut recovery, &entry),
            "cache" => {
                recovery.cache = cache(context, value, &what);
                let is_denied = is_absent(value.as_str());
                recovery.cache_open = recovery.cache.is_none() && !is_denied;
                let words = Some(value.span()).filter(|span| is_denied && !span.is_empty());
                recovery.cache_denied = words;
            }
            "manual" => recovery.manual = context.text(value, &what, Need::Read),
            _ => context.unknown_name(&entry.key, "key of Backup Service", &BACKUP_KEYS),
        }
    }
    mappings(context, &mut recovery, &blocks);
    let blocks = list::blocks(section, "Outage Procedure", false);
    let procedure = list::lines(&blocks, &[])
        .into_iter()
        .filter_map(|item| {
            let text = context.given(&item.text, "the step", Need::Read)?;
            let step = match step(text.as_str()) {
                Step::Other(words) => as_switch(&recovery, words),
                step => step,
            };
            Some((spanned(&text), step))
        })
        .collect();
    recovery.procedure = procedure;
    recovery
}

/// A step that switches to the fallback by its name.
fn as_switch(recovery: &Recovery, words: String) -> Step {
    let fallback = match recovery.fallback.as_ref().map(|fallback| &fallback.value) {
        Some(Fallback::Integration { id, .. }) => id.as_str(),
        Some(Fallback::Words(words)) => words,
        None => return Step::Other(words),
    };
    match switch_target(&words) {
        Some(target) if names_one(target, fallback) => Step::SwitchToFallback {
            after: words::find_duration(&words).map_or(Duration::ZERO, |(duration, _)| duration),
        },
        _ => Step::Other(words),
    }
}

fn fallback(context: &mut Context<'_>, recovery: &mut Recovery, entry: &Entry<'_>) {
    let value = entry.value.trimmed();
    if is_absent(value.as_str()) {
        return;
    }
    let linked = entry.item.links.first();
    if let Some(id) = linked.and_then(|link| document_id(&link.target)) {
        recovery.fallback = Some(id.map(|id| Fallback::Integration {
            id,
            environment: None,
        }));
        return;
    }
    let Some(text) = context.given(&value, &entry.what(), Need::Read) else {
        recovery.fallback_open = true;
        return;
    };
    // `id@environment`; a remark may stand behind a comma or in parentheses.
    let end = text
        .as_str()
        .find([',', '(', ';'])
        .unwrap_or(text.as_str().len());
    let word = text.part(0..end).trimmed();
    let (name, environment) = match word.as_str().split_once('@') {
        Some((name, environment)) => (name, Some(environment.to_owned())),
        None => (word.as_str(), None),
    };
    let (fallback, span) = match IntegrationId::named(name) {
        Some(id) => (Fallback::Integration { id, environment }, word.span()),
        None => (Fallback::Words(text.as_str().to_owned()), text.span()),
    };
    recovery.fallback = Some(Spanned::new(fallback, span));
}

/// `24-hour local cache`.
fn cache(context: &mut Context<'_>, text: &Text, what: &str) -> Option<Spanned<Duration>> {
    let text = context.given(text, what, Need::Used)?;
    let Some((duration, range)) = words::find_duration(text.as_str()) else {
        let why = "no duration stands in it, such as `24-hour`";
        context.report_at(text.span(), |source, span| {
            duration_not_read::new(source, span, what, why)
        });
        return None;
    };
    Some(Spanned::new(duration, text.span_of(range)))
}

fn mappings(context: &mut Context<'_>, recovery: &mut Recovery, blocks: &[&Block]) {
    for table in tables(blocks.iter().copied()) {
        if has_column(table, "Environment") {
            let required = ["Environment", "Fallback environment"];
            each_row(context, table, &required, |context, row, cells| {
                let [environment, fallback] = cells;
                let environment = context.required(&environment, "the environment");
                let fallback = context.required(&fallback, "the environment of the fallback");
                let _ = row;
                if let (Some(environment), Some(fallback)) = (environment, fallback) {
                    recovery.environments.push(EnvironmentMapping {
                        environment: spanned(&environment),
                        fallback: spanned(&fallback),
                    });
                }
            });
        } else {
            let required = ["Operation", "Fallback operation"];
            each_row(context, table, &required, |context, _, cells| {
                let [operation, fallback] = cells;
                let Some(operation) = context.required(&operation, "the operation") else {
                    return;
                };
                let fallback = (!is_absent(fallback.as_str())).then_some(fallback);
                recovery.operations.push(OperationMapping {
                    operation: named(&operation),
                    fallback: fallback.as_ref().map(named),
                });
            });
        }
    }
}

/// The id of an operation, from its id or name.
fn named(text: &Text) -> Spanned<String> {
    Spanned::new(operation_id(text.as_str()), text.span())
}

fn has_column(table: &Table, name: &str) -> bool {
    table
        .header
        .iter()
        .any(|header| same_name(header.as_str(), name))
}

/// Reads the two columns of every row whose first cell is new.
fn each_row(
    context: &mut Context<'_>,
    table: &Table,
    required: &[&'static str; 2],
    mut read: impl FnMut(&mut Context<'_>, &Row, [Text; 2]),
) {
    let Some(columns) = context.columns(table, "Backup Service", required, &[]) else {
        return;
    };
    let mut seen = Seen::new();
    for row in &table.rows {
        let cells = required.map(|name| columns.cell(row, name));
        if cells[0].is_empty() || context.is_new(&mut seen, &cells[0], "row") {
            read(context, row, cells);
        }
    }
}

/// Reads one step. Words that are none of the known ones make a step for people.
fn step(text: &str) -> Step {
    let lower = text.to_lowercase();
    let words: Vec<_> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.contains(&word);
    match words.first().copied().unwrap_or_default() {
        "detect" => Step::Detect,
        "check" if has("status") => Step::CheckVendorStatus,
        "switch" | "fail" | "failover" if has("fallback") || has("over") || has("failover") => {
            Step::SwitchToFallback {
                after: words::find_duration(text).map_or(Duration::ZERO, |(duration, _)| duration),
            }
        }
        "notify" | "tell" | "alert" => Step::Notify {
            whom: text
                .split_once(char::is_whitespace)
                .map_or_else(String::new, |(_, whom)| whom.trim().to_owned()),
        },
        "document" => Step::Document,
        _ => Step::Other(text.to_owned()),
    }
}
