//! Whether a path stays below the base URL that it is put behind.

use crate::finding::in_every_decoding;

/// Whether a path could climb out of its base in some reading of it.
///
/// Servers differ: some take `%2f`, `\` or `%5c` for a slash, some cut a segment at `;` or at a
/// null byte, some pass over blanks in it (Windows those at its end, URL parsers tabs and line
/// ends), some read a dot or slash in too many bytes of UTF-8. A segment that none of them takes
/// for dots passes, encoded slashes included.
pub(crate) fn leads_out(path: &str) -> bool {
    in_every_decoding(path.as_bytes(), |read| {
        has_dot_segment(read)
            || without_line_ends(read).is_some_and(|read| in_every_decoding(&read, has_dot_segment))
    })
}

/// The same without tabs and line ends, where there are any. URL parsers drop them before they
/// decode, also in the middle of an encoded character (WHATWG URL, 4.4).
fn without_line_ends(path: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr3(b'\t', b'\n', b'\r', path)?;
    let kept = path.iter().copied();
    Some(
        kept.filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r'))
            .collect(),
    )
}

fn has_dot_segment(path: &[u8]) -> bool {
    if memchr::memchr3(0xc0, 0xc1, 0xe0, path).is_some() {
        return has_plain_dot_segment(&with_short_forms(path));
    }
    has_plain_dot_segment(path)
}

fn has_plain_dot_segment(path: &[u8]) -> bool {
    path.split(|byte| matches!(byte, b'/' | b'\\'))
        .filter_map(|segment| segment.split(|byte| matches!(byte, b';' | 0)).next())
        .any(is_dots)
}

/// Whether a segment is one dot or two, blanks and controls aside.
fn is_dots(name: &[u8]) -> bool {
    let mut seen = name.iter().filter(|byte| **byte > b' ');
    matches!(
        (seen.next(), seen.next(), seen.next()),
        (Some(b'.'), None | Some(b'.'), None)
    )
}

/// The same with every ASCII character that is written in two or three bytes as the one that
/// lenient decoders read (RFC 3629, section 10).
fn with_short_forms(path: &[u8]) -> Vec<u8> {
    let mut short = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let (character, after) = match rest {
            [lead @ (0xc0 | 0xc1), last, after @ ..]
            | [0xe0, lead @ (0x80 | 0x81), last, after @ ..] => {
                ((lead & 1) << 6 | (last & 0x3f), after)
            }
            _ => (byte, after),
        };
        short.push(character);
        rest = after;
    }
    short
}
