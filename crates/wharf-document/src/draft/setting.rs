//! Sets a value in the JSON object of Required Settings.

use wharf_diag::{Edit, Span};

use super::body::{changed_once, said, sections};
use super::quoted::quoted;
use super::{Error, Value, edit, first_that, line_ending, line_start};
use crate::raw::json::{self, Node};
use crate::raw::{Section, Text, same_name};

const SECTION: &str = "Configuration";
const PART: &str = "Required Settings";

/// An entry of the object, with everything that a change has to leave as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    /// The value as written.
    value: String,
    /// Where the value stands, quotes included.
    span: Span,
    /// Where the name stands, without quotes.
    name_span: Span,
}

pub(super) fn set(text: &str, name: &str, value: &Value) -> Result<Option<Edit>, Error> {
    let before = sections(text);
    let (object, entries) = read(&before, text)?;
    let written = json(value);
    let known = entries.iter().position(|entry| entry.name == name);
    let candidate = match known.and_then(|at| entries.get(at)) {
        Some(entry) if entry.value == written => return Ok(None),
        Some(entry) => edit(entry.span, written.clone()),
        None => adding(text, object, entries.last(), name, &written),
    };
    let old = said(&before);
    let edit = first_that(text, [candidate], |text| {
        let after = sections(text);
        let Ok((_, found)) = read(&after, text) else {
            return false;
        };
        let pairs = |entries: &[Entry]| -> Vec<(String, String)> {
            let pairs = entries.iter();
            pairs
                .map(|entry| (entry.name.clone(), entry.value.clone()))
                .collect()
        };
        let mut wanted = pairs(&entries);
        match known.and_then(|at| wanted.get_mut(at)) {
            Some(pair) => pair.1.clone_from(&written),
            None => wanted.push((name.to_owned(), written.clone())),
        }
        pairs(&found) == wanted && changed_once(&old, &said(&after), 1, 1)
    })?;
    Ok(Some(edit))
}

/// The object of the first block, and its entries.
fn read(sections: &[Section], text: &str) -> Result<(Span, Vec<Entry>), Error> {
    let section = sections
        .iter()
        .find(|section| same_name(section.name.as_str(), SECTION))
        .ok_or(Error::NoPlace)?;
    let blocks = section.part_code(PART, &["json", "jsonc", "json5"]);
    let block = blocks.first().ok_or(Error::NoPlace)?;
    let Ok(Node::Object(nodes, span)) = json::parse(&block.text, text) else {
        return Err(Error::NotRead);
    };
    let entries = nodes.iter().map(|(name, node)| entry(text, name, node));
    Ok((span, entries.collect()))
}

fn entry(text: &str, name: &Text, node: &Node) -> Entry {
    let mut span = node.span();
    if let Node::String(_) = node
        && !text[..span.end].ends_with("\"\"")
    {
        span = Span::new(span.start.saturating_sub(1), span.end + 1);
    }
    Entry {
        name: name.as_str().to_owned(),
        value: text.get(span.range()).unwrap_or_default().to_owned(),
        span,
        name_span: name.span(),
    }
}

fn adding(text: &str, object: Span, last: Option<&Entry>, name: &str, value: &str) -> Edit {
    let name = quoted(name);
    let eol = line_ending(text);
    let indent = |offset: usize| {
        let line = text
            .get(line_start(text, offset)..offset)
            .unwrap_or_default();
        let blank = line.len() - line.trim_start_matches([' ', '\t', '>']).len();
        &line[..blank]
    };
    let Some(last) = last else {
        let indent = indent(object.start);
        let entry = format!("{{{eol}{indent}  {name}: {value}{eol}{indent}}}");
        return edit(object, entry);
    };
    let at = Span::at(last.span.end);
    let before = text.get(object.start..last.name_span.start);
    if before.is_some_and(|before| before.contains(['\n', '\r'])) {
        let indent = indent(last.name_span.start);
        edit(at, format!(",{eol}{indent}{name}: {value}"))
    } else {
        edit(at, format!(", {name}: {value}"))
    }
}

fn json(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::List(texts) => {
            let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}
