//! What a browser says about the page that made it send a request.
//!
//! A page of any site can have a browser send requests here, though not with the token and not so
//! that it can read the answer. They are refused all the same, before the token is looked at: one
//! mistake in a page of ours must not be enough.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::problem::{Kind, Refused};

/// W3C Fetch Metadata Request Headers, section 2.4. Scripts cannot set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what a page of another origin asks for. Who is no browser sends neither header.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Refused> {
    let foreign = |detail: &str| Err(Kind::OriginNotAllowed.because(detail));
    for site in headers.get_all(SEC_FETCH_SITE) {
        // `none` is a person who typed the address. `same-site` is another port of this machine.
        if !matches!(site.as_bytes(), b"same-origin" | b"none") {
            return foreign("Sec-Fetch-Site says that a page of another site asks.");
        }
    }
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    for origin in headers.get_all(ORIGIN) {
        let own = origin.as_bytes().strip_prefix(b"http://");
        let is_own = own
            .zip(host)
            .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
        if !is_own {
            return foreign("Origin is not the address that the request is sent to.");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::check;

    fn is_let_in(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            map.append(name, HeaderValue::from_static(value));
        }
        check(&map).is_ok()
    }

    #[test]
    fn programs_and_pages_of_its_own_are_let_in() {
        let host = ("host", "localhost:7071");
        for headers in [
            &[host][..],
            &[host, ("origin", "http://localhost:7071")],
            &[host, ("origin", "http://LOCALHOST:7071")],
            &[host, ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "none")],
        ] {
            assert!(is_let_in(headers), "{headers:?}");
        }
    }

    #[test]
    fn pages_of_others_are_not() {
        let host = ("host", "localhost:7071");
        for headers in [
            &[host, ("origin", "http://attacker.example")][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "")],
            &[host, ("origin", "https://localhost:7071")],
            &[host, ("origin", "http://localhost:3000")],
            &[host, ("origin", "http://localhost:70711")],
            &[host, ("origin", "http://127.0.0.1:7071")],
            &[
                host,
                ("origin", "http://localhost:7071"),
                ("origin", "http://attacker.example"),
            ],
            &[("origin", "http://localhost:7071")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "Same-Origin, cross-site")],
            &[
                host,
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            assert!(!is_let_in(headers), "{headers:?}");
        }
    }
}
