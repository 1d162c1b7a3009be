use std::collections::BTreeSet;
use std::sync::Arc;

use wharf_diag::SourceText;

use super::{
    BACKUP_KEYS, CONTACT_KEYS, COST_KEYS, DEPENDENT_WORDS, ENDPOINT_COLUMNS, ENVIRONMENT_COLUMNS,
    FRONTMATTER, HEALTH_KEYS, METHOD_KEYS, METHODS, METRICS, OUTGOING_COLUMNS, OVERVIEW_KEYS,
    PROBED_WORDS, RETRY_NAMES, ROADMAP_KEYS, SECTIONS, SETTINGS, VENDOR_KEYS, VERBS,
    VERIFICATION_KEYS, Word, find, part, section,
};
use crate::IntegrationId;
use crate::lower::METHODS as READ_METHODS;
use crate::model::{Metric, Verb};

/// The page that says what each section may hold.
const DOCUMENT: &str = include_str!("../../../../docs/document.md");

fn page_section(heading: &str) -> &'static str {
    let start = DOCUMENT.find(&format!("\n## {heading}\n")).unwrap();
    let rest = &DOCUMENT[start + 4..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

/// Names in the first column of the tables of a section.
fn first_column(heading: &str) -> BTreeSet<&'static str> {
    page_section(heading)
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .flat_map(|cell| cell.split('`').filter(|name| !matches!(*name, "" | ", ")))
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != "|")
        .collect()
}

fn names_of(tables: &[&'static [Word]]) -> BTreeSet<&'static str> {
    tables
        .iter()
        .flat_map(|words| words.iter().map(|word| word.name))
        .collect()
}

#[test]
fn tables_of_the_page_list_the_same_names() {
    for (heading, tables) in [
        ("Frontmatter", &[FRONTMATTER.as_slice()] as &[_]),
        ("Service Details", &[ENVIRONMENT_COLUMNS.as_slice()]),
        ("Authentication", &[METHOD_KEYS.as_slice()]),
        ("Configuration", &[SETTINGS.as_slice()]),
        ("API Endpoints", &[ENDPOINT_COLUMNS.as_slice()]),
        ("Webhooks", &[VERIFICATION_KEYS.as_slice()]),
    ] {
        assert_eq!(names_of(tables), first_column(heading), "{heading}");
    }
}

#[test]
fn words_of_the_page_are_known_and_known_words_stand_in_the_page() {
    for (heading, words) in [
        ("Service Details", OVERVIEW_KEYS.as_slice()),
        ("Webhooks", &OUTGOING_COLUMNS),
        ("Error Handling", &RETRY_NAMES),
        ("Error Handling", &VERBS),
        ("API Endpoints", &METHODS),
        ("Monitoring", &HEALTH_KEYS),
        ("Monitoring", &METRICS),
        ("Costs", &COST_KEYS),
        ("Migration/Upgrade Path", &ROADMAP_KEYS),
        ("Disaster Recovery", &BACKUP_KEYS),
        ("Contacts", &CONTACT_KEYS),
        ("Contacts", &VENDOR_KEYS),
    ] {
        let text = page_section(heading);
        for word in words {
            assert!(
                text.contains(&format!("`{}`", word.name)),
                "{heading}: {}",
                word.name
            );
        }
    }
    for word in DEPENDENT_WORDS.iter().chain(&PROBED_WORDS) {
        assert!(
            page_section("Dependencies").contains(word.name),
            "{}",
            word.name
        );
    }
}

#[test]
fn sections_and_parts_are_those_of_the_page() {
    let headings: BTreeSet<_> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .filter(|name| !matches!(*name, "Values" | "Frontmatter" | "What is not reported"))
        .collect();
    let known: BTreeSet<_> = SECTIONS.iter().map(|section| section.name).collect();
    assert_eq!(known, headings);
    for section in SECTIONS {
        let text = page_section(section.name);
        let mut parts: BTreeSet<_> = text
            .split('`')
            .filter_map(|word| word.strip_prefix("### "))
            .collect();
        let known: BTreeSet<_> = section
            .parts
            .iter()
            .map(|part| part.name)
            .filter(|name| !name.is_empty())
            .collect();
        parts.retain(|part| !part.is_empty());
        assert_eq!(known, parts, "{}", section.name);
    }
}

#[test]
fn closed_sets_are_those_of_the_model() {
    assert_eq!(
        VERBS.map(|word| word.name),
        Verb::ALL.map(|(_, words)| words)
    );
    let methods: Vec<_> = READ_METHODS.iter().map(|method| method.as_str()).collect();
    assert_eq!(METHODS.map(|word| word.name).to_vec(), methods);
    for word in METRICS {
        assert!(
            Metric::ALL.iter().any(|(_, name)| *name == word.name),
            "{}",
            word.name
        );
    }
}

/// A document that uses every key and column has none that the reader does not know.
#[test]
fn the_reader_knows_every_name() {
    let mut text = String::from("---\ntitle: \"T\"\ntype: tool\nsubtype: integration\n---\n");
    for section in SECTIONS {
        text += &format!("\n## {}\n", section.name);
        for part in section.parts {
            if !part.name.is_empty() {
                text += &format!("\n### {}\n", part.name);
            }
            for key in part.keys {
                text += &format!("- {}: 1\n", key.name);
            }
            for columns in part.columns {
                let names: Vec<_> = columns.iter().map(|word| word.name).collect();
                text += &format!(
                    "\n| {} |\n|{}\n",
                    names.join(" | "),
                    "---|".repeat(names.len())
                );
            }
            match part.block {
                Some(("json", words)) => {
                    let entries: Vec<_> = words
                        .iter()
                        .map(|word| format!("\"{}\": null", word.name))
                        .collect();
                    text += &format!("\n```json\n{{{}}}\n```\n", entries.join(", "));
                }
                Some(("python", words)) => {
                    let lines: Vec<_> = words
                        .iter()
                        .map(|word| format!("{} = [1]\n", word.name))
                        .collect();
                    text += &format!("\n```python\n{}```\n", lines.concat());
                }
                _ => {}
            }
        }
    }
    let source = Arc::new(SourceText::new("t.md", text));
    let loaded = crate::load(&IntegrationId::new("t").unwrap(), &source);
    let unknown: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| {
            matches!(
                found.code.slug,
                "misspelt-name" | "unknown-name" | "column-missing"
            )
        })
        .map(|found| &found.message)
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn names_are_found_whatever_their_case() {
    let disaster = section("disaster  RECOVERY").unwrap();
    let backup = part(disaster, Some("backup service")).unwrap();
    assert_eq!(find(backup.keys, "fallback").unwrap().name, "Fallback");
    assert_eq!(
        backup.columns_with("Fallback environment")[0].name,
        "Environment"
    );
    let endpoints = part(section("API Endpoints").unwrap(), None).unwrap();
    assert_eq!(
        endpoints.columns_with("Method").len(),
        ENDPOINT_COLUMNS.len()
    );
    assert!(part(disaster, None).is_none());
    let every = SECTIONS.iter().flat_map(|section| section.parts);
    for word in every.flat_map(|part| {
        part.keys
            .iter()
            .chain(part.columns.iter().copied().flatten())
    }) {
        assert!(
            word.about.ends_with('.') && word.about.len() < 140,
            "{}",
            word.name
        );
    }
}
