//! The vendors' own published descriptions, where they are at hand.

#[path = "../../../../tests/shared.rs"]
mod shared;

use serde_json::{Value, json};
use wharf_diag::Severity;
use wharf_sim::Vendor;

use self::shared::shared;
use crate::support::{Answer, Running, small_document, start, vendor};

/// The folder of published descriptions.
const FOLDER: &str = "vendors/openapi";

/// A running vendor `v` of one file; `None` where the files are absent.
async fn described(file: &str, endpoint: &str, rows: &[&str]) -> Option<Running> {
    let running = start(vec![Vendor {
        api_description: Some(shared(FOLDER)?.join(file)),
        ..vendor(&small_document("v", endpoint, rows))
    }])
    .await;
    let [read] = running.warnings.as_slice() else {
        panic!("every row is described: {:?}", running.warnings);
    };
    assert_eq!(read.severity, Severity::Info);
    println!("{read}");
    Some(running)
}

async fn answer(running: &Running, method: &str, path: &str, body: &Value) -> Answer {
    let answer = running
        .call(method, &format!("/v/production{path}"), &body.to_string())
        .await;
    assert!(answer.status.is_success(), "{answer:?}");
    answer
}

#[tokio::test]
async fn github() {
    let rows = [
        "Create issue | POST | /repos/{owner}/{repo}/issues",
        "List issues | GET | /repos/{owner}/{repo}/issues",
        "Get user | GET | /user",
    ];
    let Some(v) = described("github/api.github.com.json", "api.github.com", &rows).await else {
        return;
    };
    let body = json!({"title": "It is broken", "body": "Here is how"});
    let created = answer(&v, "POST", "/repos/o/r/issues", &body).await;
    assert_eq!(created.status.as_u16(), 201);
    assert_eq!(created.json()["title"], "It is broken");
    assert_eq!(created.json()["body"], "Here is how");
    assert!(created.json()["number"].is_number());
    let list = answer(&v, "GET", "/repos/o/r/issues", &Value::Null)
        .await
        .json();
    assert!(list[0]["html_url"].is_string(), "{list}");
    let user = answer(&v, "GET", "/user", &Value::Null).await.json();
    assert!(user["login"].is_string(), "{user}");
}

