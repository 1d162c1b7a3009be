//! Conditions of error rows: `header retry-after`, `/errors/0/code = THROTTLED`, joined by `and`.

use super::template::is_header_name;
use crate::model::Condition;
use crate::raw::Text;

/// What a condition looks like, for messages.
pub(crate) const FORMS: &str =
    "`header retry-after`, `header x-ratelimit-remaining = 0` or `/error/code = THROTTLED`";

/// Splits a cell into its conditions.
pub(crate) fn split(cell: &Text) -> Vec<Text> {
    const AND: &str = " and ";
    cell.split(|value, at| {
        let here = value.as_bytes().get(at..at + AND.len());
        let is_and = here.is_some_and(|word| word.eq_ignore_ascii_case(AND.as_bytes()));
        if is_and { AND.len() } else { 0 }
    })
}

/// Reads one condition.
pub(crate) fn parse(text: &str) -> Result<Condition, String> {
    let (place, value) = match text.split_once('=') {
        Some((place, value)) => {
            // `==` is the sign of programs for the same.
            let value = value.strip_prefix('=').unwrap_or(value);
            (place.trim(), Some(unquoted(value.trim())))
        }
        None => (text.trim(), None),
    };
    if value.is_some_and(str::is_empty) {
        return Err("nothing stands behind `=`".to_owned());
    }
    if let Some(joint) = value.and_then(another) {
        return Err(format!(
            "`{joint}` joins no conditions; write `and`, or a row of its own for each"
        ));
    }
    let value = value.map(str::to_owned);
    if place.starts_with('/') {
        let pointer = pointer(place)?;
        return Ok(Condition::Body { pointer, value });
    }
    let name = match place.split_once(char::is_whitespace) {
        Some((word, name)) if word.eq_ignore_ascii_case("header") => name.trim(),
        _ => return Err(format!("it is none of {FORMS}")),
    };
    if !is_header_name(name) {
        return Err(format!("`{name}` is not the name of a header"));
    }
    let name = name.to_ascii_lowercase();
    Ok(Condition::Header { name, value })
}

/// Reads a JSON pointer (RFC 6901, 3): `/error/code`.
pub(crate) fn pointer(text: &str) -> Result<String, String> {
    if !text.starts_with('/') || text.contains(char::is_whitespace) {
        return Err("a JSON pointer starts with `/` and holds no white space".to_owned());
    }
    let escapes_hold = text
        .match_indices('~')
        .all(|(at, _)| matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1')));
    if !escapes_hold {
        return Err("in a JSON pointer `~` is written `~0`, and `/` in a name `~1`".to_owned());
    }
    Ok(text.to_owned())
}

/// The joint in a value behind which another condition begins.
fn another(value: &str) -> Option<&'static str> {
    const JOINTS: [&str; 6] = ["&&", "||", ",", ";", " or ", "+"];
    JOINTS.into_iter().find(|joint| {
        value.match_indices(joint).any(|(at, _)| {
            let behind = value[at + joint.len()..].trim_start();
            let is_header = |text: &str| {
                let word = text.get(.."header ".len());
                word.is_some_and(|word| word.eq_ignore_ascii_case("header "))
            };
            behind.starts_with('/') && behind.contains('=') || is_header(behind)
        })
    })
}

/// A value without the quotes around it, a word processor's too.
fn unquoted(text: &str) -> &str {
    [('"', '"'), ('“', '”'), ('„', '“'), ('”', '”'), ('«', '»')]
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
}
