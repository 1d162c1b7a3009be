//! Where the value of a name starts: behind `:`, `=` and the other signs that give a name a value, in
//! a sentence, behind an option of a command, in an element of XML.
//!
//! Sources: `:=`, `::=`, `:::=` and `?=` are GNU make's and POSIX's (IEEE Std 1003.1-2024, make);
//! `.=` joins texts in PHP and Perl; `=>` and `->` are of Ruby, PHP, Perl and of people.

use super::names::{Name, Named};
use super::sentence;

/// Longest line below a name that is read as its value.
const MOST_LINE: usize = 300;

/// What joins a value to its name.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Join {
    /// A sign, an option, a tag: the value can be nothing else.
    Sign,
    /// Words, or nothing but space.
    Words,
}

pub(super) struct Start {
    pub(super) at: usize,
    pub(super) join: Join,
    /// The value ends at `<`.
    pub(super) is_element: bool,
}

const OPERATORS: [&str; 14] = [
    ":::=", "::=", "||=", ":=", "?=", ".=", "+=", "=>", "->", "||", "=", ":", "|", "：",
];
/// Signs that compare.
const COMPARISONS: [&str; 4] = ["==", "=~", "!=", "::"];

/// Where the value of a name starts.
pub(super) fn start(text: &str, named: &Named) -> Option<Start> {
    let rest = &text[named.place.end..];
    let closed = without_closing(rest);
    let is_quoted = rest.len() > closed.len() && ends_with_quote(rest, closed);
    let spaced = closed.trim_start_matches(is_space);
    let is_apart = spaced.len() < closed.len();
    let place = |rest: &str| text.len() - rest.len();
    let sign = |at: usize| {
        Some(Start {
            at,
            join: Join::Sign,
            is_element: false,
        })
    };
    if named.name == Name::Bearer {
        return is_apart.then(|| sign(place(spaced)))?;
    }
    if let Some(rest) = typed(spaced).or_else(|| argument(closed, named.name)) {
        return sign(place(rest));
    }
    if let Some((operator, rest)) = operator(spaced) {
        let is_below = matches!(operator, ":" | "=" | ":=" | "：");
        return sign(place(if is_below { below(rest) } else { rest }));
    }
    if let Some(rest) = closed.strip_prefix('>').filter(|_| is_tag(text, named)) {
        return Some(Start {
            at: place(rest),
            join: Join::Sign,
            is_element: true,
        });
    }
    if let Some(rest) = field_of_value(closed).or_else(|| other_argument(spaced, is_quoted)) {
        return sign(place(rest));
    }
    if !is_apart {
        return None;
    }
    let dash = ["- ", "– ", "— "]
        .iter()
        .find_map(|dash| spaced.strip_prefix(dash));
    if let Some(rest) = dash {
        return sign(place(rest));
    }
    let is_redis = text[named.place.clone()].eq_ignore_ascii_case("requirepass");
    if is_redis || is_option(text, named.place.start) {
        return sign(place(spaced));
    }
    if named.needs_sign {
        return None;
    }
    let at = match spaced.chars().next()? {
        '`' | '"' | '\'' => place(spaced),
        sign if sign.is_alphanumeric() || sign == '(' => {
            place(spaced) + {
                let may_follow = named.is_strong && named.name != Name::Password;
                sentence::value(spaced, may_follow)?
            }
        }
        _ => return None,
    };
    Some(Start {
        at,
        join: Join::Words,
        is_element: false,
    })
}

fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\u{a0}' | '\u{202f}')
}

/// Behind the marks that close a name: quotes, also those of JSON in JSON, code, emphasis.
fn without_closing(rest: &str) -> &str {
    let rest = rest.strip_prefix("\\\"").unwrap_or(rest);
    rest.trim_start_matches(['"', '\'', '`', '*', '_', ')', ']'])
}

fn ends_with_quote(rest: &str, closed: &str) -> bool {
    rest[..rest.len() - closed.len()].ends_with(['"', '\'', '`'])
}

fn operator(text: &str) -> Option<(&str, &str)> {
    let is_comparison = COMPARISONS.iter().any(|sign| text.starts_with(sign));
    let is_make = [":::=", "::="].iter().any(|sign| text.starts_with(sign));
    if is_comparison && !is_make {
        return None;
    }
    OPERATORS
        .iter()
        .find_map(|sign| Some((*sign, text.strip_prefix(sign)?)))
}

