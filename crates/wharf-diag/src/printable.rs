//! Texts of others for a terminal: nothing in them moves the cursor or turns the text around.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

/// Stands for a character that is not shown.
const STAND_IN: char = '\u{fffd}';

/// Whether a character acts instead of being seen: control characters but for tabs and line
/// feeds, and what hides text or turns its direction (Unicode Standard Annex 9, section 2).
///
/// U+0080 to U+009F are among them: a terminal may read U+009B as the start of a sequence.
pub const fn is_unprintable(sign: char) -> bool {
    matches!(
        sign,
        '\0'..='\u{8}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// Whether a text has a character that acts, among them unprintable ones. Whole outputs pass through
/// here, so characters are read only where a byte begins one that may act.
fn holds(text: &str, acts: impl Fn(char) -> bool) -> bool {
    const BLOCK_BYTES: usize = 64;
    let may_begin = |byte: &u8| {
        let is_shown = matches!(byte, b' '..=b'~' | b'\n' | b'\t');
        // The first bytes of U+0080 to U+009F, U+061C, U+2000 to U+2FFF and U+F000 to U+FFFF.
        !is_shown && (byte.is_ascii() || matches!(byte, 0xc2 | 0xd8 | 0xe2 | 0xef))
    };
    let blocks = text.as_bytes().chunks(BLOCK_BYTES).enumerate();
    // Without an end in between, a block is looked at as a whole.
    let mut doubtful =
        blocks.filter(|(_, block)| block.iter().fold(false, |any, byte| any | may_begin(byte)));
    doubtful.any(|(index, block)| {
        let start = index * BLOCK_BYTES;
        let end = text.ceil_char_boundary(start + block.len());
        text[text.floor_char_boundary(start)..end].contains(&acts)
    })
}

/// A text with a visible sign for everything that is [unprintable](is_unprintable). A carriage
/// return in front of a line feed stays.
pub fn printable(text: &str) -> Cow<'_, str> {
    replaced(text, is_unprintable)
}

/// The same for what stands within a line: a line that it ended would be read for itself. Services
/// that run checks take a line that begins with `::` for a command (GitHub Docs, "Workflow
/// commands").
pub fn printable_in_line(text: &str) -> Cow<'_, str> {
    let acts = |sign| matches!(sign, '\n' | '\r') || is_unprintable(sign);
    if !text.contains(['\n', '\r']) && !holds(text, is_unprintable) {
        return Cow::Borrowed(text);
    }
    let shown = |sign| if acts(sign) { STAND_IN } else { sign };
    Cow::Owned(text.chars().map(shown).collect())
}

/// The same as [`printable`] for a text that has escape sequences of our own.
pub fn printable_beside_colours(text: &str) -> Cow<'_, str> {
    replaced(text, |sign| sign != '\u{1b}' && is_unprintable(sign))
}

/// A JSON text with an escape for everything that is [unprintable](is_unprintable). It says the
/// same: nothing of that stands in JSON but in its strings.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    let acts = |sign: char| sign != '\r' && is_unprintable(sign);
    if !holds(json, acts) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len());
    for sign in json.chars() {
        if acts(sign) {
            // All of them are in the first plane, so one escape is enough.
            let _ = write!(shown, "\\u{:04x}", u32::from(sign));
        } else {
            shown.push(sign);
        }
    }
    Cow::Owned(shown)
}

/// What is kept of JSON before it is made printable and written.
const PIECE_BYTES: usize = 32 * 1024;

/// Writes a value as JSON, pretty-printed, with a line break at the end. It is
/// [printable](printable_json), and made so piece by piece: all of it may be too much to keep.
pub(crate) fn write_printable(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    // A serializer writes every sign of JSON by itself, and each look at a piece costs.
    let mut pieces = io::BufWriter::with_capacity(PIECE_BYTES, PrintableJson(out));
    serde_json::to_writer_pretty(&mut pieces, value)?;
    pieces.write_all(b"\n")?;
    pieces.flush()
}

/// Writes JSON as [`printable_json`] makes it.
struct PrintableJson<W>(W);

