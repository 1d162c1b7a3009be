//! The catalog is whole, and its operations are those that the vendors describe.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper of tests fails the test, and says what it left out"
)]

#[path = "../../../tests/shared.rs"]
mod shared;
#[path = "catalog/template.rs"]
mod template;
#[path = "catalog/vendors.rs"]
mod vendors;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use wharf_diag::{Severity, SourceText};
use wharf_document::{
    Integration, IntegrationId, LinkedText, linked_examples, load, wanted_operation,
};
use wharf_openapi::{Description, Found, Locator};

use shared::shared;
use template::Template;
use vendors::{DESCRIBED, UNDESCRIBED, Vendor};

/// One document of the catalog.
struct Document {
    /// Folder and file below `catalog`.
    name: String,
    id: String,
    text: String,
    integration: Integration,
    /// Errors and warnings.
    findings: Vec<String>,
}

/// Every document below `catalog`, in order of its name.
fn catalog() -> Vec<Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut documents = Vec::new();
    for folder in fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap();
        if !folder.file_type().unwrap().is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(read(&root, &path));
            }
        }
    }
    assert!(!documents.is_empty(), "the catalog is empty");
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    documents
}

fn read(root: &Path, path: &Path) -> Document {
    let name = path.strip_prefix(root).unwrap().display().to_string();
    let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = fs::read_to_string(path).unwrap();
    let source = Arc::new(SourceText::new(name.as_str(), text.as_str()));
    let loaded = load(&IntegrationId::new(&id).unwrap(), &source);
    let mut findings: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.severity > Severity::Info)
        .map(|found| format!("{name}: {}: {}", found.code.id, found.message))
        .collect();
    let Some(integration) = loaded.integration else {
        panic!("{name} is no integration document");
    };
    let linked = linked_examples(&integration, |target| {
        match fs::read_to_string(path.with_file_name(target)) {
            Ok(text) => LinkedText::Read(Arc::new(SourceText::new(target, text))),
            Err(_) => LinkedText::Missing,
        }
    });
    let found = linked.diagnostics.iter();
    findings.extend(found.map(|found| format!("{name}: {}: {}", found.code.id, found.message)));
    let integration = integration.with_examples(linked.examples);
    Document {
        name,
        id,
        text,
        integration,
        findings,
    }
}

/// A row with an error is not read, so the other tests would not see it.
#[test]
fn every_document_is_read_without_errors_and_warnings() {
    let findings: Vec<_> = catalog()
        .into_iter()
        .flat_map(|document| document.findings)
        .collect();
    assert!(findings.is_empty(), "{findings:#?}");
}

/// A person reads it in one sitting.
#[test]
fn no_document_is_longer_than_340_lines() {
    let long: Vec<_> = catalog()
        .iter()
        .map(|document| (document.text.lines().count(), document.name.clone()))
        .filter(|(lines, _)| *lines > 340)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

/// What the simulator answers; Postgres speaks no HTTP.
#[test]
fn every_document_has_examples() {
    for document in catalog() {
        let mut operations = document.integration.operations.iter();
        let has_some = operations.any(|operation| !operation.examples.is_empty());
        assert!(has_some || document.id == "postgres", "{}", document.name);
    }
}

#[test]
fn every_document_has_all_of_the_template() {
    let Some(seed) = shared("seed/integrations-readme.md") else {
        return;
    };
    let template = Template::of_the_seed(&fs::read_to_string(seed).unwrap());
    let missing: Vec<_> = catalog()
        .iter()
        .flat_map(|document| {
            let missing = template.missing_from(&document.text);
            missing
                .into_iter()
                .map(|what| format!("{}: {what}", document.name))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_integration_of_the_seed_has_its_document() {
    let Some(seed) = shared("seed/integrations-readme.md") else {
        return;
    };
    let wanted = template::documents_of_the_seed(&fs::read_to_string(seed).unwrap());
    let found: Vec<_> = catalog()
        .into_iter()
        .map(|document| document.name)
        .collect();
    let missing: Vec<_> = wanted.iter().filter(|name| !found.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_operation_is_in_the_vendors_description() {
    let Some(folder) = shared("vendors/openapi") else {
        return;
    };
    let mut wrong = Vec::new();
    for document in catalog() {
        if let Some(vendor) = DESCRIBED.iter().find(|vendor| vendor.id == document.id) {
            wrong.extend(compare(&document, vendor, &folder));
        } else if let Some((id, why)) = UNDESCRIBED.iter().find(|(id, _)| *id == document.id) {
            println!("left out: {id}, {why}");
        } else {
            wrong.push(format!(
                "{}: add it to the vendors of this test",
                document.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What of a document's rows the vendor does not describe, but for those that cannot stand there.
fn compare(document: &Document, vendor: &Vendor, folder: &Path) -> Vec<String> {
    let files: Vec<_> = vendor
        .files
        .iter()
        .map(|file| Description::read(&fs::read_to_string(folder.join(file)).unwrap()).unwrap())
        .collect();
    let described = Description::together(&files);
    let locator = Locator::new(&described);
    let base = base_path(&document.integration);
    let mut wrong = Vec::new();
    let mut left_out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in &document.integration.operations {
        let path = format!("{base}{}", operation.path.value);
        let wanted = wanted_operation(operation, &document.integration.environments);
        let found = locator.locate(&wanted, operation.methods[0].value.into());
        let row = format!("{}: {} {path}", operation.id, operation.shown_methods());
        let excuse = vendor
            .absent
            .iter()
            .find(|absent| absent.covers(&operation.id, &path));
        match (matches!(found, Found::Operation(..)), excuse) {
            (true, None) => {}
            (true, Some(_)) => wrong.push(format!("{}: {row} is described after all", vendor.id)),
            (false, Some(excuse)) => left_out.entry(excuse.why).or_default().push(&operation.id),
            (false, None) => wrong.push(format!("{}: {row} is not described", vendor.id)),
        }
    }
    let checked =
        document.integration.operations.len() - left_out.values().map(Vec::len).sum::<usize>();
    println!("{}: {checked} operations described", vendor.id);
    if checked == 0 {
        wrong.push(format!("{}: nothing was compared", vendor.id));
    }
    for (why, rows) in left_out {
        println!("left out: {}, {}: {why}", vendor.id, rows.join(", "));
    }
    wrong
}

/// The path of the first environment that speaks HTTP.
fn base_path(integration: &Integration) -> &str {
    let mut environments = integration.environments.iter();
    environments
        .find_map(|environment| environment.endpoint.as_ref())
        .map_or("", |endpoint| &endpoint.value.path)
}