/// `name: Type = VALUE`, as typed languages declare it.
fn typed(spaced: &str) -> Option<&str> {
    const MOST_TYPE: usize = 32;
    let kind = spaced.strip_prefix(':')?.trim_start_matches(is_space);
    let is_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"<>&'_.?[] ".contains(byte);
    let length = kind.bytes().take(MOST_TYPE).take_while(is_type).count();
    let rest = kind[length..]
        .trim_start_matches(is_space)
        .strip_prefix('=')?;
    let quoted = rest.trim_start_matches(is_space);
    (length > 0 && quoted.starts_with(['"', '\'', '`'])).then_some(rest)
}

/// `setToken("VALUE")`: the one argument of what sets it.
fn argument(closed: &str, name: Name) -> Option<&str> {
    let rest = closed
        .strip_prefix('(')
        .filter(|_| name != Name::Password)?;
    rest.starts_with(['"', '\'', '`']).then_some(rest)
}

/// A value below its name: a block of YAML (`|`, `>-`), or a block of code.
fn below(rest: &str) -> &str {
    let line = rest.trim_start_matches(is_space);
    let block = line.trim_start_matches(['|', '>', '-']);
    let is_block = line.len() - block.len() <= 2;
    let Some(next) = without_line_end(block).filter(|_| is_block) else {
        return rest;
    };
    let next = without_line_end(next).unwrap_or(next);
    let next = next.trim_start_matches(is_space);
    let fenced = next.strip_prefix("```").and_then(|fence| {
        let language = fence.find(|sign: char| !sign.is_ascii_alphanumeric())?;
        without_line_end(&fence[language..])
    });
    let value = fenced.unwrap_or(next).trim_start_matches(is_space);
    // A line of its own: one that goes on is another name with its value, or a sentence.
    let end = value
        .bytes()
        .take(MOST_LINE)
        .take_while(|byte| !byte.is_ascii_whitespace());
    let is_alone = matches!(
        value.as_bytes().get(end.count()),
        None | Some(b'\n' | b'\r')
    );
    if is_alone { value } else { rest }
}

fn without_line_end(text: &str) -> Option<&str> {
    text.strip_prefix("\r\n")
        .or_else(|| text.strip_prefix('\n'))
}

/// Whether the name is that of an element, `<apiKey>`, or of its attribute, `<string name="apiKey">`.
fn is_tag(text: &str, named: &Named) -> bool {
    let start = named.whole_start(text);
    let before = &text[..start];
    before.ends_with('<') || before.ends_with("=\"") || before.ends_with("='")
}

/// `"NAME", "VALUE"`: the next argument of a call.
fn other_argument(spaced: &str, is_quoted: bool) -> Option<&str> {
    let next = spaced.strip_prefix(',')?.trim_start_matches(is_space);
    (is_quoted && next.starts_with(['"', '\'', '`'])).then_some(next)
}

/// `name: NAME` with `value: VALUE` below, `name="NAME" value="VALUE"`, `--name NAME --value VALUE`.
fn field_of_value(closed: &str) -> Option<&str> {
    let is_gap = |sign: char| sign.is_whitespace() || matches!(sign, ',' | '"' | '\'' | '\\');
    let mut signs = closed.char_indices().take(48);
    let (at, _) = signs
        .find(|(_, sign)| !is_gap(*sign))
        .filter(|(at, _)| *at > 0)?;
    let option = ["--value", "--body"].iter();
    let mut rests = option.filter_map(|option| closed[at..].strip_prefix(option));
    if let Some(rest) = rests.next() {
        return rest.strip_prefix([' ', '=']);
    }
    let field = closed.get(at..at + "value".len())?;
    if !field.eq_ignore_ascii_case("value") {
        return None;
    }
    let rest = without_closing(&closed[at + field.len()..]).trim_start_matches(is_space);
    rest.strip_prefix([':', '='])
}

/// Whether the name is an option of a command: `--api-token VALUE`.
fn is_option(text: &str, name_start: usize) -> bool {
    let before = text.as_bytes()[..name_start].iter().rev().take(32);
    let length = before
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    let option = &text[name_start - length..name_start];
    let is_option = option.starts_with("--") || (option.starts_with('-') && option.len() <= 12);
    // Netrc has no signs: `machine M login L password P`.
    is_option || is_netrc(&text[..name_start])
}

fn is_netrc(before: &str) -> bool {
    let mut words = before.rsplit(is_space);
    words.next() == Some("")
        && words.next().is_some_and(|login| !login.is_empty())
        && words.next() == Some("login")
}

#[cfg(test)]
mod tests;
