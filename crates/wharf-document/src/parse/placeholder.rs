//! Tells a value from the template's marks for "write something here".

/// Prompts of the template that look like ordinary words.
const PROMPTS: [&str; 11] = [
    "what we use it for",
    "company name",
    "frequency and process",
    "scope and limitations",
    "service name",
    "[integration] service name",
    "service-name",
    "team/person",
    "developer",
    "product manager",
    "alternative service",
];

/// What people write until they know.
const STAND_INS: [&str; 6] = ["...", "…", "tbd", "todo", "???", "xxx"];

/// Whether a text is a placeholder and no value.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    // Asked for every value, so it makes no texts, and looks for one sign before it searches.
    let has = |sign: u8| text.as_bytes().contains(&sign);
    PROMPTS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || STAND_INS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || is_wrapped(text, '[', ']')
        || is_wrapped(text, '<', '>')
        || is_choice(text)
        || has_sum_placeholder(text)
        || (has(b'%') && has_percent_placeholder(text))
        || (has(b'X') && text.contains("XXX"))
        || (has(b'.') && text.split([' ', '@', '/', ',']).any(is_service_host))
}

/// Whether a template of a credential holds a placeholder in place of a `{field}`: `<api key>`,
/// `Bearer [token]`.
pub(crate) fn in_template(text: &str) -> bool {
    let is_name = |inner: &str| {
        inner.starts_with(char::is_alphabetic)
            && inner
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/'))
    };
    let holds = |open: char, close: char| {
        text.match_indices(open).any(|(at, _)| {
            let inner = text[at + 1..].split_once(close);
            inner.is_some_and(|(inner, _)| is_name(inner))
        })
    };
    is_placeholder(text) || holds('<', '>') || holds('[', ']')
}

/// Whether the target of a link is still the template's.
pub(crate) fn is_link_placeholder(target: &str) -> bool {
    let target = target.trim();
    matches!(
        target.to_ascii_lowercase().as_str(),
        "" | "#" | "link" | "url"
    ) || is_placeholder(target)
}

/// `service.com` and its subdomains, the template's own host.
pub(crate) fn is_service_host(host: &str) -> bool {
    const HOST: &str = "service.com";
    let host = host.trim_end_matches('.');
    let Some(start) = host.len().checked_sub(HOST.len()) else {
        return false;
    };
    let tail = host.get(start..);
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(HOST))
        && (start == 0 || host[..start].ends_with('.'))
}

/// `[…]` or `<…>` around the whole text.
fn is_wrapped(text: &str, open: char, close: char) -> bool {
    text.strip_prefix(open)
        .and_then(|rest| rest.strip_suffix(close))
        .is_some_and(|inner| !inner.contains([open, close]))
}

/// `high|medium|low`: at least two alternatives, each of words.
fn is_choice(text: &str) -> bool {
    let mut alternatives = text.split('|').map(str::trim);
    text.contains('|')
        && alternatives.all(|word| {
            word.starts_with(char::is_alphanumeric)
                && word
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/'))
        })
}

/// `$X`, `$total`: a currency sign with a letter behind it.
fn has_sum_placeholder(text: &str) -> bool {
    text.match_indices('$')
        .any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_alphabetic()))
}

/// `X%`: one letter for a number.
fn has_percent_placeholder(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.strip_suffix('%')
            .is_some_and(|letter| matches!(letter, "X" | "Y" | "Z" | "N"))
    })
}
