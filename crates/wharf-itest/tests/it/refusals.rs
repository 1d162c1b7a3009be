//! Calls that are refused before anything is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup, TOKEN};
use crate::support::vendor::Vendor;

const REFUSED: Problem = Problem {
    status: 401,
    code: "unknown_caller",
    fault: "caller",
    sent: "nothing",
    retry_safe: true,
    attempts: 0,
};

/// Nothing came to the vendor, and the refusal was counted.
async fn finish_unsent(gateway: Gateway, vendor: &Vendor, reason: &str, count: usize) {
    let label = format!("reason=\"{reason}\"");
    let counted = gateway.metric("wharf_refused_calls_total", &[&label]);
    assert_eq!(counted.to_string(), count.to_string());
    gateway.finish(vendor, 0).await;
    assert_eq!(vendor.accepted(), 0);
}

#[tokio::test]
async fn an_unknown_caller_is_refused_without_a_hint_of_what_exists() {
    let vendor = Vendor::fine().await;
    let document =
        Document::at(vendor.address()).and_environment("Staging", "https://staging.test");
    let gateway = Setup::of(document)
        .and(Document::at(vendor.address()).id("sleeping").active(false))
        .start();
    let mut answers = Vec::new();
    let targets = [
        "/vendor/items",
        "/no-such-integration/items",
        "/sleeping/items",
        "/vendor@no-such-environment/items",
        "/vendor/../items",
        "/",
    ];
    for target in targets {
        for token in [
            None,
            Some("Bearer wharf_no-such-token"),
            Some("Bearer sk-some-other-key"),
            Some("wharf_"),
            Some("Basic not-base64!"),
        ] {
            let call = Call::get(target)
                .without_token()
                .header("wharf-timeout", "nonsense");
            let call = match token {
                Some(token) => call.header("authorization", token),
                None => call,
            };
            let answer = gateway.call(call).await;
            answer.assert_problem(&REFUSED);
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer realm=\"wharf\"")
            );
            answers.push((token, answer.text().to_owned()));
        }
    }
    // For one token the answers are the same to the byte, whatever was asked for.
    for (token, text) in &answers {
        let first = answers.iter().find(|(other, _)| other == token).unwrap();
        assert_eq!(text, &first.1);
        for hint in ["vendor\"", "sleeping", "staging", "production", "127.0.0.1"] {
            assert!(!text.contains(hint), "{text}");
        }
    }
    finish_unsent(gateway, &vendor, "unknown_caller", answers.len()).await;
}

#[tokio::test]
async fn a_token_in_a_place_of_another_integration_is_no_token() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for call in [
        Call::get("/vendor/items")
            .without_token()
            .header("x-api-key", TOKEN),
        Call::get(&format!("/vendor/items?key={TOKEN}")).without_token(),
        Call::get("/vendor/items")
            .without_token()
            .header("cookie", &format!("token={TOKEN}")),
    ] {
        gateway.call(call).await.assert_problem(&REFUSED);
    }
    finish_unsent(gateway, &vendor, "unknown_caller", 3).await;
}

#[tokio::test]
async fn the_vendors_own_key_lets_nobody_in() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let key = crate::support::gateway::VENDOR_KEY;
    for value in [
        format!("Bearer {key}"),
        format!("Basic {}", STANDARD.encode(format!("{key}:"))),
    ] {
        let call = Call::get("/vendor/items").header("authorization", &value);
        gateway.call(call).await.assert_problem(&REFUSED);
    }
    finish_unsent(gateway, &vendor, "unknown_caller", 2).await;
}

#[tokio::test]
async fn an_unknown_integration_is_named_with_those_that_exist() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for target in ["/vendors/items", "/", "/VENDOR/items"] {
        let answer = gateway.call(Call::get(target)).await;
        answer.assert_problem(&Problem {
            status: 404,
            code: "unknown_integration",
            ..REFUSED
        });
        assert!(
            answer.detail().contains("known ids: vendor"),
            "{}",
            answer.detail()
        );
    }
    finish_unsent(gateway, &vendor, "unknown_integration", 3).await;
}

#[tokio::test]
async fn an_unknown_environment_is_refused_and_never_falls_through() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for call in [
        Call::get("/vendor@staging/items"),
        Call::get("/vendor@/items"),
        Call::get("/vendor/items").header("wharf-environment", "staging"),
        Call::get("/vendor@staging/items").header("wharf-environment", "production"),
    ] {
        let answer = gateway.call(call).await;
        answer.assert_problem(&Problem {
            status: 404,
            code: "unknown_environment",
            ..REFUSED
        });
        assert!(
            answer.detail().contains("production"),
            "{}",
            answer.detail()
        );
    }
    finish_unsent(gateway, &vendor, "unknown_environment", 4).await;
}

