//! The floors over hand-made metadata: each rule is shown to hold and to fail.

use serde_json::{Value, json};

use super::{ANY, HOUSE, Violation, check, graph::Graph, rule, sources};

/// Metadata in the shape of `cargo metadata`: members, packages from outside, and edges with their kind.
fn metadata(members: &[&str], outside: &[&str], edges: &[(&str, &str, Option<&str>)]) -> Value {
    let packages: Vec<Value> = members
        .iter()
        .chain(outside)
        .map(|name| json!({"id": format!("{name} 1.0.0"), "name": name}))
        .collect();
    let nodes: Vec<Value> = members
        .iter()
        .chain(outside)
        .map(|name| {
            let dependencies: Vec<Value> = edges
                .iter()
                .filter(|(from, _, _)| from == name)
                .map(|(_, to, kind)| json!({"pkg": format!("{to} 1.0.0"), "dep_kinds": [{"kind": kind, "target": null}]}))
                .collect();
            json!({"id": format!("{name} 1.0.0"), "deps": dependencies})
        })
        .collect();
    let members: Vec<String> = members.iter().map(|name| format!("{name} 1.0.0")).collect();
    json!({"packages": packages, "workspace_members": members, "resolve": {"nodes": nodes}})
}

fn violations(
    members: &[&str],
    outside: &[&str],
    edges: &[(&str, &str, Option<&str>)],
) -> Vec<Violation> {
    check(
        &Graph::from_metadata(&metadata(members, outside, edges))
            .expect("the metadata is well formed"),
    )
}

fn edge(from: &str, to: &str) -> Violation {
    Violation::Edge {
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

#[test]
fn downward_dependencies_pass() {
    let found = violations(
        &[
            "wharf",
            "wharf-gateway",
            "wharf-plan",
            "wharf-document",
            "wharf-diag",
            "wharf-policy",
        ],
        &["tokio"],
        &[
            ("wharf", "wharf-gateway", None),
            ("wharf", "wharf-diag", None),
            ("wharf-gateway", "wharf-plan", None),
            ("wharf-gateway", "tokio", None),
            ("wharf-plan", "wharf-document", None),
            ("wharf-plan", "wharf-policy", None),
            ("wharf-document", "wharf-diag", None),
        ],
    );
    assert_eq!(found, []);
}

#[test]
fn an_upward_dependency_fails() {
    let found = violations(
        &["wharf-diag", "wharf-document"],
        &[],
        &[("wharf-diag", "wharf-document", None)],
    );
    assert_eq!(found, [edge("wharf-diag", "wharf-document")]);
}

#[test]
fn an_upward_dependency_of_tests_fails() {
    let found = violations(
        &["wharf-diag", "wharf-document"],
        &[],
        &[("wharf-diag", "wharf-document", Some("dev"))],
    );
    assert_eq!(found, [edge("wharf-diag", "wharf-document")]);
}

#[test]
fn services_that_use_each_other_fail() {
    let services = [
        "wharf-gateway",
        "wharf-webhooks",
        "wharf-watch",
        "wharf-console",
        "wharf-sim",
    ];
    for from in services {
        for to in services.into_iter().filter(|to| *to != from) {
            assert_eq!(
                violations(&services, &[], &[(from, to, None)]),
                [edge(from, to)]
            );
        }
    }
}

#[test]
fn nothing_uses_the_top() {
    let found = violations(
        &["wharf", "wharf-gateway"],
        &[],
        &[("wharf-gateway", "wharf", None)],
    );
    assert_eq!(found, [edge("wharf-gateway", "wharf")]);
}

#[test]
fn a_crate_without_a_floor_fails() {
    let found = violations(&["wharf-extra"], &[], &[]);
    assert_eq!(
        found,
        [Violation::NoFloor {
            name: "wharf-extra".to_owned()
        }]
    );
}

#[test]
fn a_pure_crate_that_reaches_a_runtime_fails_with_the_shortest_path() {
    let found = violations(
        &["wharf-policy"],
        &["near", "far", "tokio"],
        &[
            ("wharf-policy", "far", None),
            ("wharf-policy", "near", Some("build")),
            ("far", "near", None),
            ("near", "tokio", None),
        ],
    );
    let path = ["wharf-policy", "near", "tokio"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(found, [Violation::Reaches { path }]);
}

#[test]
fn what_only_tests_need_is_no_absence() {
    let found = violations(
        &["wharf-policy"],
        &["proptest", "tokio"],
        &[
            ("wharf-policy", "proptest", Some("dev")),
            ("proptest", "tokio", None),
        ],
    );
    assert_eq!(found, []);
}

#[test]
fn an_adapter_may_reach_a_runtime() {
    assert_eq!(
        violations(&["wharf-net"], &["tokio"], &[("wharf-net", "tokio", None)]),
        []
    );
}

#[test]
fn a_call_reaches_no_database() {
    let through = |middle: &str| {
        violations(
            &["wharf-gateway", middle],
            &["rusqlite"],
            &[("wharf-gateway", middle, None), (middle, "rusqlite", None)],
        )
    };
    let reaches = |middle: &str| Violation::Reaches {
        path: ["wharf-gateway", middle, "rusqlite"]
            .map(str::to_owned)
            .to_vec(),
    };
    assert_eq!(through("wharf-secrets"), [reaches("wharf-secrets")]);
    assert_eq!(
        through("wharf-store"),
        [edge("wharf-gateway", "wharf-store"), reaches("wharf-store")]
    );
}

#[test]
fn metadata_without_a_graph_is_refused() {
    let error = Graph::from_metadata(&json!({"packages": [], "workspace_members": []})).err();
    assert_eq!(
        error.map(|error| error.to_string()),
        Some("the metadata has no `resolve`".to_owned())
    );
}

#[test]
fn the_house_points_down() {
    for from in HOUSE {
        for to in from.may_use.iter().filter(|to| **to != ANY) {
            let to = rule(to)
                .unwrap_or_else(|| panic!("{} may use {to}, which has no floor", from.name));
            // Of one floor, each of these uses only those before it.
            let order = [
                "wharf-openapi",
                "wharf-policy",
                "wharf-document",
                "wharf-plan",
                "wharf-workspace",
            ];
            let place = |name| order.iter().position(|known| *known == name);
            let is_before = to.floor == from.floor && place(to.name) < place(from.name);
            assert!(
                to.floor < from.floor || is_before,
                "{} may use {}",
                from.name,
                to.name
            );
        }
    }
}

#[test]
fn a_pure_source_that_reads_the_clock_fails() {
    let found = sources::find(
        "a.rs",
        "// std::fs is fine here\nlet now = Instant::now();\n",
    );
    assert_eq!(
        found,
        [Violation::Source {
            place: "a.rs:2".to_owned(),
            word: "Instant::now"
        }]
    );
}
