//! API Endpoints: the Examples part, answers of the vendor that the document shows.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use wharf_diag::{SourceText, Span};

use super::context::Context;
use super::documentation::read_link;
use crate::findings::{Findings, example_without_operation, json_not_read, unknown_word};
use crate::model::{Example, ExampleBody, Link, Operation};
use crate::raw::{CodeBlock, Section, Text, all_code, code_blocks, json};

/// Statuses that are suggested where one cannot be read.
const STATUSES: [&str; 4] = ["200", "201", "202", "204"];

const PART: &str = "Examples";

/// Which operation has which index, by id.
type Ids<'a> = HashMap<&'a str, usize>;

pub(super) fn lower(context: &mut Context<'_>, section: &Section, operations: &mut [Operation]) {
    let found = read(context, code_blocks(section.part(PART)), operations);
    for (index, example) in found {
        operations[index].examples.push(example);
    }
}

/// Links to files with further examples.
pub(super) fn links(context: &mut Context<'_>, section: &Section) -> Vec<Link> {
    let links = section.part_links(PART);
    let links = links.map(|link| read_link(context, &link.text, link.target.clone()));
    links.collect()
}

/// The examples in a text beside the document, each with the index of its operation, and what is
/// wrong in it.
pub(crate) fn beside<'a>(
    source: &'a Arc<SourceText>,
    operations: &[Operation],
) -> (Vec<(usize, Example)>, Findings<'a>) {
    let mut context = Context::new(source);
    let blocks = all_code(source.text());
    let found = read(&mut context, &blocks, operations);
    let (mut findings, slips) = context.into_found();
    slips.report(&mut findings);
    (found, findings)
}

fn read<'a>(
    context: &mut Context<'_>,
    blocks: impl IntoIterator<Item = &'a CodeBlock>,
    operations: &[Operation],
) -> Vec<(usize, Example)> {
    let ids: Ids<'_> = (0..)
        .zip(operations)
        .map(|(index, operation)| (operation.id.as_str(), index))
        .collect();
    let blocks = blocks.into_iter();
    blocks
        .filter_map(|block| read_block(context, block, &ids, operations))
        .collect()
}

/// Whether a text is an answer that a program can read: JSON, with numbers of a size that 64 bits
/// hold, and at most 127 lists and objects in each other.
fn answer(text: &Text, source: &str) -> Result<(), json::Problem> {
    json::parse(text, source)?;
    let Err(error) = serde_json::from_str::<Value>(text.as_str()) else {
        return Ok(());
    };
    let mut lines = text.as_str().split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = before + error.column().saturating_sub(1);
    let told = error.to_string();
    let message = told.split(" at line ").next().unwrap_or(&told);
    Err(json::Problem {
        message: message.to_owned(),
        span: json::visible(text, at, at + 1),
    })
}

fn read_block(
    context: &mut Context<'_>,
    block: &CodeBlock,
    ids: &Ids<'_>,
    operations: &[Operation],
) -> Option<(usize, Example)> {
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
        return None;
    };
    let body = match kind.as_str() {
        "json" => match answer(&block.text, context.source.text()) {
            Ok(()) => ExampleBody::Json(block.text.as_str().to_owned()),
            Err(problem) => {
                let what = format!("the example for `{id}`");
                context.report_at(problem.span, |source, span| {
                    json_not_read::new(source, span, &what, &problem.message)
                });
                return None;
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
            return None;
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
    Some((index, Example { body, status }))
}