#[tokio::test]
async fn a_call_that_names_two_environments_is_refused_with_both() {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address())
        .and_environment("Staging", &format!("http://{}", vendor.address()));
    let gateway = Gateway::start(document);
    let by_header = |call: Call, name: &str| call.and_header("wharf-environment", name);
    for call in [
        by_header(Call::get("/vendor@production/items"), "staging"),
        by_header(Call::get("/vendor@Staging/items"), "PRODUCTION"),
        by_header(
            by_header(Call::get("/vendor/items"), "staging"),
            "production",
        ),
    ] {
        let answer = gateway.call(call).await;
        answer.assert_problem(&Problem {
            status: 400,
            code: "environment_unclear",
            ..REFUSED
        });
        let detail = answer.detail();
        assert!(
            detail.contains("production") && detail.contains("staging"),
            "{detail}"
        );
    }
    let same = by_header(Call::get("/vendor@production/items"), "Production");
    gateway.call(same).await.assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_call_must_name_an_environment_where_there_is_no_default() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()).environment("all"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&Problem {
        status: 400,
        code: "environment_needed",
        ..REFUSED
    });
    let named = gateway.call(Call::get("/vendor@production/items")).await;
    named.assert_vendor(200, 1);
    let by_header = Call::get("/vendor/items").header("wharf-environment", "Production");
    gateway.call(by_header).await.assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn each_environment_is_called_at_its_own_endpoint_with_its_own_credential() {
    let production = Vendor::fine().await;
    let staging = Vendor::fine().await;
    let document = Document::at(production.address())
        .and_environment("Staging", &format!("http://{}", staging.address()))
        .credentials(
            "production:\n  location: ENV_VARIABLES\n  variables:\n    - VENDOR_API_KEY\n\
             staging:\n  location: ENV_VARIABLES\n  variables:\n    - STAGING_API_KEY",
        );
    let gateway = Setup::of(document)
        .variable("STAGING_API_KEY", "key-of-staging")
        .start();
    gateway
        .call(Call::get("/vendor@staging/items"))
        .await
        .assert_vendor(200, 1);
    assert_eq!(production.accepted(), 0);
    let request = staging.only_request();
    assert_eq!(
        request.header("authorization").unwrap(),
        "Bearer key-of-staging"
    );
    gateway.finish(&staging, 1).await;
}

#[tokio::test]
async fn paths_with_dot_segments_are_refused() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let paths = [
        "/..",
        "/../secret",
        "/a/../b",
        "/a/./b",
        "/a/..",
        "/a/%2e%2e/b",
        "/a/%2E%2e/b",
        "/a/.%2e/b",
        "/a/%2e/b",
        "/a/%2e%2E",
        "/..%2fx",
        "/%2e%2e%2fx",
        "/..%5cx",
        "/..;/x",
        "/..;a=b/x",
        "/..%00/x",
        "/items/..%2F..%2Fx",
    ];
    for path in paths {
        let answer = gateway.call(Call::get(&format!("/vendor{path}"))).await;
        answer.assert_problem(&Problem {
            status: 400,
            code: "path_not_allowed",
            ..REFUSED
        });
    }
    finish_unsent(gateway, &vendor, "path_not_allowed", paths.len()).await;
}

/// The parser takes it in a path, and no URL may have it (RFC 3986, 3.3).
#[tokio::test]
async fn a_path_with_a_double_quote_is_refused_as_a_query_with_one_is() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let paths = ["/vendor/th\"ings", "/vendor/{\"a\":1}?x=1", "/ven\"dor/x"];
    for path in paths {
        let answer = gateway.call(Call::get(path)).await;
        answer.assert_problem(&Problem {
            status: 400,
            code: "request_invalid",
            ..REFUSED
        });
        assert!(answer.text().contains("write it as %22"), "{answer:?}");
    }
    finish_unsent(gateway, &vendor, "request_invalid", paths.len()).await;
}

