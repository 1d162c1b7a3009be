//! Problems of the control plane are as they are documented.

use std::collections::BTreeSet;
use std::fs;

use axum::body::to_bytes;
use axum::response::IntoResponse;
use serde_json::Value;

use super::Problem;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");

/// What `docs/problems.md` says of a code must be what is answered.
#[tokio::test]
async fn every_code_is_documented_as_it_is() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (_, control_plane) = text.split_once("## Control plane").unwrap();
    let (control_plane, _) = control_plane.split_once("\n## ").unwrap();
    let rows: BTreeSet<String> = control_plane
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            cells[1..4].join(" | ")
        })
        .collect();
    let mut wanted = BTreeSet::new();
    for problem in [
        Problem::NotFound,
        Problem::MethodNotAllowed,
        Problem::HostMissing,
        Problem::HostNotAllowed,
    ] {
        let (status, code, title, _) = problem.parts();
        wanted.insert(format!("`{code}` | {} | {title}", status.as_u16()));
        let body = problem.into_response().into_body();
        let document: Value =
            serde_json::from_slice(&to_bytes(body, 4_096).await.unwrap()).unwrap();
        assert_eq!(document["error"]["code"], code);
        assert_eq!(document["message"], document["detail"]);
    }
    assert_eq!(rows, wanted, "docs/problems.md");
}
