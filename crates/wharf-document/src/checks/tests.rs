//! Every page is a test: its wrong example has the finding, its right example has none of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use wharf_diag::{Diagnostic, Hidden, Page, Severity, SourceText};
use wharf_openapi::Description;

use crate::raw::{self, code_blocks};
use crate::{
    IndexEntry, Integration, Linked, LinkedText, Surroundings, check_dates, check_history,
    check_index, check_linked_descriptions, check_near_miss, check_together, identify,
    linked_examples, load, pages, suppress,
};

/// Put before an example that does not start with frontmatter of its own.
const FRONTMATTER: &str =
    "---\ntitle: \"[Integration] Example\"\ntype: tool\nsubtype: integration\n---\n\n";

/// What one example is made of.
#[derive(Default)]
struct Example {
    /// Documents: name and text.
    documents: Vec<(String, String)>,
    /// What version control has.
    committed: Option<String>,
    /// The index of the documents.
    index: Option<String>,
    around: Surroundings,
    /// Files that documents link: name and text.
    descriptions: Vec<(String, String)>,
}

fn example(page: &Page, heading: &str) -> Example {
    let sections = raw::markdown::sections(page.text, 0);
    let section = sections
        .iter()
        .find(|section| section.name.as_str() == heading)
        .unwrap_or_else(|| panic!("{} has no heading {heading}", page.code));
    let mut example = Example::default();
    for block in code_blocks(&section.blocks) {
        let (kind, name) = block
            .info
            .value
            .split_once(' ')
            .unwrap_or((&block.info.value, ""));
        let text = block.text.as_str();
        match (kind, name) {
            ("toml", "wharf.toml") => example.around.handlers = Some(handlers(text)),
            ("json" | "yaml", name) if name.starts_with("description ") => {
                let name = name.trim_start_matches("description ");
                example
                    .descriptions
                    .push((name.to_owned(), text.to_owned()));
            }
            ("markdown", "committed") => example.committed = Some(text.to_owned()),
            ("markdown", "INDEX.md") => example.index = Some(text.to_owned()),
            ("markdown", name) => {
                let name = if name.is_empty() { "example.md" } else { name };
                let text = if text.starts_with("---") {
                    text.to_owned()
                } else {
                    format!("{FRONTMATTER}{text}")
                };
                example.documents.push((name.to_owned(), text));
            }
            other => panic!("{}: unknown block {other:?}", page.code),
        }
    }
    example
}

/// Names in front of the equals signs.
fn handlers(toml: &str) -> Vec<String> {
    let lines = toml.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, _)| name.trim().to_owned()).collect()
}

fn findings(example: Example) -> Vec<Diagnostic> {
    assert!(!example.documents.is_empty(), "the page has no example");
    let today = "2026-06-15T12:00:00Z".parse().unwrap();
    let mut integrations = Vec::new();
    let mut diagnostics = Vec::new();
    for (name, text) in example.documents {
        let source = Arc::new(SourceText::new(name.clone(), text));
        let file = name.rsplit('/').next().unwrap();
        let (id, found) = identify(file.trim_end_matches(".md"), &source);
        diagnostics.extend(found);
        let loaded = load(&id.unwrap(), &source);
        diagnostics.extend(loaded.diagnostics);
        let Some(integration) = loaded.integration else {
            return check_near_miss(&source).into_iter().collect();
        };
        diagnostics.extend(check_dates(&integration, today));
        let committed = example.committed.as_deref();
        let history = committed.and_then(|text| check_history(&integration, text, today));
        diagnostics.extend(history);
        integrations.push(integration);
    }
    diagnostics.extend(check_together(&integrations, &example.around));
    for integration in &integrations {
        let examples = linked_examples(integration, |_| LinkedText::Missing);
        diagnostics.extend(examples.diagnostics);
        diagnostics.extend(check_linked_descriptions(integration, |target| {
            let mut files = example.descriptions.iter();
            match files.find(|(name, _)| name == target) {
                None => Linked::Missing,
                Some((_, text)) => match Description::read(text) {
                    Ok(description) => Linked::Read(Arc::new(description)),
                    Err(why) => Linked::NotRead(why.to_string()),
                },
            }
        }));
    }
    let mut kept = Vec::new();
    for integration in &integrations {
        let source = &integration.source;
        let (own, others) = diagnostics
            .into_iter()
            .partition(|diagnostic: &Diagnostic| Arc::ptr_eq(&diagnostic.primary.source, source));
        diagnostics = others;
        kept.extend(suppress(source, own, |_| true).kept);
    }
    assert!(
        diagnostics.is_empty(),
        "every finding is about one of the files"
    );
    if let Some(index) = example.index {
        let entries: Vec<_> = integrations.iter().map(entry).collect();
        let source = Arc::new(SourceText::new("INDEX.md", index));
        kept.extend(check_index(
            &source,
            &entries,
            &wharf_diag::Words::default(),
        ));
    }
    kept
}

