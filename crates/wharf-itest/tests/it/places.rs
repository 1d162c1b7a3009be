//! A vendor's words lead a client to no other integration, and bring no credential back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use http::{HeaderMap, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::caller::{Answer, Call};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup, TOKEN, VENDOR_KEY};
use crate::support::vendor::{Vendor, answer};

/// A vendor that answers its requests with one of these headers after the other.
async fn saying(lines: Vec<(&'static str, &'static [u8])>) -> Vendor {
    Vendor::answering(move |number, _| {
        let (name, value) = lines[number];
        let mut bytes = format!("HTTP/1.1 307 Test\r\n{name}: ").into_bytes();
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\nContent-Length: 0\r\n\r\n");
        bytes
    })
    .await
}

/// What the caller gets for a header, with the addresses of both sides replaced by names.
async fn led(gateway: &Gateway, vendor: &Vendor, call: Call, name: &str) -> Option<String> {
    let answer = gateway.call(call).await;
    answer.assert_vendor(307, 1);
    let value = answer.headers.get(name)?.to_str().unwrap();
    let value = value.replace(&vendor.address().to_string(), "VENDOR");
    Some(value.replace(&gateway.address().to_string(), "GATEWAY"))
}

/// A header of a vendor, its value, and what the caller gets; the addresses of both sides are
/// written as names.
const REFERENCES: [(&str, &str, Option<&str>); 20] = [
    (
        "location",
        "http://VENDOR/base/x",
        Some("http://GATEWAY/vendor@production/x"),
    ),
    (
        "location",
        "/base/v1/ops/1",
        Some("http://GATEWAY/vendor@production/v1/ops/1"),
    ),
    (
        "location",
        "//VENDOR/base/x",
        Some("http://GATEWAY/vendor@production/x"),
    ),
    (
        "location",
        "HTTP://VENDOR/base/x",
        Some("http://GATEWAY/vendor@production/x"),
    ),
    (
        "location",
        "2",
        Some("http://GATEWAY/vendor@production/items/2"),
    ),
    (
        "location",
        "?page=2",
        Some("http://GATEWAY/vendor@production/items/1?page=2"),
    ),
    (
        "location",
        "http://VENDOR/base/café?key=key-of-the-vendor&page=2",
        Some("http://GATEWAY/vendor@production/caf%C3%A9?page=2"),
    ),
    (
        "location",
        "/other/v1/refunds?amount=9",
        Some("http://VENDOR/other/v1/refunds?amount=9"),
    ),
    (
        "location",
        "http://VENDOR/base/../../other/x",
        Some("http://VENDOR/other/x"),
    ),
    ("location", "../../other/x", Some("http://VENDOR/other/x")),
    (
        "location",
        "https://downloads.test/a?sig=x%2By",
        Some("https://downloads.test/a?sig=x%2By"),
    ),
    ("location", "http://GATEWAY/other/x", None),
    ("location", "http://GATEWAY/vendor@staging/x", None),
    ("location", "/base/..%2f..%2fother", None),
    (
        "content-location",
        "/base/x",
        Some("http://GATEWAY/vendor@production/x"),
    ),
    (
        "operation-location",
        "/base/op?key=key-of-the-vendor",
        Some("http://GATEWAY/vendor@production/op"),
    ),
    (
        "azure-asyncoperation",
        "http://VENDOR/base/op",
        Some("http://GATEWAY/vendor@production/op"),
    ),
    (
        "x-goog-upload-url",
        "http://VENDOR/base/up",
        Some("http://GATEWAY/vendor@production/up"),
    ),
    (
        "link",
        "</base/x?page=2>; rel=\"next\", <http://GATEWAY/other>; rel=prev",
        Some("<http://GATEWAY/vendor@production/x?page=2>; rel=\"next\""),
    ),
    (
        "refresh",
        "0; url=/other/x",
        Some("0;url=http://VENDOR/other/x"),
    ),
];