impl<W: io::Write> io::Write for PrintableJson<W> {
    /// Takes whole characters; the rest of a piece is for the next call.
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let whole = match std::str::from_utf8(piece) {
            Ok(text) => text,
            Err(error) if error.valid_up_to() > 0 => {
                std::str::from_utf8(&piece[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        self.0.write_all(printable_json(whole).as_bytes())?;
        Ok(whole.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn replaced(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !holds(text, &is_bad) {
        return Cow::Borrowed(text);
    }
    let mut signs = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(sign) = signs.next() {
        let ends_line = sign == '\r' && signs.peek() == Some(&'\n');
        shown.push(if is_bad(sign) && !ends_line {
            STAND_IN
        } else {
            sign
        });
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::io::Write as _;

    use super::{
        PIECE_BYTES, PrintableJson, is_unprintable, printable, printable_in_line, printable_json,
        write_printable,
    };

    #[test]
    fn what_acts_is_met_wherever_it_stands() {
        let all: String = ('\0'..='\u{ffff}')
            .filter(|sign| is_unprintable(*sign))
            .collect();
        assert_eq!(all.chars().count(), 87);
        for sign in all.chars() {
            for start in ["", "a", "–", "é", "\u{10348}"] {
                for length in 0..=130 {
                    let text = format!("{start}{}{sign}b", "x".repeat(length));
                    let shown = printable(&text);
                    assert!(
                        shown.contains('\u{fffd}'),
                        "{sign:?} behind {length} of {start:?}"
                    );
                    assert!(
                        !shown.contains(sign),
                        "{sign:?} behind {length} of {start:?}"
                    );
                }
            }
        }
        assert!(matches!(printable("a – b\tç\n"), Cow::Borrowed(_)));
    }

    // google/osv-scanner#2749, djlint/djLint#115: a name with a line feed forged a line.
    #[test]
    fn what_stands_in_a_line_ends_none() {
        assert_eq!(
            printable_in_line("a\r\n::error::b\n"),
            "a\u{fffd}\u{fffd}::error::b\u{fffd}"
        );
        assert_eq!(printable_in_line("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
    }

    #[test]
    fn json_says_the_same_without_what_acts() {
        let json = "{\"a\": \"x\u{9b}2J\u{202e}\u{200b} é 日本\"}\r\n";
        assert_eq!(
            printable_json(json),
            "{\"a\": \"x\\u009b2J\\u202e\\u200b é 日本\"}\r\n"
        );
        assert!(matches!(
            printable_json("{}"),
            std::borrow::Cow::Borrowed(_)
        ));
    }

    #[test]
    fn json_in_pieces_is_the_same_whole() {
        let json = "{\"a\": \"x\u{9b}2J\u{202e} é 日本 🙂\"}";
        for length in 4..json.len() {
            let mut written = Vec::new();
            let mut out = PrintableJson(&mut written);
            let mut rest = json.as_bytes();
            while !rest.is_empty() {
                let piece = &rest[..length.min(rest.len())];
                rest = &rest[out.write(piece).unwrap()..];
            }
            assert_eq!(String::from_utf8(written).unwrap(), printable_json(json));
        }
        let mut out = PrintableJson(Vec::new());
        assert!(out.write_all(b"a\xff").is_err(), "it would wait for ever");
    }

    #[test]
    fn a_long_text_is_written_whole() {
        // The ends of pieces fall into characters of two to four bytes.
        let long = "é\u{9b}日🙂".repeat(PIECE_BYTES / 4);
        let mut written = Vec::new();
        write_printable(&mut written, &long).unwrap();
        let read: String = serde_json::from_slice(&written).unwrap();
        assert!(read == long && written.ends_with(b"\"\n"));
        assert!(!String::from_utf8(written).unwrap().contains('\u{9b}'));
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        for acting in [
            '\u{1b}', '\u{7}', '\u{8}', '\u{7f}', '\u{9b}', '\u{9d}', '\u{202e}', '\u{2066}',
            '\u{200b}', '\u{200f}', '\u{61c}', '\u{feff}', '\r', '\0',
        ] {
            assert_eq!(printable(&format!("a{acting}b")), "a\u{fffd}b");
        }
        assert_eq!(printable("a\u{1b}\r\nb"), "a\u{fffd}\r\nb");
    }

    #[test]
    fn what_is_seen_stays() {
        let text = "tab\t line\n ключ 日本 é 🙂 — …";
        assert!(matches!(printable(text), std::borrow::Cow::Borrowed(same) if same == text));
    }
}
