//! Values on the lines below their names: a block of YAML, a block of code, a definition.
//!
//! Sources: YAML 1.2.2, section 8.1; `CommonMark` 0.31, "Fenced code blocks"; PHP Markdown Extra,
//! "Definition Lists".

use super::phrase;

/// Longest line below a name that is read as its value.
const MOST_LINE: usize = 300;
/// Longest words that may follow a name on its line, in characters.
const MOST_WORDS: usize = 60;

/// Behind a sign such as `:`, the value on a line of its own below: a block of YAML (`|`, `>-`), a block
/// of code. Without one, what stands behind the sign.
pub(super) fn sign(rest: &str) -> &str {
    let line = rest.trim_start_matches(is_space);
    let block = line.trim_start_matches(['|', '>', '-']);
    let is_block = line.len() - block.len() <= 2;
    let Some(next) = without_line_end(block).filter(|_| is_block) else {
        return rest;
    };
    let next = without_empty_line(next).trim_start_matches(is_space);
    let fenced = in_fence(next);
    let value = fenced.unwrap_or(next).trim_start_matches(is_space);
    // One that goes on is another name with its value, or a sentence.
    if is_alone(value) || (fenced.is_some() && is_of_words(value)) {
        value
    } else {
        rest
    }
}

/// Below a name that has its line to itself, or ends it: the only line of a block of code, a
/// definition, or a line that is a code span.
pub(super) fn title(rest: &str) -> Option<&str> {
    // What has a digit may be the value itself.
    let is_word = |sign: char| sign.is_alphabetic() || " \t\r*_()（）:：-–'’,.#".contains(sign);
    let mut signs = rest.char_indices().take(MOST_WORDS);
    let (length, _) = signs.find(|(_, sign)| !is_word(*sign))?;
    let next = rest[length..].strip_prefix('\n')?;
    let below = without_empty_line(next);
    // A block of code without a fence stands behind an empty line.
    let is_indented = below.len() < next.len() && below.starts_with("    ");
    let next = below.trim_start_matches([' ', '>']);
    if let Some(value) = in_fence(next) {
        let is_only = value
            .lines()
            .nth(1)
            .is_some_and(|line| line.trim_start_matches([' ', '>']).starts_with(['`', '~']));
        return ((is_alone(value) || is_of_words(value)) && is_only).then_some(value);
    }
    let definition = next
        .strip_prefix(": ")
        .map(|value| value.trim_start_matches(is_space));
    let value = definition.unwrap_or(next);
    let is_told = definition.is_some() || is_indented || value.starts_with('`');
    (is_told && is_alone(value)).then_some(value)
}

/// The first line of a block of code that starts at `text`.
fn in_fence(text: &str) -> Option<&str> {
    let fence = text
        .strip_prefix("```")
        .or_else(|| text.strip_prefix("~~~"))?;
    let language = fence.find(|sign: char| !sign.is_ascii_alphanumeric())?;
    let line = without_line_end(&fence[language..])?;
    Some(line.trim_start_matches([' ', '>']))
}

/// Whether a line may be a passphrase: words of letters with one space between two.
fn is_of_words(value: &str) -> bool {
    let near = &value[..value.floor_char_boundary(MOST_LINE)];
    let line = near.lines().next().unwrap_or_default().trim_end();
    let mut words = line.split(' ');
    words.clone().count() >= phrase::LEAST_OPEN
        && words.all(|word| !word.is_empty() && word.chars().all(char::is_alphabetic))
}

fn is_alone(value: &str) -> bool {
    let word = value
        .bytes()
        .take(MOST_LINE)
        .take_while(|byte| !byte.is_ascii_whitespace());
    let end = value.as_bytes().get(word.count());
    matches!(end, None | Some(b'\n' | b'\r'))
}

fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t')
}

fn without_line_end(text: &str) -> Option<&str> {
    text.strip_prefix("\r\n")
        .or_else(|| text.strip_prefix('\n'))
}

/// Lines of a quote have their mark.
fn without_empty_line(text: &str) -> &str {
    let line = text.strip_prefix('>').unwrap_or(text);
    without_line_end(line.trim_start_matches(is_space)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
