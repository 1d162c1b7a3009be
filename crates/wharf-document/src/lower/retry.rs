//! Error Handling: the Retry Strategy block.

use std::time::Duration;

use wharf_diag::{Span, Spanned};

use super::configuration::MOST_RETRIES;
use super::context::{Context, Seen};
use crate::findings::{assignment_not_read, status_not_read, wrong_kind};
use crate::model::RetryStrategy;
use crate::parse::duration::Unit;
use crate::parse::status;
use crate::raw::assignments::{self, Assignment, Value};
use crate::raw::{Section, Text};
use crate::vocabulary;

const PART: &str = "Retry Strategy";

/// Languages that assignments are read in.
const LANGUAGES: [&str; 5] = ["python", "py", "text", "toml", "ini"];

const KNOWN: [&str; 3] = vocabulary::names(&vocabulary::RETRY_NAMES);

pub(super) fn lower(context: &mut Context<'_>, section: &Section) -> RetryStrategy {
    let mut strategy = RetryStrategy::default();
    let mut seen = Seen::new();
    let blocks = section.part_code(PART, &LANGUAGES);
    for block in &blocks {
        let (assignments, unread) = assignments::parse(&block.text);
        for line in unread {
            context.report_at(line, assignment_not_read::new);
        }
        for assignment in &assignments {
            if context.is_new(&mut seen, &assignment.name, "name") {
                assign(context, &mut strategy, assignment);
            }
        }
    }
    if section.has_part(PART) && blocks.is_empty() {
        let form = "lines such as `max_retries = 3` in it";
        context.block_missing(
            section,
            PART,
            "the block of Retry Strategy",
            &LANGUAGES,
            form,
        );
    }
    strategy
}

fn assign(context: &mut Context<'_>, strategy: &mut RetryStrategy, assignment: &Assignment) {
    let name = assignment.name.as_str();
    let what = format!("`{name}`");
    match (name, &assignment.value) {
        ("retry_delays", value) => {
            strategy.delays = delays(context, assignment, value, &what);
        }
        ("retry_on", value) => {
            let (statuses, is_open) = statuses(context, value, &what);
            strategy.retry_on = Some(statuses);
            strategy.retry_on_open = is_open;
        }
        ("max_retries", Value::One(text)) => {
            strategy.max_retries = context.integer_u32(text, &what, 0, MOST_RETRIES);
        }
        ("max_retries", Value::List(_, span)) => context.report_at(*span, |source, span| {
            wrong_kind::new(source, span, &what, "a number", "a list")
        }),
        _ => context.unknown_name(&assignment.name, "name of the Retry Strategy", &KNOWN),
    }
}

/// Delays in seconds, in their own units, or in the unit that the remark names.
fn delays(
    context: &mut Context<'_>,
    assignment: &Assignment,
    value: &Value,
    what: &str,
) -> Option<Spanned<Vec<Duration>>> {
    let word = assignment.remark.as_str().trim_start_matches("in ");
    let unit = Unit::from_word(word).unwrap_or(Unit::Seconds);
    let (elements, span) = elements(value);
    let delays: Vec<_> = elements
        .iter()
        .filter_map(|element| context.duration_in(element, what, unit))
        .map(|delay| delay.value)
        .collect();
    // A list with a hole would shift every later delay.
    (delays.len() == elements.len() && !delays.is_empty()).then(|| Spanned::new(delays, span))
}

/// The statuses, and whether something among them could not be read.
fn statuses(context: &mut Context<'_>, value: &Value, what: &str) -> (Spanned<Vec<u16>>, bool) {
    let (elements, span) = elements(value);
    let mut statuses: Vec<u16> = Vec::new();
    let mut is_open = false;
    for element in elements {
        let status = context.value(
            element,
            status::exact(element.as_str()),
            |source, span, why| status_not_read::new(source, span, what, why),
        );
        is_open |= status.is_none();
        statuses.extend(
            status
                .map(|status| status.value)
                .filter(|s| !statuses.contains(s)),
        );
    }
    (Spanned::new(statuses, span), is_open)
}

/// One value counts as a list of one.
fn elements(value: &Value) -> (&[Text], Span) {
    match value {
        Value::One(text) => (std::slice::from_ref(text), text.span()),
        Value::List(texts, span) => (texts, *span),
    }
}
