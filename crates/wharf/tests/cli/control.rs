//! The control plane of a running gateway: metrics, health, readiness.

use crate::support::eventually;
use crate::support::http::Request;
use crate::support::program::Gateway;
use crate::support::vendor::{Vendor, json};
use crate::support::workspace::Workspace;

const LIST_PETS: [(&str, &str); 3] = [
    ("integration", "petshop"),
    ("environment", "production"),
    ("operation", "list-pets"),
];

fn started(vendor: &Vendor) -> (Workspace, String, Gateway) {
    let (_, workspace) = Workspace::petshop(vendor);
    let (token, gateway) = workspace.serve_caller();
    (workspace, token, gateway)
}

/// Answers with the status that the query asks for.
fn obedient() -> Vendor {
    Vendor::answering(|request| {
        let status = request
            .target
            .split("status=")
            .nth(1)
            .map_or(200, |text| text[..3].parse().unwrap());
        json(status, "{\"ok\":true}")
    })
}

#[test]
fn counters_move_as_calls_are_made() {
    let vendor = obedient();
    let (_workspace, token, gateway) = started(&vendor);
    let before = gateway.metrics();
    assert!(
        before.value("wharf_calls_total", &LIST_PETS).abs() < 0.5,
        "{}",
        before.text()
    );

    for _ in 0..5 {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    }
    assert_eq!(gateway.get("/petshop/pets?status=503", &token).status, 503);
    let body = "{\"name\":\"Ada\"}";
    let write = Request::post("/petshop/pets", body).header("Content-Type", "application/json");
    assert_eq!(gateway.call(&write.bearer(&token)).status, 200);
    assert_eq!(gateway.get("/petshop/other", &token).status, 200);
    assert_eq!(gateway.get("/petshop/pets", "wharf_wrong").status, 401);
    assert_eq!(gateway.get("/unknown/pets", &token).status, 404);

    let total = |metrics: &crate::support::exposition::Exposition| {
        metrics.value(
            "wharf_caller_calls_total",
            &[("caller", "shop"), ("integration", "petshop")],
        )
    };
    // A call is counted when its answer has ended, which may be a moment after it was read.
    let after = eventually("all calls to be counted", || {
        Some(gateway.metrics()).filter(|metrics| total(metrics) > 7.5)
    });
    let expect = |name: &str, labels: &[(&str, &str)], expected: f64| {
        let value = after.value(name, labels);
        assert!(
            (value - expected).abs() < 0.5,
            "{name} {labels:?} is {value}, not {expected}:\n{}",
            after.text()
        );
    };
    expect(
        "wharf_calls_total",
        &[LIST_PETS[2], ("outcome", "success"), ("source", "vendor")],
        5.0,
    );
    expect(
        "wharf_calls_total",
        &[LIST_PETS[2], ("outcome", "vendor")],
        1.0,
    );
    expect("wharf_calls_total", &[("operation", "create-pet")], 1.0);
    expect("wharf_calls_total", &[("operation", "undocumented")], 1.0);
    // The 503 is in `retry_on`, so it was sent twice.
    expect("wharf_attempts_total", &LIST_PETS, 7.0);
    expect("wharf_caller_calls_total", &[("caller", "shop")], 8.0);
    expect(
        "wharf_refused_calls_total",
        &[("reason", "unknown_caller")],
        1.0,
    );
    expect(
        "wharf_refused_calls_total",
        &[("reason", "unknown_integration")],
        1.0,
    );
    expect("wharf_call_duration_seconds_count", &LIST_PETS, 6.0);
    expect(
        "wharf_request_body_bytes_total",
        &[("operation", "create-pet")],
        f64::from(u32::try_from(body.len()).unwrap()),
    );
    expect("wharf_response_body_bytes_total", &LIST_PETS, 6.0 * 11.0);
    expect("wharf_calls_in_flight", &[], 0.0);
    for phase in [
        "identify",
        "match",
        "authorise",
        "dispatch",
        "classify",
        "recover",
        "meter",
        "reply",
    ] {
        let seconds = after.value("wharf_phase_duration_seconds_total", &[("phase", phase)]);
        assert!(seconds > 0.0, "{phase}:\n{}", after.text());
    }
}

#[test]
fn labels_never_hold_what_a_caller_sent() {
    let vendor = obedient();
    let (_workspace, token, gateway) = started(&vendor);
    let marked = [
        Request::get("/petshop/pets/xmarkx").bearer(&token),
        Request::get("/petshop/xmarkx?xmarkx=xmarkx").bearer(&token),
        Request::get("/petshop@xmarkx/pets").bearer(&token),
        Request::get("/petshop/pets")
            .bearer(&token)
            .header("Wharf-Environment", "xmarkx"),
        Request::get("/petshop/pets")
            .bearer(&token)
            .header("Wharf-Timeout", "xmarkx"),
        Request::get("/petshop/pets")
            .bearer(&token)
            .header("X-Xmarkx", "xmarkx"),
        Request::post("/petshop/pets", "xmarkx")
            .bearer(&token)
            .header("Content-Type", "xmarkx/xmarkx"),
        Request::get("/xmarkx/pets").bearer(&token),
        Request::get("/petshop/pets").bearer("wharf_xmarkx"),
        Request::get("/petshop/../xmarkx").bearer(&token),
    ];
    let statuses = marked.map(|request| gateway.call(&request).status);
    assert_eq!(statuses, [200, 200, 404, 404, 400, 200, 200, 404, 401, 400]);
    let metrics = gateway.metrics();
    assert!(metrics.text().contains("petshop"), "{}", metrics.text());
    assert!(
        !metrics.text().to_lowercase().contains("xmarkx"),
        "{}",
        metrics.text()
    );
}

#[test]
fn health_and_readiness_answer() {
    let vendor = Vendor::fine();
    let (_workspace, _token, gateway) = started(&vendor);
    let health = gateway.control("/healthz");
    assert_eq!((health.status, health.text()), (200, "ok"));
    let readiness = gateway.control("/readyz");
    assert_eq!(readiness.status, 200, "{readiness:?}");
    let expected = serde_json::json!({
        "ready": true, "draining": false, "integrations": 1,
        "max_connections": 4_096, "connections_problem": null, "broken": [], "held": [],
        "waiting": [], "state_problem": null, "kept_problem": null, "endpoints_missing": [],
        "credentials_missing": [], "credential_warnings": [],
    });
    assert_eq!(readiness.json(), expected);
    let metrics = gateway.control("/metrics");
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text"),
        "{metrics:?}"
    );
    assert_eq!(gateway.control("/nothing-here").status, 404);
    // The control plane is not on the data plane.
    let there = Request::get("/metrics").send(gateway.data).unwrap();
    assert_eq!(there.status, 401, "{there:?}");
}
