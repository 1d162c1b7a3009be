//! Links in answers lead back through the gateway.
//!
//! Client libraries follow `Link` (RFC 8288) and `Location` (RFC 9110, 10.2.2) as they come. Left
//! alone, the next page would be asked of the vendor itself, with the caller's token.

use http::header::{CONTENT_LOCATION, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION};
use wharf_document::model::Placement;

use crate::identify::query_without_credentials;

/// Replaces the vendor's base URL by ours where a header names a place below it.
///
/// Parameters that hold a credential are taken out of all URLs: some vendors repeat the whole
/// query they were asked with. `local_base` is called only when there is something to replace;
/// without one, URLs lead where they led.
pub(crate) fn relocate(
    headers: &mut HeaderMap,
    vendor_base: impl FnOnce() -> String,
    local_base: impl FnOnce() -> Option<String>,
    placements: &[Placement],
) {
    if ![LOCATION, CONTENT_LOCATION, LINK]
        .iter()
        .any(|name| headers.contains_key(name))
    {
        return;
    }
    let local_base = local_base();
    let vendor_base = vendor_base();
    let url = |url: &str| -> Option<String> {
        let below = url
            .strip_prefix(&vendor_base)
            .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        let (base, rest) = match (&local_base, below) {
            (Some(local_base), Some(rest)) => (local_base.as_str(), rest),
            _ => ("", url),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let clean = query_without_credentials(query, placements);
        let separator = if clean.is_empty() { "" } else { "?" };
        let changed = !base.is_empty() || clean.len() < query.len();
        changed.then(|| format!("{base}{path}{separator}{clean}"))
    };
    for name in [LOCATION, CONTENT_LOCATION] {
        rewrite(headers, &name, &url);
    }
    rewrite(headers, &LINK, &|value| links(value, &url));
}

fn rewrite(headers: &mut HeaderMap, name: &HeaderName, change: &dyn Fn(&str) -> Option<String>) {
    if let http::header::Entry::Occupied(mut entry) = headers.entry(name) {
        for value in entry.iter_mut() {
            let changed = value.to_str().ok().and_then(change);
            if let Some(changed) = changed.and_then(|text| HeaderValue::try_from(text).ok()) {
                *value = changed;
            }
        }
    }
}

/// Changes every `<URL>` of a `Link` value; `None` when nothing changed.
fn links(value: &str, url: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut changed = String::with_capacity(value.len());
    let mut any = false;
    let mut rest = value;
    while let Some((before, from)) = rest.split_once('<') {
        let Some((target, after)) = from.split_once('>') else {
            break;
        };
        let replaced = url(target);
        any |= replaced.is_some();
        changed.push_str(before);
        changed.push('<');
        changed.push_str(replaced.as_deref().unwrap_or(target));
        changed.push('>');
        rest = after;
    }
    changed.push_str(rest);
    any.then_some(changed)
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderMap, HeaderValue, LINK, LOCATION};
    use wharf_document::model::{Placement, Template};

    use super::relocate;

    fn relocated(name: http::HeaderName, value: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(&name, HeaderValue::from_static(value));
        let key = Placement::Query {
            name: "key".into(),
            value: Template::default(),
        };
        let local = || Some("http://127.0.0.1:7070/github".to_owned());
        relocate(
            &mut headers,
            || "https://api.github.com".to_owned(),
            local,
            &[key],
        );
        headers[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn pages_are_followed_through_the_gateway() {
        assert_eq!(
            relocated(
                LINK,
                "<https://api.github.com/r/1/issues?page=2>; rel=\"next\", <https://docs.github.com/x>; rel=\"help\""
            ),
            "<http://127.0.0.1:7070/github/r/1/issues?page=2>; rel=\"next\", <https://docs.github.com/x>; rel=\"help\""
        );
        assert_eq!(
            relocated(LOCATION, "https://api.github.com/x"),
            "http://127.0.0.1:7070/github/x"
        );
        assert_eq!(
            relocated(LOCATION, "https://api.github.com"),
            "http://127.0.0.1:7070/github"
        );
    }

    #[test]
    fn other_places_stay() {
        for value in [
            "https://api.github.com.evil.test/x",
            "https://github.com/x",
            "/x",
            "x",
        ] {
            assert_eq!(relocated(LOCATION, value), value);
        }
        for value in [
            "<https://github.com/x>; rel=next",
            "no link at all",
            "<broken",
        ] {
            assert_eq!(relocated(LINK, value), value);
        }
    }

    #[test]
    fn a_credential_the_vendor_repeats_is_taken_out() {
        assert_eq!(
            relocated(
                LINK,
                "<https://api.github.com/x?key=canary&page=2>; rel=next"
            ),
            "<http://127.0.0.1:7070/github/x?page=2>; rel=next"
        );
        for (said, passed_on) in [
            (
                "https://api.github.com/x?key=canary",
                "http://127.0.0.1:7070/github/x",
            ),
            ("/x?page=2&key=canary", "/x?page=2"),
            ("https://cdn.test/x?key=canary", "https://cdn.test/x"),
        ] {
            assert_eq!(relocated(LOCATION, said), passed_on);
        }
    }

    #[test]
    fn a_credential_is_taken_out_also_where_nothing_leads_back() {
        let mut headers = HeaderMap::new();
        headers.insert(
            LOCATION,
            HeaderValue::from_static("https://api.github.com/x?key=canary"),
        );
        let key = Placement::Query {
            name: "key".into(),
            value: Template::default(),
        };
        relocate(
            &mut headers,
            || "https://api.github.com".to_owned(),
            || None,
            &[key],
        );
        assert_eq!(headers[LOCATION], "https://api.github.com/x");
    }
}
