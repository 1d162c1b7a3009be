//! A text without the escapes of Markdown, for credentials that an editor saved with them: `ghp\_…`,
//! `ghp&#95;…`.
//!
//! Editors that show a page as it will look write `\_` for every `_`. What stands in the page is the
//! credential all the same.
//!
//! Source: `CommonMark` 0.31, "Backslash escapes" and "Entity and numeric character references".

use std::ops::Range;

/// A text without escapes, and where its bytes stood.
pub(super) struct Plain {
    pub(super) text: String,
    /// Behind which byte of the text bytes of the source were left out, and how many in all.
    left_out: Vec<(usize, usize)>,
}

/// Marks of which credentials are made, and whose escape hides one. A table needs `\|`, and a JSON
/// text `\"`; neither is one of them.
const MARKS: &[u8] = b"_-.*~+=:@#!&/";

/// The text without its escapes; `None` where it has none.
pub(super) fn plain(source: &str) -> Option<Plain> {
    let bytes = source.as_bytes();
    let mut text = String::new();
    let mut left_out = Vec::new();
    let mut copied = 0;
    let mut sum = 0;
    for at in memchr::memchr2_iter(b'\\', b'&', bytes) {
        // The second byte of an escape starts none.
        let Some((length, mark)) = escape(bytes, at).filter(|_| at >= copied) else {
            continue;
        };
        text.push_str(&source[copied..at]);
        copied = at + length;
        text.push(char::from(mark));
        sum += length - 1;
        left_out.push((text.len(), sum));
    }
    if left_out.is_empty() {
        return None;
    }
    text.push_str(&source[copied..]);
    Some(Plain { text, left_out })
}

impl Plain {
    /// Where a piece of the text stands in the source, and whether it has escapes there.
    pub(super) fn in_source(&self, piece: &Range<usize>) -> (Range<usize>, bool) {
        // The first byte of an escape belongs to its mark.
        let before = self.count(piece.start);
        let start = piece.start + before;
        let end = piece.end + self.count(piece.end);
        (start..end, end - start > piece.len())
    }

    /// How many bytes are left out before a place.
    fn count(&self, place: usize) -> usize {
        let index = self.left_out.partition_point(|(end, _)| *end <= place);
        index.checked_sub(1).map_or(0, |last| self.left_out[last].1)
    }
}

/// The length of the escape at a place, and the mark that it stands for.
fn escape(bytes: &[u8], at: usize) -> Option<(usize, u8)> {
    let rest = &bytes[at + 1..];
    if bytes[at] == b'\\' {
        let mark = *rest.first().filter(|byte| MARKS.contains(byte))?;
        return Some((2, mark));
    }
    if rest.starts_with(b"lowbar;") {
        return Some((8, b'_'));
    }
    let digits = rest.strip_prefix(b"#")?;
    let (digits, radix) = match digits.first()? {
        b'x' | b'X' => (&digits[1..], 16),
        _ => (digits, 10),
    };
    let count = digits.iter().take(4).position(|byte| *byte == b';')?;
    let number = std::str::from_utf8(&digits[..count]).ok()?;
    let mark = u8::from_str_radix(number, radix).ok()?;
    let length = 2 + usize::from(radix == 16) + count + 1;
    MARKS.contains(&mark).then_some((length, mark))
}

#[cfg(test)]
mod tests;
