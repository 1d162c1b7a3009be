//! Where the value of a name starts: behind `:`, `=` and the other signs that give a name a value, in
//! a sentence, behind an option of a command, in an element of XML.
//!
//! Sources: `:=`, `::=`, `:::=` and `?=` are GNU make's and POSIX's (IEEE Std 1003.1-2024, make);
//! `.=` joins texts in PHP and Perl; `=>` and `->` are of Ruby, PHP, Perl and of people.

use super::names::{Name, Named};
use super::{below, markup, owner, password, sentence};

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
    /// The value ends at this sign, beside those at which every value ends.
    pub(super) end: Option<u8>,
}

const OPERATORS: [&str; 20] = [
    ":::=", "::=", "||=", "??=", ":=", "?=", ".=", "+=", "=>", "->", "||", "??", "?:", "=", ":",
    "|", "：", "＝", "→", "⇒",
];
/// What takes the place of a variable that is not set: `${NAME:-VALUE}` (IEEE Std 1003.1-2024, shell,
/// section 2.6.2).
const DEFAULTS: [&str; 2] = [":-", ":="];
/// Signs that compare.
const COMPARISONS: [&str; 4] = ["==", "=~", "!=", "::"];

/// Where the value of a name starts.
pub(super) fn start(text: &str, named: &Named) -> Option<Start> {
    let rest = &text[named.place.end..];
    let closed = without_closing(rest);
    let is_quoted = rest.len() > closed.len() && ends_with_quote(rest, closed);
    let spaced = closed.trim_start_matches(is_space);
    let is_apart = spaced.len() < closed.len();
    let to = |rest: &str, join: Join, end: Option<u8>| {
        Some(Start {
            at: text.len() - rest.len(),
            join,
            end,
        })
    };
    let sign = |rest: &str| to(rest, Join::Sign, None);
    if named.name == Name::Bearer {
        let value = spaced.strip_prefix(':').and_then(of_host);
        return sign(value.unwrap_or(spaced)).filter(|_| is_apart || value.is_some());
    }
    if let Some(rest) = default(text, named, rest) {
        return to(rest, Join::Sign, Some(b'}'));
    }
    if let Some(rest) = typed(spaced).or_else(|| argument(closed, named.name)) {
        return sign(rest);
    }
    if let Some((operator, rest)) = operator(without_prompt(spaced)) {
        if operator == ":" && is_tagged(text, named, rest) {
            return None;
        }
        let is_below = matches!(operator, ":" | "=" | ":=" | "：");
        let rest = of_host(rest).unwrap_or(rest);
        return sign(if is_below { below::sign(rest) } else { rest });
    }
    if let Some(rest) = closed.strip_prefix('>').filter(|_| is_tag(text, named)) {
        return to(rest, Join::Sign, Some(b'<'));
    }
    if let Some(rest) = markup::next_cell(closed) {
        return to(rest, Join::Sign, Some(b'<'));
    }
    let field = field_of_value(closed)
        .or_else(|| other_argument(spaced, is_quoted))
        .or_else(|| fallback(spaced));
    if let Some(rest) = field {
        return sign(rest);
    }
    if let Some(value) = below::title(closed) {
        return to(value, Join::Words, None);
    }
    if let Some(rest) = sentence::behind_particle(spaced) {
        return to(rest.trim_start_matches(is_space), Join::Words, None);
    }
    if !is_apart {
        return None;
    }
    let dash = ["- ", "– ", "— "]
        .iter()
        .find_map(|dash| spaced.strip_prefix(dash));
    if let Some(rest) = dash {
        return sign(rest);
    }
    let is_redis = text[named.place.clone()].eq_ignore_ascii_case("requirepass");
    if is_redis || is_option(text, named.place.start) {
        return sign(spaced);
    }
    if named.needs_sign {
        if let Some(rest) = sentence::behind_purpose(spaced) {
            return sign(rest);
        }
        let rest = sentence::behind_is(spaced)?;
        return to(rest, Join::Words, None);
    }
    words(text, spaced, named).and_then(|rest| to(rest, Join::Words, None))
}

/// The value in the words behind a name.
fn words<'a>(text: &str, spaced: &'a str, named: &Named) -> Option<&'a str> {
    match spaced.chars().next()? {
        '`' | '"' | '\'' | '“' | '„' | '「' | '*' => Some(spaced),
        sign if sign.is_alphanumeric() || sign == '(' || sign == '（' => {
            let may_follow = match named.name {
                Name::Password => {
                    password::may_follow(spaced) || owner::is_user_before(text, named.place.start)
                }
                _ => named.is_strong,
            };
            let rest = &spaced[sentence::value(spaced, may_follow)?..];
            Some(below::sign(rest))
        }
        _ => None,
    }
}

