//! Error Handling: the Common Errors table.

use std::collections::HashMap;

use wharf_diag::Spanned;

use super::columns::Columns;
use super::context::{Context, spanned};
use crate::findings::not_filled_in::Need;
use crate::findings::{
    condition_not_read, given_twice, status_not_read, value_missing, verb_unknown,
};
use crate::model::{Condition, ErrorCode, ErrorRow, Verb};
use crate::parse::{condition, status};
use crate::raw::{Row, Section, Text, tables};

const PART: &str = "Common Errors";

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> Vec<ErrorRow> {
    let mut errors: Vec<ErrorRow> = Vec::new();
    let mut seen = HashMap::new();
    let part = section.part(PART);
    let mut count = 0_usize;
    for table in tables(part).chain(tables(section.loose_blocks())) {
        count += 1;
        let required = ["Error Code|Code", "Meaning", "Response"];
        let Some(columns) = context.columns(table, PART, &required, &["When"]) else {
            continue;
        };
        for row in &table.rows {
            let Some(row) = error_row(context, row, &columns) else {
                continue;
            };
            let conditions: Vec<_> = row.when.iter().map(|when| when.value.clone()).collect();
            let key = (row.code.value.clone(), conditions);
            if let Some(first) = seen.get(&key).copied() {
                context.report_at(row.code.span, |source, span| {
                    given_twice::new(source, span, first, "error code", source.slice(span))
                });
            } else {
                seen.insert(key, row.code.span);
                errors.push(row);
            }
        }
    }
    if section.has_part(PART) && count == 0 {
        context.report_at(section.place_of_part(PART), |source, span| {
            value_missing::new(source, span, "the table of Common Errors")
        });
    }
    errors
}

fn error_row(context: &mut Context<'_>, row: &Row, columns: &Columns) -> Option<ErrorRow> {
    let code = context.required(&columns.cell(row, "Error Code"), "the error code")?;
    let value = status::error_code(code.as_str());
    let value = context.value(&code, value, |source, span, why| {
        status_not_read::new(source, span, "the error code", why)
    })?;
    let when = when(context, &columns.cell(row, "When"), &value)?;
    let what = format!("the response to `{}`", code.as_str());
    let response = context.required(&columns.cell(row, "Response"), &what);
    let responses = response
        .map(|response| verbs(context, &response))
        .unwrap_or_default();
    Some(ErrorRow {
        code: value,
        when,
        meaning: spanned(&columns.cell(row, "Meaning")),
        responses,
    })
}

/// The conditions of a row. `None`, after a report, when one cannot be read: the row would apply
/// to answers that it is not about.
fn when(
    context: &mut Context<'_>,
    cell: &Text,
    code: &Spanned<ErrorCode>,
) -> Option<Vec<Spanned<Condition>>> {
    let what = format!("the condition of `{}`", code.value);
    let Some(cell) = context.given(cell, &what, Need::Used) else {
        return Some(Vec::new());
    };
    if matches!(code.value, ErrorCode::Timeout | ErrorCode::Unreachable) {
        context.report_at(cell.span(), |source, span| {
            let why = "there is no answer to look at";
            condition_not_read::new(source, span, &what, why)
        });
        return None;
    }
    condition::split(&cell)
        .iter()
        .map(|part| {
            let value = condition::parse(part.as_str());
            context.value(part, value, |source, span, why| {
                condition_not_read::new(source, span, &what, why)
            })
        })
        .collect()
}

/// Verbs joined by `+` or `,`.
fn verbs(context: &mut Context<'_>, cell: &Text) -> Vec<Spanned<Verb>> {
    let words = cell.split_on(&["+", ","]);
    let mut verbs = Vec::new();
    for word in words {
        let known = Verb::ALL
            .iter()
            .find(|(_, words)| crate::raw::same_name(word.as_str(), words));
        match known {
            Some((verb, _)) => verbs.push(Spanned::new(*verb, word.span())),
            None => context.report_at(word.span(), |source, span| {
                verb_unknown::new(source, span, word.as_str())
            }),
        }
    }
    verbs
}
