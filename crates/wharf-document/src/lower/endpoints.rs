//! API Endpoints: the table of operations.

use wharf_diag::Spanned;

use super::columns::Columns;
use super::context::{Context, Seen, spanned};
use super::{costs, examples};
use crate::findings::not_filled_in::Need;
use crate::findings::{operation_twice, path_not_read, unknown_word, value_missing};
use crate::model::{CacheTime, Idempotence, Method, Operation, Weight};
use crate::parse::path;
use crate::raw::{Part, Row, Section, Table, Text, same_name, tables};

pub(crate) const METHODS: [Method; 7] = Method::ALL;

/// Most calls that one may count as.
const MOST_WEIGHT: u32 = 1_000_000;

const WITH: &str = "with ";

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let mut seen = Seen::new();
    let groups = section.parts.iter().filter(|part| holds_operations(part));
    let blocks = section
        .loose_blocks()
        .chain(groups.flat_map(|part| &part.blocks));
    for table in tables(blocks) {
        let required = ["Operation", "Method", "Endpoint"];
        let optional = [
            "Rate Limit",
            "Weight",
            "Cache",
            "Timeout",
            "Hedge",
            "Idempotent",
            "Cost",
        ];
        let Some(columns) = context.columns(table, "API Endpoints", &required, &optional) else {
            continue;
        };
        for row in &table.rows {
            let Some(operation) = operation(context, row, &columns) else {
                continue;
            };
            if let Some(first) = seen.get(&operation.id).copied() {
                context.report_at(operation.name.span, |source, span| {
                    operation_twice::new(source, span, first, &operation.id)
                });
            } else {
                seen.insert(operation.id.clone(), operation.name.span);
                operations.push(operation);
            }
        }
    }
    examples::lower(context, section, &mut operations);
    operations
}

/// Whether a part groups operations: it has a table with that column.
pub(super) fn holds_operations(part: &Part) -> bool {
    let has_column = |table: &Table| {
        table
            .header
            .iter()
            .any(|header| same_name(header.as_str(), "Operation"))
    };
    !same_name(part.name.as_str(), "Examples") && tables(&part.blocks).any(has_column)
}

/// The id of an operation: its name in lower case, other signs turned into single dashes.
pub(super) fn operation_id(name: &str) -> String {
    // `List items[^1]`: a footnote is no part of the name.
    let name = name.split("[^").next().unwrap_or_default();
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn operation(context: &mut Context<'_>, row: &Row, columns: &Columns) -> Option<Operation> {
    let name = columns.cell(row, "Operation");
    let id = operation_id(name.as_str());
    if id.is_empty() {
        context.report_at(name.span(), |source, span| {
            value_missing::new(source, span, "the name of the operation")
        });
        return None;
    }
    let of = |what: &str| format!("the {what} of `{}`", name.as_str());
    let methods = methods(context, &columns.cell(row, "Method"), &of("method"));
    let path_cell = columns.cell(row, "Endpoint");
    let path = context
        .required(&path_cell, &of("endpoint"))
        .and_then(|text| {
            context.value(&text, path::parse(text.as_str()), |source, span, why| {
                path_not_read::new(source, span, &of("endpoint"), why)
            })
        });
    let rate_limits = context.rates(&columns.cell(row, "Rate Limit"), &of("rate limit"));
    let weight = weight(context, &columns.cell(row, "Weight"), &of("weight"));
    let cache = cache(context, &columns.cell(row, "Cache"), &of("cache time"));
    let timeout = context.bound(&columns.cell(row, "Timeout"), &of("timeout"));
    let hedge = context.bound(&columns.cell(row, "Hedge"), &of("hedging delay"));
    let idempotent = idempotence(
        context,
        &columns.cell(row, "Idempotent"),
        &of("idempotence"),
    );
    let costs = costs::of_a_call(context, &columns.cell(row, "Cost"), &of("cost"));
    Some(Operation {
        name: spanned(&name),
        id,
        methods: methods?,
        path: path?,
        rate_limits,
        weight,
        cache,
        timeout,
        hedge,
        idempotent,
        costs,
        examples: Vec::new(),
    })
}

/// `GET`, or `GET, POST`. `None`, after a report, when one cannot be read.
fn methods(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Vec<Spanned<Method>>> {
    let cell = context.required(cell, what)?;
    let mut methods: Vec<Spanned<Method>> = Vec::new();
    for word in cell.split_on(&[",", "/", "|"]) {
        let mut known = METHODS.into_iter();
        let method = known.find(|known| word.as_str().eq_ignore_ascii_case(known.as_str()));
        let Some(method) = method else {
            let known = METHODS.map(Method::as_str);
            context.report_at(word.span(), |source, span| {
                unknown_word::new(source, span, what, word.as_str(), &known)
            });
            return None;
        };
        if !methods.iter().any(|known| known.value == method) {
            methods.push(Spanned::new(method, word.span()));
        }
    }
    (!methods.is_empty()).then_some(methods)
}

/// `5`, or a JSON pointer into the answer.
fn weight(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Spanned<Weight>> {
    if !cell.trimmed().as_str().starts_with('/') {
        let count = context.integer_u32(cell, what, 1, MOST_WEIGHT)?;
        return Some(Spanned::new(Weight::Fixed(count.value), count.span));
    }
    let field = context.pointer(cell, what)?;
    Some(field.map(Weight::Field))
}

/// `5m`, or `5m shared`.
fn cache(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Spanned<CacheTime>> {
    let cell = context.given(cell, what, Need::Used)?;
    let text = cell.as_str();
    let own = |word: &str| {
        let word_start = text.len().checked_sub(word.len())?;
        let is_last = text.get(word_start..)?.eq_ignore_ascii_case(word);
        is_last.then(|| cell.part(0..word_start).trimmed())
    };
    let (time, shared) = match (own(" shared"), own(" private")) {
        (Some(time), _) => (time, true),
        (None, Some(time)) => (time, false),
        (None, None) => (cell.clone(), false),
    };
    let fresh = context.duration(&time, what)?;
    let value = CacheTime {
        fresh: fresh.value,
        shared,
    };
    Some(Spanned::new(value, cell.span()))
}

/// `yes`, `no`, or `with HEADER`.
fn idempotence(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Spanned<Idempotence>> {
    let cell = cell.trimmed();
    let with = cell
        .as_str()
        .get(..WITH.len())
        .filter(|word| word.eq_ignore_ascii_case(WITH));
    if with.is_some() {
        let name = cell.part(WITH.len()..cell.as_str().len()).trimmed();
        let header = context.header_name(&name, what)?;
        return Some(Spanned::new(
            Idempotence::WithKey(header.value),
            cell.span(),
        ));
    }
    let is_idempotent = context.boolean(&cell, what)?;
    let value = if is_idempotent.value {
        Idempotence::Always
    } else {
        Idempotence::Never
    };
    Some(Spanned::new(value, is_idempotent.span))
}