/// The value of a variable that is not set.
fn default<'a>(text: &str, named: &Named, rest: &'a str) -> Option<&'a str> {
    let is_variable = text[..named.whole_start(text)].ends_with("${");
    let mut signs = DEFAULTS.iter().filter(|_| is_variable);
    signs.find_map(|sign| rest.strip_prefix(*sign))
}

/// A name without the answer that a prompt offers: `AWS Secret Access Key [None]:`.
fn without_prompt(spaced: &str) -> &str {
    const MOST_ANSWER: usize = 40;
    let answer = spaced.strip_prefix('[').and_then(|answer| {
        let end = answer
            .bytes()
            .take(MOST_ANSWER)
            .position(|byte| byte == b']')?;
        Some(&answer[end + 1..])
    });
    answer
        .filter(|rest| rest.starts_with(':'))
        .unwrap_or(spaced)
}

/// Whether a name is that of an image or a path, and the value its tag: `registry.example/token:1f0c…`.
fn is_tagged(text: &str, named: &Named, rest: &str) -> bool {
    // `/pass:VALUE` is an option of Windows.
    let path = text[..named.whole_start(text)].strip_suffix('/');
    path.is_some_and(|path| path.ends_with(|sign: char| !sign.is_whitespace()))
        && rest.starts_with(|sign: char| sign.is_ascii_alphanumeric())
}

/// The value of a host, among those of one name: `"github-oauth": { "github.com": "VALUE" }` ("Authentication",
/// getcomposer.org).
fn of_host(rest: &str) -> Option<&str> {
    const MOST_HOST: usize = 80;
    let is_gap = |sign: char| sign.is_ascii_whitespace();
    let host = rest.trim_start_matches(is_space).strip_prefix('{')?;
    let host = host.trim_start_matches(is_gap).strip_prefix('"')?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-:".contains(byte);
    let length = host.bytes().take(MOST_HOST).take_while(is_part).count();
    let value = host[length..].strip_prefix('"')?.trim_start_matches(is_gap);
    value
        .strip_prefix(':')
        .filter(|_| host[..length].contains('.'))
}

/// A value in place of one that is not set: `env("NAME") or "VALUE"`, `ENV.fetch("NAME") { "VALUE" }`.
fn fallback(spaced: &str) -> Option<&str> {
    ["or ", "{ ", ".unwrap_or(", ".orElse("]
        .iter()
        .find_map(|sign| spaced.strip_prefix(sign))
        .filter(|rest| rest.starts_with(['"', '\'']))
}

fn is_space(sign: char) -> bool {
    matches!(sign, ' ' | '\t' | '\u{a0}' | '\u{202f}')
}

/// Behind the marks that close a name: quotes, also those of JSON in JSON, code, emphasis.
fn without_closing(rest: &str) -> &str {
    let rest = rest.strip_prefix("\\\"").unwrap_or(rest);
    let rest = rest.trim_start_matches(['"', '\'', '`', '*', '_', ')', ']', '”', '」']);
    markup::without_closing_marks(rest)
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
    if closed[at..].starts_with("--") {
        return option_of_value(&closed[at..]);
    }
    let field = closed.get(at..at + "value".len())?;
    if !field.eq_ignore_ascii_case("value") {
        return None;
    }
    let rest = without_closing(&closed[at + field.len()..]).trim_start_matches(is_space);
    rest.strip_prefix([':', '='])
}

/// The option with the value, among others of the command: `--name NAME --type SecureString --value
/// VALUE`.
fn option_of_value(options: &str) -> Option<&str> {
    const MOST: usize = 160;
    const VALUES: [&str; 5] = [
        "--value",
        "--body",
        "--secret-string",
        "--data",
        "--secret-value",
    ];
    let near = &options[..options.floor_char_boundary(MOST.min(options.len()))];
    // A line goes on behind a backslash.
    let is_end = |(at, _): &(usize, &str)| !near[..*at].trim_end_matches('\r').ends_with('\\');
    let end = near.match_indices('\n').find(is_end);
    let near = &near[..end.map_or(near.len(), |(at, _)| at)];
    VALUES.iter().find_map(|option| {
        let at = near.find(option)? + option.len();
        options[at..].strip_prefix([' ', '='])
    })
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
