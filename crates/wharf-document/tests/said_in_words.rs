//! Contradictions between a value and what a document says in its own words, planted into one
//! consistent document, and remarks that only look like some.

mod support;

use std::collections::BTreeSet;

use wharf_diag::Severity;
use wharf_document::check_dates;

use support::read;

const BASE: &str = include_str!("contradictions/words.md");

/// What is written instead of what.
type Changes = &'static [(&'static str, &'static str)];

const TABLE: &str = "Remark on the table.";
const HOOKS: &str = "Remark on webhooks.";
const STEP: &str = "Look into the queue";
const TIP: &str = "- Ports: They are sorted by name.";
const ISSUE: &str = "- Fog: Sailings are late.";
const SECRET: &str = "1. Ask for it in the portal.";

#[expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]
fn findings(changes: &[(&str, &str)]) -> BTreeSet<&'static str> {
    let mut text = BASE.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} stands there once");
        text = text.replace(from, to);
    }
    let (_, loaded) = read(&text);
    let today = "2026-06-15T12:00:00Z".parse().unwrap();
    let mut found = loaded.diagnostics;
    found.extend(check_dates(&loaded.integration.unwrap(), today));
    let found = found.iter().filter(|d| d.severity != Severity::Info);
    found.map(|diagnostic| diagnostic.code.id).collect()
}

/// Every change of `planted` has the finding and nothing else; no change of `consistent` has one.
fn hold(code: &'static str, planted: &[Changes], consistent: &[Changes]) {
    let expected = BTreeSet::from([code]);
    let missed: Vec<_> = planted
        .iter()
        .map(|changes| (findings(changes), changes))
        .filter(|(found, _)| *found != expected)
        .collect();
    let falsely: Vec<_> = consistent
        .iter()
        .map(|changes| (findings(changes), changes))
        .filter(|(found, _)| !found.is_empty())
        .collect();
    assert!(
        missed.is_empty() && falsely.is_empty(),
        "{code}: {missed:#?} {falsely:#?}"
    );
}

#[test]
fn the_document_is_consistent() {
    assert_eq!(findings(&[]), BTreeSet::new());
}

#[test]
fn another_version_that_is_told_of_is_none() {
    const OLD: &str = "/v2/bookings/{id}";
    hold(
        "WH642",
        &[
            &[(OLD, "/v1/bookings/{id}")],
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "Sailings were on v1 once."),
            ],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/vnd.quay+json; version=3",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/vnd.quay.v1+json",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Content-Type: application/json;v=1",
            )],
        ],
        &[
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "Cancelling a booking is still v1."),
            ],
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "`DELETE /v1/bookings/{id}` has no successor yet."),
            ],
            &[
                (OLD, "/v1/bookings/{id}"),
                (
                    TIP,
                    "- Versions: v2 in general, v1 for what cancels bookings.",
                ),
            ],
            &[
                (OLD, "/v1/bookings/{id}"),
                (TABLE, "> Some calls stay on v1 until autumn."),
            ],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/vnd.quay+json; version=2",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Accept: application/json;q=0.9",
            )],
            &[(
                "- Header: X-Agency: north",
                "- Header: Content-Type: application/vnd.quay.v2+json",
            )],
        ],
    );
}
