//! Reads `name = value  # remark` lines, the notation of the Retry Strategy block.

use wharf_diag::Span;

use super::Text;

/// One assignment.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) name: Text,
    pub(crate) value: Value,
    /// The words behind `#` on the line where the value ends.
    pub(crate) remark: Text,
}

/// What stands behind the equals sign.
#[derive(Debug)]
pub(crate) enum Value {
    One(Text),
    List(Vec<Text>, Span),
}

/// Reads all assignments of a block, and the places of lines that are none.
///
/// A list may run over several lines. Quotes around a value are dropped.
pub(crate) fn parse(block: &Text) -> (Vec<Assignment>, Vec<Span>) {
    let text = block.as_str();
    let (mut assignments, mut unread) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let line_end = end_of_line(text, at);
        let (content, _) = split_remark(&text[at..line_end]);
        if content.trim().is_empty() {
            at = line_end + 1;
            continue;
        }
        if let Some((assignment, end)) = assignment(block, at) {
            assignments.push(assignment);
            at = end + 1;
        } else {
            unread.push(block.part(at..line_end).trimmed().span());
            at = line_end + 1;
        }
    }
    (assignments, unread)
}

/// Reads one assignment that starts at `at`; also tells where its last line ends.
fn assignment(block: &Text, at: usize) -> Option<(Assignment, usize)> {
    let text = block.as_str();
    let line_end = end_of_line(text, at);
    let equals = at + text[at..line_end].find('=')?;
    let name = block.part(at..equals).trimmed();
    let is_name = !name.is_empty()
        && name
            .as_str()
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if !is_name {
        return None;
    }
    let value_start = equals + 1;
    let (value, end) = if text[value_start..line_end].trim_start().starts_with('[') {
        let open = value_start + text[value_start..].find('[')?;
        let close = open + text[open..].find(']')?;
        let elements = elements(block, open + 1, close);
        let span = block.span_of(open..close + 1);
        (Value::List(elements, span), close + 1)
    } else {
        let (content, _) = split_remark(&text[value_start..line_end]);
        let end = value_start + content.len();
        let value = unquoted(&block.part(value_start..end).trimmed());
        if value.is_empty() {
            return None;
        }
        (Value::One(value), end)
    };
    let line_end = end_of_line(text, end);
    let (rest, remark) = split_remark(&text[end..line_end]);
    if !rest.trim().is_empty() {
        return None;
    }
    let remark_start = line_end - remark.len();
    let remark = block.part(remark_start..line_end).trimmed();
    let assignment = Assignment {
        name,
        value,
        remark,
    };
    Some((assignment, line_end))
}

/// The elements of a list, remarks at line ends left out.
fn elements(block: &Text, start: usize, end: usize) -> Vec<Text> {
    let text = block.as_str();
    let mut elements = Vec::new();
    let mut at = start;
    while at < end {
        let line_end = end_of_line(text, at).min(end);
        let (content, _) = split_remark(&text[at..line_end]);
        let line = block.part(at..at + content.len());
        let cells = line.split(|value, at| usize::from(value[at..].starts_with(',')));
        elements.extend(cells.iter().map(unquoted));
        at = line_end + 1;
    }
    elements
}

fn unquoted(text: &Text) -> Text {
    let value = text.as_str();
    let is_quoted = value.len() >= 2
        && (value.starts_with('"') && value.ends_with('"')
            || value.starts_with('\'') && value.ends_with('\''));
    if is_quoted {
        text.part(1..value.len() - 1)
    } else {
        text.clone()
    }
}

/// Splits a line before `#`; the second half is what stands behind it.
fn split_remark(line: &str) -> (&str, &str) {
    line.split_once('#').unwrap_or((line, ""))
}

fn end_of_line(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    text[at..].find('\n').map_or(text.len(), |end| at + end)
}

#[cfg(test)]
mod tests;
