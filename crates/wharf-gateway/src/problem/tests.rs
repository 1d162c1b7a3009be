//! Problems are as they are documented.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use wharf_net::serve::{Refusal, RefusalKind};

use super::{Code, Problem, refusal};
use crate::media_type::MediaType;
use wharf_net::SendErrorKind;
use wharf_policy::retry::{Sent, Stop};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");

/// What `docs/problems.md` says of a code must be what a caller gets.
#[test]
fn every_code_is_documented_as_it_is() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (_, data_plane) = text.split_once("## Data plane").unwrap();
    let (data_plane, _) = data_plane.split_once("## Control plane").unwrap();
    let mut rows = BTreeSet::new();
    for row in data_plane.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(!cells[5].is_empty(), "{row} says not what to do");
        rows.insert(cells[1..5].join(" | "));
    }
    let wanted: BTreeSet<String> = Code::ALL
        .iter()
        .map(|code| {
            let (name, status) = (code.as_str(), code.status().as_u16());
            format!("`{name}` | {status} | {} | {}", code.fault(), code.title())
        })
        .collect();
    assert_eq!(rows, wanted, "docs/problems.md");
}

#[test]
fn the_example_is_a_document_as_it_is_made() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (_, example) = text.split_once("```json\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let detail = example["detail"].as_str().unwrap();
    let problem = Problem {
        sent: Sent::Nothing,
        ..Problem::refused(Code::VendorUnreachable, detail)
    };
    let made: Value =
        serde_json::from_slice(problem.response(4, MediaType::Problem).body()).unwrap();
    assert_eq!(example, made);
    for phrase in [
        SendErrorKind::Connect.as_str(),
        &Stop::RetriesSpent.to_string(),
    ] {
        assert!(detail.contains(phrase), "{detail}");
    }
}

/// A code that is not in the list would not be documented.
#[test]
fn the_list_of_codes_has_all_of_them() {
    let source = include_str!("../problem.rs");
    let (_, names) = source.split_once("fn as_str(self)").unwrap();
    let (names, _) = names.split_once("fn title").unwrap();
    let written = names.matches("=> \"").count();
    let listed: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!((listed.len(), Code::ALL.len()), (written, written));
}

#[test]
fn a_refusal_below_the_pipeline_has_the_status_of_its_kind() {
    for kind in [
        RefusalKind::Malformed,
        RefusalKind::Version,
        RefusalKind::TargetTooLong,
        RefusalKind::HeadTooLarge,
        RefusalKind::HeadTimeout,
    ] {
        let detail = "why and what".to_owned();
        let (code, response) = refusal(&Refusal { kind, detail });
        assert_eq!(response.status(), kind.status());
        let document: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(document["code"], code);
        assert_eq!(document["detail"], "why and what");
    }
}

/// Stripe's library for Node takes an answer without `error` for a success, whatever its status.
#[test]
fn every_problem_has_an_error_object_with_our_words() {
    for code in Code::ALL {
        let response = Problem::refused(code, "our words").response(3, MediaType::Json);
        let document: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(document["message"], "our words");
        assert_eq!(document["error"]["message"], "our words");
        assert_eq!(document["error"]["type"], code.as_str());
        assert_eq!(document["error"]["code"], code.as_str());
        assert_eq!(document["status"], code.status().as_u16());
        assert_eq!(document["attempts"], 3);
        assert_eq!(response.headers()["content-type"], "application/json");
    }
}