/// Once it is known what is called, whoever answers says that it is deprecated.
#[tokio::test]
async fn our_own_answers_warn_of_a_deprecated_document_too() {
    let vendor = Vendor::fine().await;
    let frontmatter = "production\ndeprecated: true\ndeprecated_reason: use another";
    let document = |id| {
        let missing =
            "production:\n  location: ENV_VARIABLES\n  variables:\n    - NOT_SET_ANYWHERE";
        let document = Document::at(vendor.address()).id(id);
        match id {
            "keyless" => document.environment(frontmatter).credentials(missing),
            "silent" => document.environment("production\ndeprecated: true"),
            _ => document.environment(frontmatter),
        }
    };
    let gateway = Setup::of(document("vendor"))
        .and(document("keyless"))
        .and(document("silent"))
        .start();
    for (target, status, warning) in [
        (
            "/vendor/items",
            200,
            Some("this integration is deprecated: use another"),
        ),
        (
            "/keyless/items",
            503,
            Some("this integration is deprecated: use another"),
        ),
        ("/silent/items", 200, Some("this integration is deprecated")),
        ("/vendor/../items", 400, None),
    ] {
        let answer = gateway.call(Call::get(target)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("wharf-warning")),
            (status, warning),
            "{target}"
        );
    }
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn an_inactive_integration_is_not_called() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()).active(false));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&Problem {
        status: 403,
        code: "integration_inactive",
        fault: "wharf",
        ..REFUSED
    });
    finish_unsent(gateway, &vendor, "integration_inactive", 1).await;
}

#[tokio::test]
async fn an_environment_whose_endpoint_is_not_filled_in_is_not_called() {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address()).and_environment("Staging", "[endpoint]");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor@staging/items")).await;
    answer.assert_problem(&Problem {
        status: 503,
        code: "environment_not_configured",
        fault: "wharf",
        ..REFUSED
    });
    finish_unsent(gateway, &vendor, "environment_not_configured", 1).await;
}

#[tokio::test]
async fn a_service_that_does_not_speak_http_is_not_called() {
    let vendor = Vendor::fine().await;
    let database = Document::at(vendor.address())
        .and_environment("Other", "postgres://app@db.internal:5432/shop");
    let socket = Document::at(vendor.address())
        .id("docker")
        .and_environment("Other", "unix:///var/run/docker.sock");
    let gateway = Setup::of(database).and(socket).start();
    for (id, words) in [
        ("vendor", "does not speak HTTP"),
        ("vendor", "postgres://app@db.internal:5432/shop"),
        ("docker", "unix:///var/run/docker.sock"),
    ] {
        let target = format!("/{id}@other/items");
        let answer = gateway.call(Call::get(&target)).await;
        answer.assert_problem(&Problem {
            status: 501,
            code: "environment_not_http",
            fault: "caller",
            ..REFUSED
        });
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    let refused = "reason=\"environment_not_http\"";
    assert_eq!(
        gateway
            .metric("wharf_refused_calls_total", &[refused])
            .to_string(),
        "3"
    );
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_missing_credential_is_named_and_nothing_is_sent() {
    let vendor = Vendor::fine().await;
    let entry = "production:\n  location: ENV_VARIABLES\n  variables:\n    - NOT_SET_ANYWHERE";
    let gateway = Gateway::start(Document::at(vendor.address()).credentials(entry));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&Problem {
        status: 503,
        code: "credential_unavailable",
        fault: "credential",
        ..REFUSED
    });
    assert!(
        answer.detail().contains("NOT_SET_ANYWHERE"),
        "{}",
        answer.detail()
    );
    let outcome = ["source=\"wharf\"", "outcome=\"credential\""];
    assert_eq!(
        gateway.metric("wharf_calls_total", &outcome).to_string(),
        "1"
    );
    gateway.finish(&vendor, 0).await;
    assert_eq!(vendor.accepted(), 0);
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_refused() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let values = [
        "", "soon", "-1", "0", "0ms", "NaN", "inf", "1e9", "2 hours", "3601", "1e-30", "+5", "1e2",
    ];
    for value in values {
        let call = Call::get("/vendor/items").header("wharf-timeout", value);
        let answer = gateway.call(call).await;
        answer.assert_problem(&Problem {
            status: 400,
            code: "bad_timeout",
            ..REFUSED
        });
    }
    finish_unsent(gateway, &vendor, "bad_timeout", values.len()).await;
}

#[tokio::test]
async fn a_caller_that_speaks_no_http_is_told_or_closed() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let huge = format!("GET / HTTP/1.1\r\nX-Huge: {}\r\n\r\n", "x".repeat(1 << 20));
    for said in [
        "garbage\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        &huge,
    ] {
        let mut stream = gateway.connect().await;
        let _ = stream.write_all(said.as_bytes()).await;
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard).await;
        let heard = String::from_utf8_lossy(&heard);
        assert!(
            heard.is_empty() || heard.starts_with("HTTP/1.1 4"),
            "{heard}"
        );
    }
    gateway.finish(&vendor, 0).await;
}
