//! References within the values of `Link` and `Refresh`.

/// Leads every target of a `Link` value (RFC 8288, 3). A link whose target leads nowhere is left
/// out, and so is the whole value when it cannot be read.
pub(super) fn links(value: &str, lead: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut links: Vec<String> = Vec::new();
    let mut rest = value.trim_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (target, after) = rest.strip_prefix('<')?.split_once('>')?;
        let end = end_of_parameters(after)?;
        let (parameters, next) = after.split_at(end);
        if let Some(target) = lead_plainly(target, &lead)
            && let Some(parameters) = parameters_of(parameters, &lead)
        {
            links.push(format!("<{target}>{parameters}"));
        }
        rest = next.trim_start_matches([' ', '\t', ',']);
    }
    (!links.is_empty()).then(|| links.join(", "))
}

/// Leads a target and writes it so that no reader takes a part of it for something else: many
/// split at `;` and `,` without a look at brackets. In the target of another, an application's own
/// scheme keeps brackets and quotes.
fn lead_plainly(target: &str, lead: impl Fn(&str) -> Option<String>) -> Option<String> {
    let url = lead(target).filter(|url| !url.contains(['<', '>', '"']))?;
    let url = if url.contains(';') {
        url.replace(';', "%3B")
    } else {
        url
    };
    Some(if has_reference_behind_comma(&url) {
        url.replace(',', "%2C")
    } else {
        url
    })
}

/// Whether a reader that splits at commas finds a path or a URL behind one. Lists of plain words
/// are common, in queries and in titles.
fn has_reference_behind_comma(text: &str) -> bool {
    let behind = text.split_once(',').map_or("", |(_, behind)| behind);
    behind.contains(['/', '\\'])
}

/// The parameters of a link that no reader can take for another link or for its target. `None`:
/// the link speaks about another place (`anchor`, RFC 8288, 3.2) that must not be named.
fn parameters_of(parameters: &str, lead: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut kept = String::new();
    let mut rest = parameters.trim_end();
    while !rest.is_empty() {
        let skip = usize::from(rest.starts_with(';'));
        let end = skip + outside_of_quotes(&rest[skip..], b';').0;
        let (parameter, next) = rest.split_at(end);
        let (name, value) = parameter[skip..].split_once('=').unwrap_or((parameter, ""));
        let name = name.trim_matches([' ', '\t', ';']);
        if name.eq_ignore_ascii_case("anchor") {
            let anchor = value.trim_matches([' ', '\t', '"']);
            kept.push_str(&format!("; anchor=\"{}\"", lead_plainly(anchor, &lead)?));
        } else if is_plain_name(name) && is_plain_value(name, value) {
            kept.push_str(parameter);
        }
        rest = next;
    }
    Some(kept)
}

/// Whether a name is one in every reading, and none that readers keep the target itself under:
/// `requests` and `httpx` do so, whatever quotes and blanks are around it.
fn is_plain_name(name: &str) -> bool {
    let stem = name.strip_suffix('*').unwrap_or(name);
    let lower = stem.to_ascii_lowercase();
    !stem.is_empty()
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !["url", "uri", "href"]
            .iter()
            .any(|taken| lower.contains(taken))
}

/// Whether a value is one in every reading: it has nothing that simple readers split at, and no
/// URL. What a link's relation is called may be one (RFC 8288, 2.1.2), and nobody follows that.
fn is_plain_value(name: &str, value: &str) -> bool {
    let inner = value.trim_matches([' ', '\t']);
    let inner = inner
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(inner);
    let is_relation = name.eq_ignore_ascii_case("rel") || name.eq_ignore_ascii_case("rev");
    !inner.contains([';', '<', '>', '"', '\\'])
        && !has_reference_behind_comma(inner)
        && (is_relation || !inner.contains("//"))
}

/// Where the parameters of a link end: at a comma outside of quotes. `None` when a quote is open.
fn end_of_parameters(text: &str) -> Option<usize> {
    let (end, is_open) = outside_of_quotes(text, b',');
    (!is_open).then_some(end)
}

/// The first place of a byte outside of quotes, or the end, and whether a quote is open there.
fn outside_of_quotes(text: &str, wanted: u8) -> (usize, bool) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == wanted && !quoted => return (at, false),
            _ => {}
        }
    }
    (text.len(), quoted)
}

/// Leads the target of a `Refresh` value, read as browsers do (HTML, "shared declarative refresh
/// steps"): seconds, and then perhaps a reference, with or without `url=` and quotes.
pub(super) fn refresh(value: &str, lead: impl Fn(&str) -> Option<String>) -> Option<String> {
    let value = value.trim();
    let end = value
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(value.len());
    let (seconds, rest) = value.split_at(end);
    if seconds.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    if rest.is_empty() {
        return Some(seconds.to_owned());
    }
    let named = rest
        .get(..3)
        .filter(|name| name.eq_ignore_ascii_case("url"))
        .and_then(|_| rest.get(3..)?.trim_start().strip_prefix('='))
        .map_or(rest, str::trim_start);
    let target = match named.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = &named[1..];
            inner.split_once(quote).map_or(inner, |(target, _)| target)
        }
        _ => named,
    };
    Some(format!("{seconds};url={}", lead(target)?))
}
