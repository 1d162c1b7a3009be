//! The right credential is let in, any other is refused without showing it.

use http::Request;
use http::StatusCode;
use wharf_document::model::AuthenticationType;

use crate::support::{authorised, document, key, small_document, start, vendor};

#[tokio::test]
async fn only_the_right_key_is_let_in() {
    let alpha = small_document("alpha", "api.example.com", &["List | GET | /items"]);
    let beta = small_document("beta", "api.example.net", &["List | GET | /items"]);
    let running = start(vec![vendor(&alpha), vendor(&beta)]).await;
    let attempt = async |value: Option<String>| {
        let mut request = Request::builder().uri("/alpha/production/items");
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        let answer = running.send(request, "").await;
        let shown = format!("{answer:?}");
        for secret in [
            key("alpha", "staging"),
            key("alpha", "production"),
            key("beta", "production"),
        ] {
            assert!(!shown.contains(&secret), "{shown}");
        }
        let error = answer.json()["error"].clone();
        (answer.status, error)
    };
    let bearer = |id, environment| Some(format!("Bearer {}", key(id, environment)));

    let (status, _) = attempt(bearer("alpha", "production")).await;
    assert_eq!(status, StatusCode::OK);
    for (value, message) in [
        (None, "header `authorization` is missing"),
        (
            Some("Bearer wrong".to_owned()),
            "header `authorization` does not carry the credential of this environment",
        ),
        (
            bearer("alpha", "staging"),
            "header `authorization` carries the credential of environment `Staging` of `alpha`",
        ),
        (
            bearer("beta", "production"),
            "header `authorization` carries the credential of environment `Production` of `beta`",
        ),
    ] {
        let (status, error) = attempt(value).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{message}");
        assert_eq!(error["type"], "invalid_credential");
        assert_eq!(error["message"], message);
    }

    let counters = running.handle.operation("alpha", "list");
    assert_eq!((counters.calls, counters.refused), (1, 4));
    assert_eq!(running.handle.operation("beta", "list").calls, 0);
}

#[tokio::test]
async fn a_vendor_without_placements_lets_everybody_in() {
    let open = document(
        "open",
        "## Service Details\n\n### Environments\n\n| Environment | Endpoint | Status | Notes |\n\
         |---|---|---|---|\n| Production | api.example.com | Active | |\n\n\
         ## Authentication\n\n### Method\n- Type: None\n\n\
         ## API Endpoints\n\n| Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n\
         | List | GET | /items | |\n",
    );
    let kind = open.authentication.as_ref().and_then(|a| a.kind);
    assert_eq!(kind.unwrap().value, AuthenticationType::None);
    let running = start(vec![vendor(&open)]).await;
    let answer = running
        .send(Request::builder().uri("/open/production/items"), "")
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn the_credential_is_checked_before_the_path_is_told() {
    let alpha = small_document("alpha", "api.example.com", &["List | GET | /items"]);
    let running = start(vec![vendor(&alpha)]).await;
    let request = Request::builder().uri("/alpha/production/secret-path");
    let answer = running.send(request, "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let counters = running.handle.operation("alpha", wharf_sim::UNDOCUMENTED);
    assert_eq!((counters.calls, counters.refused), (0, 1));
}

#[tokio::test]
async fn query_credentials_stay_out_of_the_account() {
    let mut maps = vendor(&document(
        "maps",
        "## Service Details\n\n### Environments\n\n| Environment | Endpoint | Status | Notes |\n\
         |---|---|---|---|\n| Production | api.example.com | Active | |\n\n\
         ## Authentication\n\n### Method\n- Type: API Key\n- Query: key={api_key}\n\n\
         ## API Endpoints\n\n| Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n\
         | Find | GET | /find | |\n",
    ));
    assert_eq!(maps.placements.len(), 1);
    maps.environments.truncate(1);
    let running = start(vec![maps]).await;
    let secret = key("maps", "production");
    let answer = running
        .send(
            Request::builder().uri(format!("/maps/production/find?q=a+b&key={secret}")),
            "",
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["query"], serde_json::json!({"q": "a b"}));
    assert!(!answer.text().contains(&secret));

    let refused = running
        .send(authorised("GET", "/maps/production/find?q=a"), "")
        .await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}
