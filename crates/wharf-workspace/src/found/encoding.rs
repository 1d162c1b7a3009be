//! Texts that are not UTF-8, told from what is no text.

/// Bytes at the start of a file that are looked at to tell whether it is a document.
pub(super) const HEAD_BYTES: usize = 64 * 1024;

/// The start of a text in UTF-16 or UTF-32, and the name of its encoding: by its byte order mark
/// (Unicode Standard, 23.8), or by the zeros around the `-` that frontmatter starts with.
pub(super) fn wide(bytes: &[u8]) -> Option<(&'static str, String)> {
    /// The first bytes, the encoding, how many bytes a unit has, and which of them come last.
    const STARTS: [(&[u8], &str, usize, bool); 8] = [
        // Before UTF-16, whose mark is the start of this one.
        (b"\xff\xfe\0\0", "UTF-32", 4, true),
        (b"\0\0\xfe\xff", "UTF-32", 4, false),
        (b"-\0\0\0", "UTF-32", 4, true),
        (b"\0\0\0-", "UTF-32", 4, false),
        (b"\xff\xfe", "UTF-16", 2, true),
        (b"\xfe\xff", "UTF-16", 2, false),
        (b"-\0", "UTF-16", 2, true),
        (b"\0-", "UTF-16", 2, false),
    ];
    let (_, encoding, size, is_little) =
        *STARTS.iter().find(|(start, ..)| bytes.starts_with(start))?;
    let units = bytes[..bytes.len().min(size * HEAD_BYTES)].chunks_exact(size);
    let numbers = units.map(|unit| {
        let add = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        if is_little {
            unit.iter().rev().fold(0, add)
        } else {
            unit.iter().fold(0, add)
        }
    });
    // What is asked of the text is in ASCII; pairs of surrogates need not be put together.
    let signs = numbers.map(|number| char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some((encoding, signs.collect()))
}
