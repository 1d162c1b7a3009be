//! The catalog, as its simulated vendors answer: each operation with an example.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::{Request, StatusCode};
use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId, LinkedText, linked_examples, load};
use wharf_sim::{Vendor, VendorEnvironment};

use crate::support::start;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Every document with the examples beside it.
fn catalog() -> Vec<Arc<Integration>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut integrations = Vec::new();
    for folder in files(&root).into_iter().filter(|path| path.is_dir()) {
        for path in files(&folder).into_iter().filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path).unwrap();
            let id = IntegrationId::new(path.file_stem().unwrap().to_str().unwrap()).unwrap();
            let source = Arc::new(SourceText::new(path.to_str().unwrap(), text));
            let integration = load(&id, &source).integration.unwrap();
            let linked = linked_examples(&integration, |target| {
                let text = std::fs::read_to_string(path.with_file_name(target)).unwrap();
                LinkedText::Read(Arc::new(SourceText::new(target, text)))
            });
            integrations.push(Arc::new(integration.with_examples(linked.examples)));
        }
    }
    assert!(integrations.len() >= 20, "{} documents", integrations.len());
    integrations
}

/// A vendor that lets everybody in, at one environment.
fn open_vendor(integration: &Arc<Integration>) -> Vendor {
    Vendor {
        integration: Arc::clone(integration),
        placements: Vec::new(),
        environments: vec![VendorEnvironment {
            name: "Production".to_owned(),
            fields: std::collections::BTreeMap::new(),
        }],
        api_description: None,
    }
}

/// A path with a value in the place of each parameter.
fn filled(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str("value");
        rest = behind.split_once('}').unwrap().1;
    }
    path + rest
}

/// A client library cannot read the plain account of a call: `files_upload_v2` of Slack's looks
/// for `ok`.
#[tokio::test]
async fn every_operation_is_answered_with_an_example() {
    let integrations = catalog();
    let running = start(integrations.iter().map(open_vendor).collect()).await;
    // An example that is no JSON is left out with a warning.
    assert!(running.warnings.is_empty(), "{:?}", running.warnings);
    let mut calls = 0;
    let mut without = Vec::new();
    for integration in &integrations {
        for operation in &integration.operations {
            for method in &operation.methods {
                let path = filled(&operation.path.value.to_string());
                let request = Request::builder()
                    .method(method.value.to_string().as_str())
                    .uri(format!("/{}/production{path}", integration.id));
                let answer = running.send(request, "").await;
                calls += 1;
                let is_account = answer.text().starts_with(r#"{"simulated":true"#);
                if is_account || !answer.status.is_success() {
                    without.push(format!("{}: {}", integration.id, operation.id));
                }
                // Nothing, or what its type says.
                if answer.header("content-type") == "application/json" {
                    answer.json();
                }
                if answer.status == StatusCode::NO_CONTENT {
                    assert!(answer.body.is_empty());
                }
            }
        }
    }
    assert!(calls > 350, "{calls} calls");
    assert!(without.is_empty(), "without an example: {without:#?}");
}
