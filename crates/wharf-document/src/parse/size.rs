//! Sizes: `1024`, `10 MB`, `1MiB`.

use std::ops::Range;

use super::{number, number_and_rest, words};
use crate::model::ByteCount;

/// What a size looks like, for messages.
pub(crate) const FORMS: &str = "`1024` (bytes), `10 MB` or `1 MiB`";

/// Largest size a document may name: 2^50 bytes.
const LARGEST_BYTES: f64 = 1_125_899_906_842_624.0;

/// Reads a size. `kB`, `MB` and `GB` are powers of 1000, `KiB`, `MiB` and `GiB` of 1024.
pub(crate) fn parse(text: &str) -> Result<ByteCount, String> {
    let (number, rest) = number_and_rest(text).ok_or("it does not start with a number")?;
    let unit = rest.trim().trim_start_matches(['-', '_']);
    if !unit.is_empty() && number::is_unclear(text) {
        return Err(number::UNCLEAR.to_owned());
    }
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1_024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => return Err(format!("`{unit}` is no unit of size")),
    };
    let bytes = number * factor;
    if bytes.fract() != 0.0 {
        return Err("it is not a whole number of bytes".to_owned());
    }
    if bytes > LARGEST_BYTES {
        return Err("it is more than 1024 TiB".to_owned());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above to be whole, not negative and at most 2^50"
    )]
    let bytes = bytes as u64;
    Ok(ByteCount(bytes))
}

/// The first size with a unit in some words, and where it stands.
pub(crate) fn find(text: &str) -> Option<(ByteCount, Range<usize>)> {
    let text = words::head(text);
    words::tokens(text).into_iter().find_map(|token| {
        let before = &text[..token.start];
        let is_part = before.ends_with(|c: char| c.is_alphanumeric() || ".,-_/".contains(c));
        let (_, width) = number::leading(&text[token.start..]).filter(|_| !is_part)?;
        let behind = &text[token.start + width..];
        let gap = behind.len()
            - behind
                .trim_start_matches([' ', '\u{a0}', '\u{202f}', '-'])
                .len();
        let unit = &behind[gap..];
        let unit = &unit[..unit
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(unit.len())];
        let end = token.start + width + gap + unit.len();
        let is_unit = unit.len() > 1;
        let size = parse(&text[token.start..end]).ok().filter(|_| is_unit)?;
        Some((size, token.start..end))
    })
}