fn entry(integration: &Integration) -> IndexEntry<'_> {
    IndexEntry {
        path: integration.source.name(),
        integration,
    }
}

#[test]
fn the_wrong_example_has_the_finding() {
    for page in pages() {
        let found = findings(example(page, "Wrong"));
        let own: Vec<_> = found.iter().filter(|d| d.code == page.code).collect();
        assert!(!own.is_empty(), "{}: {found:#?}", page.code);
        for diagnostic in own {
            let word = diagnostic.severity.as_str();
            let line = page
                .text
                .lines()
                .find(|line| line.starts_with("Severity: "));
            assert!(line.unwrap().contains(word), "{} is {word}", page.code);
        }
    }
}

#[test]
fn the_right_example_has_no_such_finding_and_no_error() {
    for page in pages() {
        let found = findings(example(page, "Right"));
        let odd: Vec<_> = found
            .iter()
            .filter(|d| d.code == page.code || d.severity == Severity::Error)
            .collect();
        assert!(odd.is_empty(), "{}: {odd:#?}", page.code);
    }
}

#[test]
fn the_password_of_an_address_is_not_shown() {
    let text = format!(
        "{FRONTMATTER}## Service Details\n\n| Environment | Endpoint |\n|---|---|\n\
         | Production | postgres://app:hunter/2@x@db.internal |\n\
         | Staging | redis://db.internal?password=hunter2 |\n\
         | Web | https://me:hunter2@example.org |\n"
    );
    let found = findings(Example {
        documents: vec![("example.md".to_owned(), text)],
        ..Example::default()
    });
    let shown = wharf_diag::to_text(&found, &Hidden::of(&found), wharf_diag::Colour::Never);
    assert_eq!(shown.matches("WH113").count(), 3, "{shown}");
    assert!(shown.contains("postgres://app:"), "{shown}");
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn the_password_of_a_token_url_or_a_target_is_not_shown() {
    let text = format!(
        "{FRONTMATTER}## Authentication\n\n- Type: OAuth2\n- Token URL: https://me:pw1@example.org/token\n\n\
         ## Webhooks\n\n### Outgoing\n\n| Trigger | Target | Payload |\n|---|---|---|\n\
         | signup | https://me:pw2@example.org/in | User |\n"
    );
    let found = findings(Example {
        documents: vec![("example.md".to_owned(), text)],
        ..Example::default()
    });
    let shown = wharf_diag::to_text(&found, &Hidden::of(&found), wharf_diag::Colour::Never);
    assert_eq!(shown.matches("WH113").count(), 2, "{shown}");
    assert!(!shown.contains("pw"), "{shown}");
}

#[test]
fn pages_are_complete_and_in_order() {
    let ids: Vec<_> = pages().iter().map(|page| page.code.id).collect();
    assert!(ids.is_sorted_by(|left, right| left < right), "{ids:?}");
    let slugs: BTreeSet<_> = pages().iter().map(|page| page.code.slug).collect();
    assert_eq!(slugs.len(), ids.len());
    for page in pages() {
        let heading = format!("# {} {}\n", page.code.id, page.code.slug);
        assert!(page.text.starts_with(&heading), "{}", page.code);
    }
}
