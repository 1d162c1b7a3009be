//! Finds the YAML between the `---` lines, and reads it line by line where YAML cannot.

use wharf_diag::Span;

use super::Text;
use super::yaml::{self, Node, Problem};

/// Where the frontmatter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The block with its fences.
    pub(crate) whole: Span,
    /// The lines between the fences.
    pub(crate) yaml: Span,
    /// Whether the closing fence is there.
    pub(crate) closed: bool,
}

/// One `key: value` line at the left margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) key: Span,
    /// Without white space and a trailing comment; empty when nothing stands there.
    pub(crate) value: Span,
}

/// Finds the frontmatter. The first line must be `---`, a byte order mark aside.
///
/// Without a closing fence the block ends before the first line that cannot belong to it.
pub(crate) fn bounds(text: &str) -> Option<Bounds> {
    let start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let mut lines = lines(text, start);
    let opening = lines.next()?;
    if !is_fence(&text[opening.range()]) {
        return None;
    }
    let yaml_start = opening.end;
    let mut unclosed_end = yaml_start;
    let mut in_yaml = true;
    for line in lines {
        let content = &text[line.range()];
        if is_fence(content) {
            return Some(Bounds {
                whole: Span::new(start, line.end),
                yaml: Span::new(yaml_start, line.start),
                closed: true,
            });
        }
        in_yaml = in_yaml && !content.trim().is_empty() && !content.starts_with("# ");
        if in_yaml {
            unclosed_end = line.end;
        }
    }
    Some(Bounds {
        whole: Span::new(start, unclosed_end),
        yaml: Span::new(yaml_start, unclosed_end),
        closed: false,
    })
}

/// The `key: value` lines at the left margin, whatever else the block holds.
pub(crate) fn key_lines(text: &str, yaml: Span) -> Vec<Line> {
    lines(text, yaml.start)
        .take_while(|line| line.start < yaml.end)
        .filter_map(|line| key_line(text, line))
        .collect()
}

/// The title where it starts with a bracket. YAML reads a list there; people mean a text.
pub(crate) fn bracketed_title<'a>(text: &str, lines: &'a [Line]) -> Option<&'a Line> {
    lines.iter().find(|line| {
        &text[line.key.range()] == "title" && text[line.value.range()].starts_with('[')
    })
}

/// Reads the block as YAML, with nothing in place of a title that starts with a bracket.
pub(crate) fn parse(text: &str, bounds: Bounds, bracketed: Option<&Line>) -> Result<Node, Problem> {
    let mut yaml = text[bounds.yaml.range()].to_owned();
    if let Some(line) = bracketed {
        let start = line.value.start - bounds.yaml.start;
        yaml.replace_range(
            start..start + line.value.len(),
            &" ".repeat(line.value.len()),
        );
    }
    // The blanked copy has the length of the original, so its offsets are the original's.
    let mut block = Text::empty_at(bounds.yaml);
    block.push_same_length(&yaml, bounds.yaml);
    yaml::parse(&block, text)
}

/// Whether the frontmatter says `type: tool` and `subtype: integration`.
///
/// Looks at lines only, so that a document whose YAML is broken is still found.
pub(crate) fn is_integration(text: &str) -> bool {
    let Some(bounds) = bounds(text) else {
        return false;
    };
    let lines = key_lines(text, bounds.yaml);
    let says = |key: &str, value: &str| {
        lines.iter().any(|line| {
            &text[line.key.range()] == key
                && unquoted(&text[line.value.range()]).eq_ignore_ascii_case(value)
        })
    };
    says("type", "tool") && says("subtype", "integration")
}

/// The lines of the frontmatter that have a key. `None`: the text has no frontmatter.
pub(crate) fn block_lines(text: &str) -> Option<Vec<Line>> {
    Some(key_lines(text, bounds(text)?.yaml))
}

/// A value without the quotes around it.
pub(crate) fn unquoted(value: &str) -> &str {
    let inner = |quote: char| {
        value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    inner('"')
        .or_else(|| inner('\''))
        .unwrap_or_else(|| yaml::without_curly_quotes(value))
}

fn key_line(text: &str, line: Span) -> Option<Line> {
    let content = text[line.range()].trim_end();
    let colon = content.find(':')?;
    let key = content[..colon].trim_end();
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '));
    let rest = &content[colon + 1..];
    if !is_key || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let value_end = rest
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| rest[..*at].ends_with([' ', '\t']) && !is_inside_quotes(rest, *at))
        .unwrap_or(rest.len());
    let before = rest[..value_end].trim_end();
    let value_start = before.len() - before.trim_start().len();
    let offset = line.start + colon + 1;
    Some(Line {
        key: Span::new(line.start, line.start + key.len()),
        value: Span::new(offset + value_start, offset + before.len()),
    })
}

fn is_inside_quotes(text: &str, at: usize) -> bool {
    let trimmed = text.trim_start();
    let Some(quote) = trimmed.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return false;
    };
    text[..at].matches(quote).count() % 2 == 1
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == "---"
}

/// Lines from `start` on, each with its line ending.
pub(crate) fn lines(text: &str, start: usize) -> impl Iterator<Item = Span> {
    text.get(start..)
        .unwrap_or_default()
        .split_inclusive('\n')
        .scan(start, |at, line| {
            let span = Span::new(*at, *at + line.len());
            *at = span.end;
            Some(span)
        })
}

#[cfg(test)]
mod tests;