#[tokio::test]
async fn openai() {
    let rows = [
        "Create chat completion | POST | /chat/completions",
        "Create response | POST | /responses",
        "List models | GET | /models",
    ];
    let Some(v) = described("openai/openapi.yaml", "api.openai.com/v1", &rows).await else {
        return;
    };
    let body = json!({"model": "gpt-test", "messages": [{"role": "user", "content": "Hi"}]});
    let plain = answer(&v, "POST", "/chat/completions", &body).await.json();
    assert_eq!(plain["object"], "chat.completion");
    assert_eq!(plain["model"], "gpt-test");
    assert!(
        plain["choices"][0]["message"]["content"].is_string(),
        "{plain}"
    );

    let mut body = body;
    body["stream"] = json!(true);
    let stream = answer(&v, "POST", "/chat/completions", &body).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let events: Vec<&str> = stream.text().split_terminator("\n\n").collect();
    assert_eq!(events.last(), Some(&"data: [DONE]"));
    let first: Value = serde_json::from_str(events[0].strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(first["object"], "chat.completion.chunk");
    assert_eq!(first["model"], "gpt-test");
    assert!(
        first["choices"][0]["delta"]["content"].is_string(),
        "{first}"
    );

    let response = answer(&v, "POST", "/responses", &json!({"model": "gpt-test"})).await;
    assert_eq!(response.json()["object"], "response");
    let models = answer(&v, "GET", "/models", &Value::Null).await.json();
    assert!(models["data"][0]["id"].is_string(), "{models}");
}

#[tokio::test]
async fn stripe() {
    let rows = [
        "Create payment intent | POST | /v1/payment_intents",
        "Get customer | GET | /v1/customers/{customer}",
        "List customers | GET | /v1/customers",
    ];
    let Some(v) = described("stripe/spec3.2023-09-12.yaml", "api.stripe.com", &rows).await else {
        return;
    };
    let body = json!({"amount": 2000, "currency": "usd", "metadata": {"order": "6735"}});
    let intent = answer(&v, "POST", "/v1/payment_intents", &body)
        .await
        .json();
    assert_eq!(intent["object"], "payment_intent");
    assert_eq!(
        (&intent["amount"], &intent["currency"]),
        (&json!(2000), &json!("usd"))
    );
    let customer = answer(&v, "GET", "/v1/customers/cus_1", &Value::Null)
        .await
        .json();
    assert!(customer["id"].is_string(), "{customer}");
    let list = answer(&v, "GET", "/v1/customers", &Value::Null)
        .await
        .json();
    assert_eq!(list["object"], "list");
    assert_eq!(list["data"][0]["object"], "customer");
}

#[tokio::test]
async fn slack() {
    let rows = [
        "Post message | POST | /chat.postMessage",
        "Test | GET | /auth.test",
    ];
    let file = "slack/slack_web_openapi_v2.json";
    let Some(v) = described(file, "slack.com/api", &rows).await else {
        return;
    };
    let posted = answer(&v, "POST", "/chat.postMessage", &json!({"channel": "C2"}))
        .await
        .json();
    assert_eq!(
        (&posted["ok"], &posted["channel"]),
        (&json!(true), &json!("C2"))
    );
    let test = answer(&v, "GET", "/auth.test", &Value::Null).await.json();
    assert_eq!(test["ok"], true, "{test}");
}

#[tokio::test]
async fn docker() {
    let rows = ["Ping | GET | /_ping", "List images | GET | /images/json"];
    let file = "docker/engine-v1.55.yaml";
    let Some(v) = described(file, "docker.example.com/v1.55", &rows).await else {
        return;
    };
    let ping = answer(&v, "GET", "/_ping", &Value::Null).await;
    assert_eq!(ping.header("content-type"), "text/plain");
    let images = answer(&v, "GET", "/images/json", &Value::Null).await.json();
    assert!(images[0]["Id"].is_string(), "{images}");
}

#[tokio::test]
async fn kubernetes() {
    let rows = ["List pods | GET | /api/v1/namespaces/{namespace}/pods"];
    let Some(v) = described("kubernetes/swagger.json", "k8s.example.com", &rows).await else {
        return;
    };
    let pods = answer(&v, "GET", "/api/v1/namespaces/default/pods", &Value::Null)
        .await
        .json();
    assert!(pods["items"].is_array(), "{pods}");
}

#[tokio::test]
async fn mixpanel() {
    let rows = ["Set property | POST | /engage", "Track | POST | /track"];
    let file = "mixpanel/ingestion.openapi.yaml";
    let Some(v) = described(file, "api.mixpanel.com", &rows).await else {
        return;
    };
    let engage = answer(&v, "POST", "/engage", &json!([])).await;
    assert!(!engage.body.is_empty());
}

#[tokio::test]
async fn supabase_and_paypal_and_sendgrid() {
    let file = "supabase/management-api.openapi.json";
    let rows = ["List projects | GET | /v1/projects"];
    let Some(v) = described(file, "api.supabase.com", &rows).await else {
        return;
    };
    let projects = answer(&v, "GET", "/v1/projects", &Value::Null).await.json();
    assert!(projects.is_array(), "{projects}");

    let file = "paypal/checkout_orders_v2.json";
    let rows = ["Create order | POST | /v2/checkout/orders"];
    let v = described(file, "api-m.paypal.com", &rows).await.unwrap();
    let order = answer(
        &v,
        "POST",
        "/v2/checkout/orders",
        &json!({"intent": "CAPTURE"}),
    )
    .await;
    assert!(order.json()["id"].is_string(), "{order:?}");

    let file = "sendgrid/tsg_mail_v3.json";
    let v = described(file, "api.sendgrid.com", &["Send | POST | /v3/mail/send"])
        .await
        .unwrap();
    let sent = answer(&v, "POST", "/v3/mail/send", &json!({})).await;
    assert_eq!(sent.status.as_u16(), 202);
    assert!(sent.body.is_empty());
}

#[tokio::test]
async fn a_discovery_document_is_no_openapi() {
    let Some(folder) = shared(FOLDER) else {
        return;
    };
    let running = start(vec![Vendor {
        api_description: Some(folder.join("google-analytics/analyticsdata.v1beta.json")),
        ..vendor(&small_document(
            "v",
            "analytics.example.com",
            &["Run | POST | /v1beta/run"],
        ))
    }])
    .await;
    let [warning] = running.warnings.as_slice() else {
        panic!("{:?}", running.warnings);
    };
    assert_eq!(warning.severity, Severity::Warning);
    assert!(
        warning.message.contains("neither `openapi: 3.x`"),
        "{warning}"
    );
}
