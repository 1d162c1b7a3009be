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
        // In the target of another, an application's own scheme keeps brackets.
        if let Some(target) = lead(target).filter(|target| !target.contains(['<', '>'])) {
            links.push(format!("<{target}>{}", without_brackets(parameters)));
        }
        rest = next.trim_start_matches([' ', '\t', ',']);
    }
    (!links.is_empty()).then(|| links.join(", "))
}

/// The parameters of a link without those that hold brackets: simple readers split at brackets
/// without a look at quotes, and find links in a title. The link itself may be the next page.
fn without_brackets(parameters: &str) -> String {
    let mut kept = String::new();
    let mut rest = parameters.trim_end();
    while !rest.is_empty() {
        let skip = usize::from(rest.starts_with(';'));
        let end = skip + outside_of_quotes(&rest[skip..], b';').0;
        let (parameter, next) = rest.split_at(end);
        if !parameter.contains(['<', '>']) {
            kept.push_str(parameter);
        }
        rest = next;
    }
    kept
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
