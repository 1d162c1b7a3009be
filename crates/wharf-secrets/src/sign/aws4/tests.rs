//! AWS's published vectors, and what its Python library signs.

use http::header::HeaderName;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

#[derive(Deserialize)]
struct Published {
    vectors: Vec<Vector>,
    others: Others,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    canonical: String,
    to_sign: String,
    authorization: String,
}

#[derive(Deserialize)]
struct Others {
    vectors: Vec<Other>,
}

#[derive(Deserialize)]
struct Other {
    service: String,
    region: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
    token: Option<String>,
    authorization: String,
}

fn published() -> Published {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn keys(token: Option<&str>) -> AwsKeys {
    let token = token.map(SecretString::from);
    AwsKeys::new(ID, SECRET.into(), token.as_ref()).unwrap()
}

fn headers(pairs: &[(String, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.to_ascii_lowercase().parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// With what is no ASCII in the form that is sent.
fn sent(url: &str) -> Uri {
    let encoded = percent_encode(url.as_bytes(), percent_encoding::CONTROLS);
    encoded.to_string().parse().unwrap()
}

fn authorization(headers: &HeaderMap) -> &str {
    headers[AUTHORIZATION].to_str().unwrap()
}

#[test]
fn the_published_vectors_come_out() {
    let vectors = published().vectors;
    assert_eq!(vectors.len(), 28);
    let at: Timestamp = "2015-08-30T12:36:00Z".parse().unwrap();
    let aws = Aws4 {
        region: "us-east-1",
        service: "service",
    };
    for vector in vectors {
        let given = vector.headers.iter().filter(|(name, _)| name != "Host");
        let mut headers = headers(&given.cloned().collect::<Vec<_>>());
        let token = headers.get(TOKEN).map(|t| t.to_str().unwrap().to_owned());
        let method: Method = vector.method.parse().unwrap();
        let url = sent(&format!("https://example.amazonaws.com{}", vector.target));
        let body = vector.body.as_bytes();
        let (canonical, _) = aws.canonical(&method, &url, &headers, &hash(body)).unwrap();
        assert_eq!(canonical, vector.canonical, "{}", vector.name);
        let time = "20150830T123600Z";
        let text = to_sign(time, &aws.scope(time), &canonical);
        assert_eq!(text, vector.to_sign, "{}", vector.name);
        let payload = Aws4Payload::Bytes(body);
        aws.sign(
            &keys(token.as_deref()),
            (&method, &url),
            &mut headers,
            payload,
            at,
        )
        .unwrap();
        assert_eq!(
            authorization(&headers),
            vector.authorization,
            "{}",
            vector.name
        );
    }
}

/// brendanhay/amazonka#529, sharetribe/aws-sig4#10, wojtekmach/req#374 and chimera-nas/chimera#702:
/// a path with `@`, `=`, `:` or `%2F` in it was encoded once where the service wants it twice, or
/// twice where S3 wants it once.
#[test]
fn what_the_official_library_signs_comes_out() {
    let others = published().others.vectors;
    assert_eq!(others.len(), 8);
    let at: Timestamp = "2026-02-03T04:05:06Z".parse().unwrap();
    for other in others {
        let aws = Aws4 {
            region: &other.region,
            service: &other.service,
        };
        let mut headers = headers(&other.headers);
        let (method, url) = (other.method.parse().unwrap(), sent(&other.url));
        let payload = Aws4Payload::Bytes(other.body.as_bytes());
        let keys = keys(other.token.as_deref());
        aws.sign(&keys, (&method, &url), &mut headers, payload, at)
            .unwrap();
        assert_eq!(
            authorization(&headers),
            other.authorization,
            "{}",
            other.url
        );
    }
}

fn signed(url: &str, given: &[(&'static str, &str)], payload: Aws4Payload<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(*name, value.parse().unwrap());
    }
    let aws = Aws4 {
        region: "eu-west-1",
        service: "secretsmanager",
    };
    let at = "2026-02-03T04:05:06Z".parse().unwrap();
    let request = (&Method::POST, &url.parse().unwrap());
    aws.sign(&keys(None), request, &mut headers, payload, at)
        .unwrap();
    headers
}

#[test]
fn what_changes_on_the_way_is_not_signed() {
    let url = "https://secretsmanager.eu-west-1.amazonaws.com/";
    let plain = signed(url, &[], Aws4Payload::Bytes(b"x"));
    let others = [
        ("user-agent", "a"),
        ("connection", "close"),
        ("expect", "100-continue"),
        ("x-amzn-trace-id", "Root=1"),
        ("authorization", "Bearer old"),
        ("x-amz-security-token", "old"),
        ("x-amz-date", "20200101T000000Z"),
    ];
    let with = signed(url, &others, Aws4Payload::Bytes(b"x"));
    assert_eq!(authorization(&plain), authorization(&with));
    assert_eq!(with[DATE], "20260203T040506Z");
    assert!(!with.contains_key(TOKEN));
    let with_port = signed(
        "https://secretsmanager.eu-west-1.amazonaws.com:443/",
        &[],
        Aws4Payload::Bytes(b"x"),
    );
    assert_eq!(authorization(&plain), authorization(&with_port));
}

#[test]
fn a_payload_may_be_left_out() {
    let headers = signed("https://a.example/", &[], Aws4Payload::Unsigned);
    assert_eq!(headers[CONTENT_HASH], "UNSIGNED-PAYLOAD");
    assert!(authorization(&headers).contains("x-amz-content-sha256"));
}

#[test]
fn what_cannot_be_signed_is_told() {
    let url: Uri = "https://a.example/".parse().unwrap();
    let at = "2026-02-03T04:05:06Z".parse().unwrap();
    let sign = |region, url: &Uri, headers: &mut HeaderMap| {
        let aws = Aws4 {
            region,
            service: "s3",
        };
        let request = (&Method::GET, url);
        aws.sign(&keys(None), request, headers, Aws4Payload::Bytes(b""), at)
    };
    for region in ["", "eu west", "eu-west-1\n", "eu/west"] {
        let outcome = sign(region, &url, &mut HeaderMap::new());
        assert_eq!(outcome, Err(Aws4Problem::Scope), "{region:?}");
    }
    let outcome = sign("eu", &"/path".parse().unwrap(), &mut HeaderMap::new());
    assert_eq!(outcome, Err(Aws4Problem::NoHost));
    let mut headers = HeaderMap::new();
    headers.insert("x-a", HeaderValue::from_bytes(b"\xff").unwrap());
    let outcome = sign("eu", &url, &mut headers);
    assert_eq!(outcome, Err(Aws4Problem::HeaderNotText));
    assert!(!headers.contains_key(AUTHORIZATION));
}

#[test]
fn keys_are_checked_and_never_shown() {
    let of = |id: &str, secret: &str, token: Option<&str>| {
        let token = token.map(SecretString::from);
        AwsKeys::new(id, secret.into(), token.as_ref()).map(|keys| format!("{keys:?}"))
    };
    assert_eq!(of(ID, SECRET, Some("canary")), Ok("AwsKeys".to_owned()));
    for id in ["", "A/B", "A B", "A,B", "A\n", "Ä"] {
        assert_eq!(of(id, SECRET, None), Err(AwsKeysProblem::Id), "{id:?}");
    }
    for secret in ["", "a b", "a\n", "ä"] {
        let problem = Err(AwsKeysProblem::Secret);
        assert_eq!(of(ID, secret, None), problem, "{secret:?}");
    }
    for token in ["", "a b", "a\r\n"] {
        let problem = Err(AwsKeysProblem::Token);
        assert_eq!(of(ID, SECRET, Some(token)), problem, "{token:?}");
    }
    let headers = signed("https://a.example/", &[], Aws4Payload::Bytes(b""));
    assert!(!format!("{headers:?}").contains("Signature"));
}

proptest! {
    #[test]
    fn every_address_has_one_canonical_form(
        path in "(/[a-zA-Z0-9%:@=+~. -]{0,6}){0,4}/?",
        query in "[a-zA-Z0-9%&=+/~ -]{0,20}",
    ) {
        let text = format!("https://a.example{path}?{query}").replace(' ', "%20");
        let Ok(url) = text.parse::<Uri>() else { return Ok(()) };
        for service in ["s3", "es"] {
            let aws = Aws4 { region: "eu", service };
            let (text, _) = aws.canonical(&Method::GET, &url, &HeaderMap::new(), "h").unwrap();
            let mut lines = text.lines().skip(1);
            let (path, query) = (lines.next().unwrap(), lines.next().unwrap());
            prop_assert!(path.starts_with('/'));
            let is_encoded = |c: char| c.is_ascii_alphanumeric() || "-._~%/=&".contains(c);
            prop_assert!(path.chars().chain(query.chars()).all(is_encoded));
            let names: Vec<_> = query.split('&').collect();
            prop_assert!(names.is_sorted_by_key(|pair| pair.split_once('=')));
        }
    }
}
