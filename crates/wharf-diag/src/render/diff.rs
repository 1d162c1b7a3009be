//! A change to a text as a unified diff, which people read and `patch` applies.

use std::sync::Arc;

use similar::TextDiff;

use super::Colour;
use crate::{Hidden, SourceText, printable};

/// Unchanged lines around a change.
const CONTEXT_LINES: usize = 3;

/// Shows what changes between two versions of one text; empty where nothing does.
///
/// Hidden places of both versions are asterisks, and so is every other place where the hidden
/// text stands. A diff that touches such a line is for reading only.
pub fn to_diff(
    old: &Arc<SourceText>,
    new: &Arc<SourceText>,
    hidden: &Hidden,
    colour: Colour,
) -> String {
    let (before, after) = (hidden.mask_everywhere(old), hidden.mask_everywhere(new));
    let diff = TextDiff::from_lines(&before, &after);
    let plain = diff
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&format!("a/{}", old.name()), &format!("b/{}", new.name()))
        .to_string();
    match colour {
        Colour::Never => plain,
        // Colours go to a terminal, and nothing of the text may act there.
        Colour::Always => printable(&plain)
            .split_inclusive('\n')
            .map(coloured)
            .collect(),
    }
}

fn coloured(line: &str) -> String {
    let code = match line.as_bytes().first() {
        Some(b'+') => "32",
        Some(b'-') => "31",
        Some(b'@') => "36",
        _ => return line.to_owned(),
    };
    let content = line.trim_end_matches(['\n', '\r']);
    format!("\u{1b}[{code}m{content}\u{1b}[0m{}", &line[content.len()..])
}

#[cfg(test)]
mod tests;
