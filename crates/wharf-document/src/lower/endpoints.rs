//! API Endpoints: the table of operations.

use wharf_diag::Spanned;

use super::context::{Columns, Context, Seen, spanned};
use super::{costs, examples};
use crate::checks::{operation_twice, path_not_read, unknown_word, value_missing};
use crate::model::{Method, Operation};
use crate::parse::path;
use crate::raw::{Part, Row, Section, Table, Text, same_name, tables};

pub(crate) const METHODS: [Method; 7] = [
    Method::Get,
    Method::Head,
    Method::Post,
    Method::Put,
    Method::Patch,
    Method::Delete,
    Method::Options,
];

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    let mut seen = Seen::new();
    let groups = section.parts.iter().filter(|part| holds_operations(part));
    let blocks = section
        .loose_blocks()
        .chain(groups.flat_map(|part| &part.blocks));
    for table in tables(blocks) {
        let required = ["Operation", "Method", "Endpoint"];
        let optional = ["Rate Limit", "Cache", "Timeout", "Idempotent", "Cost"];
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
    let method = method(context, &columns.cell(row, "Method"), &of("method"));
    let path_cell = columns.cell(row, "Endpoint");
    let path = context
        .required(&path_cell, &of("endpoint"))
        .and_then(|text| {
            context.value(&text, path::parse(text.as_str()), |source, span, why| {
                path_not_read::new(source, span, &of("endpoint"), why)
            })
        });
    let rate_limits = context.rates(&columns.cell(row, "Rate Limit"), &of("rate limit"));
    let cache = context.duration(&columns.cell(row, "Cache"), &of("cache time"));
    let timeout = context.bound(&columns.cell(row, "Timeout"), &of("timeout"));
    let idempotent = context.boolean(&columns.cell(row, "Idempotent"), &of("idempotence"));
    let cost = costs::price(context, &columns.cell(row, "Cost"), &of("cost"));
    Some(Operation {
        name: spanned(&name),
        id,
        method: method?,
        path: path?,
        rate_limits,
        cache,
        timeout,
        idempotent,
        cost,
        examples: Vec::new(),
    })
}

fn method(context: &mut Context<'_>, cell: &Text, what: &str) -> Option<Spanned<Method>> {
    let text = context.required(cell, what)?;
    let method = METHODS
        .iter()
        .find(|method| text.as_str().eq_ignore_ascii_case(method.as_str()));
    if method.is_none() {
        let known = METHODS.map(Method::as_str);
        context.report_at(text.span(), |source, span| {
            unknown_word::new(source, span, what, text.as_str(), &known)
        });
    }
    method.map(|method| Spanned::new(*method, text.span()))
}
