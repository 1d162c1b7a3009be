//! Places in blocks of YAML, JSON and assignments.

use wharf_diag::Span;

use super::{Place, Slot, line_of, place, word_between};
use crate::layout::{Fence, Under, lines};

/// What an offset in a block asks for; the language says how to read it.
pub(super) fn at<'a>(text: &'a str, under: Under<'a>, fence: Fence, offset: usize) -> Place<'a> {
    let language = text[fence.info.range()]
        .split_whitespace()
        .next()
        .unwrap_or_default();
    let block = &text[fence.body.range()];
    let line = line_of(text, offset);
    match language.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => yaml(text, under, fence, line, offset),
        "json" | "jsonc" | "json5" => json(text, under, block, line, offset),
        "python" | "py" | "toml" | "ini" | "text" | "" => {
            assignment(text, under, block, line, offset)
        }
        _ => place(under, Span::at(offset), Slot::Other),
    }
}

fn yaml<'a>(text: &'a str, under: Under<'a>, fence: Fence, line: Span, offset: usize) -> Place<'a> {
    let content = &text[line.range()];
    let indent = content.len() - content.trim_start().len();
    let trimmed = content.trim_start();
    let above = &text[fence.body.start..line.start];
    if trimmed.starts_with('-') {
        let key = parent(above, indent + 1).unwrap_or_default();
        let mark = line.start + indent + 1;
        let word = word_between(
            text,
            Span::new(mark.min(line.end), line.end),
            offset,
            &['"', '\''],
        );
        return place(under, word, Slot::YamlValue { key });
    }
    if let Some(colon) = content.find(':')
        && offset > line.start + colon
    {
        let key = content[..colon].trim();
        let bounds = Span::new(line.start + colon + 1, line.end);
        let word = word_between(text, bounds, offset, &['"', '\'', '[', ']', ',']);
        return place(under, word, Slot::YamlValue { key });
    }
    // On a line without words, the place says how deep the key will stand.
    let depth = if trimmed.is_empty() {
        offset - line.start
    } else {
        indent
    };
    let key_end = line.start + content.find(':').unwrap_or(content.len());
    let word = word_between(text, Span::new(line.start, key_end), offset, &[]);
    let block = &text[fence.body.range()];
    let parent = if depth == 0 {
        None
    } else {
        parent(above, depth)
    };
    place(under, word, Slot::YamlKey { parent, block })
}

/// The key of the nearest line above that stands further left.
fn parent(above: &str, depth: usize) -> Option<&str> {
    let rows = lines(above).map(|line| &above[line.range()]);
    let rows: Vec<_> = rows
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '-']))
        .collect();
    let holder = rows
        .into_iter()
        .rev()
        .find(|line| line.len() - line.trim_start().len() < depth)?;
    holder.split(':').next().map(str::trim)
}

fn json<'a>(
    text: &'a str,
    under: Under<'a>,
    block: &'a str,
    line: Span,
    offset: usize,
) -> Place<'a> {
    // One entry a line, as everybody writes it; several are told apart by their commas.
    let entry = word_between(text, line, offset, &['{', '}']);
    let before = &text[entry.start..offset.max(entry.start)];
    let start = commas_outside(before)
        .last()
        .map_or(entry.start, |at| entry.start + at + 1);
    let written = &text[start..entry.end.max(start)];
    let end = commas_outside(written)
        .next()
        .map_or(entry.end.max(start), |at| start + at);
    let entry = Span::new(start, end);
    let content = &text[entry.range()];
    let colon = content
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| content[..*at].matches('"').count().is_multiple_of(2));
    match colon {
        Some(colon) if offset > entry.start + colon => {
            let key = content[..colon].trim().trim_matches('"');
            let bounds = Span::new(entry.start + colon + 1, entry.end);
            let quoted = text[bounds.start..offset.max(bounds.start)].contains('"');
            let word = word_between(text, bounds, offset, &['"', '[', ']', ',']);
            place(under, word, Slot::JsonValue { key, quoted })
        }
        _ => {
            let key_end = entry.start + colon.unwrap_or(content.len());
            let bounds = Span::new(entry.start, key_end);
            let quoted = content.trim_start().starts_with('"');
            let word = word_between(text, bounds, offset, &['"']);
            place(under, word, Slot::JsonKey { quoted, block })
        }
    }
}

/// The commas of a text that stand outside of quotes and lists.
fn commas_outside(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices(',').map(|(at, _)| at).filter(|at| {
        let before = &text[..*at];
        before.matches('"').count().is_multiple_of(2)
            && before.matches('[').count() == before.matches(']').count()
    })
}

fn assignment<'a>(
    text: &'a str,
    under: Under<'a>,
    block: &'a str,
    line: Span,
    offset: usize,
) -> Place<'a> {
    let content = &text[line.range()];
    match content.find('=') {
        Some(equals) if offset > line.start + equals => {
            let name = content[..equals].trim();
            let end = content.find('#').unwrap_or(content.len()).max(equals + 1);
            let bounds = Span::new(line.start + equals + 1, line.start + end);
            let word = word_between(text, bounds, offset, &['[', ']', ',', '"', '\'']);
            place(under, word, Slot::AssignmentValue { name })
        }
        equals => {
            let end = line.start + equals.unwrap_or(content.len());
            let word = word_between(text, Span::new(line.start, end), offset, &[]);
            place(under, word, Slot::AssignmentName { block })
        }
    }
}
