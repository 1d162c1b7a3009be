//! JSON to a tree whose every node knows its place in the document.

use jsonc_parser::ast::Value;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, parse_to_ast};
use wharf_diag::Span;
use wharf_scan::json::STRICT;

use super::Text;

/// A JSON value as written.
#[derive(Debug)]
pub(crate) enum Node {
    /// A string without its quotes.
    String(Text),
    Number(Text),
    Boolean(Span),
    Null(Span),
    Array(Vec<Node>, Span),
    Object(Vec<(Text, Node)>, Span),
}

/// Why a text is not JSON, and where.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) span: Span,
}

impl Node {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::String(text) | Self::Number(text) => text.span(),
            Self::Boolean(span)
            | Self::Null(span)
            | Self::Array(_, span)
            | Self::Object(_, span) => *span,
        }
    }

    /// What kind of value it is, in the words of a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a text",
            Self::Number(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::Null(_) => "null",
            Self::Array(..) => "a list",
            Self::Object(..) => "an object",
        }
    }
}

/// Reads one JSON value, strictly: no comments, no trailing commas.
///
/// `source` is the whole source text that the spans of `json` point into.
pub(crate) fn parse(json: &Text, source: &str) -> Result<Node, Problem> {
    let parsed =
        parse_to_ast(json.as_str(), &CollectOptions::default(), &STRICT).map_err(|error| {
            Problem {
                message: lower_first(&error.kind().to_string()),
                span: visible(json, error.range().start, error.range().end),
            }
        })?;
    match parsed.value {
        Some(value) => Ok(node(&value, json, source)),
        None => Err(Problem {
            message: "nothing stands here".to_owned(),
            span: json.span(),
        }),
    }
}

fn node(value: &Value<'_>, json: &Text, source: &str) -> Node {
    let range = value.range();
    let span = json.span_of(range.start..range.end);
    match value {
        Value::StringLit(string) => Node::String(string_text(&string.value, range, json, source)),
        Value::NumberLit(number) => Node::Number(Text::new(number.value, span, source)),
        Value::BooleanLit(_) => Node::Boolean(span),
        Value::NullKeyword(_) => Node::Null(span),
        Value::Array(array) => {
            let nodes = array.elements.iter().map(|value| node(value, json, source));
            Node::Array(nodes.collect(), span)
        }
        Value::Object(object) => {
            let entries = object.properties.iter().map(|property| {
                let key = string_text(property.name.as_str(), property.name.range(), json, source);
                (key, node(&property.value, json, source))
            });
            Node::Object(entries.collect(), span)
        }
    }
}

/// A string points to the text between its quotes.
fn string_text(value: &str, range: Range, json: &Text, source: &str) -> Text {
    let (start, end) = (range.start + 1, range.end.saturating_sub(1));
    let inner = if start < end {
        json.span_of(start..end)
    } else {
        json.span_of(range.start..range.end)
    };
    let mut text = Text::empty_at(inner);
    text.push(value, inner, source);
    text
}

/// The place of an error, widened to something that can be underlined.
pub(crate) fn visible(json: &Text, start: usize, end: usize) -> Span {
    let text = json.as_str();
    let start = start.min(text.len());
    let end = end.clamp(start, text.len());
    if text
        .get(start..end)
        .is_some_and(|slice| !slice.trim().is_empty())
    {
        return json.span_of(start..end);
    }
    let before = text.get(..start).unwrap_or_default().trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    json.span_of(before.len() - last..before.len())
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests;
