//! What is counted is documented.

use std::collections::BTreeMap;
use std::fs;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::{CallerLabels, Metrics, OperationLabels, OutcomeLabels};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");

/// One sample of every metric, as `/metrics` shows it.
fn samples() -> String {
    let mut registry = Registry::default();
    let metrics = Metrics::register(&mut registry);
    let word = || "x".to_owned();
    let operation = OperationLabels {
        integration: word(),
        environment: word(),
        operation: word(),
    };
    let outcome = OutcomeLabels {
        integration: word(),
        environment: word(),
        operation: word(),
        source: "vendor",
        outcome: "success",
    };
    let caller = CallerLabels {
        caller: word(),
        integration: word(),
    };
    metrics.calls.get_or_create(&outcome).inc();
    metrics.caller_calls.get_or_create(&caller).inc();
    metrics.refused("x");
    for family in [
        &metrics.attempts,
        &metrics.alerts,
        &metrics.request_bytes,
        &metrics.response_bytes,
        &metrics.deprecated_answers,
    ] {
        family.get_or_create(&operation).inc();
    }
    metrics
        .call_seconds
        .get_or_create(&operation)
        .observe(std::time::Duration::from_secs(1));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    text
}

/// The names of the labels in a sample, less the one that histograms add.
fn labels(sample: &str) -> String {
    let inside = sample
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .map_or("", |(inside, _)| inside);
    let names: Vec<String> = inside
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name != "le")
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// The rows of the table in `docs/metrics.md`, made from what the program says of itself.
fn rows(text: &str) -> Vec<String> {
    let mut help = BTreeMap::new();
    let mut unit = BTreeMap::new();
    let mut rows = Vec::new();
    let mut kind = None;
    for line in text.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["#", "HELP", name, words] => {
                help.insert(*name, *words);
            }
            ["#", "TYPE", name, word] => kind = Some((*name, *word)),
            ["#", "UNIT", name, word] => {
                unit.insert(*name, *word);
            }
            _ => {
                // The first sample of a metric shows its labels.
                let Some((name, word)) = kind.take() else {
                    continue;
                };
                let suffix = if word == "counter" { "_total" } else { "" };
                rows.push(format!(
                    "| `{name}{suffix}` | {word} | {} | {} | {} |",
                    labels(line),
                    unit.get(name).copied().unwrap_or_default(),
                    help.get(name)
                        .copied()
                        .unwrap_or_default()
                        .trim_end_matches('.'),
                ));
            }
        }
    }
    rows
}

/// A metric that is added, renamed or told otherwise changes the document.
#[test]
fn every_metric_is_documented_as_it_is() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let written: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let wanted = rows(&samples());
    assert!(wanted.len() >= 14, "{wanted:#?}");
    assert_eq!(
        written,
        wanted,
        "docs/metrics.md; the table must be\n{}",
        wanted.join("\n")
    );
}
