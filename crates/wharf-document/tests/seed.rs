//! The template that the product was made from loads exactly as it stands.

mod support;

use std::fs;
use std::path::Path;

use support::{read, show_diagnostics, template};

#[test]
fn the_template_loads_with_these_findings() {
    let Some(template) = template() else {
        return;
    };
    let (_, mut loaded) = read(&template);
    let today = "2026-06-15T12:00:00Z".parse().unwrap();
    let integration = loaded.integration.as_ref().unwrap();
    let dates = wharf_document::check_dates(integration, today);
    loaded.diagnostics.extend(dates);
    let found = show_diagnostics(&loaded, 0);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seed/diagnostics.txt");
    if std::env::var_os("WHARF_UPDATE").is_some() {
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(path).unwrap());
}

#[test]
fn everything_in_the_template_that_is_no_placeholder_is_read() {
    let Some(template) = template() else {
        return;
    };
    let (_, loaded) = read(&template);
    let integration = loaded.integration.unwrap();
    assert_eq!(integration.environments.len(), 3);
    assert_eq!(integration.credentials.len(), 3);
    assert_eq!(integration.operations.len(), 4);
    assert!(
        integration
            .operations
            .iter()
            .all(|operation| operation.rate_limits.len() == 1)
    );
    assert_eq!(integration.errors.len(), 4);
    assert!(
        integration
            .errors
            .iter()
            .all(|row| !row.responses.is_empty())
    );
    assert_eq!(integration.retry.delays.unwrap().value.len(), 5);
    assert_eq!(
        integration.retry.retry_on.unwrap().value,
        [429, 502, 503, 504]
    );
    assert_eq!(
        integration
            .configuration
            .settings
            .timeout
            .unwrap()
            .value
            .as_secs(),
        30
    );
    assert_eq!(integration.configuration.features.len(), 2);
    assert_eq!(integration.documentation.len(), 5);
    assert!(integration.unread.is_empty());
    assert_eq!(integration.sections.len(), 14);
}

#[test]
fn the_safe_fix_of_the_title_makes_it_yaml() {
    let Some(template) = template() else {
        return;
    };
    let (_, loaded) = read(&template);
    let is_title = |slug: &str| slug == "title-not-quoted";
    let finding = loaded
        .diagnostics
        .iter()
        .find(|d| is_title(d.code.slug))
        .unwrap();
    let edit = &finding.fix.as_ref().unwrap().edits[0];
    let mut fixed = template.clone();
    fixed.replace_range(edit.span.range(), &edit.replacement);
    assert!(fixed.contains("\ntitle: \"[Integration] Service Name\"\n"));
    let (_, loaded) = read(&fixed);
    assert!(!loaded.diagnostics.iter().any(|d| is_title(d.code.slug)));
}
