//! A Rust source as words and signs, without comments and texts.

/// A word or a sign of a source, with its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'source> {
    /// A name, a number, `::`, or one character.
    pub(super) text: &'source str,
    /// Counted from 1.
    pub(super) line: usize,
}

/// All tokens of a source.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = next(rest, first);
        let (text, behind) = rest.split_at(length);
        if is_token {
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = behind;
    }
    tokens
}

/// The length of what a source begins with, and whether that is a token.
fn next(source: &str, first: char) -> (usize, bool) {
    if source.starts_with("//") {
        return (source.find('\n').unwrap_or(source.len()), false);
    }
    if source.starts_with("/*") {
        return (block_comment(source), false);
    }
    if let Some(length) = text(source) {
        return (length, false);
    }
    if is_of_name(first) {
        let end = source.find(|c| !is_of_name(c)).unwrap_or(source.len());
        return (end, true);
    }
    if source.starts_with("::") {
        return (2, true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Comments of this form hold others.
fn block_comment(source: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    source.len()
}

/// The length of the text or character that a source begins with.
fn text(source: &str) -> Option<usize> {
    let behind = ["br", "cr", "r", "b", "c", ""]
        .iter()
        .find_map(|prefix| source.strip_prefix(prefix).filter(|rest| is_quoted(rest)))?;
    let prefix = source.len() - behind.len();
    let hashes = behind.len() - behind.trim_start_matches('#').len();
    if source[..prefix].ends_with('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        let body = behind.get(hashes + 1..)?;
        let length = body.find(&end).map_or(body.len(), |at| at + end.len());
        return Some(prefix + hashes + 1 + length);
    }
    if behind.starts_with('\'') {
        return character(behind).map(|length| prefix + length);
    }
    behind
        .starts_with('"')
        .then(|| prefix + closed(behind, '"'))
}

/// Whether a quote comes next, behind the signs of a raw text.
fn is_quoted(source: &str) -> bool {
    source.starts_with('\'') || source.trim_start_matches('#').starts_with('"')
}

/// The length of a character in quotes; none where a lifetime begins.
fn character(source: &str) -> Option<usize> {
    let mut chars = source.chars().skip(1);
    let first = chars.next()?;
    (first == '\\' || chars.next() == Some('\'')).then(|| closed(source, '\''))
}

/// The length up to the closing quote.
fn closed(source: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in source.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    source.len()
}
