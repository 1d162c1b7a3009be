//! Which headers pass, which are removed, and which are added.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup, TOKEN, VENDOR_KEY};
use crate::support::vendor::{Received, Vendor, answer};

#[tokio::test]
async fn headers_of_one_hop_do_not_pass_to_the_vendor() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let call = Call::post("/vendor/items?page=2", "body")
        .header("connection", "keep-alive, X-Hop")
        .header("x-hop", "secret of this hop")
        .header("keep-alive", "timeout=5")
        .header("proxy-connection", "keep-alive")
        .header("proxy-authorization", "Basic eDp5")
        .header("te", "trailers")
        .header("upgrade", "websocket")
        .header("expect", "100-continue")
        .header("wharf-timeout", "9s")
        .header("wharf-environment", "production")
        .header("wharf-simulate", "status=500")
        .header("x-end-to-end", "stays")
        .header("accept", "application/json")
        .and_header("accept", "text/plain");
    let answer = gateway.call(call).await;
    answer.assert_vendor(200, 1);
    let request = vendor.only_request();
    assert_eq!(request.target(), "/items?page=2");
    // That trailers are welcome is said anew, for the connection to the vendor.
    assert_eq!(request.header("te").unwrap(), "trailers");
    assert_eq!(request.header("connection").unwrap(), "te");
    for gone in [
        "x-hop",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "upgrade",
        "expect",
        "wharf-timeout",
        "wharf-environment",
        "wharf-simulate",
        "transfer-encoding",
    ] {
        assert_eq!(request.header(gone), None, "{}", request.head);
    }
    assert_eq!(request.header("x-end-to-end").unwrap(), "stays");
    assert_eq!(
        request.header("accept").unwrap(),
        "application/json, text/plain"
    );
    assert_eq!(request.header("content-length").unwrap(), "4");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn headers_of_one_hop_do_not_pass_to_the_caller() {
    let vendor = Vendor::answering(|_, _| {
        let headers = [
            ("Connection", "keep-alive, X-Hop"),
            ("X-Hop", "secret of that hop"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Authenticate", "Basic"),
            ("Upgrade", "h2c"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("X-Request-Id", "r-1"),
            ("Server-Timing", "db;dur=5"),
            ("Wharf-Source", "a vendor that pretends"),
            ("Wharf-Attempts", "99"),
        ];
        answer(200, &headers, "body")
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "body"));
    for gone in [
        "connection",
        "x-hop",
        "keep-alive",
        "proxy-authenticate",
        "upgrade",
    ] {
        assert_eq!(answer.header(gone), None, "{answer:#?}");
    }
    let all = |name: &str| -> Vec<&str> {
        let values = answer.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    };
    assert_eq!(
        all("set-cookie"),
        ["a=1; Path=/vendor", "b=2; Path=/vendor"]
    );
    assert_eq!(all("x-request-id"), ["r-1"]);
    assert_eq!(all("wharf-source"), ["vendor"]);
    assert_eq!(all("wharf-attempts"), ["1"]);
    let timing = all("server-timing");
    assert_eq!(timing[0], "db;dur=5");
    assert!(timing[1].starts_with("wharf;dur="), "{timing:?}");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_host_is_the_vendors() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    gateway.call(Call::get("/vendor/items")).await;
    let request = vendor.only_request();
    assert_eq!(
        request.header("host").unwrap(),
        vendor.address().to_string()
    );
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_path_below_the_base_url_is_not_changed() {
    let vendor = Vendor::fine().await;
    let endpoint = format!("http://{}/base/v2", vendor.address());
    let gateway = Gateway::start(Document::with_endpoint(&endpoint));
    for (called, came) in [
        // Reports of http-party/node-http-proxy#893, ProxyKit/ProxyKit#106, h2o/h2o#1560.
        ("/vendor", "/base/v2"),
        ("/vendor?q=1", "/base/v2?q=1"),
        ("/vendor/", "/base/v2/"),
        ("/vendor/a%2Fb//c", "/base/v2/a%2Fb//c"),
        (
            "/vendor/a%20b;x=1?q=%C3%A4&q=+&empty=&flag",
            "/base/v2/a%20b;x=1?q=%C3%A4&q=+&empty=&flag",
        ),
        (
            "/vendor/.well-known/x..y/...",
            "/base/v2/.well-known/x..y/...",
        ),
        ("/vendor@production/x", "/base/v2/x"),
    ] {
        gateway.call(Call::get(called)).await.assert_vendor(200, 1);
        assert_eq!(vendor.requests().last().unwrap().target(), came);
    }
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_version_header_is_added_only_when_the_caller_sends_none() {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address())
        .method("- Type: API Key\n- Version header: X-Version")
        .setting("api_version", "2026-01-01");
    let gateway = Gateway::start(document);
    gateway.call(Call::get("/vendor/items")).await;
    let own = Call::get("/vendor/items").header("x-version", "2020-02-02");
    gateway.call(own).await;
    let versions: Vec<_> = vendor
        .requests()
        .iter()
        .map(|request| request.header("x-version").unwrap())
        .collect();
    assert_eq!(versions, ["2026-01-01", "2020-02-02"]);
    gateway.finish(&vendor, 1).await;
}

fn basic(username: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}

/// What the vendor gets for a call, with credentials placed as `method` says.
async fn received(method: &str, call: Call) -> Received {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address()).method(method);
    let gateway = Setup::of(document).start();
    let answer = gateway.call(call).await;
    answer.assert_vendor(200, 1);
    let request = vendor.only_request();
    let shown = format!("{}{}", request.head, String::from_utf8_lossy(&request.body));
    assert!(!shown.contains(TOKEN), "{shown}");
    for half in [
        TOKEN.to_owned(),
        format!("{TOKEN}:"),
        format!(":{TOKEN}"),
        format!("user:{TOKEN}"),
    ] {
        assert!(!shown.contains(&STANDARD.encode(half)), "{shown}");
    }
    gateway.finish(&vendor, 1).await;
    request
}

#[tokio::test]
async fn a_bearer_token_is_replaced_by_the_credential() {
    let request = received("- Type: API Key", Call::get("/vendor/items")).await;
    assert_eq!(
        request.header("authorization").unwrap(),
        format!("Bearer {VENDOR_KEY}")
    );
    let lower = Call::get("/vendor/items").header("authorization", &format!("bearer {TOKEN}"));
    let request = received("- Type: API Key", lower).await;
    assert_eq!(
        request.header("authorization").unwrap(),
        format!("Bearer {VENDOR_KEY}")
    );
}

#[tokio::test]
async fn a_token_in_a_named_header_is_replaced_by_the_credential() {
    let method = "- Type: API Key\n- Header: X-Api-Key: {api_key}";
    for call in [
        Call::get("/vendor/items")
            .without_token()
            .header("x-api-key", TOKEN),
        Call::get("/vendor/items").header("x-api-key", TOKEN),
        Call::get("/vendor/items")
            .header("x-api-key", TOKEN)
            .and_header("x-api-key", TOKEN),
        Call::get("/vendor/items"),
        Call::get("/vendor/items").header("x-api-key", "left over"),
    ] {
        let request = received(method, call).await;
        assert_eq!(request.header("x-api-key").unwrap(), VENDOR_KEY);
        assert_eq!(request.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_token_in_basic_credentials_is_replaced_by_the_credential() {
    let method = "- Type: Basic\n- Username: fixed-user\n- Password: {api_key}";
    for value in [
        basic("user", TOKEN),
        basic(TOKEN, ""),
        basic("", TOKEN),
        format!("Bearer {TOKEN}"),
    ] {
        let call = Call::get("/vendor/items").header("authorization", &value);
        let request = received(method, call).await;
        assert_eq!(
            request.header("authorization").unwrap(),
            basic("fixed-user", VENDOR_KEY)
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_replaced_by_the_credential() {
    let method = "- Type: API Key\n- Query: key={api_key}";
    for (query, rest) in [
        (format!("?key={TOKEN}"), "?"),
        (format!("?a=1&key={TOKEN}&b=2"), "?a=1&b=2&"),
        (format!("?key={TOKEN}&a=1&key={TOKEN}"), "?a=1&"),
        (format!("?%6bey={TOKEN}&a=%20"), "?a=%20&"),
        (format!("?a=1&key={TOKEN}&&b"), "?a=1&&b&"),
    ] {
        let call = Call::get(&format!("/vendor/items{query}")).without_token();
        let request = received(method, call).await;
        assert_eq!(
            request.target(),
            format!("/items{rest}key={}", VENDOR_KEY.replace('-', "%2D"))
        );
        assert_eq!(request.header("authorization"), None);
    }
    let bearer = received(method, Call::get("/vendor/items?a=1")).await;
    assert_eq!(
        bearer.target(),
        format!("/items?a=1&key={}", VENDOR_KEY.replace('-', "%2D"))
    );
}

#[tokio::test]
async fn a_vendor_that_needs_no_credential_gets_none() {
    let request = received("- Type: None", Call::get("/vendor/items")).await;
    assert_eq!(request.header("authorization"), None);
}

#[tokio::test]
async fn links_lead_back_through_the_gateway() {
    let vendor = Vendor::answering(|_, request| {
        let base = format!("http://{}", request.header("host").unwrap());
        let next = format!("<{base}/items?page=2>; rel=\"next\"");
        answer(
            201,
            &[("Location", &format!("{base}/items/7")), ("Link", &next)],
            "",
        )
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::new(Method::POST, "/vendor/items")).await;
    answer.assert_vendor(201, 1);
    let base = format!("http://{}/vendor", gateway.address());
    assert_eq!(
        answer.header("location").unwrap(),
        format!("{base}/items/7")
    );
    let link = answer.header("link").unwrap();
    assert_eq!(link, format!("<{base}/items?page=2>; rel=\"next\""));
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn redirects_are_returned_and_not_followed() {
    let vendor = Vendor::answering(|_, _| answer(307, &[("Location", "/elsewhere")], "")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(307, 1);
    assert_eq!(vendor.count(), 1);
    gateway.finish(&vendor, 1).await;
}