/// scalar/scalar#3719, jupyterhub/jupyter-server-proxy#592, distribution/distribution#2448,
/// git-pkgs/proxy#280, Azure/azure-sdk-for-js#33321, 0x676e67/wreq#1290.
#[tokio::test]
async fn references_lead_below_the_integration_or_away() {
    // The gateway's address is known only when it runs, and the vendor must run before.
    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let endpoint = format!("http://{}/base", listener.local_addr().unwrap());
    let document =
        Document::with_endpoint(&endpoint).method("- Type: API Key\n- Query: key={api_key}");
    let gateway = Gateway::start(document);
    let own = gateway.address().to_string();
    let said = REFERENCES.map(|(name, value, _)| (name, value.replace("GATEWAY", &own)));
    let vendor = Vendor::on(listener, move |mut connection| {
        let said = said.clone();
        async move {
            for (name, value) in said {
                let Some(request) = connection.request().await else {
                    return;
                };
                let value = value.replace("VENDOR", &request.header("host").unwrap());
                connection.send(answer(307, &[(name, &value)], "")).await;
            }
        }
    });
    for (name, value, expected) in REFERENCES {
        let call = Call::get("/vendor@production/items/1");
        let came = led(&gateway, &vendor, call, name).await;
        assert_eq!(came.as_deref(), expected, "{name}: {value}");
    }
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_removed() {
    let vendor = saying(vec![
        ("location", b"/caf\xe9?key=key-of-the-vendor"),
        ("link", b"</caf\xe9>"),
        ("link", b"no link"),
    ])
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for name in ["location", "link", "link"] {
        let came = led(&gateway, &vendor, Call::get("/vendor/x"), name).await;
        assert_eq!(came, None);
    }
    gateway.finish(&vendor, 1).await;
}

/// Azure/data-api-builder#2677.
#[tokio::test]
async fn links_have_the_scheme_that_the_caller_used() {
    let vendor = Vendor::answering(|_, _| answer(307, &[("Location", "/x")], "")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for (forwarded, scheme) in [("https", "https"), ("HTTPS, http", "https"), ("x", "http")] {
        let call = Call::get("/vendor/a").header("x-forwarded-proto", forwarded);
        let came = led(&gateway, &vendor, call, "location").await.unwrap();
        assert_eq!(came, format!("{scheme}://GATEWAY/vendor/x"));
    }
    gateway.finish(&vendor, 1).await;
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// chimurai/http-proxy-middleware#78, mitre/HTTP-Proxy-Servlet#141, http-party/node-http-proxy#1236.
#[tokio::test]
async fn cookies_and_policies_stay_with_their_vendor() {
    let vendor = Vendor::answering(|_, _| {
        let headers = [
            ("Set-Cookie", "session=a; Path=/; HttpOnly"),
            ("Set-Cookie", "b=2; Domain=vendor.test; Secure"),
            ("Set-Cookie", "c=3; Path=/base/v1"),
            ("Set-Cookie", "d=4; Path=/elsewhere"),
            ("Clear-Site-Data", "\"*\""),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("Alt-Svc", "h3=\":443\""),
            ("NEL", "{}"),
            ("Report-To", "{}"),
            ("Access-Control-Allow-Origin", "*"),
        ];
        answer(200, &headers, "")
    })
    .await;
    let endpoint = format!("http://{}/base", vendor.address());
    let gateway = Gateway::start(Document::with_endpoint(&endpoint));
    let came = gateway.call(Call::get("/vendor/login/now")).await;
    assert_eq!(
        all(&came.headers, "set-cookie"),
        [
            "session=a; HttpOnly; Path=/vendor",
            "b=2; Path=/vendor/login",
            "c=3; Path=/vendor/v1"
        ]
    );
    for gone in [
        "clear-site-data",
        "strict-transport-security",
        "alt-svc",
        "nel",
        "report-to",
    ] {
        assert_eq!(came.header(gone), None, "{came:#?}");
    }
    assert_eq!(came.header("access-control-allow-origin"), Some("*"));
    gateway.finish(&vendor, 1).await;
}

/// A caller may have another name for us than a vendor guesses.
#[tokio::test]
async fn our_own_address_leads_to_no_other_integration_by_any_name() {
    let port = Arc::new(AtomicU16::new(0));
    let own = Arc::clone(&port);
    let vendor = Vendor::answering(move |_, _| {
        let own = own.load(Ordering::Relaxed);
        let location = format!("http://127.0.0.1:{own}/other/x");
        let line = "HTTP/1.1 307 no key-of-the-vendor here\r\n";
        let named = "X-Key-Of-The-Vendor: 1\r\nX-Accel-Redirect: /other/x\r\n";
        format!("{line}{named}Location: {location}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    port.store(gateway.address().port(), Ordering::Relaxed);
    for host in ["wharf.test", "wharf.test:8080", "192.0.2.7"] {
        let call = Call::get("/vendor/a").header("host", host);
        let came = gateway.call(call).await;
        came.assert_vendor(307, 1);
        assert_eq!(came.header("location"), None, "{host}");
        assert_eq!(came.header("x-key-of-the-vendor"), None);
        assert_eq!(came.header("x-accel-redirect"), None);
    }
    let stream = TcpStream::connect(gateway.address()).await.unwrap();
    let line = status_line(stream).await;
    assert_eq!(line, "HTTP/1.1 307 Temporary Redirect");
    gateway.finish(&vendor, 1).await;
}

/// The first line of an answer, with its words.
async fn status_line(mut stream: TcpStream) -> String {
    let request = format!(
        "GET /vendor/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut came = String::new();
    stream.read_to_string(&mut came).await.unwrap();
    came.lines().next().unwrap_or_default().to_owned()
}

/// No header of an answer shows the credential, in whatever form.
fn assert_no_key(answer: &Answer) {
    let shown = format!("{:?} {:?}", answer.headers, answer.trailers);
    for form in [
        VENDOR_KEY,
        "key%2Dof%2Dthe%2Dvendor",
        "dXNlcjprZXktb2YtdGhlLXZlbmRvcg",
    ] {
        assert!(!shown.contains(form), "{shown}");
    }
}

#[tokio::test]
async fn a_credential_that_is_echoed_does_not_come_out() {
    const SAID: [(&str, &str); 8] = [
        ("Location", "/x#key=key-of-the-vendor"),
        ("Location", "/x?a=1;key=key-of-the-vendor"),
        ("Location", "/x?KEY=key%2Dof%2Dthe%2Dvendor"),
        ("Refresh", "1; url=/x?other=key-of-the-vendor"),
        ("X-Echo", "you sent key-of-the-vendor"),
        ("X-Echo", "?key=key%2Dof%2Dthe%2Dvendor"),
        ("X-Authorization", "Basic dXNlcjprZXktb2YtdGhlLXZlbmRvcg=="),
        ("X-Authorization", "Bearer key-of-the-vendor"),
    ];
    for method in [
        "- Type: API Key\n- Query: key={api_key}",
        "- Type: API Key",
        "- Type: Basic\n- Username: user\n- Password: {api_key}",
    ] {
        let vendor = Vendor::answering(|_, _| answer(200, &SAID, "")).await;
        let gateway = Gateway::start(Document::at(vendor.address()).method(method));
        let came = gateway.call(Call::get("/vendor/a")).await;
        came.assert_vendor(200, 1);
        let shown = format!("{:?}", came.headers);
        assert!(!shown.contains(VENDOR_KEY), "{shown}");
        if method.contains("Basic") {
            assert_no_key(&came);
        }
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn a_vendor_does_not_speak_as_wharf() {
    let vendor = Vendor::answering(|_, _| {
        let headers = [
            ("Wharf-Warning", "all is well"),
            ("Wharf-Other", "1"),
            ("Wharf-Source", "wharf"),
        ];
        answer(200, &headers, "")
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let came = gateway.call(Call::get("/vendor/a")).await;
    came.assert_vendor(200, 1);
    assert_eq!(came.header("wharf-warning"), None);
    assert_eq!(came.header("wharf-other"), None);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_callers_token_reaches_no_vendor_in_any_place() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let encoded = TOKEN.replace('-', "%2D");
    let call = Call::new(
        Method::GET,
        &format!("/vendor/x?key={TOKEN}&a=1&z={encoded}"),
    )
    .header("x-api-key", TOKEN)
    .header("x-other", &format!("Token token={encoded}"))
    .header("cookie", &format!("a=1; token={TOKEN}"))
    .header("referer", &format!("http://127.0.0.1/vendor?key={TOKEN}"))
    .header("accept", "*/*");
    gateway.call(call).await.assert_vendor(200, 1);
    let request = vendor.only_request();
    assert!(
        !request.head.contains("token-of-the-shop"),
        "{}",
        request.head
    );
    assert!(!request.head.contains("token%2Dof"), "{}", request.head);
    assert_eq!(request.target(), "/x?a=1");
    assert_eq!(request.header("cookie").unwrap(), "a=1");
    assert_eq!(request.header("accept").unwrap(), "*/*");
    let in_path = gateway.call(Call::get(&format!("/vendor/{TOKEN}/x"))).await;
    assert_eq!(in_path.problem()["code"], "path_not_allowed");
    assert!(!in_path.text().contains(TOKEN));
    assert_eq!(vendor.count(), 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_wrong_id_is_told_wherever_the_token_stands() {
    let vendor = Vendor::fine().await;
    let header =
        Document::at(vendor.address()).method("- Type: API Key\n- Header: X-Api-Key: {api_key}");
    let query = Document::at(vendor.address())
        .id("other")
        .method("- Type: API Key\n- Query: key={api_key}");
    let gateway = Setup::of(header).and(query).start();
    let bare = |target: &str| Call::get(target).without_token();
    for call in [
        bare("/vendro/x").header("x-api-key", TOKEN),
        bare(&format!("/othre/x?key={TOKEN}")),
    ] {
        let answer = gateway.call(call).await;
        assert_eq!(answer.problem()["code"], "unknown_integration");
    }
    for call in [
        bare("/vendro/x").header("x-api-key", "wharf_unknown"),
        bare("/vendro/x").header("x-none", TOKEN),
        // The places of another integration are none of a known one's.
        bare("/other/x").header("x-api-key", TOKEN),
    ] {
        let answer = gateway.call(call).await;
        assert_eq!(answer.problem()["code"], "unknown_caller");
    }
    gateway.finish(&vendor, 0).await;
}
