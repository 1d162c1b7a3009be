//! A new document loads, has everything that a document may hold, and lacks only its values.

#[path = "../../../../tests/shared.rs"]
mod shared;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use wharf_diag::{Severity, SourceText};
use wharf_document::{Integration, IntegrationId, Surroundings};

use self::shared::shared;
use super::{Size, TEMPLATE, fill, title_of};

const GRAMMAR: &str = include_str!("../../../../docs/document.md");

fn now() -> Timestamp {
    "2026-11-25T10:00:00.5Z".parse().unwrap()
}

fn id(id: &str) -> IntegrationId {
    IntegrationId::new(id).unwrap()
}

/// Reads a document, which must have no finding but places that are not filled in.
fn read(id: &IntegrationId, title: &str) -> Integration {
    let source = Arc::new(SourceText::new(
        "new.md",
        fill(Size::Whole, id, title, now()),
    ));
    let loaded = wharf_document::load(id, &source);
    let integration = loaded.integration.unwrap();
    let found = loaded
        .diagnostics
        .into_iter()
        .chain(wharf_document::check_dates(&integration, now()))
        .chain(wharf_document::check_together(
            [&integration],
            &Surroundings::default(),
        ));
    let mut count = 0;
    for diagnostic in found {
        assert_eq!(diagnostic.code.slug, "not-filled-in", "{diagnostic:#?}");
        assert!(diagnostic.severity < Severity::Error, "{diagnostic:#?}");
        count += 1;
    }
    assert!(count > 20, "only {count} places are open");
    integration
}

#[test]
fn only_places_to_fill_in_are_found() {
    for name in ["my-service", "a", "2checkout", "x.y_z"] {
        let id = id(name);
        read(&id, &title_of(&id));
    }
}

#[test]
fn what_is_known_is_filled_in() {
    let service = id("my-service");
    let integration = read(&service, "Quay \"& Sons\" \\ [1]");
    assert_eq!(integration.display_name(), "Quay \"& Sons\" \\ [1]");
    let frontmatter = &integration.frontmatter;
    assert_eq!(frontmatter.version.unwrap().value, 1);
    let expected = "2026-11-25T10:00:00Z".parse().unwrap();
    assert_eq!(frontmatter.created.unwrap().value, expected);
    assert_eq!(frontmatter.modified.unwrap().value, expected);
    assert!(!fill(Size::Whole, &service, "x", now()).contains("<<"));
}

#[test]
fn a_new_document_is_laid_out_whatever_its_id() {
    for name in ["a", "my-service", "a-service-with-quite-a-long-id"] {
        let text = fill(Size::Whole, &id(name), "x", now());
        assert_eq!(wharf_document::format(&text), [], "{text}");
    }
}

#[test]
fn titles_come_from_ids() {
    assert_eq!(title_of(&id("my-service")), "My Service");
    assert_eq!(title_of(&id("x.y_z2")), "X Y Z2");
}

/// Headings of level two and three, and what the grammar sets in code there.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(|line| line.trim_matches('`'));
    let headings = lines.filter(|line| line.starts_with("## ") || line.starts_with("### "));
    headings.map(str::to_owned).collect()
}

#[test]
fn every_section_and_part_of_the_grammar_is_there() {
    let own = headings(TEMPLATE);
    let parts = GRAMMAR.split('`').skip(1).step_by(2);
    let sections = GRAMMAR.lines().filter(|line| line.starts_with("## "));
    let beside = ["## Values", "## Frontmatter", "## What is not reported"];
    let all: Vec<_> = sections
        .filter(|line| !beside.contains(line))
        .chain(parts.filter(|part| part.starts_with("### ")))
        .collect();
    assert!(all.len() > 40, "{all:?}");
    for heading in all {
        assert!(own.contains(heading), "{heading} is not in the template");
    }
}

#[test]
fn every_key_of_the_grammars_tables_is_there() {
    let frontmatter = GRAMMAR.split("## Frontmatter").nth(1).unwrap();
    let rows = frontmatter.lines().filter(|line| line.starts_with("| `"));
    let mut count = 0;
    for row in rows {
        let cell = row.split('|').nth(1).unwrap();
        for key in cell.split('`').skip(1).step_by(2) {
            assert!(TEMPLATE.contains(key), "{key} is not in the template");
            count += 1;
        }
    }
    assert!(count > 60, "only {count} keys were found");
}

#[test]
fn every_heading_of_the_seeds_template_is_there() {
    let Some(seed) = shared("seed/integrations-readme.md") else {
        return;
    };
    let seed = std::fs::read_to_string(seed).unwrap();
    let start = seed.find("```markdown\n").unwrap();
    let end = seed.find("\n```\n\n## Integration Categories").unwrap();
    let own = headings(TEMPLATE);
    let all = headings(&seed[start..end]);
    assert!(all.len() > 30, "{all:?}");
    for heading in all {
        assert!(own.contains(&heading), "{heading} is not in the template");
    }
}
