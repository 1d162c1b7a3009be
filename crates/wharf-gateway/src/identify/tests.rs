//! Where tokens are found, and that they go no further.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use wharf_document::model::{Template, TemplatePart};
use wharf_plan::CompiledPlacement;
use wharf_policy::caller::TokenHash;

use super::{CallerDirectory, Token, caller, query_without_credentials, remove_credentials};

const TOKEN: &str = "wharf_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn directory() -> CallerDirectory {
    CallerDirectory::new([(TokenHash::hash(TOKEN), "shop".to_owned())])
}

fn template(prefix: &str) -> Template {
    let mut parts = vec![TemplatePart::Field("api_key".into())];
    if !prefix.is_empty() {
        parts.insert(0, TemplatePart::Literal(prefix.into()));
    }
    Template { parts }
}

fn header(name: &str, prefix: &str) -> CompiledPlacement {
    CompiledPlacement::Header {
        name: HeaderName::try_from(name).unwrap(),
        value: template(prefix),
    }
}

fn query(name: &str) -> CompiledPlacement {
    CompiledPlacement::Query {
        name: name.into(),
        value: template(""),
    }
}

fn headers(name: &str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_bytes(name.as_bytes()).unwrap(),
        HeaderValue::from_str(value).unwrap(),
    );
    headers
}

#[test]
fn the_token_is_found_wherever_the_vendors_key_would_stand() {
    let basic_user = format!("Basic {}", STANDARD.encode(format!("{TOKEN}:")));
    let basic_password = format!("Basic {}", STANDARD.encode(format!("account:{TOKEN}")));
    let cases = [
        ("authorization", format!("Bearer {TOKEN}"), vec![]),
        ("authorization", format!("bearer {TOKEN}"), vec![]),
        (
            "authorization",
            format!("token {TOKEN}"),
            vec![header("authorization", "Bearer ")],
        ),
        ("authorization", TOKEN.to_owned(), vec![]),
        ("authorization", basic_user, vec![]),
        ("authorization", basic_password, vec![]),
        ("x-api-key", TOKEN.to_owned(), vec![header("x-api-key", "")]),
        (
            "x-auth",
            format!("Key {TOKEN}"),
            vec![header("x-auth", "Key ")],
        ),
    ];
    for (name, value, placements) in cases {
        let found = caller(&directory(), &headers(name, &value), None, &placements);
        assert_eq!(&**found.unwrap().caller, "shop", "{name}: {value}");
    }
    let found = caller(
        &directory(),
        &HeaderMap::new(),
        Some(&format!("a=1&api%5Fkey={TOKEN}")),
        &[query("api_key")],
    );
    assert_eq!(&**found.unwrap().caller, "shop");
}

#[test]
fn everything_else_is_refused_without_an_echo() {
    let cases = [
        (HeaderMap::new(), None),
        (headers("authorization", "Bearer sk-live-canary"), None),
        (headers("authorization", &format!("Bearer {TOKEN}x")), None),
        (headers("authorization", "Basic !!!canary"), None),
        (headers("x-api-key", TOKEN), None),
        (HeaderMap::new(), Some("api_key=wharf_canary")),
    ];
    for (headers, query_string) in cases {
        let problem =
            caller(&directory(), &headers, query_string, &[query("api_key")]).unwrap_err();
        assert!(!problem.detail.contains("canary"), "{}", problem.detail);
        assert!(problem.detail.contains("token"), "{}", problem.detail);
    }
}

#[test]
fn no_place_for_a_credential_is_forwarded() {
    let mut map = headers("authorization", "Bearer x");
    map.insert("x-api-key", HeaderValue::from_static("y"));
    map.insert("accept", HeaderValue::from_static("*/*"));
    remove_credentials(&mut map, &[HeaderName::from_static("x-api-key")]);
    assert_eq!(map.len(), 1);
    let left = |text| query_without_credentials(text, &[query("key")], &token()).into_owned();
    assert_eq!(left("a=1&key=secret&b=2&key=again"), "a=1&b=2");
    assert_eq!(left("a=1"), "a=1");
}

fn token() -> Token {
    Token::new(TOKEN)
}

#[test]
fn the_token_goes_from_every_place_and_nothing_else_does() {
    let encoded = TOKEN.replace('_', "%5F");
    assert_eq!(
        query_without_credentials(
            &format!("a=1&k={TOKEN}&{encoded}&b=x{encoded}y&c=%20"),
            &[],
            &token()
        ),
        "a=1&c=%20"
    );
    let values = [
        TOKEN.to_owned(),
        format!("Bearer {TOKEN}"),
        format!("key={encoded}; v=1"),
        encoded.replace('%', "%25"),
        format!("Basic {}", STANDARD.encode(format!("{TOKEN}:"))),
        format!("Basic {}", STANDARD.encode(format!("user:{TOKEN}"))),
        STANDARD.encode(TOKEN).replace('=', "%3D"),
    ];
    for value in values {
        let mut map = headers("x-any", &value);
        map.append("x-any", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        token().remove_from(&mut map, true);
        assert_eq!(map.len(), 1, "{value}");
    }
    let mut map = headers("cookie", &format!("a=1; t={TOKEN};b=2"));
    token().remove_from(&mut map, true);
    assert_eq!(map["cookie"], "a=1; b=2");
    let mut map = headers("cookie", &format!("t={TOKEN}"));
    token().remove_from(&mut map, true);
    assert!(map.is_empty());
    // As the name of a header.
    let mut map = headers(TOKEN, "1");
    map.append("x-any", HeaderValue::from_static("2"));
    token().remove_from(&mut map, false);
    assert_eq!(map.len(), 1);
    let others = "Basic dXNlcjpwYXNzd29yZA==, wharf_AAAA";
    let mut map = headers("x-any", others);
    token().remove_from(&mut map, true);
    assert_eq!(map["x-any"], others);
}
