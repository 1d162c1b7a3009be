//! Marks of lists that programs other than Markdown's write: `•`, `–`, and `-` before a space that
//! does not break.

use std::borrow::Cow;
use std::ops::Range;

/// Signs that begin an item in word processors and in text that was copied from pages.
const BULLETS: [char; 9] = ['•', '·', '‣', '◦', '▪', '●', '○', '■', '⁃'];

/// What word processors make of a hyphen. Inside of running text they are dashes, so they begin an
/// item only before a space.
const DASHES: [char; 5] = ['–', '—', '−', '‐', '‑'];

/// Marks of Markdown.
const MARKS: [char; 3] = ['-', '*', '+'];

/// Spaces that do not break, which Markdown takes for letters.
const HARD_SPACES: [char; 2] = ['\u{a0}', '\u{202f}'];

/// The text with such marks as Markdown's own. Every byte keeps its offset.
pub(crate) fn as_markdown(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut read = String::new();
    let mut kept = 0;
    let mut at = 0;
    let ends = memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()).map(|end| end + 1);
    for end in ends.chain([text.len()]) {
        if let Some(mark) = mark(&text[at..end]) {
            if kept == 0 {
                read.reserve_exact(text.len());
            }
            read.push_str(&text[kept..at + mark.start]);
            read.push('-');
            read.extend(std::iter::repeat_n(' ', mark.len() - 1));
            kept = at + mark.end;
        }
        at = end;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    read.push_str(&text[kept..]);
    Cow::Owned(read)
}

/// Where a foreign mark stands in a line, with the hard spaces behind it.
fn mark(line: &str) -> Option<Range<usize>> {
    let rest = line.trim_start_matches([' ', '\t']);
    let start = line.len() - rest.len();
    let sign = rest.chars().next()?;
    let behind = &rest[sign.len_utf8()..];
    let inner = behind.trim_start_matches(HARD_SPACES);
    let has_hard_space = inner.len() < behind.len();
    let is_mark = if BULLETS.contains(&sign) {
        true
    } else if DASHES.contains(&sign) {
        // A row of a table without `|` at its ends may begin with a dash.
        (has_hard_space || behind.starts_with([' ', '\t'])) && !line.contains('|')
    } else {
        MARKS.contains(&sign) && has_hard_space
    };
    let has_words = inner.trim_start().starts_with(|c: char| c != '|');
    let end = line.len() - inner.len();
    // A mark of one byte that is followed by nothing would be none.
    (is_mark && has_words && end - start > 1).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::as_markdown;

    #[test]
    fn foreign_marks_become_hyphens_of_the_same_length() {
        for (written, read) in [
            ("• Type: x", "-   Type: x"),
            ("•Type: x", "-  Type: x"),
            ("  ◦ X: y\n", "  -   X: y\n"),
            ("– Type: x\r\n— Header: y", "-   Type: x\r\n-   Header: y"),
            ("-\u{a0}Type: x", "-  Type: x"),
            ("*\u{202f}Type: x", "-   Type: x"),
            ("a\n· b", "a\n-  b"),
        ] {
            assert_eq!(as_markdown(written), read, "{written}");
            assert_eq!(written.len(), read.len());
        }
        for text in [
            "- Type: x",
            "–Type: x",
            "–",
            "•\n",
            "– | a |",
            "a • b",
            "| – | • |",
            "-Type",
        ] {
            assert_eq!(as_markdown(text), text, "{text}");
        }
    }
}
