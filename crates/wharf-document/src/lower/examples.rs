//! API Endpoints: the Examples part, answers of the vendor that the document shows.

use std::collections::HashMap;

use wharf_diag::Span;

use super::context::Context;
use crate::checks::{example_without_operation, json_not_read, unknown_word};
use crate::model::{Example, ExampleBody, Operation};
use crate::raw::{CodeBlock, Section, code_blocks, json};

/// Statuses that are suggested where one cannot be read.
const STATUSES: [&str; 4] = ["200", "201", "202", "204"];

pub(super) fn lower(context: &mut Context<'_>, section: &Section, operations: &mut [Operation]) {
    let ids: HashMap<String, usize> = operations
        .iter()
        .enumerate()
        .map(|(index, operation)| (operation.id.clone(), index))
        .collect();
    for block in code_blocks(section.part("Examples")) {
        read_block(context, block, operations, &ids);
    }
}

fn read_block(
    context: &mut Context<'_>,
    block: &CodeBlock,
    operations: &mut [Operation],
    ids: &HashMap<String, usize>,
) {
    let info = &block.info;
    let mut words = info.value.split_whitespace();
    let kind = words.next().unwrap_or_default().to_ascii_lowercase();
    let id = words.next().unwrap_or_default();
    let place = if info.span.is_empty() {
        Span::new(block.span.start, (block.span.start + 3).min(block.span.end))
    } else {
        info.span
    };
    let Some(index) = ids.get(id).copied() else {
        let known: Vec<_> = operations.iter().map(|known| known.id.as_str()).collect();
        context.report_at(place, |source, span| {
            example_without_operation::new(source, span, id, &known)
        });
        return;
    };
    let body = match kind.as_str() {
        "json" => match json::parse(&block.text, context.source.text()) {
            Ok(_) => ExampleBody::Json(block.text.as_str().to_owned()),
            Err(problem) => {
                let what = format!("the example for `{id}`");
                context.report_at(problem.span, |source, span| {
                    json_not_read::new(source, span, &what, &problem.message)
                });
                return;
            }
        },
        "sse" => ExampleBody::EventStream(block.text.as_str().to_owned()),
        "text" => {
            let text = block.text.as_str();
            ExampleBody::Text(text.strip_suffix('\n').unwrap_or(text).to_owned())
        }
        other => {
            let known = ["json", "sse", "text"];
            context.report_at(place, |source, span| {
                unknown_word::new(source, span, "the kind of an example", other, &known)
            });
            return;
        }
    };
    let status = words.next().and_then(|word| {
        let status = word
            .parse()
            .ok()
            .filter(|status| (200..=599).contains(status));
        if status.is_none() {
            context.report_at(place, |source, span| {
                unknown_word::new(source, span, "the status of an example", word, &STATUSES)
            });
        }
        status
    });
    if let Some(operation) = operations.get_mut(index) {
        operation.examples.push(Example {
            span: block.span,
            body,
            status,
        });
    }
}
